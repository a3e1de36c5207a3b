"""Who works a partition now: held by renewing it, and free for others when nobody has for a while.

No two machines' clocks are compared: whoever waits for a lock counts by a clock of its own how long it has not
changed. A holder that cannot renew it gives up before that time is over.
"""

import logging
import time
from collections.abc import Awaitable

from nats.js.errors import APIError, KeyWrongLastSequenceError, NotFoundError
from nats.js.kv import KeyValue

from immis.gateway.cluster.jetstream import FAULTS, Cluster

_GIVE_UP = 0.66  # of the time after which others take it
log = logging.getLogger(__name__)


class PartitionLock:
    """One owner's view of one lock; ``patience_s`` is how long it must stand still until another takes it."""

    def __init__(self, cluster: Cluster, what: str, owner: str, *, patience_s: float) -> None:
        self._cluster, self._what, self._owner = cluster, what, owner.encode()
        self._patience_s = patience_s
        self._revision = 0
        self._renewed = float("-inf")
        self._seen: tuple[int, float] = (0, 0.0)  # somebody else's: its revision, and since when it stands still
        self.is_held = False

    async def ask(self, *, first: bool) -> bool:
        """Renew what is held, else take what is free; ``first``: also what nobody has ever had. Whether it is held."""
        now = time.monotonic()
        try:
            self.is_held = await (self._renew() if self.is_held else self._take(first, now))
            if self.is_held:
                self._renewed = now
        except (*FAULTS, APIError) as fault:
            log.info("lock of %s: %r", self._what, fault)
            self.is_held = self.is_held and now - self._renewed < self._patience_s * _GIVE_UP
        return self.is_held

    async def _renew(self) -> bool:
        try:
            self._revision = await (await self._bucket()).update(self._what, self._owner, last=self._revision)
        except KeyWrongLastSequenceError:
            entry = await (await self._bucket()).get(self._what)
            if entry.value != self._owner:
                log.error("%s has been taken over by another gateway", self._what)
                return False
            self._revision = entry.revision or 0  # an answer to an earlier renewal was lost
        return True

    async def _take(self, first: bool, now: float) -> bool:
        bucket = await self._bucket()
        try:
            entry = await bucket.get(self._what)
        except NotFoundError:
            if not first:
                return False
            return await self._won(bucket.create(self._what, self._owner))
        revision = entry.revision or 0
        if revision != self._seen[0]:
            self._seen = revision, now
        if entry.value != self._owner and now - self._seen[1] < self._patience_s:
            return False
        return await self._won(bucket.update(self._what, self._owner, last=revision))

    async def _won(self, asked: Awaitable[int]) -> bool:
        try:
            self._revision = await asked
        except KeyWrongLastSequenceError:  # another was quicker
            return False
        return True

    async def _bucket(self) -> KeyValue:
        return await self._cluster.registry()
