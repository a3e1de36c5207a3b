"""The gateway's sockets: what arrives is logged, then worked through, then answered.

Two threads do the work so that the sockets are never kept waiting: one appends
to the raw log and fsyncs, the other decodes what is already safe on disk. When
the second falls behind, sockets are read no further until it has caught up.
"""

import asyncio
import contextlib
import fcntl
import gc
import json
import logging
import resource
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

import uvloop

from immis import clock
from immis.gateway.pipeline import Pipeline
from immis.gateway.rawlog import RawLog, RawRecord
from immis.gateway.tolerances import BACKLOG_BYTES, COMMIT_EVERY_S, COMMIT_ROWS, COMPACT_EVERY_S, FLUSH_EVERY_S

_REPLAY_RECORDS = 5000
_DRAIN_S = 2.0
_GC_AFTER = 50_000  # objects: packets are many and short-lived, a full collection among 10,000 devices is dear
log = logging.getLogger(__name__)


class AlreadyRunning(RuntimeError):
    """Another gateway works in the same data folder."""


class _Link(asyncio.Protocol):
    """One device's connection: hands its bytes over and nothing else."""

    __slots__ = ("_gateway", "_number", "transport")
    transport: asyncio.Transport

    def __init__(self, gateway: "Gateway") -> None:
        self._gateway = gateway
        self._number = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._number = self._gateway.opened(self)

    def data_received(self, data: bytes) -> None:
        self._gateway.received(self._number, data)

    def connection_lost(self, _fault: Exception | None) -> None:
        self._gateway.closed(self._number)


