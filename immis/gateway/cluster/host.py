"""The host of one partition: copies its stream into a raw log, each message once, and keeps the usual worker on it.

Dies with its gateway (standard input ends) or by SIGTERM, when it first works through what the stream has.
"""

import asyncio
import base64
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy
import uvloop

from immis.gateway.cluster.jetstream import (
    Cluster,
    Publisher,
    answers_subject,
    end_all,
    end_with_input,
    follow,
    packed_answers,
    raw_stream,
)
from immis.gateway.cluster.snapshots import fetch_snapshot, fetch_snapshots
from immis.gateway.logport import GATEWAY_BITS, Read
from immis.gateway.outbox import DeviceRow, device_rows, events_as_told
from immis.gateway.rawlog import blocks_backwards, unpacked
from immis.gateway.server import Gateway
from immis.gateway.store import partition_folder
from immis.gateway.tolerances import BACKLOG_BYTES
from immis.gateway.worker import LEAVE

_MARK = 1 << 62  # a read of no bytes from connection _MARK + n: what follows is message n of the stream
_AT_ONCE = 2_000  # events or last positions in one message
_CATCH_UP_S = 20.0
_KEEP_PLACE_S = 10.0


class Host(Gateway):
    """The worker's keeper without sockets: its reads come from the stream."""

    def __init__(self, data_dir: str | Path, *, partition: int, url: str) -> None:
        super().__init__(partition_folder(data_dir, partition))
        self._partition, self._url = partition, url
        self._place_path = self._data_dir / "gateway" / "place.json"
        self._answers: dict[int, list[tuple[int, int, str]]] = {}
        self._seen = self._done_at = 0
        self._cluster: Cluster
        self._events: Publisher
        self._last: Publisher

    async def work(self) -> None:
        """Follow the stream until SIGTERM, SIGINT or the end of standard input."""
        self._loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, stop.set)
        end_with_input(self._loop, stop)
        self._cluster = await Cluster.open(self._url, name=f"partition-{self._partition}")
        digest = await fetch_snapshot(self._cluster, self._data_dir, digest=None)
        await self._start_worker()
        with ThreadPoolExecutor(1) as logger:
            copying = asyncio.create_task(self._copy(logger))
            tasks = [copying, asyncio.create_task(self._keep_worker()), *self._tell_office()]
            tasks.append(asyncio.create_task(fetch_snapshots(self._cluster, self._data_dir, digest=digest)))
            stopped = asyncio.create_task(stop.wait())
            await asyncio.wait([*tasks, stopped], return_when=asyncio.FIRST_COMPLETED)
            await self._catch_up()
            await end_all([copying])
            self._finishing = True
            self._say(LEAVE)
            await tasks[1]
            await self._tell_last()
            await end_all([*tasks, stopped])
        self._keep_place()
        self._log.close()
        await self._cluster.close()

    # -- stream to raw log -------------------------------------------------------------------

    async def _copy(self, logger: ThreadPoolExecutor) -> None:
        sequence, skip = self._place()
        self._seen = max(0, sequence - 1)
        kept = time.monotonic()
        async for messages in follow(self._cluster, raw_stream(self._partition), first=max(1, sequence)):
            reads: list[Read] = []
            for number, payload, _ in messages:
                found = unpacked(payload)
                if number == sequence:
                    reads += found[skip:]
                else:
                    reads.append((_MARK | number, found[0][1] if found else 0, b""))
                    reads += found
            end = await self._loop.run_in_executor(logger, self._keep, reads)
            size = sum(len(data) for _, _, data in reads)
            self._waiting_bytes += size
            self._unworked.append((end, size))
            self._seen = messages[-1][0]
            self._say(str(end))
            while self._waiting_bytes > BACKLOG_BYTES:
                await asyncio.sleep(0.02)
            if time.monotonic() - kept > _KEEP_PLACE_S:
                kept = time.monotonic()
                self._keep_place()

    def _place(self) -> tuple[int, int]:
        """The last message in the raw log, and how many of its reads are there; (next, 0) where the log is empty."""
        later = 0
        for segment in blocks_backwards(self._data_dir):
            for block in reversed(segment):
                marks = numpy.flatnonzero(block.connections >= _MARK)
                if len(marks):
                    last = int(marks[-1])
                    return int(block.connections[last]) ^ _MARK, later + len(block.connections) - last - 1
                later += len(block.connections)
        return (json.loads(self._place_path.read_text())["seen"] + 1 if self._place_path.exists() else 0), 0

    def _keep_place(self) -> None:
        """For the day when the raw log's segments have all been archived away."""
        part = self._place_path.with_suffix(".part")
        part.write_text(json.dumps({"seen": self._seen}))
        os.replace(part, self._place_path)

    async def _catch_up(self) -> None:
        """Take in what the stream already has; a cluster that does not answer keeps it for the next start."""
        until = time.monotonic() + _CATCH_UP_S
        while time.monotonic() < until:
            try:
                newest = (await self._cluster.js.stream_info(raw_stream(self._partition))).state.last_seq
            except Exception:
                return
            if self._seen >= newest:
                return
            await asyncio.sleep(0.05)

    # -- what the worker says ------------------------------------------------------------------

    def _answer(self, number: int, raw_ref: int, data: bytes) -> None:
        waiting = self._answers.setdefault(number >> GATEWAY_BITS, [])
        waiting.append((number, raw_ref, _text(data)))
        if len(self._answers) == 1 and len(waiting) == 1:
            self._loop.call_soon(lambda: self._loop.create_task(self._send_answers()))

    async def _send_answers(self) -> None:
        """To the gateways that the devices are connected to; a device whose answer is lost asks again."""
        answers, self._answers = self._answers, {}
        for gateway, those in answers.items():
            await self._cluster.client.publish(answers_subject(gateway), packed_answers(those))

    def _worked(self, position: int) -> None:
        super()._worked(position)
        self._events.wake.set()

    def _tell_office(self) -> list[asyncio.Task[None]]:
        """Events and last positions go to the office's end through streams of their own."""
        self._events = Publisher(
            self._cluster, stream="IMMIS_EVENTS", subject=f"immis.events.{self._partition}",
            take=lambda at: _packed(events_as_told(self._data_dir, after=at, limit=_AT_ONCE)), published=_nothing,
        )  # fmt: skip
        changes = Changes(self._data_dir)
        self._last = Publisher(
            self._cluster, stream="IMMIS_LAST", subject=f"immis.last.{self._partition}", take=changes.take,
            published=changes.published,
        )  # fmt: skip
        return [asyncio.create_task(self._events.run()), asyncio.create_task(self._last.run())]

    async def _tell_last(self) -> None:
        """Give the publishers a moment for what the worker committed last."""
        until = time.monotonic() + 5.0
        for publisher in (self._events, self._last):
            publisher.wake.set()
            while time.monotonic() < until and list(publisher._take(publisher.position)):
                await asyncio.sleep(0.05)


