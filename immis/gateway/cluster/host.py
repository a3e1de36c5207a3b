"""The host of one partition: copies its stream into a raw log, each message once, and keeps the usual worker on it.

Dies with its gateway (standard input ends) or by SIGTERM, when it first works through what the stream has.
"""

import asyncio
import base64
import functools
import json
import logging
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy
import uvloop

from immis.gateway.cluster.handover import EVENTS, StreamPlace, Told, keep_copies, newest_copy, take_up
from immis.gateway.cluster.jetstream import (
    Cluster,
    Publisher,
    answers_subject,
    end_all,
    end_with_input,
    events_subject,
    follow,
    last_of,
    raw_stream,
)
from immis.gateway.cluster.snapshots import fetch_snapshot, fetch_snapshots
from immis.gateway.ingest.keeper import Keeper
from immis.gateway.ingest.worker import LEAVE
from immis.gateway.log.port import GATEWAY_BITS, Read
from immis.gateway.log.rawlog import RawLog, blocks_backwards, unpacked
from immis.gateway.machine import lock
from immis.gateway.store.outbox import DeviceRow, device_rows, events_as_told
from immis.gateway.store.parquet import partition_folder
from immis.gateway.tolerances import BACKLOG_BYTES, FLUSH_EVERY_S

_MARK = 1 << 62  # a read of no bytes from connection _MARK + n: what follows is message n of the stream
_AT_ONCE = 2_000  # events or last positions in one message
_CATCH_UP_S = 20.0
_KEEP_PLACE_S = 10.0
log = logging.getLogger(__name__)


