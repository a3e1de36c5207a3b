"""A fleet's traffic made beforehand, and sent on schedule: the load for the telemetry benchmark.

Trucks drive straight on, some out of a source and into a destination; packets are
torn at random bytes, some are history, some come twice. Encoding is done before
the first byte is sent, so that the generator is not what is measured.
"""

import json
import random
import socket
import sys
import time
import zlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import cos, pi, radians, sin
from typing import Any

from immis.gateway.machine import raise_file_limit
from immis.gateway.protocols.encode import Report, encode_login, encode_position

DIALECTS = ("nic", "arai", "itriangle", "roadpoint", "rlp", "maharashtra", "numeric")  # all carry a frame number
BASE = 861_000_000_000_000
REPLAYING = 863_000_000_000_000
MOST_REPLAYING = 50
PROBING, PROBES = 862_000_000_000_000, 300  # devices that will press their button once
_CHUNK = 65_536
_BOX = (24.6, 27.4, 83.5, 88.2)
_HISTORY, _DOUBLED = 0.05, 0.01
_STEP_DEG = 0.00017  # about 17 m, one second at 60 km/h
_SLOT_S = 0.002
_DRAIN_S = 60.0
WARM_UP = 12  # packets of each device: enough for the gateway to learn its clock and its checksum


def fences(count: int, seed: int, *, corners: int = 6) -> list[dict[str, Any]]:
    """Sources and destinations by turns, each a polygon of some hundred metres."""
    chance = random.Random(seed)
    rows = []
    for i in range(count):
        lat, lon = chance.uniform(_BOX[0], _BOX[1]), chance.uniform(_BOX[2], _BOX[3])
        radii = [chance.uniform(0.003, 0.008) for _ in range(corners)]
        angles = [2 * pi * k / corners for k in range(corners)]
        polygon = [[lat + r * sin(a), lon + r * cos(a)] for r, a in zip(radii, angles, strict=True)]
        kind = "source" if i % 2 == 0 else "destination"
        rows.append({"id": f"f:{i}", "kind": kind, "name": "", "polygon": polygon})
    return rows


def snapshot(devices: int, fence_count: int, seed: int) -> dict[str, Any]:
    """What the office would publish for this fleet."""
    listed = [{"imei": str(BASE + n), "vehicle": f"BR{n % 38:02d}G{n % 10000:04d}"} for n in range(devices)]
    listed += [{"imei": str(REPLAYING + n), "vehicle": "BR08G0002"} for n in range(MOST_REPLAYING)]
    listed += [{"imei": str(PROBING + n), "vehicle": "BR08G0001"} for n in range(PROBES)]
    return {"version": 1, "devices": listed, "fences": fences(fence_count, seed)}


@dataclass
class _Truck:
    number: int
    lat: float
    lon: float
    way: float
    at: datetime
    frame_no: int = 0


def streams(
    *, devices: int, packets: int, fence_count: int, seed: int, begins: datetime
) -> tuple[list[list[bytes]], int]:
    """For each device its packets in the pieces in which they are sent; and how many different ones there are."""
    chance = random.Random(seed)
    areas = fences(fence_count, seed)
    made, different = [], 0
    for number in range(devices):
        truck = _start(chance, areas, number, begins)
        frames: list[bytes] = []
        for _ in range(packets):
            if frames and chance.random() < _DOUBLED:
                frames.append(chance.choice(frames[-10:]))
                continue
            frames.append(_next(chance, truck))
            different += 1
        made.append(_torn(chance, frames[:WARM_UP]) + (_torn(chance, frames[WARM_UP:]) if packets > WARM_UP else []))
    return made, different


def _start(chance: random.Random, areas: list[dict[str, Any]], number: int, begins: datetime) -> _Truck:
    """One truck in five begins in a fence, the others anywhere."""
    lat, lon = chance.uniform(_BOX[0], _BOX[1]), chance.uniform(_BOX[2], _BOX[3])
    if areas and number % 5 == 0:
        corners = chance.choice(areas)["polygon"]
        lat, lon = (sum(corner[i] for corner in corners) / len(corners) for i in (0, 1))
    return _Truck(number, lat, lon, chance.uniform(0, 360), begins)


