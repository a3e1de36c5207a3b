"""Backup while everything runs, restore into nothing, kill in the middle: on both databases."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

import pytest
from click.testing import CliRunner

from immis import clock
from immis.commands.copies import backup, listing, making, restore
from immis.core.access.permissions import SYSTEM
from immis.gateway.ingest.pipeline import Pipeline
from immis.gateway.log.rawlog import RawLog
from immis.gateway.protocols.encode import Report, encode_position
from immis.gateway.store import parquet
from immis.gateway.store.compaction import compact_days

GIVEN = os.environ.get("DATABASE_URL", "")
IMEI = "860000000000017"
T0 = datetime(2026, 6, 5, 5, 30, tzinfo=UTC)


def url_of(database: str) -> str:
    """DATABASE_URL of the test's own database; empty on SQLite."""
    from django.db import connection

    if connection.vendor == "sqlite":
        return ""
    return urlunsplit(urlsplit(GIVEN)._replace(path=f"/{database}"))


@pytest.fixture
def installation(own_database, tmp_path, monkeypatch, django_db_blocker):
    """A data folder with records that hold a line of the action log, keys and papers."""
    from immis.core.services import log_action

    home = tmp_path / "home"
    (home / "keys").mkdir(parents=True)
    with django_db_blocker.unblock():
        from django.db import connection

        log_action("test.done", subject=("lease", "L-1"), by=SYSTEM, at=clock.now(), facts={})
        connection.close()
    monkeypatch.setenv("DATABASE_URL", url_of(own_database))
    if not os.environ["DATABASE_URL"]:
        shutil.copy(own_database, home / "immis.sqlite3")
    (home / "keys" / "pass.key").write_text("private")
    (home / "keys" / "pass.key").chmod(0o600)
    (home / "files").mkdir()
    (home / "files" / "paper").write_bytes(b"x" * 100)
    (home / "run").mkdir()
    (home / "run" / "front.conf").write_text("made anew")
    monkeypatch.setenv("IMMIS_DATA", str(home))
    return home


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """An empty installation: another folder, and on PostgreSQL another database."""
    from django.db import connection

    empty = tmp_path / "new" / "home"
    url, name = os.environ["DATABASE_URL"], f"restored_{os.getpid()}"
    if url:
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}"')
    yield empty, url_of(name) if url else ""
    if url:
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def call(command, *arguments):
    return CliRunner().invoke(command, [*map(str, arguments), "--json"])


def writing(home, stop: threading.Event) -> threading.Thread:
    """A gateway at work: logs, commits and merges all the time."""

    def run() -> None:
        log, pipeline = RawLog(home, segment_bytes=20_000), Pipeline(home)
        turn = 0
        while not stop.is_set():
            turn += 1
            at = T0 + timedelta(seconds=turn)
            report = Report(imei=IMEI, vehicle="BR08", at=at, lat=25.31, lon=86.41, frame_no=turn)
            pipeline.take(log.put([(1, int(at.timestamp() * 1e6), encode_position(report))]))
            pipeline.commit()
            if turn % 41 == 0:
                parquet.merge_small(home, commits=10**6)
            if turn % 97 == 0:
                compact_days(home, now=T0)
        pipeline.close()
        log.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_a_backup_taken_while_the_gateway_works_is_whole_and_restores(installation, elsewhere, tmp_path, monkeypatch):
    stop = threading.Event()
    thread = writing(installation, stop)
    try:
        deadline = time.monotonic() + 30
        while parquet.count_positions(installation) < 90 and time.monotonic() < deadline:
            time.sleep(0.02)
        answers = [
            call(backup.command, tmp_path / f"b{n}", *(["--after", tmp_path / "b0"] if n else [])) for n in (0, 1)
        ]
    finally:
        stop.set()
        thread.join()
    assert [answer.exit_code for answer in answers] == [0, 0], answers[0].output + answers[1].output
    home, url = elsewhere
    monkeypatch.setenv("IMMIS_DATA", str(home))
    monkeypatch.setenv("DATABASE_URL", url)
    answer = call(restore.command, tmp_path / "b1")
    assert answer.exit_code == 0, answer.output + str(answer.stderr)
    said = json.loads(answer.stdout)
    assert said["log_verified"] is True and said["ledger_balanced"] is True
    assert (home / "keys" / "pass.key").stat().st_mode & 0o777 == 0o600
    assert not (home / "run").exists()
    logged = sum(1 for _ in RawLog(home).read_from(0))
    pipeline = Pipeline(home)  # as a gateway starts: what lies behind the checkpoint is worked through again
    pipeline.take(RawLog(home).blocks_from(pipeline.checkpoint))
    pipeline.commit()
    assert parquet.count_positions(home) == logged >= 90
    assert call(restore.command, tmp_path / "b1").exit_code == 2  # it overwrites nothing
    assert call(backup.command, tmp_path / "b1").exit_code == 2


