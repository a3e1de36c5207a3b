"""The only door to the gateway's store: events, last positions, tracks, and the snapshot that it works by.

What reads the store itself is imported where it is used: most processes and pages never ask it.
"""

import json
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from immis import clock
from immis.core.errors import Unavailable
from immis.rules.movement.issue_facts import Fix

if TYPE_CHECKING:
    import polars

    from immis.gateway.store import outbox

_LOOK_BACK_BLOCKS = 64  # a frame in pieces ends at most so many groups of reads after it began
_LOOK_BACK_READS = 40


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
    """One stored position of a track, in device time; ``raw_ref`` is where its frame stands in the raw log."""

    at: datetime
    lat: float
    lon: float
    speed_kmh: float
    heading: float
    late: bool = False
    ignition: bool | None = None
    main_power: bool | None = None
    satellites: int | None = None
    received_at: datetime | None = None
    imei: str = ""
    raw_ref: int = -1


def instant(value: Any) -> datetime:
    """An aware UTC instant out of a datetime or its ISO text."""
    at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def events_after(seq: int, *, limit: int) -> list["outbox.GatewayEvent"]:
    """The gateway's events after a number, in order."""
    from immis.gateway.store import outbox

    return outbox.events_after(clock.data_dir(), seq=seq, limit=limit)


def newest_event() -> int:
    """The number of the last event that the gateway has told; 0 before the first."""
    from immis.gateway.store import outbox

    return outbox.newest_event(clock.data_dir())


def last_fixes(imeis: Iterable[str] | None = None) -> list[LastFix]:
    """The last position of each device that has sent one."""
    from immis.gateway.store import outbox

    wanted = None if imeis is None else list(imeis)
    rows = outbox.last_positions(clock.data_dir(), imeis=wanted)
    return [_last_fix(row) for row in rows if row.lat is not None and row.lon is not None and row.at]


def news_mark() -> tuple[int, int, int]:
    """A mark that changes whenever the gateway has committed anything."""
    from immis.gateway.store import outbox

    path = outbox.database_path(clock.data_dir())
    results = []
    for row in (path, path.with_name(f"{path.name}-wal")):
        try:
            stat = row.stat()
            results += [stat.st_mtime_ns, stat.st_size]
        except FileNotFoundError:
            results += [0, 0]
    return results[0], results[2], results[3]


def last_heard(imeis: Iterable[str] | None = None) -> dict[str, datetime]:
    """When each device last sent anything, with a position or without."""
    from immis.gateway.store import outbox

    rows = outbox.last_positions(clock.data_dir(), imeis=None if imeis is None else list(imeis))
    return {row.imei: row.received_at for row in rows if row.received_at}


def last_report(imei: str) -> "outbox.LastPosition | None":
    """The newest of a device as the gateway keeps it, whether it has a position or not."""
    from immis.gateway.store import outbox

    return next(iter(outbox.last_positions(clock.data_dir(), imeis=[imei])), None)


def day_stamp(day: date) -> tuple[int, int]:
    """A mark that changes when anything of a day was stored."""
    files = [path.stat().st_mtime_ns for path in _day_files(day)]
    return len(files), max(files, default=0)


def _day_files(day: date) -> list[Path]:
    from immis.gateway.store import parquet

    folder = parquet.positions_folder(clock.data_dir()) / day.isoformat()
    return parquet.files_of_day(folder) if folder.is_dir() else []


def day_counts(day: date) -> list[dict[str, Any]]:
    """Packets of each device on one day (UTC): all, with problems, without a fix, late, and its clock's error.

    ``clock_error_s`` is the median distance of device clock and arrival of what was not late; None where unknown.
    """
    import polars

    from immis.gateway.store import parquet

    files = _day_files(day)
    if not files:
        return []
    off = (polars.col("device_at") - polars.col("received_at")).dt.total_milliseconds().abs() / 1000
    counted = (
        parquet.scan_files(files)
        .group_by("imei")
        .agg(
            polars.len().alias("frames"),
            (polars.col("problems").fill_null("") != "").sum().alias("bad"),
            (polars.col("fix").fill_null(False).not_()).sum().alias("no_fix"),
            polars.col("late").fill_null(False).sum().alias("late"),
            off.filter(polars.col("late").not_()).median().alias("clock_error_s"),
        )
    )
    return list(counted.collect().iter_rows(named=True))


def _last_fix(row: "outbox.LastPosition") -> LastFix:
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
    frame = _positions(imei, start, end)
    return [
        _track_point(row)
        for row in frame.iter_rows(named=True)
        if row["lat"] is not None and row["lon"] is not None and row.get("fix") is not False
    ]


def _track_point(row: Mapping[str, Any]) -> TrackPoint:
    return TrackPoint(
        instant(row["at"]),
        row["lat"],
        row["lon"],
        row["speed_kmh"] or 0.0,
        row["heading"] or 0.0,
        bool(row["late"]),
        row["ignition"],
        row["main_power"],
        row["satellites"],
        instant(row["received_at"]),
        row["imei"],
        -1 if row["raw_ref"] is None else row["raw_ref"],
    )


def stored_rows(imei: str, *, start: datetime, end: datetime) -> list[dict[str, Any]]:
    """Every stored row of a device in device-time order, with and without a fix, as the store keeps it."""
    return list(_positions(imei, start, end).iter_rows(named=True))


