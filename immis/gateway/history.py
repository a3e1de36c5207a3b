"""All positions there are: those on this machine and those that the archive alone holds."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import polars

from immis.gateway import places, store
from immis.gateway.archive import addresses


def positions_of(
    data_dir: str | Path, *, imei: str, start: datetime | None = None, end: datetime | None = None
) -> polars.DataFrame:
    """Positions of one device in device-time order, ``start`` and ``end`` included (aware instants).

    Raises ``places.Unreachable`` where an archive is named and cannot be read: a track with a hole is no evidence.
    """
    here = store.positions_of(data_dir, imei=imei, start=start, end=end)
    place = places.archive()
    far = addresses(data_dir, place, start=start, end=end) if place else []
    if not place or not far:
        return here
    with _in_words():
        found = _scan_far(far, place).filter(store.of_device(imei, start, end)).collect()
    both = polars.concat([here, found]).sort("received_at", "raw_ref")
    return both.unique(subset=store.KEY, keep="first", maintain_order=True).sort("at", "frame_no", nulls_last=True)


def _scan_far(far: list[str], place: places.Place) -> polars.LazyFrame:
    return store.scan_files(far, options=place.options or None)


@contextmanager
def _in_words() -> Iterator[None]:
    """What Polars says of a store that does not answer, as ``places.Unreachable`` in one line."""
    try:
        yield
    except (OSError, polars.exceptions.ComputeError) as fault:
        raise places.Unreachable(" ".join(str(fault).split())[:200]) from fault


def scan(data_dir: str | Path, *, start: datetime, end: datetime) -> polars.LazyFrame:
    """Rows of the days of a span of device time, wherever they lie; a packet may be there twice."""
    place = places.archive()
    here = store.files_of(data_dir, start=start, end=end)
    far = addresses(data_dir, place, start=start, end=end) if place else []
    frames = [store.scan_files(here)] if here else []
    if place and far:
        frames.append(_scan_far(far, place))
    return polars.concat(frames) if frames else polars.LazyFrame(schema=store.SCHEMA)


def files_between(data_dir: str | Path, *, start: datetime, end: datetime) -> list[str]:
    """Where the segments of the days of a span lie, as an engine in other processes calls them."""
    place = places.archive()
    here = [str(path) for path in store.files_of(data_dir, start=start, end=end)]
    return here + (addresses(data_dir, place, start=start, end=end) if place else [])


def rows_between(data_dir: str | Path, *, start: datetime, end: datetime) -> int:
    """How many rows these segments hold, by their footers alone."""
    return int(scan(data_dir, start=start, end=end).select(polars.len()).collect().item())


def fixes_between(data_dir: str | Path, *, start: datetime, end: datetime) -> polars.LazyFrame:
    """Fixes of a span of device time: imei, vehicle, at_s (whole seconds), lat, lon; a packet may be there twice."""
    wanted = polars.col("at").is_between(start.astimezone(UTC), end.astimezone(UTC), closed="left")
    fixed = polars.col("fix") & polars.col("lat").is_not_null() & polars.col("lon").is_not_null()
    at_s = polars.col("at").dt.epoch("s").alias("at_s")
    found = scan(data_dir, start=start, end=end)
    return found.filter(wanted & fixed).select("imei", "vehicle", at_s, "lat", "lon")
