"""What the gateway tells the office: events in order, and each device's last position.

One SQLite file (``$DIR/gateway/gateway.db``), written by the gateway alone in
one transaction with its checkpoint, read by the office whenever it likes.
"""

import json
import marshal
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy

from immis.gateway.state.device import KEPT, DeviceState, kept_values
from immis.gateway.state.events import NewEvent
from immis.gateway.state.fleet import HOT_FIELDS, Fleet, hot_rows, read_hot
from immis.gateway.state.looks import LOOK

_EVENTS = "SELECT seq, kind, imei, vehicle, at, received_at, payload FROM event"
_TABLES = """
DROP TABLE IF EXISTS last_position; DROP TABLE IF EXISTS device_state; DROP TABLE IF EXISTS connection_rest;
CREATE TABLE IF NOT EXISTS event (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, imei TEXT NOT NULL, vehicle TEXT NOT NULL,
  at TEXT NOT NULL, received_at TEXT NOT NULL, payload TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS event_of_device ON event (imei, seq);
CREATE TABLE IF NOT EXISTS device_hot (imei INTEGER PRIMARY KEY, hot BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS device_kept (imei INTEGER PRIMARY KEY, state BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS device_looks (imei INTEGER PRIMARY KEY, looks BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS rests (at INTEGER PRIMARY KEY, rests BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS peer (connection INTEGER PRIMARY KEY, address TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
DeviceRow = tuple[int, bytes, bytes]  # IMEI, its columns, the rest of its state
PeerChanges = tuple[
    Sequence[tuple[int, str]], Sequence[tuple[int]]
]  # connections with an address, and those that ended
_INSERT_EVENT = "INSERT INTO event (kind, imei, vehicle, at, received_at, payload) VALUES (?,?,?,?,?,?)"
_UPSERT_HOT = "INSERT OR REPLACE INTO device_hot VALUES (?, ?)"
_UPSERT_KEPT = "INSERT OR REPLACE INTO device_kept VALUES (?, ?)"


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


def database_path(data_dir: str | Path) -> Path:
    return Path(data_dir) / "gateway" / "gateway.db"


COPIED_TABLES = ("event", "device_hot", "device_kept", "device_looks", "rests", "peer", "fact")


def prepare(db: sqlite3.Connection) -> None:
    """Make the tables that are not there yet."""
    db.executescript(_TABLES)


class Outbox:
    """The gateway's own end of the file."""

    def __init__(self, data_dir: str | Path) -> None:
        path = database_path(data_dir)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        prepare(self._db)

    def fact(self, name: str, default: Any) -> Any:
        """A kept fact (checkpoint, run, checksums, counters)."""
        row = self._db.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return json.loads(row[0]) if row else default

    def keep(self, name: str, value: Any) -> None:
        self._db.execute("INSERT OR REPLACE INTO fact VALUES (?, ?)", (name, json.dumps(value)))

    def fleet(self) -> Fleet:
        """Every device as it was at the checkpoint."""
        fleet, names = Fleet(), self.fact("device_kept", [])
        looks = dict(self._db.execute("SELECT imei, looks FROM device_looks"))
        rows = self._db.execute("SELECT imei, state, hot FROM device_kept JOIN device_hot USING (imei)").fetchall()
        for imei, state, _ in rows:
            device = DeviceState.from_kept(dict(zip(names, marshal.loads(state), strict=True)))
            fleet.admit(device, looks=numpy.frombuffer(looks[imei], dtype=LOOK) if imei in looks else None)
        if rows:
            fleet.hot[: len(rows)] = hot_rows([row[2] for row in rows], self.fact("device_hot", []))
        fleet.kept()
        return fleet

    def newest(self) -> int:
        """The number of the last event that was told."""
        row = self._db.execute("SELECT max(seq) FROM event").fetchone()
        return int(row[0] or 0)

    def rests(self) -> dict[int, bytes]:
        """Bytes of unfinished frames at the checkpoint, by connection."""
        row = self._db.execute("SELECT rests FROM rests").fetchone()
        return dict(marshal.loads(row[0])) if row else {}

    def peers(self) -> dict[int, str]:
        """The address of each connection that was open at the checkpoint."""
        return dict(self._db.execute("SELECT connection, address FROM peer ORDER BY connection"))

    def commit(
        self,
        *,
        events: Iterable[NewEvent],
        fleet: Fleet,
        rests: dict[int, bytes],
        peers: PeerChanges = ((), ()),
        facts: dict[str, Any],
    ) -> None:
        """Events, what changed of the fleet, and checkpoint in one transaction: all of it or nothing."""
        changes = fleet.changes()
        with self._transaction():
            self._db.executemany(_INSERT_EVENT, [event.row() for event in events])
            self._db.executemany(_UPSERT_HOT, changes.hot)
            self._db.executemany("INSERT OR REPLACE INTO device_looks VALUES (?, ?)", changes.looks)
            self._db.executemany(
                _UPSERT_KEPT,
                [(int(state.imei), marshal.dumps(kept_values(state))) for state in changes.states],
            )
            self._db.executemany("INSERT OR REPLACE INTO peer VALUES (?, ?)", peers[0])
            self._db.executemany("DELETE FROM peer WHERE connection = ?", peers[1])
            self._db.execute("INSERT OR REPLACE INTO rests VALUES (1, ?)", (marshal.dumps(rests),))
            for name, value in {**facts, "device_kept": KEPT, "device_hot": HOT_FIELDS}.items():
                self.keep(name, value)
        fleet.kept()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise

    def merge(self, *, events: list[tuple[Any, ...]], devices: list[DeviceRow], facts: dict[str, Any]) -> None:
        """Take over events and devices from partitions, and how far that came: all of it or nothing."""
        with self._transaction():
            self._db.executemany(_INSERT_EVENT, events)
            self._db.executemany(_UPSERT_HOT, [(imei, hot) for imei, hot, _ in devices])
            self._db.executemany(_UPSERT_KEPT, [(imei, kept) for imei, _, kept in devices])
            for name, value in facts.items():
                self.keep(name, value)

    def close(self) -> None:
        self._db.close()