def _next(chance: random.Random, truck: _Truck) -> bytes:
    truck.frame_no += 1
    truck.at += timedelta(seconds=1)
    truck.lat += _STEP_DEG * cos(radians(truck.way))
    truck.lon += _STEP_DEG * sin(radians(truck.way))
    old = chance.random() < _HISTORY
    report = Report(
        imei=str(BASE + truck.number),
        vehicle=f"BR{truck.number % 38:02d}G{truck.number % 10000:04d}",
        at=truck.at - timedelta(hours=2) if old else truck.at,
        lat=truck.lat,
        lon=truck.lon,
        frame_no=truck.frame_no,
        speed_kmh=60 + chance.uniform(-5, 5),
        heading=truck.way,
        status="H" if old else "L",
        main_power=chance.random() > 0.0002,
    )
    return encode_position(report, dialect=DIALECTS[truck.number % len(DIALECTS)])


def _torn(chance: random.Random, frames: list[bytes]) -> list[bytes]:
    """The frames in as many pieces as they are, cut anywhere."""
    stream = b"".join(frames)
    places = [0, *sorted(chance.randrange(1, len(stream)) for _ in range(len(frames) - 1)), len(stream)]
    return [stream[a:b] for a, b in zip(places, places[1:], strict=False)]


class _Sender:
    """A device's socket, and what the kernel would not take yet."""

    __slots__ = ("late", "socket")

    def __init__(self, host: str, port: int, number: int) -> None:
        self.socket = socket.create_connection((host, port))
        self.socket.sendall(encode_login(imei=str(BASE + number), vehicle=f"BR{number % 38:02d}G{number % 10000:04d}"))
        self.socket.setblocking(False)
        self.late = b""

    def send(self, data: bytes) -> bool:
        """Whether all of it is on its way."""
        data = self.late + data if self.late else data
        try:
            sent = self.socket.send(data)
        except BlockingIOError:
            sent = 0
        self.late = data[sent:]
        return not self.late


def backlog(device: int, count: int) -> bytes:
    """The memory of one device that was out of reach: stored packets, the newest first, one each ten seconds."""
    imei = str(REPLAYING + device)
    newest = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    parts = []
    for n in range(count):
        if n % 1000 == 0:  # a template now and then: only time and number change from packet to packet
            report = Report(
                imei=imei, vehicle="BR08G0002", at=newest - timedelta(seconds=10 * n), lat=25.3, lon=86.0 + n / 1e5,
                frame_no=123_456, speed_kmh=30.0, status="H",
            )  # fmt: skip
            frame = encode_position(report, dialect="roadpoint")
            stamp = (newest - timedelta(seconds=10 * n)).strftime("%d%m%Y,%H%M%S").encode()
            head, _, rest = frame.partition(stamp)
            middle = rest.partition(b"123456")[0]
        at = (newest - timedelta(seconds=10 * n)).strftime("%d%m%Y,%H%M%S")
        body = head + at.encode() + middle + b"%06d," % (count - n)
        parts.append(body + b"%08X*\n" % zlib.crc32(body))
    return b"".join(parts)


def replay(target: str, devices: int, each: int) -> None:
    """Connect, report live once each so that the clock is known, and send the memories as fast as they are taken."""
    host, _, port = target.rpartition(":")
    memories = [memoryview(backlog(n, each)) for n in range(devices)]
    links = [socket.create_connection((host, int(port))) for _ in range(devices)]
    for n, link in enumerate(links):
        link.sendall(b"".join(_live_now(REPLAYING + n, i) for i in range(WARM_UP)))
    _say({"connected": devices})
    for link in links:
        link.setblocking(False)
    while any(memories):
        for n, link in enumerate(links):
            with suppress(BlockingIOError):
                memories[n] = memories[n][link.send(memories[n][:_CHUNK]) :] if memories[n] else memories[n]
        time.sleep(_SLOT_S)
    for link in links:
        link.shutdown(socket.SHUT_WR)
    for link in links:
        link.settimeout(_DRAIN_S)
        with suppress(TimeoutError):
            while link.recv(4096):
                pass
    _say({"sent": devices * each})


