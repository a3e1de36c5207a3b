"""A gateway of a cluster: links and spool here, the log in JetStream, the work wherever a partition is hosted."""

import asyncio
import base64
import gc
import json
import logging
import os
import re
import signal
import sys
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import uvloop
from nats.aio.msg import Msg

from immis import clock
from immis.gateway.cluster.jetstream import (
    Cluster,
    Publisher,
    answers_subject,
    end_all,
    raw_stream,
    raw_subject,
)
from immis.gateway.cluster.lock import PartitionLock
from immis.gateway.cluster.spool import Spool
from immis.gateway.ingest.door import Door
from immis.gateway.ingest.links import Links
from immis.gateway.ingest.tls import TlsPort
from immis.gateway.log.port import GATEWAY_BITS, Read
from immis.gateway.machine import lock, raise_file_limit
from immis.gateway.tolerances import (
    CLUSTER_BEAT_S,
    CLUSTER_LOCK_S,
    CLUSTER_SPOOL_BYTES,
    FLUSH_EVERY_S,
    HEAVY_ROOM_BYTES,
    RESTART_AFTER_S,
)

_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")
_DRAIN_S = 2.0
_LAST_WORDS_S = 20.0  # what is still unpublished then stays in the spool for the next start
_RUN_BITS = 32
_GC_AFTER = 50_000
_DOOR_TELLS_S = 60.0
log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Share:
    """What one gateway takes of the cluster's work: ``work`` are the partitions that it works from the first.

    ``work`` None takes whatever nobody has; the first gateway of all so takes everything. Any partition whose gateway
    has been silent for ``lock_s`` is taken over, unless ``work`` is empty: such a gateway has sockets only. Unless
    ``office`` is False, its folder is also the one that events of all partitions come together in, where no other is.
    ``partitions`` is how many a new cluster has.
    """

    partitions: int = 0
    work: list[int] | None = None
    office: bool = True
    lock_s: float = CLUSTER_LOCK_S


