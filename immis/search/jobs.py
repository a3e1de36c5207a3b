"""The index follows what is logged and told: every subject that a line or an event names is looked at again."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from immis.core.models import Cursor
from immis.core.selectors import cursor_position, log_after, move_cursor
from immis.search.declared import changed_by
from immis.search.news import settled_news
from immis.search.services import LOG, NEWS, TURN, index

_A_LOOK = 500


def keep_index(*, at: datetime) -> int:
    """Take in what was logged and told since the last look; answers how many lines and events that were.

    The action log is read beside the outbox: what an office corrects is logged, and not always told.
    """
    return _take_in(LOG, log_after) + _take_in(NEWS, settled_news)


def _take_in(name: str, after: Any) -> int:
    position = Cursor.objects.filter(name=name).values_list("position", flat=True).first() or 0
    return _index_after(name, after) if after(position, most=1) else 0  # nobody waits for a look at nothing


@transaction.atomic
def _index_after(name: str, after: Any) -> int:
    cursor_position(TURN)
    position = cursor_position(name)
    lines = after(position, most=_A_LOOK)
    index(_records(lines))
    if lines:
        move_cursor(name, lines[-1][0])
    return len(lines)


def _records(lines: Iterable[tuple[int, str, str]]) -> set[tuple[str, str]]:
    subjects = {(kind, number) for _place, kind, number in lines}
    return {record for kind, number in subjects for record in changed_by(kind, number)}
