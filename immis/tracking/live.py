"""The whole fleet as it is now, in columns: read from the gateway once for all processes, filtered for each reader.

Whoever asks first after something changed reads the gateway's last positions anew and leaves them as one file
(``$IMMIS_DATA/live/fleet.npz``); the others read that. Long readings never take more than a fifth of a processor.
"""

import fcntl
import json
import os
import struct
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from immis import clock
from immis.core.access.permissions import Actor
from immis.core.grants import reach_of, require_grant
from immis.core.scope import visible
from immis.late import late
from immis.registry import selectors as registry
from immis.registry.selectors import Device
from immis.rules.policy import book
from immis.tracking import gateway
from immis.tracking.models import Sighting
from immis.tracking.places import fence_districts

if TYPE_CHECKING:
    import numpy
else:
    numpy = late("numpy")

#: What can be wrong with a device, by its code in the column ``trouble``.
TROUBLES = ("", "no_fix", "tamper", "power_cut", "emergency")
STATES = ("trouble", "silent", "moving", "standing")
_DISTRICTS_S = 60.0
_REST = 4.0  # a reading is followed by so many times its own length without one
_CHEAP_S = 0.25  # a reading that takes no longer is made whenever there is news
_MAGIC = b"IML1"
Array = Any


@dataclass(frozen=True)
class Fleet:
    """Vehicles with a known position, one row each; ``version`` of a row is the reading in which it last changed."""

    columns: Mapping[str, Array]
    fences: Sequence[str]
    districts: Sequence[str]
    kinds: Sequence[str]
    version: int
    set_mark: int

    def __len__(self) -> int:
        return len(self.columns["id"])

    def states(self, *, at: datetime) -> Array:
        """What each vehicle is doing at an instant (MOV-05, MOV-06), as places in ``STATES``."""
        silent_s, moving_kmh = limits(at)
        trouble, late = self.columns["trouble"], self.columns["at"] + silent_s < at.timestamp()
        moving = self.columns["speed"] >= moving_kmh
        awake = numpy.where(moving, 2, 3)
        return numpy.where(trouble > 1, 0, numpy.where((trouble == 1) | late, 1, awake))

    def inside(self, fence: str) -> Array:
        """Which vehicles are in a fence."""
        if fence not in self.fences:
            return numpy.zeros(len(self), bool)
        place = self.fences.index(fence) + 1
        return (self.columns["fence_a"] == place) | (self.columns["fence_b"] == place)


def limits(at: datetime) -> tuple[int, float]:
    """After how many seconds a vehicle is silent, and from which speed it moves."""
    return int(book().value("MOV-05", at)) * 60, float(book().value("MOV-06", at))


class _Kept:
    """What this process has read last, and from which file."""

    fleet: Fleet | None = None
    stamp: tuple[str, int, int] = ("", 0, 0)
    register: tuple[Any, float, Any] = (None, 0.0, None)


def fleet() -> Fleet:
    """The fleet as the gateway knows it now, at most a few seconds old where it is large."""
    path = _path()
    if _due(path):
        with _turn(path) as mine:
            if mine and _due(path):
                _read_anew(path)
    return _from_file(path)


def _path() -> Path:
    return clock.data_dir() / "live" / "fleet.npz"


def _due(path: Path) -> bool:
    """Whether the gateway or the register has news, and the last reading is long enough ago."""
    note = path.with_suffix(".json")
    try:
        payload = json.loads(note.read_text(encoding="utf8"))
        answer = payload["mark"] != _mark()
        rest_s = _REST * payload["took_s"] if payload["took_s"] > _CHEAP_S else 0.0
        return bool(answer and not 0 <= time.time() - payload["read_at"] < rest_s)
    except (OSError, ValueError, KeyError):
        return True


def _mark() -> list[Any]:
    newest = Sighting.objects.order_by("-id").values_list("id", flat=True).first()
    fitted = registry.devices(active=True).order_by("-fitted_at").values_list("fitted_at", "pk").first()
    return [*gateway.news_mark(), newest, str(fitted)]


