"""The gateway's sockets: what arrives is logged here, and worked through by a process of its own.

This process owns the connections and the raw log and does nothing else, so that
the worker (``worker.py``) can die and be started again without a byte lost or a
device disconnected. When the worker falls behind, sockets are read no further
until it has caught up.
"""

import asyncio
import base64
import contextlib
import fcntl
import gc
import json
import logging
import os
import resource
import signal
import sys
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import uvloop

from immis import clock
from immis.gateway.logport import Log, Read, open_log
from immis.gateway.tolerances import BACKLOG_BYTES, FLUSH_EVERY_S, RESTART_AFTER_S

_DRAIN_S = 2.0
_LINE_BYTES = 64 * 1024 * 1024
_GC_AFTER = 50_000
_ONE_THREAD = {"POLARS_MAX_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
log = logging.getLogger(__name__)


class AlreadyRunning(RuntimeError):
    """Another gateway works in the same data folder."""


class _Link(asyncio.Protocol):
    """One device's connection: hands its bytes over and nothing else."""

    __slots__ = ("_gateway", "_number", "answered", "transport")
    transport: asyncio.Transport

    def __init__(self, gateway: "Gateway") -> None:
        self._gateway = gateway
        self._number = 0
        self.answered = -1  # log offset of the last frame that got its answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._number = self._gateway.opened(self)

    def data_received(self, data: bytes) -> None:
        self._gateway.received(self._number, data)

    def connection_lost(self, _fault: Exception | None) -> None:
        self._gateway.closed(self._number)


class Gateway:
    """One gateway over one data folder: sockets, raw log, and the worker's keeper."""

    def __init__(self, data_dir: str | Path, *, log_url: str | None = None) -> None:
        """``log_url`` names another log than local segments (``logport.open_log``)."""
        self._data_dir, self._log_url = Path(data_dir), log_url
        folder = self._data_dir / "gateway"
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = (folder / "gateway.lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as fault:
            raise AlreadyRunning(f"another gateway is working in {folder}") from fault
        self._log: Log
        self._worker: asyncio.subprocess.Process | None = None
        self._run = self._next_number = 0
        self._waiting_bytes = self._received_bytes = 0
        self._unworked: deque[tuple[int, int]] = deque()  # ends of what was flushed, and how many bytes each brought
        self._links: dict[int, _Link] = {}
        self._arrived: list[Read] = []
        self._now_us: int | None = None
        self._paused = self._finishing = False

    async def serve(self, host: str, port: int, *, ready: Callable[[str, int], None]) -> None:
        """Listen until SIGTERM or SIGINT, then store everything received and return."""
        self._loop = loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        await self._start_worker()
        try:
            server = await loop.create_server(lambda: _Link(self), host, port, backlog=4096)
        except OSError:
            await self._dismiss()
            raise
        address = server.sockets[0].getsockname()
        ready(address[0], address[1])
        with ThreadPoolExecutor(1) as logger:
            closing = asyncio.Event()
            logging_task = asyncio.create_task(self._keep_logging(logger, closing))
            keeper = asyncio.create_task(self._keep_worker())
            stopped = asyncio.create_task(stop.wait())
            await asyncio.wait([stopped, logging_task, keeper], return_when=asyncio.FIRST_COMPLETED)
            server.close()
            await self._drain()
            for link in list(self._links.values()):
                link.transport.close()
            closing.set()
            stopped.cancel()
            await logging_task
            self._finishing = True
            self._say("stop")
            await keeper
            self._log.close()

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
        self._arrived.append((number, self._now(), data))
        self._waiting_bytes += len(data)
        self._received_bytes += len(data)
        if self._waiting_bytes > BACKLOG_BYTES and not self._paused:
            self._mind_backlog()

    def closed(self, number: int) -> None:
        self._links.pop(number, None)
        self._arrived.append((number, self._now(), b""))

    def _now(self) -> int:
        """Arrival in microseconds: one look at the clock for all that a turn of the loop brings."""
        if self._now_us is None:
            self._now_us = int(clock.now().timestamp() * 1e6)
            self._loop.call_soon(self._forget_now)
        return self._now_us

    def _forget_now(self) -> None:
        self._now_us = None

    # -- log ------------------------------------------------------------------------------

    async def _keep_logging(self, logger: ThreadPoolExecutor, closing: asyncio.Event) -> None:
        """Every tenth of a second: what arrived goes to disk in one group, and the worker hears of it."""
        while not closing.is_set() or self._links or self._arrived:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(closing.wait(), FLUSH_EVERY_S)
            arrived, self._arrived = self._arrived, []
            if arrived:
                end = await self._loop.run_in_executor(logger, self._keep, arrived)
                self._unworked.append((end, sum(len(data) for _, _, data in arrived)))
                self._say(str(end))
            else:
                await asyncio.sleep(0)

    def _keep(self, reads: list[Read]) -> int:
        self._log.append(reads)
        return self._log.flush()

    def _worked(self, position: int) -> None:
        """A worker has come so far: what it is done with waits no longer."""
        while self._unworked and self._unworked[0][0] <= position:
            self._waiting_bytes -= self._unworked.popleft()[1]
        self._mind_backlog()

    def _mind_backlog(self) -> None:
        """Stop reading when too much waits to be logged or worked through; go on when half of it is done."""
        waiting = self._waiting_bytes
        if not self._paused and waiting > BACKLOG_BYTES:
            self._paused = True
            for link in self._links.values():
                link.transport.pause_reading()
        elif self._paused and waiting < BACKLOG_BYTES // 2:
            self._paused = False
            for link in self._links.values():
                link.transport.resume_reading()

    # -- worker ---------------------------------------------------------------------------

    async def _start_worker(self) -> None:
        """Start a worker and learn from it how far it is; OSError when it cannot begin."""
        self._worker = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "immis.gateway.worker", str(self._data_dir), str(self._run),
            *([self._log_url] if self._log_url else []),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=_LINE_BYTES,
            env={**_ONE_THREAD, **os.environ},
        )  # fmt: skip
        hello = await self._hear()
        if hello is None:
            raise OSError(f"the worker over {self._data_dir} did not start")
        if not self._run:
            self._run = hello["run"]
            self._next_number = self._run << 32
            self._log = open_log(self._data_dir, at_least=hello["checkpoint"], url=self._log_url)
        self._say(str(self._log.end))

    async def _dismiss(self) -> None:
        """Let a worker go that has nothing to finish."""
        self._finishing = True
        self._say("stop")
        while await self._hear() is not None:
            pass
        if self._worker:
            await self._worker.wait()

    async def _hear(self) -> dict[str, Any] | None:
        """What the worker says next; None when it is gone."""
        assert self._worker is not None and self._worker.stdout is not None
        line = await self._worker.stdout.readline()
        return dict(json.loads(line)) if line.endswith(b"\n") else None

    def _say(self, text: str) -> None:
        """Tell the worker; one that is gone will read it from the log."""
        worker = self._worker
        if worker and worker.stdin and not worker.stdin.is_closing():
            worker.stdin.write(f"{text}\n".encode())

    async def _keep_worker(self) -> None:
        """Pass the worker's answers on; start another when it dies."""
        while True:
            began = time.monotonic()
            while (said := await self._hear()) is not None:
                self._worked(said["done"])
                for number, raw_ref, data in said["answers"]:
                    self._answer(number, raw_ref, base64.b64decode(data))
            assert self._worker is not None
            status = await self._worker.wait()
            if self._finishing and status == 0:
                return
            log.error("the worker ended with %s; starting another", status)
            if time.monotonic() - began < RESTART_AFTER_S:
                await asyncio.sleep(RESTART_AFTER_S)
            with contextlib.suppress(OSError):  # it may die before it has said a word, and the next one follows
                await self._start_worker()
            if self._finishing:
                self._say("stop")

    def _answer(self, number: int, raw_ref: int, data: bytes) -> None:
        """Answer a device, once: a worker that repeats another's work gives the same answers."""
        link = self._links.get(number)
        if link and raw_ref > link.answered and not link.transport.is_closing():
            link.answered = raw_ref
            link.transport.write(data)


def raise_file_limit() -> None:
    """One open file a connection: take as many as the machine allows this user."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def run(gateway: Gateway, *, host: str, port: int, tell: Callable[[str], None] = print) -> None:
    """Run a gateway until it is told to stop; says ``{"listening": "HOST:PORT"}`` when it is ready.

    Raises OSError when the address, or the log it is to write to, cannot be had.
    """
    gc.set_threshold(_GC_AFTER, 20, 50)
    raise_file_limit()

    def ready(at_host: str, at_port: int) -> None:
        tell(json.dumps({"listening": f"{at_host}:{at_port}"}))

    uvloop.run(gateway.serve(host, port, ready=ready))