def _read(data_dir: str | Path, query: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """Rows for the office; none while the gateway has not yet made its file."""
    return _read_both(data_dir, query, values)[0]


def _read_both(
    data_dir: str | Path, query: str, values: tuple[Any, ...], beside: str = ""
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """The rows of a query and, where there are any, those of another ``beside`` it; nothing while there is no file."""
    db = _line_to(database_path(data_dir))
    if db is None:
        return [], []
    try:
        rows = db.execute(query, values).fetchall()
        return rows, db.execute(beside).fetchall() if rows and beside else []
    except sqlite3.OperationalError as fault:
        if "no such table" in str(fault):
            return [], []
        raise


_lines = threading.local()


def _line_to(path: Path) -> sqlite3.Connection | None:
    """This thread's own line to the file, for reading alone; None while there is no file.

    It stays open as long as the same file lies there: opening one costs three times what a question does.
    """
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    lies = (str(path), stat.st_dev, stat.st_ino, os.getpid())
    if getattr(_lines, "lies", None) != lies:
        if (before := getattr(_lines, "db", None)) is not None and _lines.lies[3] == lies[3]:
            before.close()
        _lines.db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)
        _lines.lies = lies
    db: sqlite3.Connection = _lines.db
    return db


def events_after(data_dir: str | Path, *, seq: int, limit: int = 1000) -> list[GatewayEvent]:
    """The next events behind ``seq``, oldest first."""
    return _events(events_as_told(data_dir, after=seq, limit=limit))


def events_of(data_dir: str | Path, *, imei: str, kinds: Iterable[str]) -> list[GatewayEvent]:
    """The events of one device, of some kinds, oldest told first."""
    wanted = "WHERE imei = ? AND kind IN (SELECT value FROM json_each(?)) ORDER BY seq"
    return _events(_read(data_dir, f"{_EVENTS} {wanted}", (imei, json.dumps(list(kinds)))))


def _events(rows: Iterable[tuple[Any, ...]]) -> list[GatewayEvent]:
    return [
        GatewayEvent(seq, kind, imei, vehicle, _moment(at), _moment(received_at), json.loads(payload))
        for seq, kind, imei, vehicle, at, received_at, payload in rows
    ]


def last_positions(data_dir: str | Path, *, imeis: Iterable[str] | None = None) -> list[LastPosition]:
    """The last position of each device, or of those asked for, by IMEI."""
    query = "SELECT state, hot FROM device_kept JOIN device_hot USING (imei)"
    values: tuple[str, ...] = ()
    if imeis is not None:
        query += " WHERE imei IN (SELECT value FROM json_each(?))"
        values = (json.dumps([int(imei) for imei in imeis if imei.isdecimal()]),)
    layouts = "SELECT value FROM fact WHERE name IN ('device_kept', 'device_hot') ORDER BY name"
    rows, facts = _read_both(data_dir, query + " ORDER BY imei", values, layouts)
    if not rows:
        return []
    layout, names = (json.loads(row[0]) for row in facts)
    hot = hot_rows([row[1] for row in rows], layout)
    return [
        _last(dict(zip(names, marshal.loads(row[0]), strict=True)), item) for row, item in zip(rows, hot, strict=True)
    ]


def device_rows(data_dir: str | Path) -> tuple[list[DeviceRow], dict[str, Any]]:
    """Every device as it is stored, and the layouts (facts) by which a reader understands that."""
    rows = _read(data_dir, "SELECT imei, hot, state FROM device_hot JOIN device_kept USING (imei)", ())
    facts = _read(data_dir, "SELECT name, value FROM fact WHERE name IN ('device_kept', 'device_hot')", ())
    return [(imei, hot, kept) for imei, hot, kept in rows], {name: json.loads(value) for name, value in facts}


def events_as_told(data_dir: str | Path, *, after: int, limit: int) -> list[tuple[Any, ...]]:
    """Events behind a number as they are stored, number first."""
    return _read(data_dir, f"{_EVENTS} WHERE seq > ? ORDER BY seq LIMIT ?", (after, limit))


def newest_event(data_dir: str | Path) -> int:
    """The number of the last event that was told; 0 before the first."""
    rows = _read(data_dir, "SELECT max(seq) FROM event", ())
    return int(rows[0][0] or 0) if rows else 0


def counters(data_dir: str | Path) -> dict[str, int]:
    """What the gateway has counted since it was installed: frames, kinds, duplicates, noise, mismatches, faults."""
    return dict(fact_of(data_dir, "counters", {}))


def fact_of(data_dir: str | Path, name: str, default: Any) -> Any:
    """A fact as it was committed last."""
    rows = _read(data_dir, "SELECT value FROM fact WHERE name = ?", (name,))
    return json.loads(rows[0][0]) if rows else default


def _last(kept: dict[str, Any], hot: Any) -> LastPosition:
    state = DeviceState.from_kept(kept)
    read_hot(state, hot)
    trip = {k: v for k, v in state.trip.items() if k != "from_km"} if state.trip else None
    return LastPosition(
        state.imei, state.vehicle, _at(state.at_s), _at(state.received_s), state.lat, state.lon, state.speed_kmh,
        state.heading, state.ignition, state.main_power, state.inside, trip, state.trouble,
    )  # fmt: skip


def _at(at_s: float | None) -> datetime | None:
    """To the millisecond, as the store keeps it."""
    return None if at_s is None else datetime.fromtimestamp(int(at_s * 1000) / 1000, UTC)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
