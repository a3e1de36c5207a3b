"""Days of the position store in the archive: same layout and names, read by the same questions.

Segments are only ever copied there; the gateway's own retention deletes them here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from immis.gateway.store.buckets import Bucket
from immis.gateway.store.parquet import OTHER_DAYS, data_roots, files_of_day, in_span, positions_folder

_KEPT_AT = "positions"


@dataclass(frozen=True)
class Shipped:
    """What one round did."""

    days: int
    files: int
    bytes: int


def ship(data_dir: str | Path, bucket: Bucket, *, before: date) -> Shipped:
    """Copy the files in force of days before ``before`` that the archive does not hold yet.

    A round that was cut short is made good by the next. What comes late for a day follows in further files; nothing
    is ever removed there, and readers drop what they see twice.
    """
    there = bucket.sizes(_KEPT_AT)
    files = size = 0
    folders = [(root, folder) for root, folder in _days(data_dir) if folder.name < before.isoformat()]
    for root, folder in folders:
        for path in files_of_day(folder):
            name, length = _name(data_dir, root, path), path.stat().st_size
            if there.get(name) != length:
                bucket.put(name, path)
                there[name] = length
                files, size = files + 1, size + length
    return Shipped(len({folder.name for _, folder in folders}), files, size)


def addresses(data_dir: str | Path, bucket: Bucket, *, start: datetime | None, end: datetime | None) -> list[str]:
    """Segments of the days of a span that the archive alone holds."""
    here = {_name(data_dir, root, path) for root, folder in _days(data_dir) for path in files_of_day(folder)}
    result = (name for name in bucket.sizes(_KEPT_AT) if in_span(name.split("/")[1], start, end))
    return [bucket.address(name) for name in sorted(set(result) - here)]


def _days(data_dir: str | Path) -> Iterator[tuple[Path, Path]]:
    for root in data_roots(data_dir):
        for folder in sorted(positions_folder(root).glob("*/")):
            if folder.name != OTHER_DAYS:
                yield root, folder


def _name(data_dir: str | Path, root: Path, path: Path) -> str:
    """A segment's name in the archive; a partition's has its number before it, so that two never clash."""
    origin = "" if root == Path(data_dir) else f"p{root.name}-"
    return f"{_KEPT_AT}/{path.parent.name}/{origin}{path.name}"
