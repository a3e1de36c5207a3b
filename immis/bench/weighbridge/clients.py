"""Software beside a thousand scales: keys, chains, heartbeats and weighments in open loop over kept-alive lines."""

import asyncio
import base64
import json
import random
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from immis.weighbridges.protocol import Weighment

_INDIA = timezone(timedelta(hours=5, minutes=30))
_SIGNED = ec.ECDSA(hashes.SHA256())


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Software:
    """One scale's software: its key, its chain, the number under which it sends."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.device, self.counter, self.head, self.trucks = "", 0, "0" * 64, [""]
        self.beats = random.randrange(3)  # they do not all ask for their trucks at once

    @property
    def public(self) -> str:
        form = serialization.PublicFormat.UncompressedPoint
        return b64(self.key.public_key().public_bytes(serialization.Encoding.X962, form))

    def sign(self, content: bytes) -> str:
        r, s = decode_dss_signature(self.key.sign(content, _SIGNED))
        return b64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))

    def weigh(self) -> dict[str, Any]:
        """The next weighment: an empty and a laden truck in turns."""
        self.counter += 1
        kg = 8_760 if self.counter % 2 else 27_000 + self.counter
        row = {
            "counter": self.counter, "at": _now(), "kind": "tare" if self.counter % 2 else "gross", "weight_kg": kg,
            "stable": True, "plate": self.trucks[(self.counter // 2) % len(self.trucks)], "challan": "",
            "raw": "AiswMTg0NTAxMwM=", "format": "yaohua-a9", "min_kg": kg, "max_kg": kg, "place": None,
            "previous": self.head, "signature": "",
        }  # fmt: skip
        made = Weighment(**row)
        self.head = made.hash
        return {**row, "signature": self.sign(made.text.encode())}


def _now() -> str:
    return datetime.now(_INDIA).isoformat(timespec="milliseconds")


@dataclass
class Tally:
    """What was answered: waits in seconds by call, weighments taken, other answers."""

    waits: dict[str, list[float]] = field(default_factory=lambda: {"heartbeat": [], "readings": []})
    taken: int = 0
    other: dict[int, int] = field(default_factory=dict)


class Wire:
    """One kept-alive connection."""

    def __init__(self, listen: str) -> None:
        self.listen = listen
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, body: Any, software: Software) -> tuple[int, Any]:
        content = json.dumps(body).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: {self.listen}\r\nContent-Type: application/json\r\n"
        head += f"Immis-Signature: {software.sign(content)}\r\nContent-Length: {len(content)}\r\n\r\n"
        if self.streams is None:
            host, port = self.listen.split(":")
            self.streams = await asyncio.open_connection(host, int(port))
        reader, writer = self.streams
        writer.write(head.encode() + content)
        async with asyncio.timeout(30):
            answer = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            payload = await reader.readexactly(int(answer.split("content-length:", 1)[1].split("\r\n", 1)[0]))
        return int(answer.split(" ", 2)[1]), json.loads(payload)


async def _one(wire: Wire, call: str, software: Software, tally: Tally, due_s: float) -> None:
    if call == "heartbeat":
        body: dict[str, Any] = {"at": _now(), "weight_kg": 0, "stable": True, "indicator": "alive", "version": "1"}
        body["trucks"] = software.beats % 3 == 0
        software.beats += 1
    else:
        body = {"sent_at": _now(), "readings": [software.weigh()]}
    status, payload = await wire.post(f"/api/v1/weighbridges/{software.device}/{call}", body, software)
    tally.waits[call].append(time.monotonic() - due_s)
    if status != 200:
        tally.other[status] = tally.other.get(status, 0) + 1
    elif call == "readings":
        tally.taken += payload["taken_up_to"] == software.counter


async def press(listen: str, all_software: list[Software], *, beats: float, weighments: float, seconds: float) -> Tally:
    """Send at steady rates whatever the answers take; a wait counts from when it was due. A device sends in order."""
    tally, wires = Tally(), asyncio.Queue[Wire]()
    for _ in range(64):
        wires.put_nowait(Wire(listen))
    own = [asyncio.Lock() for _ in all_software]
    begun, tasks = time.monotonic(), set()

    async def send(call: str, n: int, due_s: float) -> None:
        async with own[n]:
            wire = await wires.get()
            try:
                await _one(wire, call, all_software[n], tally, due_s)
            finally:
                wires.put_nowait(wire)

    calls = [(n / beats, "heartbeat", n % len(own)) for n in range(int(beats * seconds))]
    calls += [(n / weighments, "readings", (n * 7) % len(own)) for n in range(int(weighments * seconds))]
    for due, call, n in sorted(calls):
        await asyncio.sleep(max(0.0, begun + due - time.monotonic()))
        tasks.add(asyncio.create_task(send(call, n, begun + due)))
    await asyncio.gather(*tasks)
    return tally
