"""Keeping the index: what a record is found by is made from the record, whatever the news says of it.

The order that nothing is lost by: whoever writes rows holds the turn, and reads the records when he has it. A filling
beside running news then never writes an older state over a newer one.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import DatabaseError, transaction
from django.utils.translation import gettext_lazy as _

from immis.core.access.permissions import Actor
from immis.core.events import step
from immis.core.selectors import cursor_position, log_head, move_cursor, news_head
from immis.core.services import log_actions
from immis.rules.search.words import Wanted
from immis.search.declared import SEARCHED, Searched
from immis.search.models import SearchRow
from immis.search.tokens import body_of

log = logging.getLogger(__name__)
#: The row that a writer of the index holds.
TURN = "search.turn"
LOG, NEWS = "search.log", "search.news"
LOOKED_UP = step("person.looked_up", _("Looked a person up by phone or PAN"))
_AT_ONCE = 500
#: So many events are looked at once more behind a filling: one of them may not be committed yet.
_OVERLAP = 10_000
Progress = Callable[[str, int, int], None]


def index(records: Iterable[tuple[str, str]]) -> int:
    """Make anew what some records (noun, number) are found by; answers how many rows changed. Holds the turn."""
    wanted: dict[str, set[str]] = {}
    for kind, number in records:
        wanted.setdefault(kind, set()).add(number)
    changed = 0
    with transaction.atomic():
        cursor_position(TURN)
        for kind, numbers in wanted.items():
            rows = SEARCHED[kind].records().filter(**{f"{SEARCHED[kind].by}__in": numbers})
            changed += _write(SEARCHED[kind], list(rows), numbers)
    return changed


def _write(searched: Searched, records: Sequence[Any], numbers: Iterable[str]) -> int:
    """Write the rows of records, and take away those of numbers that have none any more."""
    bodies = {_number(searched, record): body for record in records if (body := _body(searched, record))}
    known = SearchRow.objects.filter(kind=searched.kind, number__in={*numbers, *bodies})
    kept = {row.number: row for row in known}
    gone = [row.pk for number, row in kept.items() if number not in bodies]
    if gone:
        SearchRow.objects.filter(pk__in=gone).delete()
    other = [kept[number] for number, body in bodies.items() if number in kept and kept[number].body != body]
    for row in other:
        row.body = bodies[row.number]
    SearchRow.objects.bulk_update(other, ["body"])
    new = [SearchRow(kind=searched.kind, number=number, body=body) for number, body in bodies.items()
           if number not in kept]  # fmt: skip
    SearchRow.objects.bulk_create(new)
    return len(gone) + len(other) + len(new)


def _body(searched: Searched, record: Any) -> str:
    """The marks of a record, empty where it is not to be found; one that fails does not hold up the others."""
    try:
        handles = searched.handles(record)
    except DatabaseError:
        raise
    except Exception:
        log.exception("%s %s cannot be indexed", searched.kind, _number(searched, record))
        return ""
    return body_of(searched, handles) if handles is not None else ""


def _number(searched: Searched, record: Any) -> str:
    value = record
    for name in searched.by.split("__"):
        value = getattr(value, name)
    return str(value)


def rebuild(*, progress: Progress | None = None) -> int:
    """Make the whole index anew from the records, while news goes on; answers how many rows changed.

    ``progress`` gets the noun, how many of its records are done, and how many there are.
    """
    with transaction.atomic():  # what was told before is in the records that are read from now on
        cursor_position(TURN)
        for name, head in ((LOG, log_head()), (NEWS, max(news_head() - _OVERLAP, 0))):
            cursor_position(name)
            move_cursor(name, head)
    changed = _forget_undeclared()
    for searched in SEARCHED.values():
        changed += _rebuild_noun(searched, progress) + _forget_missing(searched)
    return changed


def _rebuild_noun(searched: Searched, progress: Progress | None) -> int:
    changed, done, last = 0, 0, 0
    total = searched.records().order_by().count()
    while True:
        with transaction.atomic():
            cursor_position(TURN)
            records = list(searched.records().filter(pk__gt=last).order_by("pk")[:_AT_ONCE])
            changed += _write(searched, records, ())
        if not records:
            return changed
        done, last = done + len(records), records[-1].pk
        if progress:
            progress(searched.kind, done, max(total, done))


def _forget_missing(searched: Searched) -> int:
    """Take away rows whose records are gone, or not to be found any more."""
    gone, last = 0, 0
    while True:
        with transaction.atomic():
            cursor_position(TURN)
            rows = SearchRow.objects.filter(kind=searched.kind, pk__gt=last).order_by("pk")
            some = list(rows.values_list("pk", "number")[:_AT_ONCE])
            if not some:
                return gone
            numbers = {number for _pk, number in some}
            records = list(searched.records().filter(**{f"{searched.by}__in": numbers}))
            gone += _write(searched, records, numbers)
        last = some[-1][0]


def _forget_undeclared() -> int:
    return int(SearchRow.objects.exclude(kind__in=SEARCHED).delete()[0])


def note_lookup(persons: Iterable[tuple[str, str]], *, wanted: Wanted, by: Actor, at: datetime) -> None:
    """Write down that somebody was looked up by phone or PAN: who asked, and by which of them; not the number."""
    facts = {"by": [kind for kind, _value in wanted.secrets]}
    log_actions(LOOKED_UP, [(person, facts) for person in persons], by=by, at=at)
