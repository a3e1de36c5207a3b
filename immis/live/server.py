"""The HTTP of live events, on bare sockets: a stream is one object, and telling it is one write.

A general server keeps tasks and buffers for each open request; of eleven thousand
streams that are silent nearly all the time only the sockets should remain. The
front stands before it and brings well-formed requests; whatever else comes is
answered in one line and closed. See ``docs/adr/0004-one-origin.md`` for figures.
"""

import asyncio
import gc
import json
import logging
import os
import re
import resource
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs

import uvloop

from immis.live import MOST_WATCHERS
from immis.live.alarms import Alarms
from immis.live.hub import Hub
from immis.live.reader import Reader, clock_message

CODE = re.compile(r"[A-Za-z0-9-]{1,40}$")
MOST_CODES = 60
_FILES_BESIDE = 200  # sockets of the database, of other requests, and what Python opens
_REQUEST_BYTES, _REQUEST_S = 16_384, 10.0
_GUARD = (
    "Cache-Control: no-store\r\nContent-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\nX-Frame-Options: DENY\r\nCross-Origin-Resource-Policy: same-origin\r\n"
    "Referrer-Policy: same-origin\r\nConnection: close\r\n\r\n"
)
_STREAM = f"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nX-Accel-Buffering: no\r\n{_GUARD}"
_HEAD = f"{_STREAM}retry: 2000\n\n".encode()
_MOST_UNTOLD = 1_000
_UNDER_WAY: set["asyncio.Task[None]"] = set()
_WORDS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 503: "Service Unavailable"}
log = logging.getLogger("immis.live")


def wanted_codes(query: str) -> frozenset[str]:
    """The lot codes of ``?codes=a,b``; empty when there are none, too many, or one is no code."""
    given = parse_qs(query).get("codes", [""])[0].split(",")
    codes = frozenset(code for code in given if code)
    return codes if len(codes) <= MOST_CODES and all(CODE.match(code) for code in codes) else frozenset()


def most_watchers() -> int:
    """How many streams this process may hold: the cap, or fewer where the system lets it open fewer files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return MOST_WATCHERS if hard == resource.RLIM_INFINITY else max(1, min(MOST_WATCHERS, hard - _FILES_BESIDE))


def _cookie(heads: str) -> str:
    """The cookie of a request's header lines."""
    fields = (line.partition(":") for line in heads.split("\r\n"))
    return "; ".join(value.strip() for name, _, value in fields if name.strip().lower() == "cookie")