class Host:
    """The worker's keeper without sockets: its reads come from the stream."""

    def __init__(self, data_dir: str | Path, *, partition: int, url: str) -> None:
        self.data_dir = partition_folder(data_dir, partition)
        self._lock = lock(self.data_dir)
        self.partition, self._url = partition, url
        self._keeper = Keeper(self.data_dir)
        self._place_path = self.data_dir / "gateway" / "place.json"
        self._answers: dict[int, list[list[Any]]] = {}
        self._unworked: deque[tuple[int, int]] = deque()  # ends of what was flushed, and how many bytes each brought
        self._waiting_bytes = self._seen = 0
        self._finishing = False
        self._told = Told()
        self._log: RawLog
        self._cluster: Cluster
        self._events: Publisher
        self._last: Publisher

    async def work(self) -> None:
        """Follow the stream until SIGTERM, SIGINT or the end of standard input."""
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        end_with_input(loop, stop)
        self._cluster = await Cluster.open(self._url, name=f"partition-{self.partition}")
        digest = await fetch_snapshot(self._cluster, self.data_dir, digest=None)
        await self._take_up()
        await self._told.read(self._cluster, self.partition, self.data_dir)
        hello = self._keeper.begin()
        self._log = RawLog(self.data_dir, at_least=hello["checkpoint"])
        self._keeper.say(str(self._log.end))
        with ThreadPoolExecutor(1) as logger:
            copying = asyncio.create_task(self._copy(logger))
            keeping = asyncio.create_task(self._keep_worker())
            tasks = [copying, keeping, *self._tell_office()]
            tasks.append(asyncio.create_task(fetch_snapshots(self._cluster, self.data_dir, digest=digest)))
            tasks.append(asyncio.create_task(keep_copies(self._cluster, self)))
            stopped = asyncio.create_task(stop.wait())
            await asyncio.wait([*tasks, stopped], return_when=asyncio.FIRST_COMPLETED)
            await self._catch_up()
            await end_all([copying])
            self._finishing = True
            await keeping
            await self._tell_last()
            await end_all([*tasks, stopped])
        self._keep_place(self._seen + 1, 0)
        self._log.close()
        await self._cluster.close()

    async def _take_up(self) -> None:
        """Where another folder has come further with this partition, go on from the copy of what it knew."""
        copy = await newest_copy(self._cluster, self.partition)
        if copy is None or copy.place <= self._place():
            return
        log.warning("partition %d is taken over as of message %d", self.partition, copy.place[0])
        last = RawLog(self.data_dir)
        last.close()
        self._keep_place(*copy.place)
        ask = functools.partial(last_of, self._cluster, EVENTS, events_subject(self.partition))
        _, newest_event = await self._cluster.patiently(ask)
        take_up(self.data_dir, copy, log_end=last.end, told=newest_event)

    def place_at(self, checkpoint: int) -> StreamPlace | None:
        """The place in the stream that a place in the log stands for; None where the log does not say any more."""
        place = self._place(until=checkpoint)
        return place if place > (0, 0) else None

    # -- stream to raw log -------------------------------------------------------------------

    async def _copy(self, logger: ThreadPoolExecutor) -> None:
        sequence, skip = self._place()
        self._seen = max(0, sequence - 1)
        kept = time.monotonic()
        async for messages in follow(self._cluster, raw_stream(self.partition), first=max(1, sequence)):
            reads: list[Read] = []
            for number, payload, _ in messages:
                result = unpacked(payload)
                if number == sequence:
                    reads += result[skip:]
                else:
                    reads.append((_MARK | number, result[0][1] if result else 0, b""))
                    reads += result
            end = await asyncio.get_running_loop().run_in_executor(logger, self._keep, reads)
            size = sum(len(data) for _, _, data in reads)
            self._waiting_bytes += size
            self._unworked.append((end, size))
            self._seen = messages[-1][0]
            self._keeper.say(str(end))
            while self._waiting_bytes > BACKLOG_BYTES:
                await asyncio.sleep(0.02)
            if time.monotonic() - kept > _KEEP_PLACE_S:
                kept = time.monotonic()
                self._keep_place(self._seen + 1, 0)

    def _keep(self, reads: list[Read]) -> int:
        self._log.append(reads)
        return self._log.flush()

    def _place(self, *, until: int | None = None) -> StreamPlace:
        """The last message in the raw log, and how many of its reads are there; (next, 0) where the log is empty.

        A place that was kept (the log's segments are gone, or this partition was taken over) counts where it is later.
        """
        kept: StreamPlace = (0, 0)
        if until is None and self._place_path.exists():
            payload = json.loads(self._place_path.read_text())
            kept = (payload["message"], payload["reads"]) if "message" in payload else (payload["seen"] + 1, 0)
        return max(kept, self._logged(until))

    def _logged(self, until: int | None) -> StreamPlace:
        later = 0
        for segment in blocks_backwards(self.data_dir):
            for block in reversed([x for x in segment if until is None or x.end <= until]):
                marks = numpy.flatnonzero(block.connections >= _MARK)
                if len(marks):
                    last = int(marks[-1])
                    return int(block.connections[last]) ^ _MARK, later + len(block.connections) - last - 1
                later += len(block.connections)
        return 0, 0

    def _keep_place(self, message: int, reads: int) -> None:
        """For the day when the raw log's segments have all been archived away, and for a partition taken over."""
        part = self._place_path.with_suffix(".part")
        part.write_text(json.dumps({"message": message, "reads": reads}))
        os.replace(part, self._place_path)

    async def _catch_up(self) -> None:
        """Take in what the stream already has; a cluster that does not answer keeps it for the next start."""
        until = time.monotonic() + _CATCH_UP_S
        while time.monotonic() < until:
            try:
                newest = (await self._cluster.js.stream_info(raw_stream(self.partition))).state.last_seq
            except Exception:
                return
            if self._seen >= newest:
                return
            await asyncio.sleep(0.05)

    # -- what the worker says ------------------------------------------------------------------

    async def _keep_worker(self) -> None:
        """Hear the worker and mend it; in the end let it store everything while the connections live on elsewhere."""
        leaving = False
        while True:
            await self._heard()
            if self._keeper.is_alive:
                if self._finishing and not leaving:
                    self._keeper.say(str(self._log.end))
                    leaving = self._keeper.say(LEAVE)
            elif self._finishing and leaving and self._keeper.status == 0:
                return
            elif self._keeper.mend():
                leaving = False
                log.error("the worker ended with %s; starting another", self._keeper.status)
                self._keeper.say(str(self._log.end))

    async def _heard(self) -> None:
        """Take in what the worker says, waiting a little for it."""
        await self._readable(self._keeper.descriptor)
        for message in self._keeper.hear():
            if "done" not in message:
                continue  # the greeting of a new one
            while self._unworked and self._unworked[0][0] <= message["done"]:
                self._waiting_bytes -= self._unworked.popleft()[1]
            for answer in message["answers"]:
                self._answers.setdefault(answer[0] >> GATEWAY_BITS, []).append(answer)
            self._events.wake.set()
        await self._send_answers()

    async def _readable(self, descriptor: int) -> None:
        loop, news = asyncio.get_running_loop(), asyncio.Event()
        if descriptor >= 0:
            loop.add_reader(descriptor, news.set)
        try:
            async with asyncio.timeout(FLUSH_EVERY_S):
                await news.wait()
        except TimeoutError:
            pass
        finally:
            if descriptor >= 0:
                loop.remove_reader(descriptor)

    async def _send_answers(self) -> None:
        """To the gateways that the devices are connected to; a device whose answer is lost asks again."""
        answers, self._answers = self._answers, {}
        for gateway, those in answers.items():
            await self._cluster.client.publish(answers_subject(gateway), json.dumps(those).encode())

    def _tell_office(self) -> list[asyncio.Task[None]]:
        """Events and last positions go to the office's end through streams of their own."""
        self._events = Publisher(
            self._cluster, stream=EVENTS, subject=events_subject(self.partition),
            take=lambda at: self._untold(events_as_told(self.data_dir, after=at, limit=_AT_ONCE)), published=_nothing,
        )  # fmt: skip
        changes = Changes(self.data_dir)
        self._last = Publisher(
            self._cluster, stream="IMMIS_LAST", subject=f"immis.last.{self.partition}", take=changes.take,
            published=changes.published,
        )  # fmt: skip
        return [asyncio.create_task(self._events.run()), asyncio.create_task(self._last.run())]

    def _untold(self, rows: list[tuple[object, ...]]) -> Iterable[tuple[bytes, int]]:
        """Rows that begin with their number as one piece of a source, but those that a host before this one told."""
        if not rows:
            return []
        new = [row[1:] for row in self._told.leave_out(rows)]
        return [(json.dumps(new, ensure_ascii=False).encode(), int(str(rows[-1][0])))]

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
        payload = {"layouts": layouts, "devices": [(imei, _text(hot), _text(kept)) for imei, hot, kept in new]}
        return [(json.dumps(payload).encode(), self._taken[0])]

    def published(self, position: int) -> None:
        if position == self._taken[0]:
            self._told.update((row[0], row) for row in self._taken[1])


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _nothing(_position: int) -> None:
    """The source keeps its own rows."""


def main(data_dir: str, partition: str, url: str) -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    uvloop.run(Host(data_dir, partition=int(partition), url=url).work())


if __name__ == "__main__":
    main(*sys.argv[1:])