class Gateway:
    """One gateway process over one data folder."""

    def __init__(self, data_dir: str | Path) -> None:
        folder = Path(data_dir) / "gateway"
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = (folder / "gateway.lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as fault:
            raise AlreadyRunning(f"another gateway is working in {folder}") from fault
        self._pipeline = Pipeline(data_dir)
        self._log = RawLog(Path(data_dir), at_least=self._pipeline.checkpoint)
        self._recover()
        self._next_number = self._pipeline.begin_run() << 32
        self._links: dict[int, _Link] = {}
        self._arrived: list[tuple[int, int, bytes]] = []
        self._logged: list[RawRecord] = []
        self._backlog_bytes = self._received_bytes = 0
        self._paused = False
        self._committed = time.monotonic()
        self._compacted = time.monotonic()

    async def serve(self, host: str, port: int, *, ready: Callable[[str, int], None]) -> None:
        """Listen until SIGTERM or SIGINT, then store everything received and return."""
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        server = await loop.create_server(lambda: _Link(self), host, port, backlog=4096)
        address = server.sockets[0].getsockname()
        ready(address[0], address[1])
        with ThreadPoolExecutor(1) as logger, ThreadPoolExecutor(1) as worker:
            closing = asyncio.Event()
            tasks = [
                asyncio.create_task(self._keep_logging(loop, logger, closing)),
                asyncio.create_task(self._keep_working(loop, worker, closing)),
            ]
            stopped = asyncio.create_task(stop.wait())
            await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
            server.close()
            await self._drain()
            for link in list(self._links.values()):
                link.transport.close()
            closing.set()
            stopped.cancel()
            await asyncio.gather(*tasks)
            await loop.run_in_executor(worker, self._finish)

    async def _drain(self) -> None:
        """Read what the kernel has already acknowledged: until nothing comes for one flush, or two seconds."""
        for _ in range(round(_DRAIN_S / FLUSH_EVERY_S)):
            before = self._received_bytes
            await asyncio.sleep(FLUSH_EVERY_S)
            if self._received_bytes == before and not self._paused:
                return

    # -- what the links call --------------------------------------------------------------

    def opened(self, link: _Link) -> int:
        self._next_number += 1
        self._links[self._next_number] = link
        if self._paused:
            link.transport.pause_reading()
        return self._next_number

    def received(self, number: int, data: bytes) -> None:
        self._arrived.append((number, _now_us(), data))
        self._backlog_bytes += len(data)
        self._received_bytes += len(data)
        if self._backlog_bytes > BACKLOG_BYTES and not self._paused:
            self._paused = True
            for link in self._links.values():
                link.transport.pause_reading()

    def closed(self, number: int) -> None:
        self._links.pop(number, None)
        self._arrived.append((number, _now_us(), b""))

    # -- the two threads' work ------------------------------------------------------------

    async def _keep_logging(
        self, loop: asyncio.AbstractEventLoop, logger: ThreadPoolExecutor, closing: asyncio.Event
    ) -> None:
        """Every tenth of a second: what arrived goes to disk in one group."""
        while not closing.is_set() or self._links or self._arrived:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(closing.wait(), FLUSH_EVERY_S)
            arrived, self._arrived = self._arrived, []
            if arrived:
                records = await loop.run_in_executor(logger, self._log.append, arrived)
                self._logged += records  # only now: the list may have been taken while we waited
            else:
                await asyncio.sleep(0)

    async def _keep_working(
        self, loop: asyncio.AbstractEventLoop, worker: ThreadPoolExecutor, closing: asyncio.Event
    ) -> None:
        """Decode what is safe on disk, answer devices, and commit about twice a second."""
        while not closing.is_set() or self._links or self._arrived or self._logged:
            logged, self._logged = self._logged, []
            answers = await loop.run_in_executor(worker, self._work, logged)
            self._relieve(sum(len(record.data) for record in logged))
            for number, answer in answers:
                link = self._links.get(number)
                if link and not link.transport.is_closing():
                    link.transport.write(answer)
            if not self._logged:
                await asyncio.sleep(FLUSH_EVERY_S / 2)

    def _work(self, logged: list[RawRecord]) -> list[tuple[int, bytes]]:
        answers = self._pipeline.take(logged)
        answers += self._pipeline.flush_waiting(clock.now().timestamp())
        now = time.monotonic()
        if now - self._committed >= COMMIT_EVERY_S or self._pipeline.rows_waiting >= COMMIT_ROWS:
            self._pipeline.commit()
            self._committed = now
        if now - self._compacted >= COMPACT_EVERY_S:
            self._pipeline.compact()
            self._compacted = now
        return answers

    def _relieve(self, size: int) -> None:
        self._backlog_bytes -= size
        if self._paused and self._backlog_bytes < BACKLOG_BYTES // 2:
            self._paused = False
            for link in self._links.values():
                link.transport.resume_reading()

    # -- start and end --------------------------------------------------------------------

    def _recover(self) -> None:
        """Work through what was logged but not committed; the connections of then are gone."""
        batch: list[RawRecord] = []
        for record in self._log.read_from(self._pipeline.checkpoint):
            batch.append(record)
            if len(batch) >= _REPLAY_RECORDS:
                self._pipeline.take(batch)
                self._pipeline.commit()
                batch = []
        self._pipeline.take(batch)
        self._pipeline.close_all(clock.now().timestamp())
        self._pipeline.commit()

    def _finish(self) -> None:
        self._pipeline.close_all(clock.now().timestamp())
        self._pipeline.commit()
        self._pipeline.close()
        self._log.close()


def raise_file_limit() -> None:
    """One open file a connection: take as many as the machine allows this user."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _now_us() -> int:
    return int(clock.now().timestamp() * 1e6)


def run(*, host: str, port: int, data_dir: str | Path, tell: Callable[[str], None] = print) -> None:
    """Run a gateway until it is told to stop; says ``{"listening": "HOST:PORT"}`` when it is ready.

    Raises AlreadyRunning, or OSError when the address cannot be had.
    """
    gc.set_threshold(_GC_AFTER, 20, 50)
    raise_file_limit()
    gateway = Gateway(data_dir)

    def ready(at_host: str, at_port: int) -> None:
        tell(json.dumps({"listening": f"{at_host}:{at_port}"}))

    uvloop.run(gateway.serve(host, port, ready=ready))
