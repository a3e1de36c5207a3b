"""What the records know of a span of time, as the small tables that questions join with positions."""

import csv
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from immis import clock
from immis.analytics.asked import Span
from immis.challans.selectors import challans
from immis.core.access.permissions import SYSTEM
from immis.late import late
from immis.leases.selectors import leases, permitted_quantity
from immis.registry.selectors import blocks
from immis.tracking.selectors import trips

if TYPE_CHECKING:
    import polars
else:
    polars = late("polars")

KINDS = ("weighed", "surveyed", "consumed")
_SOURCE = "ghat:"
_AROUND = timedelta(days=2)  # a pass of the last evening before still runs


@cache
def schemas() -> dict[str, dict[str, Any]]:
    """The columns of each table with their types."""
    text, whole, real = polars.String, polars.Int64, polars.Float64
    return {
        "passes": {
            "number": text, "vehicle": text, "ghat": text, "m3": real, "issued_s": whole, "valid_s": whole,
            "state": text,
        },
        "trips": {"trip": whole, "vehicle": text, "ghat": text, "left_s": whole, "arrived_s": whole, "km": real},
        "ghats": {
            "ghat": text, "name_en": text, "name_hi": text, "district": text, "lat": real, "lon": real,
            "permitted_m3": real,
        },
        "volumes": {"ghat": text, "kind": text, "at_s": whole, "m3": real},
    }  # fmt: skip


def facts_of(span: Span) -> dict[str, "polars.DataFrame"]:
    """The tables of a span, by name (``schemas``)."""
    begins = datetime.fromtimestamp(span.from_s, UTC) - _AROUND
    ends = datetime.fromtimestamp(span.to_s, UTC) + _AROUND
    rows: dict[str, Iterable[tuple[Any, ...]]] = {
        "passes": _passes(begins, ends), "trips": _trips(begins, ends), "ghats": _ghats(),
        "volumes": _volumes(clock.data_dir()),
    }  # fmt: skip
    return {
        name: polars.DataFrame(list(rows[name]), schema=columns, orient="row") for name, columns in schemas().items()
    }


def _passes(begins: datetime, ends: datetime) -> Iterable[tuple[Any, ...]]:
    result = challans(SYSTEM, issued_at__gte=begins, issued_at__lt=ends).order_by("id")
    wanted = (
        "number",
        "vehicle__registration",
        "lease__block__code",
        "quantity_m3",
        "issued_at",
        "valid_until",
        "state",
    )
    for number, vehicle, ghat, m3, issued_at, valid_until, state in result.values_list(*wanted).iterator():
        yield number, vehicle, ghat, float(m3), _seconds(issued_at), _seconds(valid_until), state


def _trips(begins: datetime, ends: datetime) -> Iterable[tuple[Any, ...]]:
    result = trips(started_at__gte=begins, started_at__lt=ends, source_fence__startswith=_SOURCE)
    wanted = ("id", "registration", "source_fence", "started_at", "ended_at", "distance_km")
    for number, vehicle, fence, started_at, ended_at, km in result.order_by("id").values_list(*wanted).iterator():
        ended_s = _seconds(ended_at) if ended_at else None
        yield (
            number,
            vehicle,
            fence.removeprefix(_SOURCE),
            _seconds(started_at),
            ended_s,
            None if km is None else float(km),
        )


def _ghats() -> Iterable[tuple[Any, ...]]:
    held = {lease.block_id: lease for lease in leases(SYSTEM, cancelled_at=None).order_by("id")}
    for block in blocks().order_by("id"):
        lease = held.get(block.id)
        permitted = permitted_quantity(lease) if lease else None
        lat, lon = (sum(corner[i] for corner in block.corners) / len(block.corners) for i in (0, 1))
        quantity = float(block.quantity_m3 if permitted is None else permitted)
        yield block.code, block.name_en, block.name_hi, block.district, lat, lon, quantity


# -- what other systems measured -------------------------------------------------------------


def volumes_folder(data_dir: Path) -> Path:
    return data_dir / "facts" / "volumes"


def add_volumes(path: Path, *, known: set[str]) -> int:
    """Take over a CSV of volumes (ghat, kind, day, m3); gives its rows. ValueError names the first wrong line.

    A file of the same name takes the place of the one before.
    """
    rows = list(_read_volumes(path))
    for line, (ghat, *_) in enumerate(rows, start=2):
        if ghat not in known:
            raise ValueError(f"line {line}: no ghat has the code {ghat!r}")
    folder = volumes_folder(clock.data_dir())
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{path.name}.part"
    part.write_bytes(path.read_bytes())
    part.rename(folder / f"{path.stem}.csv")
    return len(rows)


def known_ghats() -> set[str]:
    return set(blocks().values_list("code", flat=True))


def _volumes(data_dir: Path) -> Iterable[tuple[Any, ...]]:
    for path in sorted(volumes_folder(data_dir).glob("*.csv")):
        yield from _read_volumes(path)


def _read_volumes(path: Path) -> Iterable[tuple[str, str, int, float]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except UnicodeDecodeError as fault:
        raise ValueError(f"{path.name} is not text in UTF-8") from fault
    for line, row in enumerate(rows, start=2):
        try:
            ghat, kind, day, m3 = (str(row[name] or "").strip() for name in ("ghat", "kind", "day", "m3"))
            noon = datetime.combine(date.fromisoformat(day), time(12), tzinfo=clock.INDIA)
            volume = float(m3)
        except (KeyError, ValueError) as fault:
            raise ValueError(f"line {line}: wanted are ghat, kind, day (2026-06-05) and m3") from fault
        if kind not in KINDS or not 0 <= volume < 1e9:
            raise ValueError(f"line {line}: kind is one of {', '.join(KINDS)}, m3 a number from 0 on")
        yield ghat, kind, int(noon.timestamp()), volume


def _seconds(at: datetime) -> int:
    return int(at.timestamp())
