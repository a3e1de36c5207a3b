"""The worker: jobs in order, isolated from each other's failures; the log check; both as commands."""

import json
import os
import signal
import sys
import time
from subprocess import PIPE, Popen, run

import pytest
from click.testing import CliRunner
from django.db import connection

from immis.cli import main
from immis.commands.processes import news
from immis.commands.processes.worker import Worker, counters_path
from immis.core.access.permissions import SYSTEM
from immis.core.models import ActionLog, Cursor
from immis.core.services import log_action
from immis.gateway.store.outbox import Outbox
from immis.schedule import JOBS, MOST_REST_S, Job
from tests.enforcement.world import NOON

RAN: list[str] = []


def first(*, at) -> int:
    RAN.append("first")
    return 2


def broken(*, at) -> int:
    raise RuntimeError("no reply from the other side")


def last(*, at) -> None:
    RAN.append("last")


HERE = "tests.enforcement.test_worker"


@pytest.fixture
def worker(data_dir, db, monkeypatch):
    monkeypatch.setattr("django.db.close_old_connections", lambda: None)  # the test's own transaction stays open
    monkeypatch.setitem(sys.modules, HERE, sys.modules[__name__])
    RAN.clear()
    return Worker(jobs=[Job(name, f"{HERE}.{name}", 60.0) for name in ("first", "broken", "last")])


def test_a_failing_job_does_not_stop_the_others(worker):
    assert worker.run_round() is False
    assert RAN == ["first", "last"]
    assert (worker.counts["first"].handled, worker.counts["broken"].failures) == (2, 1)
    assert "no reply" in worker.counts["broken"].last_error


def test_a_job_rests_until_its_turn(worker):
    worker.run_round()
    worker.run_round()
    assert RAN == ["first", "last"]
    worker.run_round(all_due=True)
    assert RAN == ["first", "last", "first", "last"]


class TestRest:
    """A job that had nothing to do rests while nothing is new."""

    @pytest.fixture
    def eager(self, worker, monkeypatch):
        """The same jobs with no pause between two rounds, and records that nobody else writes to."""
        monkeypatch.setattr(news, "_records", Cursor.objects.count)
        worker.jobs = [job._replace(every_s=0.0) for job in worker.jobs]
        worker.run_round()
        RAN.clear()
        return worker

    def test_only_what_had_work_or_failed_runs_again(self, eager):
        eager.run_round()
        assert RAN == ["first"] and eager.counts["broken"].runs == 2

    def test_a_record_wakes_it(self, eager):
        Cursor.objects.create(name="news")
        eager.run_round()
        assert RAN == ["first", "last"]

    def test_the_gateway_wakes_it(self, eager, data_dir):
        Outbox(data_dir).close()
        eager.run_round()
        assert RAN == ["first", "last"]

    def test_the_clock_wakes_it(self, eager, monkeypatch):
        monkeypatch.setenv("IMMIS_CLOCK", "2026-06-05T10:55:00+05:30;60")
        eager.run_round()
        assert RAN == ["first", "last"]

    def test_time_alone_wakes_it(self, eager, monkeypatch):
        now = time.monotonic()
        monkeypatch.setattr(time, "monotonic", lambda: now + MOST_REST_S)
        eager.run_round()
        assert RAN == ["first", "last"]

    def test_what_bears_no_delay_never_rests(self, eager):
        eager.jobs = [job._replace(prompt=True) for job in eager.jobs]
        eager.run_round(all_due=True)
        RAN.clear()
        eager.run_round()
        assert RAN == ["first", "last"]


def test_whatever_is_committed_is_new(own_database, django_db_blocker, data_dir):
    with django_db_blocker.unblock():
        before = news.mark()
        Cursor.objects.create(name="news")
        assert news.mark() != before
        if connection.vendor == "sqlite":  # others who work on the same PostgreSQL wake the worker, too
            assert news.mark() == news.mark()


def test_stopping_ends_the_round(worker):
    worker.stop()
    worker.run_round()
    assert RAN == []


def test_counters_are_kept_for_metrics(worker):
    worker.run_round()
    worker.write_counters()
    kept = json.loads(counters_path().read_text())
    assert kept["jobs"]["broken"]["failures"] == 1 and kept["jobs"]["first"]["runs"] == 1


def test_facts_come_in_before_triggers_and_news_goes_out_after():
    order = [job.name for job in JOBS]
    assert len(order) == len(set(order))
    for early in ("take_in_gateway_events", "announce_closed_lots", "announce_dues_and_holds", "check_starts"):
        assert order.index(early) < order.index("run_triggers")
    assert order.index("run_triggers") < order.index("deliver")


def test_every_job_of_the_schedule_exists():
    from immis.commands.processes.worker import _function

    assert all(callable(_function(job.path)) for job in JOBS)


def test_every_job_of_the_schedule_runs_as_the_worker_runs_it(own_database, django_db_blocker, data_dir):
    """In no transaction of anybody's: PostgreSQL locks no row outside one, and a job that tries never does its work."""
    with django_db_blocker.unblock():
        worker = Worker(jobs=list(JOBS))
        worker.run_round(all_due=True)
    assert {name: count.last_error for name, count in worker.counts.items() if count.failures} == {}


@pytest.mark.processes
def test_the_process_ends_cleanly_on_sigterm(data_dir):
    """Without records every job fails; the worker says so, lives on, and ends with 0 when told to."""
    child = Popen([sys.executable, "-m", "immis.cli", "worker"], stderr=PIPE, text=True)
    assert child.stderr is not None
    for line in child.stderr:
        if "job run_triggers failed" in line:
            break
    child.send_signal(signal.SIGTERM)
    child.stderr.read()
    assert child.wait(timeout=20) == 0
    assert json.loads(counters_path().read_text())["jobs"]["run_triggers"]["failures"] >= 1


def _lines(count: int) -> None:
    for number in range(count):
        log_action("task.opened", subject=("task", str(number)), by=SYSTEM, at=NOON)


def test_log_verify_says_whole(db):
    _lines(3)
    result = CliRunner().invoke(main, ["log", "verify", "--json"])
    assert result.exit_code == 0
    assert json.loads(result.output) == {"verified": True, "lines": 3, "broken_at": None}


def test_log_verify_finds_the_changed_line(db):
    _lines(3)
    _forge()
    result = CliRunner().invoke(main, ["log", "verify", "--json"])
    assert result.exit_code == 1
    assert json.loads(result.output) == {"verified": False, "lines": 3, "broken_at": 2}


def test_log_verify_without_records_says_what_to_do(data_dir):
    env = {**os.environ, "DATABASE_URL": "", "IMMIS_DATA": str(data_dir)}
    done = run([sys.executable, "-m", "immis.cli", "log", "verify"], env=env, capture_output=True, text=True)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr and "cannot be read" in done.stderr


def _forge() -> None:
    """Change a line as only somebody with the database's own rights could: with the guard taken off."""
    table = ActionLog._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        else:
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_update")
        cursor.execute(f"UPDATE {table} SET code = 'task.dismissed' WHERE seq = 2")