class ClusterGateway:
    """One of many gateways. ``name`` is its own for good."""

    def __init__(
        self,
        data_dir: str | Path,
        *,
        url: str,
        name: str,
        share: Share | None = None,
        door: Door | None = None,
        tls: TlsPort | None = None,
    ) -> None:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not a name of letters, digits, - and _")
        self._data_dir = Path(data_dir)
        self._lock = lock(data_dir)
        share = share or Share()
        self._url, self._name, self._partitions = url, name, share.partitions
        self._work, self._office, self._lock_s = share.work, share.office, share.lock_s
        self._door, self._tls = door or Door(), tls
        self._door_told = time.monotonic()
        self._identity_path = self._data_dir / "spool" / "identity.json"
        self._cluster: Cluster | None = None
        self._publishers: list[Publisher] = []
        self._children: list[_Child] = []
        self._number = self._run = 0
        self._beat_at = 0.0
        self._spool: Spool
        self._links: Links

    async def serve(
        self, host: str, port: int, *, udp: tuple[str, int] | None, ready: Callable[[str, int], None]
    ) -> None:
        """Listen until SIGTERM or SIGINT, then publish everything received and return. OSError when it cannot begin."""
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        self._links = Links(host, port, udp=udp, door=self._door, tls=self._tls)
        await self._join()
        self._links.open((self._number << GATEWAY_BITS) | (self._run << _RUN_BITS))
        ready(*self._links.address)
        with ThreadPoolExecutor(1) as logger:
            tasks = [asyncio.create_task(self._receive(logger)), asyncio.create_task(self._take_part())]
            stopped = asyncio.create_task(stop.wait())
            await asyncio.wait([*tasks, stopped], return_when=asyncio.FIRST_COMPLETED)
            await end_all([tasks[0], stopped])
            await self._drain(logger)
            await self._last_words()
            await end_all(tasks)
        self._spool.close()
        if self._cluster:
            await self._cluster.close()

    async def _join(self) -> None:
        """Take a number and open the spool; without a cluster in reach, as the last start left them.

        OSError when the cluster cannot be reached and this gateway has never been part of it.
        """
        kept = json.loads(self._identity_path.read_text()) if self._identity_path.exists() else None
        before = kept["run"] if kept else 0
        try:
            cluster = await Cluster.open(self._url, name=self._name)
            self._partitions = await cluster.patiently(lambda: cluster.set_up(self._partitions))
            self._number, self._run = await cluster.patiently(lambda: cluster.number_of(self._name, run=before))
            self._cluster = cluster
        except OSError as fault:
            if kept is None:
                raise
            log.warning("%s; what arrives is spooled until one does", fault)
            self._number, self._run, self._partitions = kept["number"], kept["run"] + 1, kept["partitions"]
        self._identity_path.parent.mkdir(parents=True, exist_ok=True)
        payload = {"number": self._number, "run": self._run, "partitions": self._partitions}
        part = self._identity_path.with_suffix(".part")
        part.write_text(json.dumps(payload))
        os.replace(part, self._identity_path)
        self._spool = Spool(self._data_dir, partitions=self._partitions)

    # -- links to spool -----------------------------------------------------------------------

    async def _receive(self, logger: ThreadPoolExecutor) -> None:
        """A tick at a time: what the links bring goes to disk in one group, and the publishers hear of it."""
        while True:
            begun = time.monotonic()
            room = self._spool.waiting_bytes < CLUSTER_SPOOL_BYTES
            await self._take(logger, self._links.read(_now_us(), room=HEAVY_ROOM_BYTES) if room else [])
            self._tell_of_door()
            await asyncio.sleep(max(0.0, FLUSH_EVERY_S - (time.monotonic() - begun)))

    async def _take(self, logger: ThreadPoolExecutor, reads: list[Read]) -> None:
        """Reads, and now and then the time it is here, by which followers know how long a frame has truly waited."""
        if time.monotonic() - self._beat_at >= CLUSTER_BEAT_S:
            self._beat_at = time.monotonic()
            reads = [*reads, (self._number << GATEWAY_BITS, _now_us(), b"")]
        if reads:
            await asyncio.get_running_loop().run_in_executor(logger, self._keep, reads)
            for publisher in self._publishers:
                publisher.wake.set()

    def _tell_of_door(self) -> None:
        """What was turned away stands in this gateway's own record of faults: its counters are those of partitions."""
        if (turned_away := +self._door.counters) and time.monotonic() - self._door_told >= _DOOR_TELLS_S:
            self._door_told = time.monotonic()
            self._door.counters.clear()
            log.warning("turned away: %s", json.dumps(turned_away))

    def _keep(self, reads: list[Read]) -> None:
        self._spool.append(reads)
        self._spool.flush()

    async def _drain(self, logger: ThreadPoolExecutor) -> None:
        """Read what the kernel has already acknowledged, then end the links."""
        until = time.monotonic() + _DRAIN_S
        while time.monotonic() < until:
            before = len(self._links)
            reads = self._links.read(_now_us(), room=HEAVY_ROOM_BYTES)
            await self._take(logger, reads)
            if not reads and len(self._links) == before:
                break
            await asyncio.sleep(FLUSH_EVERY_S / 2)
        await self._take(logger, list(self._links.close(_now_us())))
        self._spool.append_held()

    async def _last_words(self) -> None:
        """Publish what is spooled, for a while; then the processes that are hosted here finish their work."""
        until = time.monotonic() + _LAST_WORDS_S
        while self._spool.waiting_bytes and time.monotonic() < until:
            for publisher in self._publishers:
                publisher.wake.set()
            await asyncio.sleep(0.02)
        if left := self._spool.waiting_bytes:
            log.warning("%d bytes are left in the spool and are published at the next start", left)
        for child in self._children:  # the office's end comes last, and so hears what the others still tell
            await child.end()

    # -- the cluster ------------------------------------------------------------------------

    async def _take_part(self) -> None:
        """Join, now or as soon as a server answers; then publish, pass answers on, and host what is ours."""
        while self._cluster is None:
            try:
                self._cluster = await Cluster.open(self._url, name=self._name)
            except OSError as fault:
                log.info("%s", fault)
        cluster = self._cluster
        await cluster.client.subscribe(answers_subject(self._number), cb=self._answered)
        for partition in range(self._partitions):
            self._publishers.append(
                Publisher(
                    cluster, stream=raw_stream(partition), subject=raw_subject(partition, self._name),
                    take=partial(self._spool.take, partition), published=partial(self._spool.published, partition),
                    start=self._spool.starts(partition),
                )
            )  # fmt: skip
        owner = _identity(self._data_dir)
        async with asyncio.TaskGroup() as group:
            for publisher in self._publishers:
                group.create_task(publisher.run())
            for partition in [] if self._work == [] else range(self._partitions):
                group.create_task(self._host(cluster, partition, owner))
            if self._office and await cluster.patiently(partial(cluster.claim, "office", owner)):
                self._children.append(_Child(["immis.gateway.cluster.office", str(self._data_dir), self._url]))
                group.create_task(self._children[-1].keep())

    async def _host(self, cluster: Cluster, partition: int, owner: str) -> None:
        """Work a partition as long as its lock is held here."""
        lock = PartitionLock(cluster, f"worker.{partition}", owner, patience_s=self._lock_s)
        first = self._work is None or partition in self._work
        child, keeping = None, None
        while True:
            if await lock.ask(first=first):
                if child is None:
                    child = _Child(["immis.gateway.cluster.host", str(self._data_dir), str(partition), self._url])
                    self._children.insert(0, child)
                    keeping = asyncio.create_task(child.keep())
            elif child is not None and keeping is not None:
                child.kill()
                self._children.remove(child)
                await keeping
                child = keeping = None
            await asyncio.sleep(self._lock_s / 5)

    async def _answered(self, message: Msg) -> None:
        for number, place, data in json.loads(message.data):
            self._links.answer(number, place, base64.b64decode(data))


