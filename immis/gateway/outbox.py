"""What the gateway tells the office: events in order, and each device's last position.

One SQLite file (``$DIR/gateway/gateway.db``), written by the gateway alone in
one transaction with its checkpoint, read by the office whenever it likes.
"""

import json
import marshal
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from immis.gateway.device import KEPT, DeviceState, kept_values
from immis.gateway.trips import instant, instants

_TABLES = """
CREATE TABLE IF NOT EXISTS event (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, imei TEXT NOT NULL, vehicle TEXT NOT NULL,
  at TEXT NOT NULL, received_at TEXT NOT NULL, payload TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS last_position (
  imei TEXT PRIMARY KEY, vehicle TEXT NOT NULL, at TEXT, received_at TEXT, lat REAL, lon REAL, speed_kmh REAL,
  heading REAL, ignition INTEGER, main_power INTEGER, fences TEXT NOT NULL, trip TEXT, trouble TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS device_state (imei TEXT PRIMARY KEY, state BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS connection_rest (connection INTEGER PRIMARY KEY, rest BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
_INSERT_EVENT = "INSERT INTO event (kind, imei, vehicle, at, received_at, payload) VALUES (?,?,?,?,?,?)"
_UPSERT_LAST = "INSERT OR REPLACE INTO last_position VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)"


@dataclass(frozen=True)
class GatewayEvent:
    """One thing that happened to a device or vehicle; ``seq`` only ever grows."""

    seq: int
    kind: str
    imei: str
    vehicle: str
    at: datetime
    received_at: datetime
    payload: dict[str, Any]


@dataclass(frozen=True)
class LastPosition:
    """A device's newest fix, what it lies in, and the trip it is on (None if none)."""

    imei: str
    vehicle: str
    at: datetime | None
    received_at: datetime | None
    lat: float | None
    lon: float | None
    speed_kmh: float | None
    heading: float | None
    ignition: bool | None
    main_power: bool | None
    fences: list[str]
    trip: dict[str, Any] | None
    trouble: str


@dataclass(frozen=True)
class NewEvent:
    """An event about to be told; instants in seconds since 1970 UTC."""

    kind: str
    imei: str
    vehicle: str
    at_s: float
    received_s: float
    payload: dict[str, Any]
    turn: float = 0.0  # order of arrival within one batch

    def row(self) -> tuple[Any, ...]:
        payload = json.dumps(self.payload, ensure_ascii=False)
        return self.kind, self.imei, self.vehicle, instant(self.at_s), instant(self.received_s), payload


def database_path(data_dir: str | Path) -> Path:
    return Path(data_dir) / "gateway" / "gateway.db"


class Outbox:
    """The gateway's own end of the file."""

    def __init__(self, data_dir: str | Path) -> None:
        path = database_path(data_dir)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(_TABLES)

    def fact(self, name: str, default: Any) -> Any:
        """A kept fact (checkpoint, run, checksums, counters)."""
        row = self._db.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return json.loads(row[0]) if row else default

    def keep(self, name: str, value: Any) -> None:
        self._db.execute("INSERT OR REPLACE INTO fact VALUES (?, ?)", (name, json.dumps(value)))

    def states(self) -> dict[str, DeviceState]:
        """Every device as it was at the checkpoint."""
        names = self.fact("device_state", [])
        kept = self._db.execute("SELECT imei, state FROM device_state")
        return {
            imei: DeviceState.from_kept(dict(zip(names, marshal.loads(state), strict=True))) for imei, state in kept
        }

    def rests(self) -> dict[int, bytes]:
        """Bytes of unfinished frames at the checkpoint, by connection."""
        return dict(self._db.execute("SELECT connection, rest FROM connection_rest"))

    def commit(
        self,
        *,
        events: Iterable[NewEvent],
        states: Iterable[DeviceState],
        rests: dict[int, bytes],
        facts: dict[str, Any],
    ) -> None:
        """Events, last positions, states and checkpoint in one transaction: all of it or nothing."""
        states = list(states)
        with self._transaction():
            self._db.executemany(_INSERT_EVENT, [event.row() for event in events])
            self._db.executemany(_UPSERT_LAST, _last_rows(states))
            self._db.executemany(
                "INSERT OR REPLACE INTO device_state VALUES (?, ?)",
                [(state.imei, marshal.dumps(kept_values(state))) for state in states],
            )
            self._db.execute("DELETE FROM connection_rest")
            self._db.executemany("INSERT INTO connection_rest VALUES (?, ?)", rests.items())
            for name, value in {**facts, "device_state": KEPT}.items():
                self.keep(name, value)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise

    def merge(self, *, events: list[tuple[Any, ...]], last: list[tuple[Any, ...]], facts: dict[str, Any]) -> None:
        """Take over events and last positions from partitions, and how far that came: all of it or nothing."""
        with self._transaction():
            self._db.executemany(_INSERT_EVENT, events)
            self._db.executemany(_UPSERT_LAST, last)
            for name, value in facts.items():
                self.keep(name, value)

    def close(self) -> None:
        self._db.close()


