"""The trucks of the season: each a device on a TCP connection of its own that says where it is.

A truck stands, drives along a line of points or falls silent; whoever plays the
season moves it by its methods. Frames that cannot be sent are stored and sent
newest first, as the standard wants.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from math import atan2, cos, degrees, radians

from immis import clock
from immis.gateway.protocols.encode import Report, encode_login, encode_position
from immis.rules.land.geometry import distance_m

Point = tuple[float, float]
_TICK_S = 0.25
_DIALECTS = ("nic", "arai", "itriangle", "roadpoint", "rlp", "maharashtra")


@dataclass
class Truck:
    """One vehicle's device. Positions are (latitude, longitude) in degrees."""

    imei: str
    plate: str
    dialect: str
    at: Point
    iccid: str = ""
    every_s: float = 1.0
    route: list[Point] = field(default_factory=list)
    kmh: float = 0.0
    silent: bool = False
    moved_at: datetime | None = None
    frame_no: int = 0
    stored: list[bytes] = field(default_factory=list)
    extra: list[bytes] = field(default_factory=list)
    arrived: Callable[["Truck"], None] | None = None

    def drive(self, route: Sequence[Point], *, kmh: float, arrived: Callable[["Truck"], None] | None = None) -> None:
        """Set off along a line of points."""
        self.moved_at = clock.now()
        self.kmh, self.arrived, self.route = kmh, arrived, list(route)

    def stand_at(self, place: Point) -> None:
        """Be at a place (a truck that was driven there out of sight of the season)."""
        self.route, self.kmh, self.at = [], 0.0, place

    def open_box(self) -> None:
        """Somebody opens the device's cover: alert 9, cover O, then closes it again."""
        self.extra.append(self._frame(self._report(type_code="TA", alert=9, cover="O")))

    def advance(self, now: datetime) -> None:
        """Move along the route for the time that has passed on the shared clock."""
        left_m = self.kmh / 3.6 * ((now - self.moved_at).total_seconds() if self.moved_at else 0.0)
        self.moved_at = now
        while self.route and left_m > 0:
            leg_m = distance_m(*self.at, *self.route[0])
            if leg_m <= left_m:
                self.at = self.route.pop(0)
                left_m -= leg_m
            else:
                share = left_m / leg_m
                nxt = self.route[0]
                self.at = (self.at[0] + (nxt[0] - self.at[0]) * share, self.at[1] + (nxt[1] - self.at[1]) * share)
                left_m = 0
        if not self.route and self.kmh:
            self.kmh = 0.0
            if self.arrived:
                self.arrived(self)

    def frames(self, now: datetime) -> list[bytes]:
        """What the device sends now: what happened, then where it is, then what it had stored, newest first."""
        self.advance(now)
        if self.silent:
            report = replace(self._report(), status="H", alert=2)
            self.stored.append(self._frame(report))
            return []
        out = [*self.extra, self._frame(self._report()), *reversed(self.stored)]
        self.extra, self.stored = [], []
        return out

    def _report(self, **readings: object) -> Report:
        self.frame_no += 1
        heading = 0.0
        if self.route:
            north = self.route[0][0] - self.at[0]
            east = (self.route[0][1] - self.at[1]) * cos(radians(self.at[0]))
            heading = degrees(atan2(east, north)) % 360
        return Report(
            imei=self.imei,
            vehicle=self.plate,
            at=clock.now().astimezone(UTC),
            lat=round(self.at[0], 6),
            lon=round(self.at[1], 6),
            frame_no=self.frame_no,
            speed_kmh=self.kmh,
            heading=heading,
            **readings,  # type: ignore[arg-type]
        )

    def _frame(self, report: Report) -> bytes:
        return encode_position(report, dialect=self.dialect)


class Fleet:
    """All trucks of the season, on the road in a thread of their own."""

    def __init__(self, host: str, port: int):
        self.host, self.port = host, port
        self.trucks: dict[str, Truck] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="fleet", daemon=True)
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def add(self, *, imei: str, plate: str, at: Point, iccid: str = "") -> Truck:
        """Put a truck on the map; it reports as soon as the fleet runs."""
        dialect = _DIALECTS[len(self.trucks) % len(_DIALECTS)]
        truck = Truck(imei=imei, plate=plate, dialect=dialect, at=at, iccid=iccid)
        self.trucks[plate] = truck
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._follow, truck)
        return truck

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Let every device hang up."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(timeout=10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        for truck in self.trucks.values():
            self._follow(truck)
        self._loop.run_until_complete(self._until_stopped())
        self._loop.close()

    def _follow(self, truck: Truck) -> None:
        self._tasks.append(self._loop.create_task(self._report(truck)))

    async def _until_stopped(self) -> None:
        await self._stopping.wait()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _report(self, truck: Truck) -> None:
        """One device for the life of the season: connects, logs in, reports; connects again when the line breaks."""
        while True:
            try:
                reader, writer = await asyncio.open_connection(self.host, self.port)
                writer.write(encode_login(imei=truck.imei, vehicle=truck.plate, iccid=truck.iccid))
                drain = self._loop.create_task(self._hear(reader))
                try:
                    while not reader.at_eof():
                        for frame in truck.frames(clock.now()):
                            writer.write(frame)
                        await writer.drain()
                        await asyncio.sleep(truck.every_s)
                finally:
                    drain.cancel()
                    writer.close()
            except OSError:
                await asyncio.sleep(_TICK_S)

    @staticmethod
    async def _hear(reader: asyncio.StreamReader) -> None:
        while await reader.read(4096):
            pass