class _Child:
    """A process that is started again when it ends before its time."""

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._process: asyncio.subprocess.Process | None = None
        self._ending = False

    async def keep(self) -> None:
        while not self._ending:
            began = time.monotonic()
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", *self._command, stdin=asyncio.subprocess.PIPE
            )
            status = await self._process.wait()
            if self._ending:
                return
            log.error("%s ended with %s; starting another", self._command[0], status)
            if time.monotonic() - began < RESTART_AFTER_S:
                await asyncio.sleep(RESTART_AFTER_S)

    def kill(self) -> None:
        """At once: what it works is another's now."""
        self._ending = True
        if self._process and self._process.returncode is None:
            self._process.kill()

    async def end(self) -> None:
        self._ending = True
        if self._process and self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
            await self._process.wait()


def _now_us() -> int:
    return int(clock.now().timestamp() * 1e6)


def _identity(data_dir: Path) -> str:
    """This data folder's own name, made once."""
    path = data_dir / "gateway" / "folder.id"
    if not path.exists():
        path.write_text(uuid.uuid4().hex)
    return path.read_text()


def run(
    gateway: ClusterGateway, *, host: str, port: int, udp: tuple[str, int] | None = None,
    tell: Callable[[str], None] = print,
) -> None:  # fmt: skip
    """Run one gateway of a cluster until it is told to stop; says ``{"listening": "HOST:PORT"}`` when it is ready."""
    gc.set_threshold(_GC_AFTER, 20, 50)
    raise_file_limit()

    def ready(at_host: str, at_port: int) -> None:
        tell(json.dumps({"listening": f"{at_host}:{at_port}"}))

    uvloop.run(gateway.serve(host, port, udp=udp, ready=ready))
