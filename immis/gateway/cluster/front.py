"""A gateway of a cluster: sockets and spool here, the log in JetStream, the work wherever a partition is hosted."""

import asyncio
import base64
import json
import logging
import os
import re
import signal
import sys
import time
import uuid
from collections.abc import Coroutine
from functools import partial
from pathlib import Path
from typing import Any

from nats.aio.msg import Msg

from immis.gateway.cluster.jetstream import Cluster, Publisher, answers_subject, end_all, raw_stream, raw_subject
from immis.gateway.cluster.spool import Spool
from immis.gateway.logport import GATEWAY_BITS
from immis.gateway.server import Gateway
from immis.gateway.tolerances import CLUSTER_BEAT_S, CLUSTER_SPOOL_BYTES, RESTART_AFTER_S

_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")
_LAST_WORDS_S = 20.0  # what is still unpublished then stays in the spool for the next start
_RUN_BITS = 32
log = logging.getLogger(__name__)


class ClusterGateway(Gateway):
    """One of many gateways. ``name`` is its own for good; ``work`` the partitions that this data folder hosts.

    ``work`` None takes whatever nobody has; the first gateway of all so takes everything. Unless ``office`` is
    False, its folder is also the one that events of all partitions come together in, where no other folder is.
    """

    def __init__(
        self, data_dir: str | Path, *, url: str, name: str, partitions: int = 0, work: list[int] | None = None,
        office: bool = True,
    ) -> None:  # fmt: skip
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not a name of letters, digits, - and _")
        super().__init__(data_dir)
        self._url, self._name, self._partitions, self._work = url, name, partitions, work
        self._office = office
        self._identity_path = self._data_dir / "spool" / "identity.json"
        self._cluster: Cluster | None = None
        self._publishers: list[Publisher] = []
        self._children: list[_Child] = []
        self._number = 0

    # -- what the one-machine gateway asks of its worker -------------------------------------

    async def _start_worker(self) -> None:
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
        said = {"number": self._number, "run": self._run, "partitions": self._partitions}
        part = self._identity_path.with_suffix(".part")
        part.write_text(json.dumps(said))
        os.replace(part, self._identity_path)
        self._next_number = (self._number << GATEWAY_BITS) | (self._run << _RUN_BITS)
        self._log = self._spool = Spool(self._data_dir, partitions=self._partitions)

    async def _dismiss(self) -> None:
        self._spool.close()
        if self._cluster:
            await self._cluster.close()

    def _say(self, text: str) -> None:
        """Something was flushed (or the end has come): publishers look."""
        if text.isdigit():
            self._worked(int(text))
        for publisher in self._publishers:
            publisher.wake.set()

    def _mind_backlog(self) -> None:
        over = max(0, self._spool.waiting_bytes - CLUSTER_SPOOL_BYTES)
        self._waiting_bytes += over
        super()._mind_backlog()
        self._waiting_bytes -= over

    async def _keep_worker(self) -> None:
        """Publish, answer and host until told to finish and everything is published."""
        tasks = [asyncio.create_task(work) for work in (self._beat(), self._take_part())]
        while not self._finishing:
            done, _ = await asyncio.wait(tasks, timeout=0.1, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                if task.exception():
                    raise task.exception() or RuntimeError
        until = time.monotonic() + _LAST_WORDS_S
        while self._spool.waiting_bytes and time.monotonic() < until:
            await asyncio.sleep(0.02)
        if left := self._spool.waiting_bytes:
            log.warning("%d bytes are left in the spool and are published at the next start", left)
        await asyncio.gather(*(child.end() for child in self._children))
        await end_all(tasks)
        if self._cluster:
            await self._cluster.close()

    # -- the cluster ------------------------------------------------------------------------

    async def _beat(self) -> None:
        """Tell the followers what time it is here, so that they know how long a frame has truly waited."""
        while True:
            self._arrived.append((self._number << GATEWAY_BITS, self._now(), b""))
            await asyncio.sleep(CLUSTER_BEAT_S)

    async def _take_part(self) -> None:
        """Join, now or as soon as a server answers; then publish, pass answers on, and host what is ours."""
        while self._cluster is None:
            try:
                self._cluster = await Cluster.open(self._url, name=self._name)
            except OSError as fault:
                log.info("%s", fault)
        cluster = self._cluster
        await cluster.client.subscribe(answers_subject(self._number), cb=self._answered)
        running: list[Coroutine[Any, Any, None]] = []
        for partition in range(self._partitions):
            publisher = Publisher(
                cluster, stream=raw_stream(partition), subject=raw_subject(partition, self._name),
                take=lambda at, p=partition: self._spool.take(p, at),  # type: ignore[misc]
                published=lambda at, p=partition: self._published(p, at),  # type: ignore[misc]
                start=self._spool.starts(partition),
            )  # fmt: skip
            self._publishers.append(publisher)
            running.append(publisher.run())
        self._children = [_Child(command) for command in await self._commands(cluster)]
        async with asyncio.TaskGroup() as group:
            for work in (*running, *(child.keep() for child in self._children)):
                group.create_task(work)

    def _published(self, partition: int, position: int) -> None:
        self._spool.published(partition, position)
        self._mind_backlog()

    async def _answered(self, message: Msg) -> None:
        for number, raw_ref, data in json.loads(message.data):
            self._answer(number, raw_ref, base64.b64decode(data))

    async def _commands(self, cluster: Cluster) -> list[list[str]]:
        """The processes that this data folder hosts: its partitions, and the office's end."""
        owner = _identity(self._data_dir)
        wanted = range(self._partitions) if self._work is None else self._work
        commands = []
        for partition in wanted:
            if await cluster.patiently(partial(cluster.claim, f"worker.{partition}", owner)):
                commands.append(["immis.gateway.cluster.host", str(self._data_dir), str(partition), self._url])
            elif self._work is not None:
                log.error("partition %d is hosted by another data folder", partition)
        if self._office and await cluster.patiently(partial(cluster.claim, "office", owner)):
            commands.append(["immis.gateway.cluster.office", str(self._data_dir), self._url])
        return commands


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

    async def end(self) -> None:
        self._ending = True
        if self._process and self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
            await self._process.wait()


def _identity(data_dir: Path) -> str:
    """This data folder's own name, made once."""
    path = data_dir / "gateway" / "folder.id"
    if not path.exists():
        path.write_text(uuid.uuid4().hex)
    return path.read_text()
