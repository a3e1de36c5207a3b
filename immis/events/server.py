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

from immis.events import MOST_WATCHERS
from immis.events.hub import Hub
from immis.events.reader import Reader, clock_message

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
_WORDS = {200: "OK", 400: "Bad Request", 404: "Not Found", 503: "Service Unavailable"}
log = logging.getLogger("immis.events")


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


class Stream(asyncio.Protocol):
    """One connection: a request, then either one short answer or a stream until the reader goes."""

    __slots__ = ("_hub", "_late", "_most", "_said", "_slow", "_transport", "_untold", "codes")

    def __init__(self, hub: Hub, most: int):
        self._hub, self._most = hub, most
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

    def data_received(self, data: bytes) -> None:
        if self.codes or self._late is None:
            return
        self._said += data
        if b"\r\n\r\n" in self._said:
            self._in_time()
            self._asked(self._said.split(b"\r\n", 1)[0].decode("latin-1"))
        elif len(self._said) > _REQUEST_BYTES:
            self._in_time()
            self._answer(400, {"error": "the request is too long"})

    def _in_time(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _asked(self, line: str) -> None:
        self._said = b""
        method, _, rest = line.partition(" ")
        path, _, query = rest.partition(" ")[0].partition("?")
        if method == "GET" and path == "/events/lots":
            self._begin(wanted_codes(query))
        elif path == "/events/healthz":
            self._answer(200, {"ok": True, "watchers": len(self._hub.watchers)})
        else:
            self._answer(404, {"error": "there is /events/lots?codes="})

    def _begin(self, codes: frozenset[str]) -> None:
        if not codes:
            return self._answer(400, {"error": f"codes= takes 1 to {MOST_CODES} lot codes, separated by commas"})
        if len(self._hub.watchers) >= self._most:
            return self._answer(503, {"error": "too many open streams; try again or read the page"})
        self.codes = codes
        self._transport.write(_STREAM.encode() + b"retry: 2000\n\n" + clock_message())
        self._hub.join(self)

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
        else:
            self._transport.write(b"".join(news.values()))

    def beat(self, clock: bytes) -> None:
        if not self._slow:
            self._transport.write(clock)

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
    hub, most = Hub(Reader()), most_watchers()
    if most < MOST_WATCHERS:
        log.warning("at most %d live streams: this account may open no more files (ulimit -n, LimitNOFILE)", most)

    def stream() -> Stream:
        return Stream(hub, most)

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
    for watcher in list(hub.watchers):
        cast(Stream, watcher)._transport.close()
    await asyncio.sleep(0)


def run(listen: str) -> None:
    """Serve live events at ``HOST:PORT`` or ``unix:/path`` until SIGTERM."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    uvloop.run(serve(listen))
