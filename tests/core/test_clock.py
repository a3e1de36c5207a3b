"""The shared clock: one course for all processes, faster and forward only, refused in production."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from immis import clock

START = datetime(2026, 6, 5, 5, 25, tzinfo=UTC)


@pytest.fixture
def season(data_dir, monkeypatch):
    monkeypatch.setenv("IMMIS_CLOCK", "2026-06-05T10:55:00+05:30;60")
    clock.forget()
    yield
    clock.forget()


def test_without_the_setting_it_is_the_machines_clock(monkeypatch):
    monkeypatch.delenv("IMMIS_CLOCK", raising=False)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_it_starts_where_told_and_runs_fast(season):
    assert START <= clock.now() < START + timedelta(minutes=30)
    course = clock.course()
    assert course.at(course.real_s + 1) - course.at(course.real_s) == timedelta(seconds=60)


def test_another_process_sees_the_same_step(season):
    clock.step_to(START + timedelta(days=40), rate=0.001)
    code = "from immis import clock; print(clock.now().date())"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert shown == "2026-07-15"


def test_it_never_goes_back(season):
    with pytest.raises(ValueError, match="never goes back"):
        clock.step_to(START - timedelta(days=1))


def test_a_folder_that_is_cleared_away_sets_nobody_back(season, data_dir):
    """Charges of the season begin after its first instant: its officers would have none."""
    clock.step_to(START + timedelta(days=40), rate=0.001)
    clock.now()
    (data_dir / "clock.json").unlink()
    assert clock.now() >= START + timedelta(days=40)


def test_it_cannot_be_stepped_in_real_time(monkeypatch):
    monkeypatch.delenv("IMMIS_CLOCK", raising=False)
    with pytest.raises(ValueError, match="IMMIS_CLOCK"):
        clock.step_to(datetime(2100, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("name", ["IMMIS_CLOCK", "IMMIS_DEMO"])
def test_production_refuses_a_played_clock_and_demo_logins(name, monkeypatch):
    monkeypatch.delenv("IMMIS_NO_SECOND_FACTOR")
    monkeypatch.setenv("IMMIS_PRODUCTION", "1")
    monkeypatch.setenv(name, "1")
    answer = subprocess.run([sys.executable, "-c", "import immis.settings"], capture_output=True, text=True)
    assert answer.returncode == 1 and "refused in production" in answer.stderr