def _positions(imei: str, start: datetime, end: datetime) -> "polars.DataFrame":
    from immis.gateway.store import all_positions, buckets

    try:
        return all_positions.positions_of(clock.data_dir(), imei=imei, start=start, end=end)
    except buckets.Unreachable as fault:
        raise Unavailable("archive") from fault


def raw_frames(refs: Iterable[int], imei: str) -> dict[int, list[tuple[datetime, bytes]]]:
    """The frames of a device as they came, out of the raw log: by position of the read that completed them.

    A position of which nothing is kept any more (archived, or never in this log) is left out. Only frames that name
    the device are given: a link may carry those of others. In a cluster each partition has a log of its own; a
    position counts in each of them, and the device's name says which frames are meant.
    """
    from immis.gateway.log import rawlog
    from immis.gateway.store import parquet

    wanted = sorted({ref for ref in refs if ref >= 0})
    result: dict[int, list[tuple[datetime, bytes]]] = {}
    for root in parquet.data_roots(clock.data_dir()) if wanted else ():
        before: deque[Any] = deque(maxlen=_LOOK_BACK_BLOCKS)
        for block in _raw_blocks(rawlog.raw_folder(root), wanted):
            before.append(block)
            for ref in _refs_in(block, wanted):
                if frames := _frames_at(before, ref, imei.encode()):
                    result[ref] = frames
    return result


def _raw_blocks(folder: Path, wanted: list[int]) -> Iterable[Any]:
    """Blocks of a log's segments that hold any of the positions."""
    from immis.gateway.log import rawlog

    segments = sorted((int(path.stem), path) for path in folder.glob("*.raw"))
    for begin, path in segments:
        end = begin + path.stat().st_size
        if bisect_left(wanted, begin) < bisect_left(wanted, end):
            yield from rawlog.blocks_between(folder, begin, end)


def _refs_in(block: Any, wanted: list[int]) -> list[int]:
    near = wanted[bisect_left(wanted, block.offset) : bisect_left(wanted, block.end)]
    return [ref for ref in near if ref in block.at]


def _frames_at(blocks: Iterable[Any], ref: int, imei: bytes) -> list[tuple[datetime, bytes]]:
    """The device's frames that one read completed; a frame cut in pieces is joined with the reads before it."""
    from immis.gateway.protocols.framing import Framer

    reads = [record for block in blocks for record in block.records() if record.offset <= ref]
    last = reads[-1]
    data, own = b"", [read for read in reads if read.connection == last.connection]
    for row in reversed(own[-_LOOK_BACK_READS:]):
        data = row.data + data
        framer = Framer(b"")
        cut = [frame for frame in framer.feed(data) if imei in frame]
        if not cut and (rest := framer.flush()) and imei in rest:
            cut = [rest]
        fresh = [frame for frame in cut if data.rfind(frame) + len(frame) > len(data) - len(last.data)]
        if fresh:
            return [(datetime.fromtimestamp(last.received_us / 1e6, UTC), frame) for frame in fresh]
    return []


def fixes_round(imei: str, at: datetime, *, within: timedelta) -> list[Fix]:
    """Fixes of a device at most so far from an instant, in device-time order, the last known one included."""
    result = {
        point.at: Fix(point.at, point.lat, point.lon) for point in track(imei, start=at - within, end=at + within)
    }
    for last in last_fixes([imei]):
        if abs(last.at - at) <= within:
            result.setdefault(last.at, last.fix)
    return [result[key] for key in sorted(result)]


def positions_between(start: datetime, end: datetime) -> "polars.LazyFrame":
    """All fixes of a span of device time, for questions: imei, vehicle, at_s, lat, lon; a packet may be there twice."""
    from immis.gateway.store import all_positions

    return all_positions.fixes_between(clock.data_dir(), start=start, end=end)


def positions_stored(start: datetime, end: datetime) -> int:
    """How many rows the store holds for the days of a span."""
    from immis.gateway.store import all_positions

    return all_positions.rows_between(clock.data_dir(), start=start, end=end)


def position_files(start: datetime, end: datetime) -> list[str]:
    """Where the segments of the days of a span lie."""
    from immis.gateway.store import all_positions

    return all_positions.files_between(clock.data_dir(), start=start, end=end)


def keep_facts(name: str, table: "polars.DataFrame") -> str:
    """Put a small table beside the positions, for an engine in other processes; gives where it lies."""
    path = clock.data_dir() / "facts" / f"{name}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    table.write_parquet(path)
    return str(path)


def queue_command(*, code: str, imei: str, text: str, until: datetime) -> None:
    """Hand the gateway a command for a device, to be sent when it is on line. Raises ValueError for an unusable one."""
    from immis.gateway.commands import queue_command as queue

    queue(clock.data_dir(), command_id=code, imei=imei, text=text, until_s=until.timestamp())


def published_snapshot() -> dict[str, Any] | None:
    """The snapshot as the gateway reads it now; None when there is none yet."""
    path = clock.data_dir() / "gateway" / "snapshot.json"
    return json.loads(path.read_text(encoding="utf8")) if path.exists() else None


def publish_snapshot(body: Mapping[str, Any]) -> None:
    """Hand the gateway a new snapshot of devices, fences and the figures of policy that it works by."""
    from immis.gateway.store import snapshot

    snapshot.write_snapshot(clock.data_dir(), dict(body))
