"""All stored decisions of some days asked again, one after the other (``immis law replay``)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from immis.core.selectors import decisions_between
from immis.enforcement.again.asking import DIFFERS, NOT_KEPT, SAME, Again, decided_again, followed_again
from immis.enforcement.models import Outcome

_EVERY = 500
_MOST_SHOWN = 100


@dataclass
class Replay:
    """What came of it: how many were asked, are the same, differ, could not be rebuilt, by what was not kept."""

    asked: int = 0
    same: int = 0
    by_outcome_alone: int = 0
    differ: int = 0
    not_kept: dict[str, int] = field(default_factory=dict)
    rows: list[Again] = field(default_factory=list)

    def add(self, row: Again) -> None:
        """Count one decision; those that differ are kept to be shown, the first hundred of them."""
        self.asked += 1
        self.same += row.result == SAME
        self.by_outcome_alone += row.alone
        self.differ += row.result == DIFFERS
        if row.result == NOT_KEPT:
            self.not_kept[row.why] = self.not_kept.get(row.why, 0) + 1
        if row.result == DIFFERS and len(self.rows) < _MOST_SHOWN:
            self.rows.append(row)


def replay(*, start: datetime | None, end: datetime | None, tell: Callable[[int], None]) -> Replay:
    """Ask every decision and every outcome of a trigger in ``[start, end)`` again; ``tell`` hears how many are done."""
    done = Replay()
    for row in _all(start, end):
        done.add(row)
        if done.asked % _EVERY == 0:
            tell(done.asked)
    return done


def _all(start: datetime | None, end: datetime | None) -> Iterator[Again]:
    yield from map(decided_again, decisions_between(start, end).iterator(chunk_size=_EVERY))
    rows = Outcome.objects.select_related("event").order_by("pk")
    rows = rows.filter(**({"event__at__gte": start} if start else {}), **({"event__at__lt": end} if end else {}))
    yield from map(followed_again, rows.iterator(chunk_size=_EVERY))
