"""Labelled drives: what happens to honest devices, what is done to others, and what the gateway makes of both.

Each scene is one hour of a truck in packets ten seconds apart, with noise by chance
from a seed, worked through by the real log and pipeline.
"""

import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from immis.gateway.ingest.pipeline import Pipeline
from immis.gateway.log.rawlog import RawLog
from immis.gateway.protocols.encode import Report, encode_login, encode_position
from immis.gateway.store.outbox import events_after
from immis.gateway.store.snapshot import write_snapshot

BEGINS = datetime(2026, 6, 5, 4, 0, tzinfo=UTC)
_EVERY = timedelta(seconds=10)
_PACKETS = 360
_BASE = 862_000_000_000_000
_SERVICE = (1200, 2400)  # seconds of the announced opening of the device
_DIALECTS = ("nic", "arai", "itriangle", "roadpoint", "rlp", "numeric")
Sent = tuple[datetime, int, bytes]  # arrival, link, bytes


@dataclass
class _Drive:
    """One truck: where it is, and how it says so."""

    chance: random.Random
    imei: str
    link: int
    lat: float
    lon: float
    frame_no: int

    @property
    def dialect(self) -> str:
        return _DIALECTS[int(self.imei) % len(_DIALECTS)]

    def report(self, i: int, *, speed: float = 40.0, **more: Any) -> Report:
        fast = max(0.0, speed + self.chance.uniform(-6, 6)) if speed else 0.0
        self.lat += self.chance.gauss(0, 0.00002) + fast / 3600 * 10 / 111 * 0.6
        self.lon += self.chance.gauss(0, 0.00002) + fast / 3600 * 10 / 100 * 0.8
        self.frame_no += 1
        at = BEGINS + i * _EVERY
        plain = Report(
            imei=self.imei, vehicle="BR08G1234", at=at, lat=self.lat, lon=self.lon, frame_no=self.frame_no,
            speed_kmh=fast, heading=53.0, main_voltage=24.0 + self.chance.uniform(-0.6, 0.6),
        )  # fmt: skip
        return replace(plain, **more)

    def login(self) -> Sent:
        return BEGINS, self.link, encode_login(imei=self.imei, vehicle="BR08G1234")

    def sent(self, report: Report, *, link: int | None = None, after_s: float = 1.0) -> Sent:
        frame = encode_position(report, dialect=self.dialect).rstrip(b"\n") + b"\n"
        return report.at + timedelta(seconds=after_s), self.link if link is None else link, frame


def _plain(drive: _Drive) -> Iterator[Sent]:
    yield drive.login()
    yield from (drive.sent(drive.report(i)) for i in range(_PACKETS))


def _blind(drive: _Drive, packets: int) -> Iterator[Sent]:
    yield drive.login()
    begins = drive.chance.randrange(60, 120)
    for i in range(_PACKETS):
        yield drive.sent(drive.report(i, fix=not begins <= i < begins + packets))


def _tunnel(drive: _Drive) -> Iterator[Sent]:
    return _blind(drive, drive.chance.randrange(6, 40))


def _cut_antenna(drive: _Drive) -> Iterator[Sent]:
    return _blind(drive, drive.chance.randrange(150, 240))


def _voltage_sag(drive: _Drive) -> Iterator[Sent]:
    yield drive.login()
    starts = {drive.chance.randrange(10, 350) for _ in range(4)}
    sags = starts | {i + 1 for i in starts if drive.chance.random() < 0.5}
    for i in range(_PACKETS):
        report = drive.report(i, speed=0.0 if i in sags else 40.0)
        yield drive.sent(replace(report, main_voltage=drive.chance.uniform(3, 5.8)) if i in sags else report)


def _at_rest(drive: _Drive) -> Iterator[tuple[int, Report]]:
    """A stop with the supply off and the box opened, for some minutes."""
    for i in range(_PACKETS):
        seconds = i * 10
        rest = {"speed": 0.0, "ignition": False} if _SERVICE[0] <= seconds < _SERVICE[1] else {}
        opened = _SERVICE[0] + 120 <= seconds < _SERVICE[1] - 120
        yield i, drive.report(i, **rest, main_power=not opened, cover="O" if opened else "C")


def _maintenance(drive: _Drive) -> Iterator[Sent]:
    yield drive.login()
    yield from (drive.sent(report) for _, report in _at_rest(drive))


def _opened_box(drive: _Drive) -> Iterator[Sent]:
    yield drive.login()
    if drive.chance.random() < 0.5:
        yield from (drive.sent(report) for _, report in _at_rest(drive))
        return
    at = drive.chance.randrange(60, 300)
    for i in range(_PACKETS):
        report = drive.report(i)
        yield drive.sent(replace(report, type_code="TA", alert=9, cover="O") if i == at else report)


def _reconnects(drive: _Drive) -> Iterator[Sent]:
    """A weak network: a new link every few minutes, and what it missed sent behind."""
    yield drive.login()
    link, missed = drive.link, list[Report]()
    for i in range(_PACKETS):
        report = drive.report(i)
        if drive.chance.random() < 0.1:
            missed.append(report)
            continue
        if missed:
            link += 1
            yield from (drive.sent(old, link=link, after_s=(report.at - old.at).total_seconds()) for old in missed)
            missed = []
        yield drive.sent(report, link=link)


