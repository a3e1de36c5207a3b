"""The position store: Parquet segments by day, sorted by device and time.

A segment is named by the range of the raw log it was made from and the number of
its commit (frames that waited in vain are stored without the log going on), so what
was written before a crash and what is made again after it are the same thing.
Readers drop duplicates: one packet may reach us on two links, or live and again
as history.
"""

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy
import polars

from immis.gateway.machine import sync_folder
from immis.gateway.store.manifest import read_manifest
from immis.gateway.tolerances import COMPACT_AT_ONCE_BYTES, COMPACT_BELOW_BYTES, COMPACT_FILES

_INSTANT = polars.Datetime("ms", "UTC")
SCHEMA: dict[str, Any] = {
    "imei": polars.String,
    "vehicle": polars.String,
    "at": _INSTANT,  # corrected to UTC
    "device_at": _INSTANT,  # as the device said; null where its clock was unset
    "received_at": _INSTANT,
    "lat": polars.Float64,
    "lon": polars.Float64,
    "speed_kmh": polars.Float64,
    "heading": polars.Float64,
    "fix": polars.Boolean,
    "ignition": polars.Boolean,
    "main_power": polars.Boolean,
    "main_voltage": polars.Float64,
    "cover": polars.String,  # C closed, O open; empty where the dialect has no such flag, null in older files
    "satellites": polars.Int64,
    "hdop": polars.Float64,
    "alert": polars.Int64,
    "type": polars.String,
    "kind": polars.String,
    "status": polars.String,
    "late": polars.Boolean,
    "dialect": polars.String,
    "frame_no": polars.Int64,
    "problems": polars.String,
    "digest": polars.Int64,  # of the raw frame, where frame number or time cannot tell packets apart
    "raw_ref": polars.Int64,  # offset in the raw log
}
COLUMNS = list(SCHEMA)
KEY = ["imei", "device_at", "frame_no", "kind", "alert", "digest"]
OTHER_DAYS = "other"  # device clocks far off: their days get no folder of their own
_GROUP_ROWS = 20_000  # a reader of one device skips the groups that do not hold it
_KEPT_BACK = timedelta(days=45)
_NAME = re.compile(r"(\d+)-(\d+)-(\d+)\.parquet")


@dataclass(frozen=True, order=True)
class Segment:
    """One commit's file, or some commits' merged: the range of the log, the last commit's number, the name."""

    start: int
    end: int
    number: int
    name: str


def positions_folder(data_dir: str | Path) -> Path:
    return Path(data_dir) / "gateway" / "positions"


def data_roots(data_dir: str | Path) -> list[Path]:
    """The folders in which a gateway keeps its stores: the data folder itself and, in a cluster, each partition's."""
    return [Path(data_dir), *sorted((Path(data_dir) / "partitions").glob("*/"))]


def partition_folder(data_dir: str | Path, partition: int) -> Path:
    return Path(data_dir) / "partitions" / str(partition)


def frame_of(rows: list[tuple[Any, ...]]) -> polars.DataFrame:
    """Rows (``COLUMNS`` in order; instants as milliseconds) as a frame."""
    plain = {name: polars.Int64 if kind == _INSTANT else kind for name, kind in SCHEMA.items()}
    columns = dict(zip(COLUMNS, (list(column) for column in zip(*rows, strict=True)), strict=True))
    return polars.DataFrame(columns, schema=plain).cast(
        {name: _INSTANT for name, kind in SCHEMA.items() if kind == _INSTANT}
    )


def write_segment(
    data_dir: str | Path, parts: list[polars.DataFrame], *, start: int, end: int, number: int = 0
) -> None:
    """Write frames of ``SCHEMA`` durably, one file a day."""
    if not parts:
        return
    frame = polars.concat(parts)
    in_reach = polars.col("at").is_between(
        polars.col("received_at") - _KEPT_BACK, polars.col("received_at") + timedelta(days=1)
    )
    day = polars.when(in_reach).then(polars.col("at").dt.date())
    for (date,), part in (
        frame.with_columns(day.alias("day")).partition_by("day", as_dict=True, include_key=False).items()
    ):
        name = date.isoformat() if date else OTHER_DAYS
        _write(positions_folder(data_dir) / name, part, f"{start:016d}-{end:016d}-{number:08d}")