class Changes:
    """The devices of a partition that have changed since they were last told, as a source for a publisher."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._told: dict[int, DeviceRow] = {}
        self._taken: tuple[int, list[DeviceRow]] = (0, [])

    def take(self, position: int) -> list[tuple[bytes, int]]:
        rows, layouts = device_rows(self._data_dir)
        new = [row for row in rows if self._told.get(row[0]) != row][:_AT_ONCE]
        if not new:
            return []
        self._taken = (max(position + 1, time.time_ns() // 1000), new)
        said = {"layouts": layouts, "devices": [(imei, _text(hot), _text(kept)) for imei, hot, kept in new]}
        return [(json.dumps(said).encode(), self._taken[0])]

    def published(self, position: int) -> None:
        if position == self._taken[0]:
            self._told.update((row[0], row) for row in self._taken[1])


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _packed(rows: list[tuple[object, ...]]) -> Iterable[tuple[bytes, int]]:
    """Rows that begin with their number as one piece of a source."""
    return [(json.dumps([row[1:] for row in rows], ensure_ascii=False).encode(), int(str(rows[-1][0])))] if rows else []


def _nothing(_position: int) -> None:
    """The source keeps its own rows."""


def main(data_dir: str, partition: str, url: str) -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    uvloop.run(Host(data_dir, partition=int(partition), url=url).work())


if __name__ == "__main__":
    main(*sys.argv[1:])
