"""NATS JetStream as the cluster uses it: connection, streams, who works what, publishing in order and once."""

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any, TypeVar

import nats
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, StoreCompression, StreamConfig
from nats.js.errors import APIError, KeyWrongLastSequenceError, NotFoundError
from nats.js.kv import KeyValue

from immis.gateway.tolerances import (
    CLUSTER_DUPLICATES_S,
    CLUSTER_FETCH,
    CLUSTER_KEEP_S,
    CLUSTER_PUBLISH_S,
    CLUSTER_RETRY_S,
)

FAULTS = (NatsError, OSError, TimeoutError)  # of a server that is away or changing its leader; each passes
_BUCKET = "immis"
_COPIES = 3
_NOT_CLUSTERED = 10074
_FOUND_S = 10.0
_PATIENCE_S = 20.0
T = TypeVar("T")
log = logging.getLogger(__name__)


class Refused(RuntimeError):
    """The cluster is set up otherwise than this process was told."""


def raw_stream(partition: int) -> str:
    return f"IMMIS_RAW_{partition}"


def raw_subject(partition: int, gateway: str) -> str:
    return f"immis.raw.{partition}.{gateway}"


def events_subject(partition: int) -> str:
    return f"immis.events.{partition}"


def answers_subject(gateway: int) -> str:
    """Where answers for the devices of one gateway go, by the gateway's number."""
    return f"immis.answers.{gateway}"


async def connect(url: str, *, name: str) -> Client:
    """A connection that looks for another node whenever its own is gone; OSError when none answers in ten seconds.

    ``url``: addresses with commas between, such as ``nats://a:4222,nats://b:4222``.
    """

    async def quiet(fault: Exception) -> None:
        log.debug("nats: %s", fault)

    try:
        opened = nats.connect(
            servers=url.split(","), name=name, error_cb=quiet, connect_timeout=2, max_reconnect_attempts=-1,
            reconnect_time_wait=0.25, ping_interval=3, max_outstanding_pings=2,
        )  # fmt: skip
        return await asyncio.wait_for(opened, _FOUND_S)
    except (*FAULTS, ValueError) as fault:
        raise OSError(f"no NATS server answers at {url}: {fault or 'no answer'}") from fault


class Cluster:
    """One process's view of the cluster."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.js: JetStreamContext = client.jetstream(timeout=CLUSTER_PUBLISH_S)
        self._bucket: KeyValue | None = None

    @classmethod
    async def open(cls, url: str, *, name: str) -> "Cluster":
        return cls(await connect(url, name=name))

    async def patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask until the cluster has an answer: it may be choosing its leaders. OSError when it takes too long."""
        until = time.monotonic() + _PATIENCE_S
        while True:
            try:
                return await ask()
            except (*FAULTS, APIError) as fault:
                if time.monotonic() > until:
                    raise OSError(f"the NATS cluster does not work: {fault!r}") from fault
                await asyncio.sleep(CLUSTER_RETRY_S)

    async def set_up(self, partitions: int) -> int:
        """Make what is not there yet; gives the number of partitions, which is fixed when the first gateway starts.

        ``partitions`` 0 takes what there is. Refused when there is another number.
        """
        bucket = await self.registry()
        try:
            await bucket.create("partitions", str(partitions or 1).encode())
        except KeyWrongLastSequenceError:
            pass
        kept = int((await bucket.get("partitions")).value or b"1")
        if partitions not in (0, kept):
            raise Refused(
                f"the cluster has {kept} partitions, not {partitions}; the number is fixed at its first start"
            )
        for partition in range(kept):
            await self._make(raw_stream(partition), f"immis.raw.{partition}.*", CLUSTER_KEEP_S)
        await self._make("IMMIS_EVENTS", "immis.events.*", CLUSTER_KEEP_S)
        await self._make("IMMIS_LAST", "immis.last.*", CLUSTER_FETCH * 60.0)
        return kept

    async def registry(self) -> KeyValue:
        """Who is who, and who works what."""
        if self._bucket is None:
            try:
                self._bucket = await self.js.key_value(_BUCKET)
            except NotFoundError:
                self._bucket = await self.with_copies(
                    lambda copies: self.js.create_key_value(bucket=_BUCKET, replicas=copies)
                )
        return self._bucket

    async def _make(self, name: str, subject: str, keep_s: float) -> None:
        try:
            await self.js.stream_info(name)
            return
        except NotFoundError:
            pass
        await self.with_copies(
            lambda copies: self.js.add_stream(
                StreamConfig(
                    name=name,
                    subjects=[subject],
                    num_replicas=copies,
                    max_age=keep_s,
                    duplicate_window=CLUSTER_DUPLICATES_S,
                    compression=StoreCompression.S2,
                )  # fmt: skip
            )
        )

    async def with_copies(self, make: Callable[[int], Any]) -> Any:
        """Three copies of each message; one where the server stands alone, which is said."""
        try:
            return await make(_COPIES)
        except APIError as fault:
            if fault.err_code != _NOT_CLUSTERED:
                raise
            log.warning("the NATS server is no cluster: each message is kept once, not %d times", _COPIES)
            return await make(1)

    async def claim(self, what: str, owner: str) -> bool:
        """Whether ``what`` is this owner's, for good: the first who asks gets it."""
        bucket = await self.registry()
        try:
            await bucket.create(what, owner.encode())
            return True
        except KeyWrongLastSequenceError:
            return (await bucket.get(what)).value == owner.encode()

    async def number_of(self, gateway: str, *, run: int) -> tuple[int, int]:
        """This gateway's number and the number of this start, both never another's; starts count from ``run`` on."""
        bucket = await self.registry()
        number = 1
        while not await self.claim(f"gateway.{number}", gateway):
            number += 1
        while True:
            try:
                entry = await bucket.get(f"run.{gateway}")
                begun = max(run, int(entry.value or b"0")) + 1
                await bucket.update(f"run.{gateway}", str(begun).encode(), last=entry.revision)
            except KeyWrongLastSequenceError:
                continue
            except NotFoundError:
                begun = run + 1
                await bucket.put(f"run.{gateway}", str(begun).encode())
            return number, begun

    async def close(self) -> None:
        await self.client.close()


