"""All positions there are: those on this machine and those that the archive alone holds."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import polars

from immis.gateway.store import buckets, parquet
from immis.gateway.store.archive import addresses


def positions_of(
    data_dir: str | Path, *, imei: str, start: datetime | None = None, end: datetime | None = None
) -> polars.DataFrame:
    """Positions of one device in device-time order, ``start`` and ``end`` included (aware instants).

    Raises ``buckets.Unreachable`` where an archive is named and cannot be read: a track with a hole is no evidence.
    """
    here = parquet.positions_of(data_dir, imei=imei, start=start, end=end)
    bucket = buckets.archive()
    far = addresses(data_dir, bucket, start=start, end=end) if bucket else []
    if not bucket or not far:
        return here
    with _in_words():
        result = _scan_far(far, bucket).filter(parquet.of_device(imei, start, end)).collect()
    both = polars.concat([here, result]).sort("received_at", "raw_ref")
    return both.unique(subset=parquet.KEY, keep="first", maintain_order=True).sort("at", "frame_no", nulls_last=True)


def _scan_far(far: list[str], bucket: buckets.Bucket) -> polars.LazyFrame:
    return parquet.scan_files(far, options=bucket.options or None)


@contextmanager
def _in_words() -> Iterator[None]:
    """What Polars says of a store that does not answer, as ``buckets.Unreachable`` in one line."""
    try:
        yield
    except (OSError, polars.exceptions.ComputeError) as fault:
        raise buckets.Unreachable(" ".join(str(fault).split())[:200]) from fault


def scan(data_dir: str | Path, *, start: datetime, end: datetime) -> polars.LazyFrame:
    """Rows of the days of a span of device time, wherever they lie; a packet may be there twice."""
    bucket = buckets.archive()
    here = parquet.files_of(data_dir, start=start, end=end)
    far = addresses(data_dir, bucket, start=start, end=end) if bucket else []
    frames = [parquet.scan_files(here)] if here else []
    if bucket and far:
        frames.append(_scan_far(far, bucket))
    return polars.concat(frames) if frames else polars.LazyFrame(schema=parquet.SCHEMA)


def files_between(data_dir: str | Path, *, start: datetime, end: datetime) -> list[str]:
    """Where the segments of the days of a span lie, as an engine in other processes calls them."""
    bucket = buckets.archive()
    here = [str(path) for path in parquet.files_of(data_dir, start=start, end=end)]
    return here + (addresses(data_dir, bucket, start=start, end=end) if bucket else [])


def rows_between(data_dir: str | Path, *, start: datetime, end: datetime) -> int:
    """How many rows these segments hold, by their footers alone."""
    return int(scan(data_dir, start=start, end=end).select(polars.len()).collect().item())


def fixes_between(data_dir: str | Path, *, start: datetime, end: datetime) -> polars.LazyFrame:
    """Fixes of a span of device time: imei, vehicle, at_s (whole seconds), lat, lon; a packet may be there twice."""
    wanted = polars.col("at").is_between(start.astimezone(UTC), end.astimezone(UTC), closed="left")
    fixed = polars.col("fix") & polars.col("lat").is_not_null() & polars.col("lon").is_not_null()
    at_s = polars.col("at").dt.epoch("s").alias("at_s")
    result = scan(data_dir, start=start, end=end)
    return result.filter(wanted & fixed).select("imei", "vehicle", at_s, "lat", "lon")
