"""Who follows which lots, and what they were last told. A slow stream gets only the newest state of each lot."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from typing import Protocol

from immis.live.reader import Marker, Reader, clock_message

READ_ANYWAY_S = 0.5  # a lot opens, is extended and closes by time alone, with nothing written
GAP_S = 0.05  # a burst of bids is read so often at most
HEARTBEAT_S = 10.0
_SLICES = 20  # heartbeats go out in turns, so that a bid never waits behind all of them

log = logging.getLogger("immis.live")


class Watcher(Protocol):
    """One open stream."""

    codes: frozenset[str]

    def tell(self, news: Mapping[str, bytes]) -> None:
        """Send the new states of lots that it follows."""

    def beat(self, clock: bytes) -> None:
        """Send the server's time."""


class Hub:
    """All open streams, by the lots that they follow."""

    def __init__(self, reader: Reader):
        self.reader = reader
        self.watchers: dict[Watcher, None] = {}
        self.latest: dict[str, bytes] = {}
        self._by_code: dict[str, dict[Watcher, None]] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def join(self, watcher: Watcher) -> None:
        """A stream begins: it is told what is known at once, the rest when it has been read."""
        self.watchers[watcher] = None
        for code in watcher.codes:
            if code not in self._by_code:
                self._by_code[code] = {}
                self.reader.wake()
            self._by_code[code][watcher] = None
        if known := {code: self.latest[code] for code in sorted(watcher.codes) if code in self.latest}:
            watcher.tell(known)
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._follow()), asyncio.create_task(self._beat())]

    def leave(self, watcher: Watcher) -> None:
        """A stream is over."""
        self.watchers.pop(watcher, None)
        for code in watcher.codes:
            followers = self._by_code.get(code, {})
            followers.pop(watcher, None)
            if not followers:
                self._by_code.pop(code, None)
                self.latest.pop(code, None)
        if not self.watchers:
            self._rest()

    def _rest(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._tasks = []
        self.reader.rest()

    async def _follow(self) -> None:
        marker: Marker = {}
        while True:
            codes = frozenset(self._by_code)
            try:
                # a lot that nobody followed for a while is read anew
                known = {code: seen for code, seen in marker.items() if code in self.latest}
                marker, news = await self.reader.changed(codes, known)
                self._spread(news)
            except Exception as error:  # the database may be restarting: streams stay open, the next turn reads again
                log.warning("reading failed: %s: %s", type(error).__name__, error)
                await self.reader.reconnect()
            await asyncio.sleep(GAP_S)
            await self.reader.news(READ_ANYWAY_S)

    def _spread(self, news: Mapping[str, bytes]) -> None:
        events_by_watcher: dict[Watcher, dict[str, bytes]] = {}
        for code, event in news.items():
            for watcher in self._by_code.get(code, ()):
                events_by_watcher.setdefault(watcher, {})[code] = event
            if code in self._by_code:
                self.latest[code] = event
        for watcher, events in events_by_watcher.items():
            watcher.tell(events)

    async def _beat(self) -> None:
        await asyncio.sleep(HEARTBEAT_S)
        while True:
            everybody = list(self.watchers)
            for turn in range(_SLICES):
                await asyncio.sleep(HEARTBEAT_S / _SLICES)
                now = clock_message()
                for watcher in _still(everybody[turn::_SLICES], self.watchers):
                    watcher.beat(now)


def _still(some: Iterable[Watcher], there: Mapping[Watcher, None]) -> list[Watcher]:
    return [watcher for watcher in some if watcher in there]