def test_what_was_changed_is_not_restored(installation, tmp_path, monkeypatch):
    assert call(backup.command, tmp_path / "b").exit_code == 0
    assert call(backup.command, tmp_path / "apart", "--without-keys").exit_code == 0
    assert not (tmp_path / "apart" / "keys").exists() and (tmp_path / "b" / "keys" / "pass.key").exists()
    monkeypatch.setenv("IMMIS_DATA", str(tmp_path / "new"))
    (tmp_path / "b" / "keys" / "pass.key").write_text("another")
    answer = call(restore.command, tmp_path / "b")
    assert answer.exit_code == 2 and "keys/pass.key" in answer.stderr
    assert not (tmp_path / "new").exists()
    (tmp_path / "b" / listing.MANIFEST).write_text("[]")
    assert call(restore.command, tmp_path / "b").exit_code == 2
    assert call(restore.command, tmp_path / "new" / "nothing").exit_code == 2


@pytest.mark.django_db  # so that the file run alone has a test database to copy
def test_a_merge_across_the_checkpoint_is_not_kept(tmp_path):
    """Merged after the gateway's file was copied, it would be dropped at the restored start, and its parts be gone."""
    folder = tmp_path / "gateway"
    (folder / "positions").mkdir(parents=True)
    with closing(sqlite3.connect(folder / "gateway.db")) as db:
        db.execute("CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
        db.execute("INSERT INTO fact VALUES ('checkpoint', '500')")
        db.commit()
    one = making.Backup(tmp_path, tmp_path, None, {})
    name = "gateway/positions/2026-06-05/{}.parquet"
    assert making._goes_across(one, name.format("0000000000000400-0000000000000600-00000001"))
    assert not making._goes_across(one, name.format("0000000000000400-0000000000000500-00000001"))
    assert not making._goes_across(one, name.format("0000000000000500-0000000000000600-00000001"))


def killed(module: str, *arguments: str, when) -> int:
    """Run a command and kill it when so much is there; gives its return code."""
    process = subprocess.Popen(
        [sys.executable, "-m", f"immis.commands.copies.{module}", *arguments],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while process.poll() is None and not when():
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    return process.wait()


def test_killed_in_the_middle_neither_leaves_half_a_copy(installation, elsewhere, tmp_path, monkeypatch):
    for n in range(300):
        (installation / "files" / f"p{n:03d}").write_bytes(os.urandom(100_000))
    target = tmp_path / "b"
    part = target.with_name(".b.part")
    code = killed("backup", str(target), when=lambda: len(list(part.glob("files/*"))) > 20)
    assert code == -signal.SIGKILL and part.exists() and not target.exists()
    assert call(restore.command, part).exit_code == 2  # half a backup is none
    assert call(backup.command, target).exit_code == 0
    assert not part.exists()
    home, url = elsewhere
    monkeypatch.setenv("IMMIS_DATA", str(home))
    monkeypatch.setenv("DATABASE_URL", url)
    code = killed("restore", str(target), when=lambda: len(list(home.glob(".restoring/data/files/*"))) > 20)
    assert code == -signal.SIGKILL and not (home / "files").exists()
    answer = call(restore.command, target)
    assert answer.exit_code == 0, answer.output
    assert len(list((home / "files").iterdir())) == 301
    assert [path.name for path in home.iterdir() if path.name.startswith(".")] == []
    assert clock.data_dir() == home