def _last_rows(states: list[DeviceState]) -> Iterable[tuple[Any, ...]]:
    fixed = instants([state.at_s for state in states])
    heard = instants([state.received_s for state in states])
    return (_last_row(*one) for one in zip(states, fixed, heard, strict=True))


def _last_row(state: DeviceState, fixed: str | None, heard: str | None) -> tuple[Any, ...]:
    trip = {k: v for k, v in state.trip.items() if k != "from_km"} if state.trip else None
    return (
        state.imei, state.vehicle, fixed, heard,
        state.lat, state.lon, state.speed_kmh, state.heading, state.ignition, state.main_power,
        json.dumps(state.inside) if state.inside else "[]", json.dumps(trip) if trip else None, state.trouble,
    )  # fmt: skip


def _read(data_dir: str | Path, query: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """Rows for the office; none while the gateway has not yet made its file."""
    path = database_path(data_dir)
    if not path.exists():
        return []
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as db:
        try:
            return db.execute(query, values).fetchall()
        except sqlite3.OperationalError as fault:
            if "no such table" in str(fault):
                return []
            raise


def events_after(data_dir: str | Path, *, seq: int, limit: int = 1000) -> list[GatewayEvent]:
    """The next events behind ``seq``, oldest first."""
    rows = events_as_told(data_dir, after=seq, limit=limit)
    return [
        GatewayEvent(seq, kind, imei, vehicle, _moment(at), _moment(received_at), json.loads(payload))
        for seq, kind, imei, vehicle, at, received_at, payload in rows
    ]


def last_positions(data_dir: str | Path, *, imeis: Iterable[str] | None = None) -> list[LastPosition]:
    """The last position of each device, or of those asked for."""
    query = "SELECT * FROM last_position"
    values: tuple[str, ...] = ()
    if imeis is not None:
        query += " WHERE imei IN (SELECT value FROM json_each(?))"
        values = (json.dumps(list(imeis)),)
    return [_last(row) for row in _read(data_dir, query + " ORDER BY imei", values)]


def positions_changed(data_dir: str | Path, *, after: int, limit: int) -> list[tuple[Any, ...]]:
    """Rows of last positions written behind a mark, each with its own mark first: every writing gives a higher one."""
    return _read(data_dir, "SELECT rowid, * FROM last_position WHERE rowid > ? ORDER BY rowid LIMIT ?", (after, limit))


def events_as_told(data_dir: str | Path, *, after: int, limit: int) -> list[tuple[Any, ...]]:
    """Events behind a number as they are stored, number first."""
    query = "SELECT seq, kind, imei, vehicle, at, received_at, payload FROM event WHERE seq > ? ORDER BY seq LIMIT ?"
    return _read(data_dir, query, (after, limit))


def counters(data_dir: str | Path) -> dict[str, int]:
    """What the gateway has counted since it was installed: frames, kinds, duplicates, noise, mismatches, faults."""
    rows = _read(data_dir, "SELECT value FROM fact WHERE name = ?", ("counters",))
    return dict(json.loads(rows[0][0])) if rows else {}


def _last(row: tuple[Any, ...]) -> LastPosition:
    imei, vehicle, at, received_at, lat, lon, speed, heading, ignition, power, fences, trip, trouble = row
    return LastPosition(
        imei, vehicle, _instant(at), _instant(received_at), lat, lon, speed, heading,
        None if ignition is None else bool(ignition), None if power is None else bool(power),
        json.loads(fences), json.loads(trip) if trip else None, trouble,
    )  # fmt: skip


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _instant(text: str | None) -> datetime | None:
    return _moment(text) if text else None