def _write(folder: Path, frame: polars.DataFrame, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.parquet"
    write_rows(path, frame.sort("imei", "at"))
    sync_folder(folder)
    return path


def write_rows(path: Path, rows: polars.DataFrame) -> None:
    """Write sorted rows as one file, whole or not at all."""
    part = path.with_suffix(".part")
    rows.write_parquet(part, compression="zstd", row_group_size=_GROUP_ROWS, statistics=True)
    with part.open("rb") as file:
        os.fsync(file.fileno())
    os.replace(part, path)


def segments(folder: Path) -> list[Segment]:
    """The segments of a day, in the order of the log; none for a day without a folder."""
    result = (_NAME.fullmatch(path.name) for path in folder.glob("*.parquet"))
    return sorted(Segment(int(x.group(1)), int(x.group(2)), int(x.group(3)), x.string) for x in result if x)


def is_segment_part(name: str) -> bool:
    """Whether a file is a segment that is being written."""
    return _NAME.fullmatch(name.removesuffix(".part") + ".parquet") is not None


def drop_uncommitted(data_dir: str | Path, checkpoint: int, commits: int) -> int:
    """After a crash: remove segments beyond the checkpoint or the last commit; they are made again."""
    dropped = 0
    for folder in positions_folder(data_dir).glob("*/"):
        gone = [x.name for x in segments(folder) if x.end > checkpoint or x.number > commits]
        gone += [path.name for path in folder.glob("*.part") if is_segment_part(path.name)]
        for name in gone:
            (folder / name).unlink(missing_ok=True)
        dropped += len(gone)
    return dropped


def merge_small(data_dir: str | Path, *, commits: int, most: int = 1_000) -> int:
    """Merge the small segments of days that have many, ``most`` times a few; how many files were merged.

    Only those up to a commit that is done: what a crash makes anew must not be in them. The merged file is in place
    before its parts go, and readers drop what they see twice.
    """
    merged = 0
    for folder in sorted(positions_folder(data_dir).glob("*/")):
        small = _small_segments(folder, commits)
        while most and len(small) >= COMPACT_FILES:
            count = _at_once(folder, small)
            _merge(folder, small[:count])
            small, merged, most = small[count:], merged + count, most - 1
    return merged


def _merge(folder: Path, small: list[Segment]) -> None:
    parts = [folder / x.name for x in small]
    frame = scan_files(parts).collect().unique(subset=KEY, keep="first", maintain_order=True)
    last, number = max(x.end for x in small), max(x.number for x in small)
    kept = _write(folder, frame, f"{small[0].start:016d}-{last:016d}-{number:08d}")
    for path in parts:
        if path != kept:
            path.unlink()


def _small_segments(folder: Path, commits: int) -> list[Segment]:
    """Committed segments worth merging, in the order of the log."""
    result = (x for x in segments(folder) if x.number <= commits)
    return [x for x in result if (folder / x.name).stat().st_size < COMPACT_BELOW_BYTES]


def _at_once(folder: Path, small: list[Segment]) -> int:
    """How many of them one merging takes: two at least."""
    sizes = numpy.cumsum([(folder / x.name).stat().st_size for x in small])
    return max(2, int(numpy.searchsorted(sizes, COMPACT_AT_ONCE_BYTES)))


def in_span(day: str, start: datetime | None, end: datetime | None) -> bool:
    """Whether positions of a span of device time may lie in the folder of a day."""
    first = start.astimezone(UTC).strftime("%Y-%m-%d") if start else ""
    last = end.astimezone(UTC).strftime("%Y-%m-%d") if end else "9999"
    return day == OTHER_DAYS or first <= day <= last


def files_of(
    data_dir: str | Path, *, imei: str | None = None, start: datetime | None = None, end: datetime | None = None
) -> list[Path]:
    """The files that may hold rows of a device in a time; nothing is missed while a compaction is under way."""
    paths: list[Path] = []
    for root in data_roots(data_dir):
        for folder in sorted(positions_folder(root).glob("*/")):
            if in_span(folder.name, start, end):
                paths += files_of_day(folder, imei, start, end)
    return paths


def files_of_day(
    folder: Path, imei: str | None = None, start: datetime | None = None, end: datetime | None = None
) -> list[Path]:
    """The files in force of one day: compacted ones that may hold what is asked for, and segments that came after."""
    while True:
        manifest = read_manifest(folder)
        fresh = [x.name for x in segments(folder) if x.number > manifest.through]
        if read_manifest(folder).through == manifest.through:
            break
    held = [
        x.name
        for x in manifest.holding(imei)
        if (start is None or x.at_max >= start.timestamp() * 1000)
        and (end is None or x.at_min <= end.timestamp() * 1000)
    ]
    return [folder / name for name in held + fresh]


def scan_files(files: list[Path] | list[str], *, options: dict[str, str] | None = None) -> polars.LazyFrame:
    """Files of the store, old and new: a column that a file does not have yet is null there."""
    return polars.scan_parquet(files, schema=SCHEMA, missing_columns="insert", storage_options=options)


def _read(data_dir: str | Path, wanted: polars.Expr, **range_: Any) -> polars.DataFrame:
    """Rows that fit, without duplicates; a compaction under way only means listing again."""
    for _ in range(20):
        try:
            files = files_of(data_dir, **range_)
            if not files:
                return polars.DataFrame(schema=SCHEMA)
            frame = scan_files(files).filter(wanted).collect()
        except FileNotFoundError:
            continue
        return frame.sort("received_at", "raw_ref").unique(subset=KEY, keep="first", maintain_order=True)
    raise OSError("the position store changed under every attempt to read it")


def positions_of(
    data_dir: str | Path, *, imei: str, start: datetime | None = None, end: datetime | None = None
) -> polars.DataFrame:
    """Positions of one device in device-time order, ``start`` and ``end`` included (aware instants)."""
    wanted = of_device(imei, start, end)
    return _read(data_dir, wanted, imei=imei, start=start, end=end).sort("at", "frame_no", nulls_last=True)


def of_device(imei: str, start: datetime | None, end: datetime | None) -> polars.Expr:
    """Which rows are of a device in a span of device time, both ends included."""
    wanted = polars.col("imei") == imei
    if start:
        wanted &= polars.col("at") >= start.astimezone(UTC)
    if end:
        wanted &= polars.col("at") <= end.astimezone(UTC)
    return wanted


def count_positions(data_dir: str | Path) -> int:
    """How many different positions are stored."""
    for _ in range(20):
        try:
            files = files_of(data_dir)
            if not files:
                return 0
            return int(scan_files(files).select(KEY).unique().select(polars.len()).collect().item())
        except FileNotFoundError:
            continue
    raise OSError("the position store changed under every attempt to read it")