@contextmanager
def _turn(path: Path) -> Iterator[bool]:
    """Whether it is this process that reads; where a file exists nobody waits for the one that does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with (path.parent / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (fcntl.LOCK_NB if path.exists() else 0))
        except BlockingIOError:
            yield False
        else:
            yield True


def _read_anew(path: Path) -> None:
    begun = time.time()
    mark = _mark()
    made = _compared(_gathered(), _from_file(path) if path.exists() else None)
    part = path.with_name(f".fleet.{os.getpid()}")
    words = json.dumps([made.fences, made.districts, made.kinds, made.version, made.set_mark])
    with part.open("wb") as file:
        numpy.savez(file, words=numpy.frombuffer(words.encode(), dtype=numpy.uint8), **made.columns)
    os.replace(part, path)
    note = {"mark": mark, "read_at": time.time(), "took_s": time.time() - begun}
    part.write_text(json.dumps(note), encoding="utf8")
    os.replace(part, path.with_suffix(".json"))


def _from_file(path: Path) -> Fleet:
    stat = path.stat()
    stamp = (str(path), stat.st_mtime_ns, stat.st_ino)
    if _Kept.fleet is None or _Kept.stamp != stamp:
        with numpy.load(path) as payload:
            columns = {name: payload[name] for name in payload.files if name != "words"}
            words = json.loads(payload["words"].tobytes())
        _Kept.fleet, _Kept.stamp = Fleet(columns, *words), stamp
    return _Kept.fleet


def _gathered() -> Fleet:
    """Every fitted vehicle that has a position, from the gateway and the register; no versions yet."""
    fitted, home = _register()
    last = sorted(
        (last_fix for last_fix in gateway.last_fixes() if last_fix.imei in fitted),
        key=lambda last_fix: fitted[last_fix.imei][0],
    )
    places = fence_districts()
    fences, kinds = _Words(), _Words()
    districts = _Words()
    for name in sorted({*places.values(), *home.values()}):  # the same codes from one reading to the next
        districts.code(name)
    inside = [[fences.code(fence) for fence in row.fences[:2]] for row in last]
    own = [_district(row, fitted[row.imei][1], home, places) for row in last]
    columns = {
        "id": numpy.array([fitted[row.imei][0] for row in last], numpy.uint32),
        "imei": numpy.array([int(row.imei) for row in last], numpy.uint64),
        "plate": numpy.array([fitted[row.imei][1].encode() for row in last], "S12"),
        "kind": numpy.array([kinds.code(fitted[row.imei][2]) for row in last], numpy.uint8),
        "at": numpy.array([int(row.at.timestamp()) for row in last], numpy.uint32),
        "lon": numpy.array([row.lon for row in last], numpy.float32),
        "lat": numpy.array([row.lat for row in last], numpy.float32),
        "speed": numpy.array([min(max(row.speed_kmh, 0.0), 255.0) for row in last], numpy.float32),
        "heading": numpy.array([int(row.heading / 2) % 180 for row in last], numpy.uint8),
        "trouble": numpy.array([_trouble(row.trouble) for row in last], numpy.uint8),
        "district": numpy.array([districts.code(row) for row in own], numpy.uint8),
        "phone": numpy.array([fitted[row.imei][3] for row in last], numpy.uint8),
        "fence_a": numpy.array([row[0] if row else 0 for row in inside], numpy.uint32),
        "fence_b": numpy.array([row[1] if len(row) > 1 else 0 for row in inside], numpy.uint32),
    }
    mark = zlib.crc32(columns["id"].tobytes() + columns["plate"].tobytes() + json.dumps(districts.words).encode())
    return Fleet(columns, fences.words, districts.words, kinds.words, 0, mark)


class _Words:
    """Words as small numbers from one on; nothing is 0."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}

    def code(self, word: str) -> int:
        return self._codes.setdefault(word, len(self._codes) + 1) if word else 0

    @property
    def words(self) -> list[str]:
        return list(self._codes)


def _trouble(word: str) -> int:
    return TROUBLES.index(word) if word in TROUBLES else TROUBLES.index("tamper")


def _register() -> tuple[dict[str, tuple[int, str, str, bool]], dict[str, str]]:
    """Vehicles by their device's IMEI (and whether that is a phone), and the district in which each was seen last.

    Kept while the register stands still; of a large fleet the districts are up to a minute old.
    """
    mark, now = (str(clock.data_dir()), *registry.register_mark()), time.monotonic()
    mark_, until, result = _Kept.register
    if mark_ != mark or now >= until:
        begun = time.monotonic()
        names = ("imei", "vehicle_id", "vehicle__registration", "vehicle__kind", "kind")
        rows = registry.devices(active=True, vehicle__isnull=False).values_list(*names)
        marks_ = {
            imei: (pk, plate, sort, kind == Device.PHONE)
            for imei, pk, plate, sort, kind in rows.iterator(chunk_size=5000)
        }
        result = (marks_, _districts())
        large = time.monotonic() - begun > _CHEAP_S
        _Kept.register = (mark, time.monotonic() + (_DISTRICTS_S if large else 0.0), result)
    return result


