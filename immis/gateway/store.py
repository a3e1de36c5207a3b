"""The position store: Parquet segments by day, sorted by device and time.

A segment is named by the range of the raw log it was made from and the number of
its commit (frames that waited in vain are stored without the log going on), so what
was written before a crash and what is made again after it are the same thing.
Readers drop duplicates: one packet may reach us on two links, or live and again
as history.
"""

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars

from immis.gateway.rawlog import sync_folder
from immis.gateway.tolerances import COMPACT_BELOW_BYTES, COMPACT_FILES

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
_GROUP_ROWS = 50_000  # a reader of one device skips the groups that do not hold it
_KEPT_BACK = timedelta(days=45)
_NAME = re.compile(r"(\d+)-(\d+)-(\d+)\.parquet")


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
    part = path.with_suffix(".part")
    frame.sort("imei", "at").write_parquet(part, compression="zstd", row_group_size=_GROUP_ROWS)
    with part.open("rb") as file:
        os.fsync(file.fileno())
    os.replace(part, path)
    sync_folder(folder)
    return path


def drop_uncommitted(data_dir: str | Path, checkpoint: int, commits: int) -> int:
    """After a crash: remove segments beyond the checkpoint or the last commit; they are made again."""
    dropped = 0
    for path in positions_folder(data_dir).glob("*/*"):
        name = _NAME.fullmatch(path.name)
        if name is None or int(name.group(2)) > checkpoint or int(name.group(3)) > commits:
            path.unlink()
            dropped += 1
    return dropped


def compact(data_dir: str | Path) -> int:
    """Merge the segments of each day that has many; returns how many files were merged.

    The merged file is in place before its parts go, and readers drop what they see twice.
    """
    merged = 0
    for folder in sorted(positions_folder(data_dir).glob("*/")):
        names = _small_segments(folder)
        if len(names) < COMPACT_FILES:
            continue
        parts = [folder / name for *_, name in names]
        frame = polars.read_parquet(parts).unique(subset=KEY, keep="first", maintain_order=True)
        last, number = max(end for _, end, _, _ in names), max(number for _, _, number, _ in names)
        kept = _write(folder, frame, f"{names[0][0]:016d}-{last:016d}-{number:08d}")
        for path in parts:
            if path != kept:
                path.unlink()
        merged += len(parts)
    return merged


def _small_segments(folder: Path) -> list[tuple[int, int, int, str]]:
    """Start, end, number and name of the segments worth merging, in the order of the log."""
    found = (_NAME.fullmatch(path.name) for path in folder.iterdir() if path.stat().st_size < COMPACT_BELOW_BYTES)
    return sorted((int(x.group(1)), int(x.group(2)), int(x.group(3)), x.string) for x in found if x)


def in_span(day: str, start: datetime | None, end: datetime | None) -> bool:
    """Whether positions of a span of device time may lie in the folder of a day."""
    first = start.astimezone(UTC).strftime("%Y-%m-%d") if start else ""
    last = end.astimezone(UTC).strftime("%Y-%m-%d") if end else "9999"
    return day == OTHER_DAYS or first <= day <= last


def files_of(data_dir: str | Path, *, start: datetime | None = None, end: datetime | None = None) -> list[Path]:
    return sorted(
        path
        for root in data_roots(data_dir)
        for folder in positions_folder(root).glob("*/")
        if in_span(folder.name, start, end)
        for path in folder.glob("*.parquet")
    )


def _read(data_dir: str | Path, wanted: polars.Expr, **range_: datetime | None) -> polars.DataFrame:
    """Rows that fit, without duplicates; a compaction under way only means listing again."""
    for _ in range(20):
        files = files_of(data_dir, **range_)
        if not files:
            return polars.DataFrame(schema=SCHEMA)
        try:
            frame = polars.scan_parquet(files).filter(wanted).collect()
        except FileNotFoundError:
            continue
        return frame.sort("received_at", "raw_ref").unique(subset=KEY, keep="first", maintain_order=True)
    raise OSError("the position store changed under every attempt to read it")


def positions_of(
    data_dir: str | Path, *, imei: str, start: datetime | None = None, end: datetime | None = None
) -> polars.DataFrame:
    """Positions of one device in device-time order, ``start`` and ``end`` included (aware instants)."""
    wanted = polars.col("imei") == imei
    if start:
        wanted &= polars.col("at") >= start.astimezone(UTC)
    if end:
        wanted &= polars.col("at") <= end.astimezone(UTC)
    return _read(data_dir, wanted, start=start, end=end).sort("at", "frame_no", nulls_last=True)


def nearest_position(
    data_dir: str | Path, *, imei: str, at: datetime, within: timedelta = timedelta(hours=6)
) -> dict[str, Any] | None:
    """The device's fix nearest to an instant, as a row; None where it had none ``within`` that time."""
    fixes = positions_of(data_dir, imei=imei, start=at - within, end=at + within).filter(
        polars.col("lat").is_not_null()
    )
    if fixes.is_empty():
        return None
    return fixes.sort((polars.col("at") - at.astimezone(UTC)).abs()).row(0, named=True)


def count_positions(data_dir: str | Path) -> int:
    """How many different positions are stored."""
    for _ in range(20):
        files = files_of(data_dir)
        if not files:
            return 0
        try:
            return int(polars.scan_parquet(files).select(KEY).unique().select(polars.len()).collect().item())
        except FileNotFoundError:
            continue
    raise OSError("the position store changed under every attempt to read it")
