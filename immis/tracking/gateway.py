"""The only door to the gateway's store: events, last positions, tracks, and the snapshot that it works by."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import polars

from immis import clock
from immis.gateway import history, outbox, snapshot
from immis.rules.challans import Fix
from immis.tracking.figures import gateway_figures


@dataclass(frozen=True)
class LastFix:
    """The last that is known of a device; instants aware, degrees WGS 84, ``fences`` the ids of those it is in."""

    imei: str
    registration: str
    at: datetime
    received_at: datetime
    lat: float
    lon: float
    speed_kmh: float
    heading: float
    ignition: bool | None
    main_power: bool | None
    fences: tuple[str, ...]
    trip: Mapping[str, Any] | None
    trouble: str

    @property
    def fix(self) -> Fix:
        return Fix(self.at, self.lat, self.lon)


@dataclass(frozen=True)
class TrackPoint:
    """One stored position of a track, in device time."""

    at: datetime
    lat: float
    lon: float
    speed_kmh: float
    heading: float


def instant(value: Any) -> datetime:
    """An aware UTC instant out of a datetime or its ISO text."""
    at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def events_after(seq: int, *, limit: int) -> list[outbox.GatewayEvent]:
    """The gateway's events after a number, in order."""
    return outbox.events_after(clock.data_dir(), seq=seq, limit=limit)


def last_fixes(imeis: Iterable[str] | None = None) -> list[LastFix]:
    """The last position of each device that has sent one."""
    wanted = None if imeis is None else list(imeis)
    rows = outbox.last_positions(clock.data_dir(), imeis=wanted)
    return [_last_fix(row) for row in rows if row.lat is not None and row.lon is not None and row.at]


def _last_fix(row: outbox.LastPosition) -> LastFix:
    return LastFix(
        imei=row.imei,
        registration=row.vehicle,
        at=row.at,
        received_at=row.received_at or row.at,
        lat=row.lat,
        lon=row.lon,
        speed_kmh=row.speed_kmh or 0.0,
        heading=row.heading or 0.0,
        ignition=row.ignition,
        main_power=row.main_power,
        fences=tuple(row.fences),
        trip=row.trip,
        trouble=row.trouble,
    )


def track(imei: str, *, start: datetime, end: datetime) -> list[TrackPoint]:
    """Stored positions with a fix, in device-time order, ``start <= at <= end``."""
    frame = history.positions_of(clock.data_dir(), imei=imei, start=start, end=end)
    return [
        TrackPoint(instant(row["at"]), row["lat"], row["lon"], row.get("speed_kmh") or 0.0, row.get("heading") or 0.0)
        for row in frame.iter_rows(named=True)
        if row["lat"] is not None and row["lon"] is not None and row.get("fix") is not False
    ]


def fixes_round(imei: str, at: datetime, *, within: timedelta) -> list[Fix]:
    """Fixes of a device at most so far from an instant, in device-time order, the last known one included."""
    found = {point.at: Fix(point.at, point.lat, point.lon) for point in track(imei, start=at - within, end=at + within)}
    for last in last_fixes([imei]):
        if abs(last.at - at) <= within:
            found.setdefault(last.at, last.fix)
    return [found[key] for key in sorted(found)]


def positions_between(start: datetime, end: datetime) -> polars.LazyFrame:
    """All fixes of a span of device time, for questions: imei, vehicle, at_s, lat, lon; a packet may be there twice."""
    return history.fixes_between(clock.data_dir(), start=start, end=end)


def positions_stored(start: datetime, end: datetime) -> int:
    """How many rows the store holds for the days of a span."""
    return history.rows_between(clock.data_dir(), start=start, end=end)


def position_files(start: datetime, end: datetime) -> list[str]:
    """Where the segments of the days of a span lie."""
    return history.files_between(clock.data_dir(), start=start, end=end)


def keep_facts(name: str, table: polars.DataFrame) -> str:
    """Put a small table beside the positions, for an engine in other processes; gives where it lies."""
    path = clock.data_dir() / "facts" / f"{name}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    table.write_parquet(path)
    return str(path)


def published_snapshot() -> dict[str, Any] | None:
    """The snapshot as the gateway reads it now; None when there is none yet."""
    path = clock.data_dir() / "gateway" / "snapshot.json"
    return json.loads(path.read_text(encoding="utf8")) if path.exists() else None


def publish_snapshot(body: Mapping[str, Any]) -> None:
    """Hand the gateway a new snapshot of devices and fences, with the figures of policy it works by."""
    snapshot.write_snapshot(clock.data_dir(), {**gateway_figures(clock.now()), **body})
