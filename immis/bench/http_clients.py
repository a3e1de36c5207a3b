"""Clients of the auction benchmark: bids over kept-alive HTTP in open loop, and watchers of live events.

Written on bare streams, so that the generator costs little beside what it measures.
"""

import asyncio
import json
import re
import time
from dataclasses import dataclass, field
from typing import Any

TOKEN = "b" * 32
_STATE = re.compile(rb'data: \{"code":"([^"]+)".*?"seq":(\d+)')


@dataclass
class Told:
    """What the clients were told: acknowledgements, waits in seconds, and how often a line broke."""

    acks: list[tuple[str, bool, int]] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    broken: int = 0
    other: dict[int, int] = field(default_factory=dict)


class Line:
    """One kept-alive connection of one bidder."""

    def __init__(self, host: str, port: int, session: str, party_id: int, code: str):
        self.host, self.port, self.party_id, self.code = host, port, party_id, code
        self.head = (
            f"POST /api/v1/lots/{code}/bids HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
            f"Cookie: sessionid={session}; csrftoken={TOKEN}\r\nX-CSRFToken: {TOKEN}\r\nContent-Length: "
        )
        self.prefix = "http"
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def bid(self, key: str) -> tuple[int, Any]:
        """One bid; status and body. Raises OSError or IncompleteReadError when the line breaks."""
        if self.streams is None:
            self.streams = await asyncio.open_connection(self.host, self.port)
        reader, writer = self.streams
        body = json.dumps({"steps": 1, "key": key})
        writer.write(f"{self.head}{len(body)}\r\n\r\n{body}".encode())
        async with asyncio.timeout(30):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            length = int(head.split("content-length:", 1)[1].split("\r\n", 1)[0])
            content = await reader.readexactly(length)
        status = int(head.split(" ", 2)[1])
        return status, json.loads(content) if b"{" in content[:1] else None

    def drop(self) -> None:
        if self.streams:
            self.streams[1].close()
        self.streams = None


async def press(
    lines: list[Line], *, rate: float, seconds: float, retries: float = 0.2, told: Told | None = None
) -> Told:
    """Bid at a steady rate whatever the answers take (open loop); a wait counts from the moment it was due.

    A share of the bids is sent a second time with the same key. A line that breaks
    is opened again and the same key sent until it is answered.
    """
    told, begun = told or Told(), time.monotonic()
    due: asyncio.Queue[tuple[float, str | None]] = asyncio.Queue()

    async def serve(line: Line) -> None:
        number, again = 0, 0.0
        while True:
            due_s, _ = await due.get()
            if due_s < 0:
                return line.drop()
            again += retries / (1 + retries)
            if number and again >= 1:
                again -= 1
            else:
                number += 1
            key = f"{line.prefix}-{number:06d}"
            status, body = await _until_answered(line, key, told)
            told.waits.append(time.monotonic() - due_s)
            if status in (200, 409) and body and "amount_rupees" in body:
                told.acks.append((f"{line.party_id}:{key}", body["accepted"], body["amount_rupees"]))
            else:
                told.other[status] = told.other.get(status, 0) + 1

    servers = [asyncio.create_task(serve(line)) for line in lines]
    for number in range(int(rate * seconds)):
        at = begun + number / rate
        await asyncio.sleep(max(0.0, at - time.monotonic()))
        due.put_nowait((at, None))
    for _ in lines:
        due.put_nowait((-1.0, None))
    await asyncio.gather(*servers)
    return told


async def _until_answered(line: Line, key: str, told: Told) -> tuple[int, Any]:
    while True:
        try:
            status, body = await line.bid(key)
            if status not in (500, 502, 503, 504):
                return status, body
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            pass
        told.broken += 1
        line.drop()
        await asyncio.sleep(0.05)


class _Stream(asyncio.Protocol):
    """One open live stream: asks, and notes when it hears of which change."""

    def __init__(self, ask: bytes, heard: dict[bytes, list[float]], opened: asyncio.Future[None]):
        self.ask, self.heard, self.opened, self.rest = ask, heard, opened, b""
        self.lost = False

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(self.ask)

    def data_received(self, data: bytes) -> None:
        if not self.opened.done():
            self.opened.set_result(None)
        now = time.time()
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            if payload := _STATE.match(line):
                self.heard.setdefault(payload[1] + b":" + payload[2], []).append(now)

    def connection_lost(self, fault: Exception | None) -> None:
        self.lost = True
        if not self.opened.done():
            self.opened.set_exception(fault or ConnectionError("closed before it answered"))


async def watch(
    host: str, port: int, codes: list[list[str]], *, ready: asyncio.Event, until: asyncio.Event
) -> dict[str, list[float]]:
    """Open one live stream for each list of codes; answers for ``code:seq`` when each watcher heard of it.

    Each has an address of its own, as the front allows so many streams an address.
    ``ready`` is set when all are open.
    """
    loop, heard = asyncio.get_running_loop(), {}
    at_once, streams = asyncio.Semaphore(100), []

    async def one(number: int, wanted: list[str]) -> None:
        async with at_once:
            own = (f"127.0.{1 + number // 250}.{1 + number % 250}", 0)
            ask = f"GET /events/lots?codes={','.join(wanted)} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode()
            stream = _Stream(ask, heard, loop.create_future())
            streams.append(stream)
            await loop.create_connection(lambda: stream, host, port, local_addr=own)
            await stream.opened

    await asyncio.gather(*(one(number, wanted) for number, wanted in enumerate(codes)))
    ready.set()
    await until.wait()
    lost = sum(stream.lost for stream in streams)
    for stream in streams:
        stream.transport.abort()
    if lost:
        raise RuntimeError(f"{lost} of {len(codes)} streams ended by themselves")
    return {key.decode(): times for key, times in heard.items()}