class Stream(asyncio.Protocol):
    """One connection: a request, then either one short answer or a stream until the reader goes."""

    __slots__ = ("_alarms", "_hub", "_late", "_most", "_said", "_slow", "_transport", "_untold", "codes", "cookie")

    def __init__(self, hub: Hub, alarms: Alarms, most: int):
        self._hub, self._alarms, self._most = hub, alarms, most
        self.cookie = ""
        self._said = b""
        self._slow = False
        self._untold: dict[str, bytes] = {}
        self.codes: frozenset[str] = frozenset()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._late: asyncio.TimerHandle | None = asyncio.get_running_loop().call_later(_REQUEST_S, transport.close)

    def connection_lost(self, fault: Exception | None) -> None:
        self._in_time()
        if self.codes:
            self._hub.leave(self)
        self._alarms.leave(self)

    def data_received(self, data: bytes) -> None:
        if self.codes or self._late is None:
            return
        self._said += data
        if b"\r\n\r\n" in self._said:
            self._in_time()
            line, _, heads = self._said.partition(b"\r\n\r\n")[0].decode("latin-1").partition("\r\n")
            self._asked(line, heads)
        elif len(self._said) > _REQUEST_BYTES:
            self._in_time()
            self._answer(400, {"error": "the request is too long"})

    def _in_time(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _asked(self, line: str, heads: str) -> None:
        self._said = b""
        method, _, rest = line.partition(" ")
        path, _, query = rest.partition(" ")[0].partition("?")
        if method == "GET" and path == "/events/lots":
            self._begin(wanted_codes(query))
        elif method == "GET" and path == "/events/alarms":
            self.cookie = _cookie(heads)
            task = asyncio.get_running_loop().create_task(self._begin_alarms())
            _UNDER_WAY.add(task)
            task.add_done_callback(_UNDER_WAY.discard)
        elif path == "/events/healthz":
            self._answer(200, {"ok": True, "watchers": self._open})
        else:
            self._answer(404, {"error": "there are /events/lots?codes= and /events/alarms"})

    @property
    def _open(self) -> int:
        return len(self._hub.watchers) + len(self._alarms.watchers)

    def _begin(self, codes: frozenset[str]) -> None:
        if not codes:
            return self._answer(400, {"error": f"codes= takes 1 to {MOST_CODES} lot codes, separated by commas"})
        if self._open >= self._most:
            return self._answer(503, {"error": "too many open streams; try again or read the page"})
        self.codes = codes
        self._transport.write(_HEAD + clock_message())
        self._hub.join(self)

    async def _begin_alarms(self) -> None:
        """The stream of a person of an office; whoever is not signed in, or of none, is answered 401."""
        if self._open >= self._most:
            return self._answer(503, {"error": "too many open streams; try again or read the page"})
        self._untold = {"": _HEAD + clock_message()}
        self._slow = True  # until it is known who asks
        try:
            known = await self._alarms.join(self)
        except Exception as error:
            log.warning("who asks for alarms could not be read: %s: %s", type(error).__name__, error)
            return self._answer(503, {"error": "try again"})
        if not known:
            return self._answer(401, {"error": "alarms are told to officers who are signed in"})
        self.resume_writing()
        if self._transport.is_closing():
            self._alarms.leave(self)

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body)
        head = (
            f"HTTP/1.1 {status} {_WORDS[status]}\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n"
        )
        self._transport.write(f"{head}{_GUARD}{data}".encode())
        self._transport.close()

    # -- what the hub tells it

    def tell(self, news: Mapping[str, bytes]) -> None:
        if self._slow:
            self._untold.update(news)
            if len(self._untold) > _MOST_UNTOLD:  # it comes again and is told the last ones
                self._transport.abort()
        else:
            self._transport.write(b"".join(news.values()))

    def beat(self, clock: bytes) -> None:
        if not self._slow:
            self._transport.write(clock)

    def end(self) -> None:
        self._transport.close()

    def pause_writing(self) -> None:
        self._slow = True

    def resume_writing(self) -> None:
        self._slow = False
        untold, self._untold = self._untold, {}
        if untold:
            self.tell(untold)


async def serve(listen: str) -> None:
    """Serve until SIGTERM. Raises OSError when it cannot listen."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    reader, most = Reader(), most_watchers()
    hub, alarms = Hub(reader), Alarms(reader)
    if most < MOST_WATCHERS:
        log.warning("at most %d live streams: this account may open no more files (ulimit -n, LimitNOFILE)", most)

    def stream() -> Stream:
        return Stream(hub, alarms, most)

    if listen.startswith("unix:"):
        path = Path(listen[5:])
        path.unlink(missing_ok=True)
        mask = os.umask(0o077)
        server = await loop.create_unix_server(stream, str(path), backlog=4096)
        os.umask(mask)
    else:
        host, _, port = listen.rpartition(":")
        server = await loop.create_server(stream, host.strip("[]") or "0.0.0.0", int(port), backlog=4096)
    await hub.reader.warm_up()
    gc.freeze()
    await ended.wait()
    server.close()
    for watcher in [*hub.watchers, *alarms.watchers]:
        cast(Stream, watcher).end()
    await asyncio.sleep(0)


def run(listen: str) -> None:
    """Serve live events at ``HOST:PORT`` or ``unix:/path`` until SIGTERM."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    uvloop.run(serve(listen))