def _districts() -> dict[str, str]:
    """The district in which each vehicle was seen last."""
    rows = Sighting.objects.order_by("last_at").values_list("registration", "district")
    return dict(rows.iterator(chunk_size=5000))


def _district(last_fix: gateway.LastFix, mark: str, home: Mapping[str, str], places: Mapping[str, str]) -> str:
    return next((places[fence] for fence in last_fix.fences if places.get(fence)), home.get(mark, ""))


def _compared(new: Fleet, old: Fleet | None) -> Fleet:
    """The new reading with versions: rows that say what they said keep theirs, where it is the same set of vehicles."""
    version = old.version + 1 if old else 1
    if old is None or old.set_mark != new.set_mark or len(old) != len(new):
        versions = numpy.full(len(new), version, numpy.uint32)
    else:
        shown = ("at", "lon", "lat", "speed", "heading", "trouble", "district", "phone")
        changed = numpy.zeros(len(new), bool)
        for name in shown:
            changed |= new.columns[name] != old.columns[name]
        versions = numpy.where(changed, version, old.columns["version"]).astype(numpy.uint32)
    columns = {**new.columns, "version": versions}
    return Fleet(columns, new.fences, new.districts, new.kinds, version, new.set_mark)


# -- who sees what ------------------------------------------------------------------------------------------------


def seen_by(viewer: Actor, now: Fleet) -> Array:
    """Which rows a post may see: the State all, a district those seen at its fences, a party its own."""
    require_grant(viewer, "vehicle.see")
    reach = reach_of(viewer, "vehicle.see")
    if reach == "state":
        return numpy.ones(len(now), bool)
    if reach != "own_party":
        marks = Sighting.objects.filter(visible(viewer, "vehicle.see")).values_list("registration", flat=True)
        seen = _is_one_of(now, marks)
        for fence, district in fence_districts().items():
            if viewer.sees_district(district) and fence in now.fences:
                seen |= now.inside(fence)
        return seen
    return _is_one_of(now, registry.vehicles(owner_id=viewer.party_id or 0).values_list("registration", flat=True))


def _is_one_of(now: Fleet, marks: Any) -> Array:
    wanted = numpy.array([mark.encode() for mark in marks], "S12")
    return numpy.isin(now.columns["plate"], wanted)


def packed(viewer: Actor, *, at: datetime, since: int = 0, set_mark: int = 0, fence: str = "") -> bytes:
    """The fleet of a reader as the live map takes it; only rows that changed after ``since`` where the set is the same.

    ``IML1``, the length of a JSON head (little-endian, 4 bytes), the head (padded to 4), then the columns one after
    another: id, at (4 bytes), lon, lat (float 32), speed, heading in 2°, trouble (128 more: a phone says so), district
    (1 byte each), and in a whole answer the registration marks (12 bytes each).
    """
    now = fleet()
    seen = seen_by(viewer, now)
    rows = numpy.flatnonzero(seen & now.inside(fence) if fence else seen)
    mark = zlib.crc32(now.columns["id"][rows].tobytes(), now.set_mark)
    whole = since <= 0 or set_mark != mark or since > now.version
    if not whole:
        rows = rows[now.columns["version"][rows] > since]
    silent_s, moving_kmh = limits(at)
    head = {
        "now": int(at.timestamp()), "silent_s": silent_s, "moving_kmh": moving_kmh, "districts": list(now.districts),
        "version": now.version, "set": mark, "whole": whole, "count": len(rows),
    }  # fmt: skip
    text = json.dumps(head, ensure_ascii=False).encode()
    text += b" " * (-len(text) % 4)
    kinds = [("id", "<u4"), ("at", "<u4"), ("lon", "<f4"), ("lat", "<f4"), ("speed", "u1"), ("heading", "u1"),
             ("trouble", "u1"), ("district", "u1"), *([("plate", "S12")] if whole else [])]  # fmt: skip
    columns = {**now.columns, "trouble": now.columns["trouble"] | (now.columns["phone"] << 7)}
    body = b"".join(columns[name][rows].astype(kind).tobytes() for name, kind in kinds)
    return _MAGIC + struct.pack("<I", len(text)) + text + body