def _two_servers(drive: _Drive) -> Iterator[Sent]:
    """Two addresses of one gateway: every packet over two links, now one first, now the other."""
    yield drive.login()
    for i in range(_PACKETS):
        report = drive.report(i)
        ways = [drive.link, drive.link + 1]
        drive.chance.shuffle(ways)
        yield from (drive.sent(report, link=link) for link in ways)


def _parked(drive: _Drive) -> Iterator[Sent]:
    yield drive.login()
    for i in range(_PACKETS):
        yield drive.sent(drive.report(i, speed=0.0, ignition=False, fix=drive.chance.random() < 0.2))


def _stray_fixes(drive: _Drive) -> Iterator[Sent]:
    yield drive.login()
    stray = {drive.chance.randrange(20, 340) for _ in range(3)}
    for i in range(_PACKETS):
        report = drive.report(i)
        yield drive.sent(replace(report, lat=report.lat + drive.chance.uniform(0.1, 1.0)) if i in stray else report)


def _cloned(drive: _Drive) -> Iterator[Sent]:
    """A second unit with the same IMEI, elsewhere, from some moment on."""
    away = drive.chance.uniform(0.2, 1.5)
    other = _Drive(
        drive.chance, drive.imei, drive.link + 1, drive.lat - away, drive.lon, drive.chance.randrange(5_000, 90_000)
    )
    begins = drive.chance.randrange(20, 200)
    yield drive.login()
    for i in range(_PACKETS):
        yield drive.sent(drive.report(i))
        if i >= begins:
            report = other.report(i)
            yield other.sent(replace(report, at=report.at + timedelta(seconds=4)))


def _forged(drive: _Drive) -> Iterator[Sent]:
    """A script that invents packets: what it does not think of stays as it is."""
    if drive.chance.random() < 0.3:
        yield drive.login()
    for i in range(_PACKETS):
        report = replace(drive.report(i), satellites=12, hdop=0.7, cell="1A2B,3C4D", speed_kmh=40.0, main_voltage=24.4)
        if drive.chance.random() < 0.9:
            yield drive.sent(report)


#: Scene -> whether it is to be told as tampering, how it goes.
SCENES: dict[str, tuple[bool, Callable[[_Drive], Iterator[Sent]]]] = {
    "plain drive": (False, _plain), "tunnel": (False, _tunnel), "voltage sag": (False, _voltage_sag),
    "maintenance visit": (False, _maintenance), "weak network": (False, _reconnects),
    "two server addresses": (False, _two_servers), "parked under a roof": (False, _parked),
    "stray fixes": (False, _stray_fixes), "cut antenna": (True, _cut_antenna), "opened box": (True, _opened_box),
    "cloned IMEI": (True, _cloned), "forged stream": (True, _forged),
}  # fmt: skip


def run(*, each: int = 20, seed: int = 1) -> dict[str, Any]:
    """Every scene ``each`` times: by scene how many were told as tampering and by which signals, and the matrix."""
    chance = random.Random(seed)
    scenes = [(name, number) for name in SCENES for number in range(each)]
    drives = {
        str(_BASE + i): _Drive(
            random.Random(f"{seed}/{name}/{number}"), str(_BASE + i), 100 * i + 1,
            chance.uniform(25, 26.5), chance.uniform(84, 87), chance.randrange(1, 1000),
        )
        for i, (name, number) in enumerate(scenes)
    }  # fmt: skip
    signals_of = _told(scenes, drives)
    result: dict[str, Any] = {"each": each, "scenes": {}}
    matrix: Counter[str] = Counter()
    for (name, _), imei in zip(scenes, drives, strict=True):
        signals = signals_of.get(imei, [])
        row = result["scenes"].setdefault(name, {"tampering": SCENES[name][0], "told": 0, "signals": Counter()})
        row["told"] += bool(signals)
        row["signals"].update(set(signals))
        matrix[("true" if SCENES[name][0] == bool(signals) else "false") + ("_told" if signals else "_quiet")] += 1
    result["matrix"] = {key: matrix[key] for key in ("true_told", "false_told", "true_quiet", "false_quiet")}
    return result


def _told(scenes: list[tuple[str, int]], drives: dict[str, _Drive]) -> dict[str, list[str]]:
    devices: list[dict[str, Any]] = []
    sent: list[Sent] = []
    for (name, _), (imei, drive) in zip(scenes, drives.items(), strict=True):
        served = [BEGINS.timestamp() + second for second in _SERVICE] if name == "maintenance visit" else None
        devices.append({"imei": imei, "vehicle": "BR08G1234", "service": served})
        sent += SCENES[name][1](drive)
    sent.sort(key=lambda row: row[0])
    with tempfile.TemporaryDirectory(prefix="immis-scenes-") as folder:
        write_snapshot(folder, {"version": 1, "devices": devices, "fences": []})
        log, pipeline = RawLog(Path(folder)), Pipeline(folder)
        for start in range(0, len(sent), 2000):
            reads = [(link, int(at.timestamp() * 1e6), data) for at, link, data in sent[start : start + 2000]]
            pipeline.take(log.put(reads))
        pipeline.close_all((BEGINS + timedelta(hours=2)).timestamp())
        pipeline.commit()
        answer: dict[str, list[str]] = {}
        for event in events_after(folder, seq=0, limit=10**6):
            if event.kind == "device.tamper":
                answer.setdefault(event.imei, []).append(event.payload["signal"])
        pipeline.close()
        log.close()
    return answer