class Publisher:
    """Publishes one ordered source to one subject, each piece once, however often nodes fail or this process is killed.

    ``take(position)`` gives the next pieces behind a position as (bytes, position behind them), in order. One message
    is under way at a time: its id ends in the position behind it, and it is refused unless it follows the last one.
    """

    def __init__(
        self, cluster: Cluster, *, stream: str, subject: str, take: Callable[[int], Iterable[tuple[bytes, int]]],
        published: Callable[[int], None], start: int = 0,
    ) -> None:  # fmt: skip
        self._cluster, self._stream, self._subject = cluster, stream, subject
        self._take, self._published = take, published
        self.position = start
        self._last = 0
        self._sure = False
        self.wake = asyncio.Event()

    async def run(self) -> None:
        """Publish whatever the source has, until cancelled."""
        pause = CLUSTER_RETRY_S
        while True:
            try:
                if not self._sure:
                    await self._find_place()
                if not await self._publish_some():
                    await self._wait()
                pause = CLUSTER_RETRY_S
            except (*FAULTS, APIError) as fault:
                self._sure = False
                log.info("publishing to %s waits: %r", self._subject, fault)
                await asyncio.sleep(pause)
                pause = min(pause * 2, CLUSTER_PUBLISH_S)

    async def _wait(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                await self.wake.wait()
        self.wake.clear()

    async def _find_place(self) -> None:
        """Ask the stream how far it has come: what was acknowledged to nobody may still have been kept."""
        self._last, position = await last_of(self._cluster, self._stream, self._subject)
        if self._last:
            self._move_to(max(self.position, position))
        self._sure = True

    async def _publish_some(self) -> bool:
        """Publish one take of the source; whether there was anything."""
        pieces = await asyncio.to_thread(lambda: list(self._take(self.position)))
        for payload, position in pieces:
            headers = {
                "Nats-Msg-Id": f"{self._subject}:{position}",
                "Nats-Expected-Last-Subject-Sequence": str(self._last),
            }
            ack = await self._cluster.js.publish(
                self._subject, payload, stream=self._stream, headers=headers, timeout=CLUSTER_PUBLISH_S
            )
            self._last = ack.seq
            self._move_to(position)
        return bool(pieces)

    def _move_to(self, position: int) -> None:
        self.position = position
        self._published(position)


async def last_of(cluster: Cluster, stream: str, subject: str) -> tuple[int, int]:
    """The number of a subject's last message in its stream, and the position in its source; 0 where there is none."""
    try:
        last = await cluster.js.get_last_msg(stream, subject)
    except NotFoundError:
        return 0, 0
    return last.seq or 0, int((last.headers or {})["Nats-Msg-Id"].rpartition(":")[2])


async def follow(cluster: Cluster, stream: str, *, first: int) -> AsyncIterator[list[tuple[int, bytes, str]]]:
    """Messages of a stream from a sequence number on, in order and without a gap: (number, bytes, subject).

    Whatever fails, reading begins anew behind the last message given.
    """
    following = first
    while True:
        try:
            reader = await cluster.js.pull_subscribe(
                "", stream=stream,
                config=ConsumerConfig(
                    deliver_policy=DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=max(1, following),
                    ack_policy=AckPolicy.NONE, inactive_threshold=60, num_replicas=1, mem_storage=True,
                ),
            )  # fmt: skip
            while True:
                try:
                    messages = await reader.fetch(CLUSTER_FETCH, timeout=1.0)
                except TimeoutError:
                    info = await cluster.js.stream_info(stream)
                    if info.state.last_seq >= following:  # there is news that this reader does not get
                        break
                    continue
                results = [(m.metadata.sequence.stream, m.data, m.subject) for m in messages]
                if results[0][0] < following or any(
                    b[0] != a[0] + 1 for a, b in zip(results, results[1:], strict=False)
                ):
                    break
                if following > 1 and results[0][0] > following:
                    log.error("%s: messages %d to %d are gone from the stream", stream, following, results[0][0] - 1)
                following = results[-1][0] + 1
                yield results
            await reader.unsubscribe()
        except (*FAULTS, APIError) as fault:
            log.info("reading %s waits: %r", stream, fault)
            await asyncio.sleep(CLUSTER_RETRY_S)


def end_with_input(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """Stop when standard input ends: the process that started this one is gone."""

    def look() -> None:
        if not os.read(0, 4096):
            loop.remove_reader(0)
            stop.set()

    loop.add_reader(0, look)


async def end_all(tasks: Iterable["asyncio.Task[Any]"]) -> None:
    """Cancel tasks until all have ended: a wait that ends just then swallows one. Raises what one of them died of."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=0.5)
    for task in tasks:
        if not task.cancelled() and (fault := task.exception()):
            raise fault
