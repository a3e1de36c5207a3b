"""Live events: the public state of auction lots as server-sent events, in a small ASGI process of its own.

``GET /events/lots?codes=MUN-2026-01,MUN-2026-02`` sends ``event: lot`` with the
lot's public state when it changes (within a second) and ``event: clock`` with the
server's time every ten seconds. It reads the same selectors as the pages; nobody
learns more here than there. Watchers share one reading of the database, so that
a thousand of them cost as much as one.
"""

import asyncio
import json
import logging
import re
import time
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

from immis import clock, setup_django

CODE = re.compile(r"[A-Za-z0-9-]{1,40}$")
MOST_CODES = 60
MOST_WATCHERS = 4000
POLL_S = 0.1
READ_ANYWAY_S = 0.5  # a lot opens, is extended and closes by time alone, with nothing written
HEARTBEAT_S = 10.0

setup_django()
log = logging.getLogger("immis.events")
Marker = dict[str, Any]  # what a reader has seen, as the selector answered it
Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"{type(value).__name__} is not sent")


def message(event: str, body: Any) -> bytes:
    """One server-sent event."""
    data = json.dumps(body, default=_plain, ensure_ascii=False, separators=(",", ":"))
    return f"event: {event}\ndata: {data}\n\n".encode()


def clock_message() -> bytes:
    """The server's time and how fast it runs, for the time left that a page counts down."""
    course = clock.course()
    return message("clock", {"now": clock.now(), "rate": course.rate if course else 1})


class Reader:
    """Reads the records database in a thread of its own; knows cheaply whether anything was committed."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="reader")

    async def committed(self) -> Any:
        """A mark that changes when somebody has committed (SQLite); None where only reading can tell."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._mark)

    async def changed(self, codes: frozenset[str], marker: Marker) -> tuple[Marker, dict[str, bytes]]:
        """The lots that changed in public since a marker, each as the event that tells it."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._changed, sorted(codes), marker)

    async def reconnect(self) -> None:
        from django.db import connection

        await asyncio.get_running_loop().run_in_executor(self._thread, lambda: connection.close())

    def _mark(self) -> Any:
        from django.db import connection

        if connection.vendor != "sqlite":
            return None
        with connection.cursor() as cursor:
            return cursor.execute("PRAGMA data_version").fetchone()[0]

    def _changed(self, codes: list[str], marker: Marker) -> tuple[Marker, dict[str, bytes]]:
        from immis.auctions.selectors import changed_lots

        marker, states = changed_lots(marker, at=clock.now(), codes=codes)
        return marker, {state.code: message("lot", asdict(state)) for state in states}


class Watcher:
    """One open stream: which lots it follows, and which of them it has not been told yet."""

    def __init__(self, codes: frozenset[str]):
        self.codes = codes
        self.untold: set[str] = set()
        self.wake = asyncio.Event()

    def tell(self, codes: Iterable[str]) -> None:
        self.untold.update(self.codes.intersection(codes))
        if self.untold:
            self.wake.set()


class Hub:
    """All open streams and what they were last told. A slow stream gets only the newest state of each lot."""

    def __init__(self, reader: Reader):
        self.reader = reader
        self.watchers: set[Watcher] = set()
        self.latest: dict[str, bytes] = {}
        self._task: asyncio.Task[None] | None = None

    def join(self, codes: frozenset[str]) -> Watcher:
        watcher = Watcher(codes)
        self.watchers.add(watcher)
        watcher.tell(self.latest)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._follow())
        return watcher

    def leave(self, watcher: Watcher) -> None:
        self.watchers.discard(watcher)

    async def _follow(self) -> None:
        mark, read_at, followed = None, 0.0, frozenset[str]()
        marker: Marker = {}
        while self.watchers:
            codes = frozenset().union(*(watcher.codes for watcher in self.watchers))
            try:
                seen = await self.reader.committed()
                due = time.monotonic() - read_at >= READ_ANYWAY_S
                if due or codes != followed or (seen is not None and seen != mark):
                    marker, news = await self.reader.changed(codes, marker)
                    self._spread(news)
                    mark, read_at, followed = seen, time.monotonic(), codes
            except Exception as error:  # the database may be restarting: streams stay open, the next turn reads again
                log.warning("reading failed: %s: %s", type(error).__name__, error)
                await self.reader.reconnect()
            await asyncio.sleep(POLL_S)
        self.latest.clear()

    def _spread(self, news: dict[str, bytes]) -> None:
        self.latest.update(news)
        if news:
            for watcher in self.watchers:
                watcher.tell(news)


hub = Hub(Reader())


GUARD = [
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"same-origin"),
]


async def _answer(send: Send, status: int, body: dict[str, Any]) -> None:
    data = json.dumps(body).encode()
    headers = [(b"content-type", b"application/json"), *GUARD]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": data})


def wanted_codes(query: bytes) -> frozenset[str]:
    """The lot codes of ``?codes=a,b``; empty when there are none, too many, or one is no code."""
    given = parse_qs(query.decode("latin-1")).get("codes", [""])[0].split(",")
    codes = frozenset(code for code in given if code)
    return codes if len(codes) <= MOST_CODES and all(CODE.match(code) for code in codes) else frozenset()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _stream(watcher: Watcher, send: Send) -> None:
    headers = [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        *GUARD,
        (b"x-accel-buffering", b"no"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"retry: 2000\n\n" + clock_message(), "more_body": True})
    while True:
        try:
            async with asyncio.timeout(HEARTBEAT_S):
                await watcher.wake.wait()
        except TimeoutError:
            await send({"type": "http.response.body", "body": clock_message(), "more_body": True})
            continue
        watcher.wake.clear()
        untold, watcher.untold = watcher.untold, set()
        news = b"".join(hub.latest[code] for code in sorted(untold) if code in hub.latest)
        await send({"type": "http.response.body", "body": news, "more_body": True})


async def _lots(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    codes = wanted_codes(scope["query_string"])
    if not codes:
        return await _answer(send, 400, {"error": f"codes= takes 1 to {MOST_CODES} lot codes, separated by commas"})
    if len(hub.watchers) >= MOST_WATCHERS:
        return await _answer(send, 503, {"error": "too many open streams; try again or read the page"})
    watcher = hub.join(codes)
    tasks = {asyncio.create_task(_stream(watcher, send)), asyncio.create_task(_gone(receive))}
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        hub.leave(watcher)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """The ASGI application."""
    if scope["type"] == "lifespan":
        while True:
            kind = (await receive())["type"]
            await send({"type": f"{kind}.complete"})
            if kind == "lifespan.shutdown":
                return
    if scope["type"] != "http":
        return
    if scope["path"] == "/events/lots" and scope["method"] == "GET":
        await _lots(scope, receive, send)
    elif scope["path"] == "/events/healthz":
        await _answer(send, 200, {"ok": True, "watchers": len(hub.watchers)})
    else:
        await _answer(send, 404, {"error": "there is /events/lots?codes="})
