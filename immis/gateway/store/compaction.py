"""The hourly compaction, in a process of its own: each day's positions sorted by device and time, few files, retention.

Run as ``python -m immis.gateway.store.compaction DATA``. It reads what is committed, writes new files beside the old
ones, puts the manifest in force and only then removes what it superseded; it may be killed at any moment. Devices
are dealt with range by range, so that memory does not grow with the day.
"""

import fcntl
import os
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars

from immis import clock
from immis.gateway.machine import sync_folder
from immis.gateway.store import parquet
from immis.gateway.store.manifest import Compacted, Manifest, read_manifest, write_manifest
from immis.gateway.store.outbox import fact_of
from immis.gateway.store.retention import retire
from immis.gateway.tolerances import COMPACT_FILES, COMPACTED_ROWS

_DAY = timedelta(days=1)


def compact_days(data_dir: str | Path, *, now: datetime, file_rows: int = COMPACTED_ROWS) -> int:
    """Compact every day that is worth it and drop those past retention; how many days were written anew.

    Answers 0 at once where another compaction is at work.
    """
    with (Path(data_dir) / "gateway" / "compaction.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return 0
        retire(data_dir, now)
        commits, written = int(fact_of(data_dir, "commits", 0)), 0
        for folder in sorted(parquet.positions_folder(data_dir).glob("*/")):
            _sweep(folder)
            if _is_worth_it(folder, commits, now):
                compact_day(folder, commits, file_rows=file_rows)
                written += 1
        return written


def compact_day(folder: Path, commits: int, *, file_rows: int = COMPACTED_ROWS) -> None:
    """Write a day's committed positions anew, sorted by device and time, each once."""
    before = read_manifest(folder)
    segments = [x for x in parquet.segments(folder) if before.through < x.number <= commits]
    if not segments:
        return
    parts = [folder / x.name for x in before.files] + [folder / x.name for x in segments]
    through = max(x.number for x in segments)
    files: list[Compacted] = []
    for low, high in _ranges(parts, file_rows):
        files.append(_write(folder, parts, low, high, f"c-{through:08d}-{len(files):05d}.parquet"))
    sync_folder(folder)
    write_manifest(folder, Manifest(through, tuple(files)))
    _sweep(folder)


def _write(folder: Path, parts: list[Path], low: str, high: str, name: str) -> Compacted:
    rows = (
        parquet.scan_files(parts)
        .filter(polars.col("imei").is_between(polars.lit(low), polars.lit(high)))
        .collect()
        .sort("received_at", "raw_ref")
        .unique(subset=parquet.KEY, keep="first", maintain_order=True)
        .sort("imei", "at", "frame_no", nulls_last=True)
    )
    parquet.write_rows(folder / name, rows)
    first, last = rows.select(
        polars.col("at").dt.epoch("ms").min(), polars.col("at").dt.epoch("ms").max().alias("last")
    ).row(0)
    return Compacted(name, rows.height, low, high, first, last)


def _ranges(parts: list[Path], file_rows: int) -> Iterator[tuple[str, str]]:
    """First and last device of each new file."""
    counted: Counter[str] = Counter()
    for part in parts:
        result = parquet.scan_files([part]).group_by("imei").agg(polars.len()).collect()
        counted.update(dict(result.iter_rows()))
    low = last = None
    size = 0
    for imei in sorted(counted):
        if low is not None and last is not None and size + counted[imei] > file_rows:
            yield low, last
            low, size = None, 0
        low, last = low or imei, imei
        size += counted[imei]
    if low is not None and last is not None:
        yield low, last


def _is_worth_it(folder: Path, commits: int, now: datetime) -> bool:
    """Today every time, a day that is over once it is over and then when much has come late."""
    manifest = read_manifest(folder)
    fresh = [x for x in parquet.segments(folder) if manifest.through < x.number <= commits]
    if not fresh:
        return False
    if folder.name >= (now.astimezone(UTC) - _DAY).strftime("%Y-%m-%d") and folder.name != parquet.OTHER_DAYS:
        return True
    size = sum((folder / x.name).stat().st_size for x in fresh)
    whole = sum((folder / x.name).stat().st_size for x in manifest.files)
    return size * 20 >= whole or len(fresh) > COMPACT_FILES


def _sweep(folder: Path) -> None:
    """Remove what a crash left and what was superseded."""
    manifest = read_manifest(folder)
    named = {x.name for x in manifest.files}
    for path in [*folder.glob("c-*"), *folder.glob("*.part")]:
        if path.name not in named and not parquet.is_segment_part(path.name):
            path.unlink(missing_ok=True)
    for segment in parquet.segments(folder):
        if segment.number <= manifest.through:
            (folder / segment.name).unlink(missing_ok=True)


if __name__ == "__main__":
    os.nice(10)
    compact_days(sys.argv[1], now=clock.now())
