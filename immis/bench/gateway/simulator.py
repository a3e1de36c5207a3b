"""Devices in great number: an open-loop load generator, to be run as its own process.

Packets are sent when they are due, whether or not the gateway keeps up; how late
they left is part of the answer.
"""

import asyncio
import random
import time
from dataclasses import dataclass
from math import cos, radians, sin
from typing import Any, cast

from immis import clock
from immis.gateway.machine import raise_file_limit
from immis.gateway.protocols.encode import Report, encode_login, encode_position

_DIALECTS = ("nic", "arai", "itriangle", "roadpoint", "rlp", "maharashtra", "numeric")  # all carry a frame number
_SLOT_S = 0.01
_CENTRE = (25.37, 86.47)  # Munger
_RECONNECT_S = 0.5
_CLOSE_S = 10.0


@dataclass
class _Truck:
    """A simulated device on a ring road of its own."""

    imei: str
    vehicle: str
    dialect: str
    radius_deg: float
    angle_deg: float
    frame_no: int = 0
    link: "_Link | None" = None

    def packet(self) -> bytes:
        self.frame_no = self.frame_no % 999_999 + 1
        self.angle_deg += 0.2
        report = Report(
            imei=self.imei,
            vehicle=self.vehicle,
            at=clock.now(),
            lat=_CENTRE[0] + self.radius_deg * cos(radians(self.angle_deg)),
            lon=_CENTRE[1] + self.radius_deg * sin(radians(self.angle_deg)),
            frame_no=self.frame_no,
            speed_kmh=32.5,
            heading=(self.angle_deg + 90) % 360,
        )
        return encode_position(report, dialect=self.dialect)


class _Link(asyncio.Protocol):
    transport: asyncio.WriteTransport

    def __init__(self) -> None:
        self.blocked = False
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.WriteTransport, transport)

    def pause_writing(self) -> None:
        self.blocked = True

    def resume_writing(self) -> None:
        self.blocked = False

    def connection_lost(self, _fault: Exception | None) -> None:
        if not self.lost.done():
            self.lost.set_result(None)

    @property
    def usable(self) -> bool:
        return not (self.blocked or self.lost.done() or self.transport.is_closing())


def _fleet(devices: int, seed: int) -> list[_Truck]:
    chance = random.Random(seed)
    base = 860_000_000_000_000 + (seed % 100_000) * 100_000_000
    return [
        _Truck(
            imei=str(base + i),
            vehicle=f"BR08G{i % 10000:04d}",
            dialect=_DIALECTS[i % len(_DIALECTS)],
            radius_deg=chance.uniform(0.01, 0.2),
            angle_deg=chance.uniform(0, 360),
        )
        for i in range(devices)
    ]


async def simulate(*, host: str, port: int, devices: int, rate: float, seconds: float, seed: int = 1) -> dict[str, Any]:
    """Send ``rate`` packets a second in all, from ``devices`` devices, for ``seconds``.

    Gives ``sent`` (positions handed to the network; logins are not counted),
    ``seconds``, ``late_ms_p99`` and ``unsent``. Raises OSError when nobody listens.
    """
    raise_file_limit()
    loop = asyncio.get_running_loop()
    trucks = _fleet(devices, seed)
    for truck in trucks:
        await _connect(loop, truck, host, port)
    keeper = asyncio.create_task(_reconnect(loop, trucks, host, port))
    begun = time.monotonic()
    due_in_all = int(rate * seconds)
    sent, unsent, lateness = await _send(trucks, begun=begun, rate=rate, due_in_all=due_in_all)
    took = time.monotonic() - begun
    keeper.cancel()
    for truck in trucks:
        if truck.link and not truck.link.lost.done():
            truck.link.transport.close()
    await asyncio.wait([truck.link.lost for truck in trucks if truck.link], timeout=_CLOSE_S)
    lateness.sort()
    late = lateness[int(len(lateness) * 0.99)] if lateness else 0.0
    return {
        "sent": sent,
        "seconds": round(took, 3),
        "late_ms_p99": round(late * 1000, 1),
        "unsent": unsent,
        "devices": devices,
    }


async def _send(trucks: list[_Truck], *, begun: float, rate: float, due_in_all: int) -> tuple[int, int, list[float]]:
    done = unsent = 0
    lateness: list[float] = []
    while done < due_in_all:
        now = time.monotonic() - begun
        while done < due_in_all and done / rate <= now:
            truck = trucks[done % len(trucks)]
            if truck.link and truck.link.usable:
                truck.link.transport.write(truck.packet())
                lateness.append(time.monotonic() - begun - done / rate)
            else:
                unsent += 1
            done += 1
            if done % 500 == 0:
                await asyncio.sleep(0)
        await asyncio.sleep(_SLOT_S)
    return done - unsent, unsent, lateness


async def _connect(loop: asyncio.AbstractEventLoop, truck: _Truck, host: str, port: int) -> None:
    _, link = await loop.create_connection(_Link, host, port)
    truck.link = link
    link.transport.write(encode_login(imei=truck.imei, vehicle=truck.vehicle))


async def _reconnect(loop: asyncio.AbstractEventLoop, trucks: list[_Truck], host: str, port: int) -> None:
    """Devices whose connection broke try again, as they do in the field."""
    while True:
        await asyncio.sleep(_RECONNECT_S)
        for truck in trucks:
            if truck.link and truck.link.lost.done():
                try:
                    await _connect(loop, truck, host, port)
                except OSError:
                    break
