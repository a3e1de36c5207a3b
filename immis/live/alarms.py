"""Who watches for alarms, and what each may hear: the gateway's table is looked at as soon as it changes."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Protocol

from immis import clock
from immis.core.access.permissions import PUBLIC, Actor
from immis.core.grants import may
from immis.live.reader import Reader, clock_message, message

LOOK_S = 0.02  # how often the gateway's file is asked whether anything was committed: two calls of stat
BEAT_S = 10.0
WHO_S = 30.0  # how long after logging out, or being given another post, a stream may last
log = logging.getLogger("immis.live")


class Watcher(Protocol):
    """One open stream of a person."""

    cookie: str

    def tell(self, news: Mapping[str, bytes]) -> None:
        """Send alarms by their number."""

    def beat(self, clock: bytes) -> None:
        """Send the server's time."""

    def end(self) -> None:
        """Close: this person may hear no more."""


class Alarms:
    """All open streams of alarms, each with the post that its person acts for."""

    def __init__(self, reader: Reader):
        self.watchers: dict[Watcher, Actor] = {}
        self._reader = reader
        self._seq = 0
        self._turn = asyncio.Lock()  # between what is known already and what comes next nothing is lost or told twice
        self._tasks: list[asyncio.Task[None]] = []

    async def join(self, watcher: Watcher) -> bool:
        """Begin to tell a person what their post may see; False where the cookie is nobody's of an office."""
        async with self._turn:
            try:
                if not self.watchers:
                    self._seq = await self._reader.in_thread(_newest)
                actor, news = await self._reader.in_thread(_begin, watcher.cookie, self._seq)
            except Exception:  # a line to the database that broke must not stay for the next one who asks
                await self._reader.reconnect()
                raise
            if not may(actor, "alarm.read"):
                return False
            self.watchers[watcher] = actor
        watcher.tell(news)
        if not self._tasks:
            self._tasks = [asyncio.create_task(row()) for row in (self._follow, self._beat, self._ask_again)]
        return True

    def leave(self, watcher: Watcher) -> None:
        """A stream is over."""
        self.watchers.pop(watcher, None)
        if not self.watchers:
            for task in self._tasks:
                task.cancel()
            self._tasks = []

    async def _follow(self) -> None:
        mark = None
        while True:
            try:
                result = _mark()
                if result != mark:
                    await self._tell_news()
                    mark = result
            except Exception as error:  # the database may be restarting: streams stay open, the next turn reads again
                log.warning("reading alarms failed: %s: %s", type(error).__name__, error)
                await self._reader.reconnect()
                await asyncio.sleep(1.0)
            await asyncio.sleep(LOOK_S)

    async def _tell_news(self) -> None:
        async with self._turn:
            actors = dict.fromkeys(self.watchers.values())
            self._seq, alarms_by_actor = await self._reader.in_thread(_news, self._seq, actors)
            for watcher, actor in list(self.watchers.items()):
                if news := alarms_by_actor.get(actor):
                    watcher.tell(news)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            for watcher in list(self.watchers):
                watcher.beat(clock_message())

    async def _ask_again(self) -> None:
        """Whoever has logged out or has another post is told no more by this stream; the page opens a new one."""
        while True:
            await asyncio.sleep(WHO_S)
            try:
                await self._end_strangers()
            except Exception as error:  # the database may be restarting
                log.warning("asking who watches failed: %s: %s", type(error).__name__, error)
                await self._reader.reconnect()

    async def _end_strangers(self) -> None:
        for watcher, actor in list(self.watchers.items()):
            if watcher in self.watchers and await self._reader.in_thread(_actor, watcher.cookie) != actor:
                watcher.end()


# -- in the reader's thread ---------------------------------------------------------------------------------------


def _mark() -> tuple[int, int, int]:
    from immis.tracking.gateway import news_mark

    return news_mark()


def _newest() -> int:
    from immis.tracking.alarms import newest_event

    return newest_event()


def _actor(cookie: str) -> Actor:
    """Who acts under a session's cookie, as the pages' middleware finds it."""
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import get_user
    from django.http import HttpRequest, parse_cookie

    from immis.registry.selectors import actor_of

    key = parse_cookie(cookie).get(settings.SESSION_COOKIE_NAME)
    if not key:
        return PUBLIC
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    return actor_of(get_user(request))


def _begin(cookie: str, seq: int) -> tuple[Actor, dict[str, bytes]]:
    """Who asks, and the last alarms that they may see."""
    from immis.tracking.alarms import recent_alarms

    actor = _actor(cookie)
    if not may(actor, "alarm.read"):
        return actor, {}
    return actor, _messages(recent_alarms(actor, upto=seq, at=clock.now()))


def _news(seq: int, actors: Iterable[Actor]) -> tuple[int, dict[Actor, dict[str, bytes]]]:
    """The alarms behind a number, for each post those that it may see, and the number of the last event read."""
    from immis.tracking.alarms import alarms_after, sees_by

    alarms_by_actor: dict[Actor, dict[str, bytes]] = {actor: {} for actor in actors}
    while True:
        before = seq
        seq, some = alarms_after(seq)
        for actor, mine in alarms_by_actor.items():
            sees = sees_by(actor)
            mine.update(_messages([row for row in some if sees(row)]))
        if seq == before:
            return seq, alarms_by_actor


def _messages(alarms: Iterable[object]) -> dict[str, bytes]:
    rows = (asdict(alarm) for alarm in alarms)  # type: ignore[call-overload]
    return {f"alarm-{row['seq']}": f"id: {row['seq']}\n".encode() + message("alarm", row) for row in rows}
