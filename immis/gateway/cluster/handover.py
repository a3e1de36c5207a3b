"""A partition's state on its way to whoever takes it over: kept in the cluster now and then, taken up where newer.

What a worker knows is in its events file as of its last commit. A copy of it (the events of some days only) lies in
the object store together with the place in the stream that it stands for. Whoever takes the partition over goes on
from there by the stream: what was worked through after the copy is worked through once more, rows twice stored fall
on reading, and events that were told already are told no second time.
"""

import asyncio
import contextlib
import json
import logging
import os
import sqlite3
import tempfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from nats.js.errors import APIError, NotFoundError
from nats.js.object_store import ObjectStore

from immis.gateway.cluster.jetstream import FAULTS, Cluster, events_subject, follow
from immis.gateway.store.outbox import COPIED_TABLES, database_path, prepare
from immis.gateway.tolerances import CLUSTER_COPY_S, CLUSTER_COPY_SOON_S, CLUSTER_KEEP_S

EVENTS = "IMMIS_EVENTS"
_STORE = "immis_partitions"
_QUICK = 1  # of zlib's levels
StreamPlace = tuple[int, int]  # a message of the stream, and how many of its reads are there
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Copy:
    """A partition as of one commit: its place in the stream, and where its events stood in theirs."""

    place: StreamPlace
    events: int  # newest message of the stream of events when it was made
    database: bytes

    def packed(self) -> bytes:
        head = json.dumps({"place": self.place, "events": self.events}).encode()
        return head + b"\n" + zlib.compress(self.database, _QUICK)

    @classmethod
    def unpacked(cls, data: bytes) -> "Copy":
        head, _, body = data.partition(b"\n")
        payload = json.loads(head)
        return cls((payload["place"][0], payload["place"][1]), payload["events"], zlib.decompress(body))


def copied(data_dir: Path) -> tuple[int, bytes]:
    """The events file as of its last commit, without old events; and the place in the raw log that it stands for."""
    kept_from = (datetime.now(UTC) - timedelta(seconds=CLUSTER_KEEP_S)).isoformat()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "copy.db"
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
            prepare(db)
            db.execute("ATTACH ? AS live", (f"file:{database_path(data_dir)}?mode=ro",))
            db.execute("BEGIN")
            for table in COPIED_TABLES:
                only = " WHERE received_at >= ?" if table == "event" else ""
                values = (kept_from,) if only else ()
                db.execute(f"INSERT OR REPLACE INTO main.{table} SELECT * FROM live.{table}{only}", values)
            _keep_count(db, db.execute("SELECT max(seq) FROM live.event").fetchone()[0] or 0)
            checkpoint = json.loads(db.execute("SELECT value FROM fact WHERE name = 'checkpoint'").fetchone()[0])
            db.execute("COMMIT")
        return int(checkpoint), path.read_bytes()


def _keep_count(db: sqlite3.Connection, newest: int) -> None:
    """Numbers of events go on behind ``newest``, whichever events are here."""
    db.execute("DELETE FROM sqlite_sequence WHERE name = 'event'")
    db.execute("INSERT INTO sqlite_sequence VALUES ('event', ?)", (newest,))


class Hosting(Protocol):
    """What a copy needs of a partition's host."""

    data_dir: Path
    partition: int

    def place_at(self, checkpoint: int) -> StreamPlace | None:
        """The place in the stream that a place in the raw log stands for."""


async def keep_copies(cluster: Cluster, host: Hosting) -> None:
    """Keep a copy of a host's partition in the cluster: soon, and then now and then."""
    kept, pause = -1, CLUSTER_COPY_SOON_S
    while True:
        await asyncio.sleep(pause)
        pause = CLUSTER_COPY_S
        try:
            events = (await cluster.js.stream_info(EVENTS)).state.last_seq
            checkpoint, database = await asyncio.to_thread(copied, host.data_dir)
            if checkpoint != kept and (place := await asyncio.to_thread(host.place_at, checkpoint)):
                copy = Copy(place, events, database)
                await (await _store(cluster)).put(str(host.partition), copy.packed())
                kept = checkpoint
                _taken_up(host.data_dir).unlink(missing_ok=True)
        except (*FAULTS, APIError, sqlite3.Error) as fault:
            pause = CLUSTER_COPY_SOON_S
            log.info("partition %d is not copied now: %r", host.partition, fault)


async def newest_copy(cluster: Cluster, partition: int) -> Copy | None:
    """The copy that the cluster has of a partition; None where it has none yet."""

    async def ask() -> Copy | None:
        try:
            return Copy.unpacked((await (await _store(cluster)).get(str(partition))).data or b"")
        except NotFoundError:
            return None

    return await cluster.patiently(ask)


def take_up(data_dir: Path, copy: Copy, *, log_end: int, told: int) -> None:
    """Go on from a copy in this folder; its log goes on behind all that it has, its events behind number ``told``.

    Positions in the log are this folder's own: a checkpoint of another folder means nothing here.
    """
    path = database_path(data_dir)
    path.parent.mkdir(parents=True, exist_ok=True)
    for name in ("", "-wal", "-shm"):
        path.with_name(path.name + name).unlink(missing_ok=True)
    part = path.with_suffix(".part")
    part.write_bytes(copy.database)
    with contextlib.closing(sqlite3.connect(part)) as db, db:
        known = json.loads(db.execute("SELECT value FROM fact WHERE name = 'checkpoint'").fetchone()[0])
        db.execute("UPDATE fact SET value = ? WHERE name = 'checkpoint'", (json.dumps(max(known, log_end)),))
        newest = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'event'").fetchone()[0]
        _keep_count(db, max(newest, told))
    _taken_up(data_dir).write_text(json.dumps({"events": copy.events}))
    with part.open("rb") as file:
        os.fsync(file.fileno())
    os.replace(part, path)


class Told:
    """Events of a partition that its last host told after the copy that this one began with: each is told once."""

    def __init__(self) -> None:
        self._rows: set[tuple[Any, ...]] = set()

    async def read(self, cluster: Cluster, partition: int, data_dir: Path) -> None:
        """Read what was told since the copy that this folder goes on from, until it has made a copy of its own."""
        if not _taken_up(data_dir).exists():
            return
        after = json.loads(_taken_up(data_dir).read_text())["events"]
        newest = (await cluster.patiently(lambda: cluster.js.stream_info(EVENTS))).state.last_seq
        if newest <= after:
            return
        async for messages in follow(cluster, EVENTS, first=after + 1):
            for _, payload, subject in messages:
                if subject == events_subject(partition):
                    self._rows.update(_same(row) for row in json.loads(payload))
            if messages[-1][0] >= newest:
                return

    def leave_out(self, rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """Rows (number first) that have not been told yet."""
        return [row for row in rows if not self._rows or _same(row[1:]) not in self._rows]


def _same(row: Iterable[Any]) -> tuple[Any, ...]:
    """What makes two events the same whenever they were received: all but the instant of arrival."""
    kind, imei, vehicle, at, _received_at, payload = row
    return kind, imei, vehicle, at, payload


def _taken_up(data_dir: Path) -> Path:
    return data_dir / "gateway" / "taken-up.json"


async def _store(cluster: Cluster) -> ObjectStore:
    try:
        return await cluster.js.object_store(_STORE)
    except NotFoundError:
        made: ObjectStore = await cluster.with_copies(
            lambda copies: cluster.js.create_object_store(_STORE, replicas=copies)
        )
        return made
