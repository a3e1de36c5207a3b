"""What the gateway keeps no longer: old days of positions, raw segments and events, as the office's policy says.

The office writes ``gateway/retention.json`` (``write_retention``); the gateway obeys it in its hourly compaction.
Without that file nothing goes but days of positions past the snapshot's ``retention_days``. Whatever the file says,
bytes that are not worked through and events that the office has not taken in stay.
"""

import json
import os
import shutil
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from immis.gateway.log.rawlog import drop_old_segments
from immis.gateway.store import parquet
from immis.gateway.store.outbox import database_path, fact_of
from immis.gateway.store.snapshot import snapshot_path
from immis.gateway.tolerances import RETIRE_EVENTS_AT_ONCE

Span = tuple[float, float]


@dataclass(frozen=True)
class Retention:
    """Until when things may go; instants in seconds since 1970 UTC.

    ``events_through`` is the last event that the office has taken in; of those up to it, the ones that came before
    ``events_before_s`` go. ``kept_spans`` are times of arrival whose raw bytes an undecided case may need.
    """

    events_through: int
    events_before_s: float
    raw_before_s: float
    kept_spans: Sequence[Span] = ()


def retention_path(data_dir: str | Path) -> Path:
    return Path(data_dir) / "gateway" / "retention.json"


def write_retention(data_dir: str | Path, retention: Retention) -> None:
    """Hand the gateway what may go, replaced in one step."""
    path = retention_path(data_dir)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".retention.{os.getpid()}.{threading.get_ident()}")
    part.write_text(json.dumps(asdict(retention)), encoding="utf-8")
    os.replace(part, path)


def read_retention(data_dir: str | Path) -> Retention | None:
    """What the office wrote last; None where it wrote nothing or something unreadable: then nothing goes."""
    try:
        body = json.loads(retention_path(data_dir).read_text(encoding="utf-8"))
        return Retention(
            int(body["events_through"]),
            float(body["events_before_s"]),
            float(body["raw_before_s"]),
            tuple((float(start), float(end)) for start, end in body["kept_spans"]),
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def retire(data_dir: str | Path, now: datetime) -> None:
    """Drop what is past its time: days of positions, raw segments, events."""
    retire_positions(data_dir, now)
    if (retention := read_retention(data_dir)) is not None:
        retire_raw(data_dir, retention)
        retire_events(data_dir, retention)


def retire_positions(data_dir: str | Path, now: datetime) -> None:
    """Drop the days that are past the retention of the office's policy (TRG-120); without one, none."""
    try:
        days = json.loads(snapshot_path(data_dir).read_text(encoding="utf-8")).get("retention_days")
    except (OSError, ValueError, AttributeError):
        return
    if not isinstance(days, int) or days <= 0:
        return
    oldest = (now.astimezone(UTC) - timedelta(days=days)).strftime("%Y-%m-%d")
    for folder in parquet.positions_folder(data_dir).glob("*-*-*/"):
        if folder.name < oldest:
            shutil.rmtree(folder, ignore_errors=True)


def retire_raw(data_dir: str | Path, retention: Retention) -> int:
    """Drop whole segments that are worked through and old, but for those that a case may need; how many went."""
    return drop_old_segments(
        Path(data_dir),
        below=int(fact_of(data_dir, "checkpoint", 0)),
        before_us=int(retention.raw_before_s * 1e6),
        kept_us=[(int(start * 1e6), int(end * 1e6)) for start, end in retention.kept_spans],
    )


def retire_events(data_dir: str | Path, retention: Retention) -> int:
    """Drop events that the office has taken in and that are old; how many went. The newest stays, for its number.

    Few at once, each time in a transaction of its own, so that the gateway's commits wait for milliseconds only.
    """
    path = database_path(data_dir)
    if not path.exists():
        return 0
    before = datetime.fromtimestamp(retention.events_before_s, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    gone = 0
    with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as db:
        while count := _drop_events(db, retention.events_through, before):
            gone += count
    return gone


def _drop_events(db: sqlite3.Connection, through: int, before: str) -> int:
    cursor = db.execute(
        "DELETE FROM event WHERE seq IN (SELECT seq FROM event WHERE seq <= ? AND received_at < ?"
        " AND seq < (SELECT max(seq) FROM event) ORDER BY seq LIMIT ?)",
        (through, before, RETIRE_EVENTS_AT_ONCE),
    )
    return cursor.rowcount
