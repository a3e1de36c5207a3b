"""Bids of one process on one lot are settled together: one transaction, one flush for all who wait.

Bids on one lot are serial, so a flush of the disk for each would bound its rate. Whoever comes while a transaction
runs waits; when it is over, one of those who waited settles the bids of all of them in the order in which they came.
Each is judged on its own, under the same locks, and is answered after the commit. Other processes are kept apart by
the locks of the database, as ever; nothing is promised here that the database does not keep.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

MOST = 16


@dataclass
class Waiting:
    """One bid that waits for its turn: whose it is, and what came of it."""

    party_id: int
    bid: Any
    done: bool = False
    outcome: Any = None
    error: BaseException | None = None

    def settle(self, outcome: Any = None, error: BaseException | None = None) -> None:
        """What came of it; told when the transaction is over."""
        self.outcome, self.error, self.done = outcome, error, True


@dataclass
class _Line:
    turn: threading.Lock = field(default_factory=threading.Lock)
    waiting: list[Waiting] = field(default_factory=list)


_guard = threading.Lock()
_lines: dict[str, _Line] = {}
Serve = Callable[[str, Sequence[Waiting]], list[Any]]


def settle_together(code: str, mine: Waiting, serve: Serve) -> Any:
    """Wait in the lot's line until this bid is settled, by this thread or by another one; answers what came of it.

    ``serve`` settles some bids of different bidders in a transaction and answers an
    outcome for each. Where it fails for several, each is tried alone, so that
    nobody's bid fails by another's.
    """
    with _guard:
        line = _lines.setdefault(code, _Line())
        line.waiting.append(mine)
    try:
        with line.turn:
            while not mine.done:
                with _guard:
                    some = _some(line.waiting)
                _serve(code, some, serve)
                with _guard:
                    line.waiting = [row for row in line.waiting if not row.done]
    finally:
        with _guard:
            line.waiting = [row for row in line.waiting if row is not mine]
            if not line.waiting and _lines.get(code) is line:
                del _lines[code]
    if mine.error is not None:
        raise mine.error
    return mine.outcome


def _some(waiting: Sequence[Waiting]) -> list[Waiting]:
    """The first who wait, one bid of each bidder: a second one of his must see what came of the first."""
    first: dict[int, Waiting] = {}
    for row in waiting:
        first.setdefault(row.party_id, row)
    return list(first.values())[:MOST]


def _serve(code: str, some: Sequence[Waiting], serve: Serve) -> None:
    try:
        outcomes = serve(code, some)
    except Exception as error:
        if len(some) == 1:
            return some[0].settle(error=error)
        for row in some:
            _serve(code, [row], serve)
        return
    for row, outcome in zip(some, outcomes, strict=True):
        row.settle(error=outcome) if isinstance(outcome, Exception) else row.settle(outcome)
