"""What the office asks a feed of load cells, in its own words.

No load-cell format of Indian mineral trucks is public: this one takes the instant, kilograms and axles, and keeps all
else as it came.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


class LoadCellsUnreachable(Exception):
    """The feed did not answer, or not with what it promises: ask again later."""


@dataclass(frozen=True)
class CellWeight:
    """What the cells of a truck said at an instant; ``mark`` is its place in the feed, ``poor``: it is in doubt."""

    mark: str
    imei: str
    at: datetime
    kg: int
    axles: Sequence[int] = ()
    poor: bool = False
    raw: Mapping[str, Any] = field(default_factory=dict)


class LoadCells(Protocol):
    """A vendor's feed."""

    def weights(self, after: str) -> Sequence[CellWeight]:
        """What came behind a mark, oldest first; empty: from the beginning. Raises LoadCellsUnreachable."""


def read_weight(row: Any) -> CellWeight | None:
    """A row of a feed; None where it cannot be read."""
    try:
        at = datetime.fromisoformat(str(row["at"]))
        axles = [round(float(kg)) for kg in row.get("axles") or []]
        kg = round(float(row["kg"])) if row.get("kg") is not None else sum(axles)
        mark, imei = str(row["id"]), str(row["imei"])
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError):
        return None
    fits = imei.isdigit() and len(imei) == 15 and 0 < len(mark) <= 40 and 0 < kg <= 200_000 and len(axles) <= 12
    if not fits or at.tzinfo is None:
        return None
    return CellWeight(mark, imei, at, kg, axles, row.get("quality") == "poor", dict(row))
