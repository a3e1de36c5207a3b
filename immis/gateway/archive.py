"""Days of the position store in the archive: same layout and names, read by the same questions.

Segments are only ever copied there; the gateway's own retention deletes them here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from immis.gateway.places import Place
from immis.gateway.store import OTHER_DAYS, data_roots, in_span, positions_folder

_KEPT_AT = "positions"
_RANGE = re.compile(r"(?P<origin>.*/(?:p\d+-)?)(?P<start>\d+)-(?P<end>\d+)-(?P<number>\d+)\.parquet")


@dataclass(frozen=True)
class Shipped:
    """What one round did; ``covered`` segments went because a merged one has taken their place."""

    days: int
    files: int
    bytes: int
    covered: int


def ship(data_dir: str | Path, place: Place, *, before: date) -> Shipped:
    """Copy the segments of days before ``before`` that the archive does not hold yet.

    A round that was cut short is made good by the next. Late packets of a day follow as further segments.
    """
    there = place.sizes(_KEPT_AT)
    files = size = 0
    folders = [(root, folder) for root, folder in _days(data_dir) if folder.name < before.isoformat()]
    for root, folder in folders:
        for path in sorted(folder.glob("*.parquet")):
            name, length = _name(data_dir, root, path), path.stat().st_size
            if there.get(name) != length:
                place.put(name, path)
                there[name] = length
                files, size = files + 1, size + length
    covered = _covered(there)
    for name in covered:
        place.remove(name)
    return Shipped(len({folder.name for _, folder in folders}), files, size, len(covered))


def addresses(data_dir: str | Path, place: Place, *, start: datetime | None, end: datetime | None) -> list[str]:
    """Segments of the days of a span that the archive alone holds."""
    here = {_name(data_dir, root, path) for root, folder in _days(data_dir) for path in folder.glob("*.parquet")}
    found = (name for name in place.sizes(_KEPT_AT) if in_span(name.split("/")[1], start, end))
    return [place.address(name) for name in sorted(set(found) - here)]


def _days(data_dir: str | Path) -> Iterator[tuple[Path, Path]]:
    for root in data_roots(data_dir):
        for folder in sorted(positions_folder(root).glob("*/")):
            if folder.name != OTHER_DAYS:
                yield root, folder


def _name(data_dir: str | Path, root: Path, path: Path) -> str:
    """A segment's name in the archive; a partition's has its number before it, so that two never clash."""
    origin = "" if root == Path(data_dir) else f"p{root.name}-"
    return f"{_KEPT_AT}/{path.parent.name}/{origin}{path.name}"


def _covered(names: dict[str, int]) -> list[str]:
    """Segments that were merged into another one of the same day and origin: log range within, commit not later.

    Segments of no range (frames given up while nothing came) are left: what lies beside them looks the same.
    """
    by_origin: dict[str, list[tuple[int, int, int, str]]] = {}
    for name in names:
        if match := _RANGE.fullmatch(name):
            start, end, number = (int(match[part]) for part in ("start", "end", "number"))
            by_origin.setdefault(match["origin"], []).append((start, -end, -number, name))
    gone: list[str] = []
    for segments in by_origin.values():
        reached, latest = -1, -1
        for start, ends, numbers, name in sorted(segments):
            if start < -ends <= reached and -numbers <= latest:
                gone.append(name)
            elif -ends > reached:
                reached, latest = -ends, -numbers
    return gone