def _live_now(imei: int, number: int) -> bytes:
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=WARM_UP - number)
    report = Report(imei=str(imei), vehicle="BR08G0002", at=at, lat=25.3, lon=86.4, frame_no=500_000 + number)
    return encode_position(report, dialect="roadpoint")


def connect(made: list[list[bytes]], *, host: str, port: int) -> list[_Sender]:
    """All devices on line and logged in."""
    raise_file_limit()
    return [_Sender(host, port, number) for number in range(len(made))]


def send(senders: list[_Sender], made: list[list[bytes]], *, turns: range, rate: float) -> dict[str, Any]:
    """Send pieces on schedule, whether or not the gateway keeps up; how late they left is part of the answer."""
    count = len(turns) * len(made)
    begun = time.monotonic()
    done, lateness = 0, [0.0]
    while done < count:
        due = min(count, int((time.monotonic() - begun) * rate))
        if due <= done:
            time.sleep(_SLOT_S)
            continue
        lateness.append(time.monotonic() - begun - done / rate)
        for i in range(done, due):
            turn, number = divmod(i, len(made))
            senders[number].send(made[number][turns[turn]])
        done = due
    lateness.sort()
    late = lateness[int(len(lateness) * 0.99)]
    return {"sent": count, "seconds": round(time.monotonic() - begun, 2), "late_ms_p99": round(late * 1000, 1)}


def _finish(senders: list[_Sender]) -> None:
    until = time.monotonic() + _DRAIN_S
    waiting = [sender for sender in senders if sender.late]
    while waiting and time.monotonic() < until:
        time.sleep(_SLOT_S)
        waiting = [sender for sender in waiting if not sender.send(b"")]
    for sender in senders:
        sender.socket.shutdown(socket.SHUT_WR)
    for sender in senders:  # a socket closed with unread answers would take what the gateway has not read along
        sender.socket.settimeout(_DRAIN_S)
        with suppress(TimeoutError):
            while sender.socket.recv(4096):
                pass


def main(target: str, devices: str, packets: str, rate: str, fence_count: str, seed: str, *wants: str) -> None:
    """Make the traffic, send what warms the gateway up, wait for a line, send the rest, say how it went.

    With ``answers`` among the wants, first say how long it took until all logins were answered.
    """
    begins = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=120)
    made, different = streams(
        devices=int(devices), packets=int(packets), fence_count=int(fence_count), seed=int(seed), begins=begins
    )
    host, _, port = target.rpartition(":")
    begun = time.monotonic()
    senders = connect(made, host=host, port=int(port))
    if "answers" in wants:
        _say(_answered(senders, begun))
    first = range(min(WARM_UP, int(packets)))
    send(senders, made, turns=first, rate=float(rate) / 5)
    _say({"warmed_up": len(first) * len(made)})
    sys.stdin.readline()
    answer = send(senders, made, turns=range(len(first), int(packets)), rate=float(rate))
    _finish(senders)
    _say(answer | {"different": different})


def _answered(senders: list[_Sender], begun: float) -> dict[str, Any]:
    """Wait until every device has its login answered, or a minute."""
    connected, waiting = time.monotonic() - begun, set(senders)
    while waiting and time.monotonic() < begun + _DRAIN_S:
        for sender in list(waiting):
            with suppress(BlockingIOError):
                if sender.socket.recv(4096):
                    waiting.discard(sender)
        time.sleep(_SLOT_S)
    took = round(time.monotonic() - begun, 2)
    return {"connected_s": round(connected, 2), "answered": len(senders) - len(waiting), "answered_s": took}


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    if len(sys.argv) == 4:
        replay(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
    else:
        main(*sys.argv[1:])
