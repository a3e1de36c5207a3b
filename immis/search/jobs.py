"""The index follows what is logged and told: every record that a line or an event names is looked at again."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction

from immis.core.selectors import cursor_position, log_after, move_cursor, position_of
from immis.search.declared import SEARCHED, changed_by
from immis.search.news import settled_news
from immis.search.services import LOG, NEWS, index

#: Number, kind and number of the subject, facts.
Line = tuple[int, str, str, Mapping[str, Any]]
_A_LOOK = 500
_AT_ONCE = 200  # records in one transaction: others write between two of them


def keep_index(*, at: datetime) -> int:
    """Take in what was logged and told since the last look; answers how many lines and events that were.

    The action log is read beside the outbox: what an office corrects is logged, and not always told.
    """
    return _take_in(LOG, log_after) + _take_in(NEWS, settled_news)


def _take_in(name: str, after: Callable[..., list[Line]]) -> int:
    lines = after(position_of(name), most=_A_LOOK)
    if not lines:
        return 0
    records = iter(sorted(_records(lines)))
    while some := list(islice(records, _AT_ONCE)):
        index(some)
    with transaction.atomic():  # what breaks off before is looked at once more
        cursor_position(name)
        move_cursor(name, lines[-1][0])
    return len(lines)


def _records(lines: Iterable[Line]) -> set[tuple[str, str]]:
    """The records that lines are about, or name in their facts under a noun of the index."""
    subjects = set()
    for _place, kind, number, facts in lines:
        subjects.add((kind, number))
        subjects |= {(name, value) for name, value in facts.items() if name in SEARCHED and isinstance(value, str)}
    return {record for kind, number in subjects for record in changed_by(kind, number)}
