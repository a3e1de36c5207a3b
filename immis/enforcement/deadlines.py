"""Days that would pass in silence: each clock of the house says what of it is over and not done, once a day.

A clock belongs to a domain and is asked by its selector; whose task a passed day becomes stands in ``TRG-180``.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from immis.auctions.selectors import lots as all_lots
from immis.auctions.selectors import promised_until, unreturned
from immis.core.access.permissions import SYSTEM
from immis.core.batches import each
from immis.core.events import Names
from immis.core.selectors import cursor_position, known_position, move_cursor
from immis.core.services import emit
from immis.enforcement.events import DeadlineKept, DeadlinePassed
from immis.enforcement.models import Task
from immis.enforcement.selectors import open_deadlines, stayed_demands, unanswered_cases
from immis.leases.path import late_gates, late_keys, unanswered_notices
from immis.ledger.selectors import Demand, overdue_demands
from immis.ledger.selectors.refunds import overdue_refunds
from immis.registers.clocks import last_day
from immis.rules.calendar import india_day
from immis.rules.policy import NotInForce, book

_CURSOR = "enforcement.deadlines"
#: Demands with a clock of their own (instalments their ladder, the security its gate), and of what nobody owes: an
#: application that was not paid for is none.
_OTHERWISE = ("instalment", "security", "emd", "fee")


@dataclass(frozen=True)
class Passed:
    """A day that is over: of which clock and record, where, and what the record is called."""

    clock: str
    noun: str
    number: str
    district: str
    about: Names
    due_on: date

    @property
    def key(self) -> str:
        return f"{self.clock}:{self.number}"


def _named(record: Any) -> Names:
    return {"en": record.name_en, "hi": record.name_hi}


def _numbered(number: str) -> Names:
    return {"en": number, "hi": number}


def _gates(at: datetime) -> Iterable[Passed]:
    for lease, step in late_gates(at):
        assert step.due_on is not None  # late against its day
        yield Passed(step.key, "lease", lease.number, lease.district, _named(lease.block), step.due_on)


def _notices(at: datetime) -> Iterable[Passed]:
    for row in unanswered_notices(at):
        lease = row.lease
        yield Passed("notice", "lease", lease.number, lease.district, _named(lease.block), row.due_on)


def _earnest(at: datetime) -> Iterable[Passed]:
    for lot, day in unreturned(at):
        yield Passed("earnest", "lot", lot.code, lot.district, _named(lot.block), day)


def _refunds(at: datetime) -> Iterable[Passed]:
    for row in overdue_refunds(at):
        yield Passed("refund", "refund", row.number, row.district, _named(row.party), row.due_on)


def _recoverable(at: datetime) -> QuerySet[Demand]:
    """Overdue demands that no appeal stays."""
    return overdue_demands(at, without=_OTHERWISE).exclude(number__in=stayed_demands(on=india_day(at)))


def _demands(at: datetime) -> Iterable[Passed]:
    for row in _recoverable(at):
        yield Passed("demand", "demand", row.number, row.district, row.label, row.due_on)


def _cases(at: datetime) -> Iterable[Passed]:
    for row in unanswered_cases(at=at):
        yield Passed("case", "case", row.number, row.district, _numbered(row.number), last_day(row.reply_due_at))


#: Every clock that has no trigger of its own.
CLOCKS: tuple[Callable[[datetime], Iterable[Passed]], ...] = (_gates, _notices, _earnest, _refunds, _demands, _cases)


def announce_deadlines(*, at: datetime) -> int:
    """Tell once a day what is over and not done, and at once what was done after all; answers how much was new.

    A day that is still not kept after so many days (TRG-180) is told again, in case its task was put aside.
    """
    try:
        book().at("TRG-180", at)
    except NotInForce:
        return 0
    return _end_kept(at) + _tell_passed(at)


def _tell_passed(at: datetime) -> int:
    today = india_day(at)
    if known_position(_CURSOR) >= today.toordinal():
        return 0
    passed = [row for clock in CLOCKS for row in clock(at)]
    with transaction.atomic():
        if cursor_position(_CURSOR) >= today.toordinal():
            return 0
        handled = each(_CURSOR, passed, lambda row: _tell(DeadlinePassed, row, at=at), name=lambda row: row.key)
        move_cursor(_CURSOR, today.toordinal())
    return handled


def _tell(kind: type[DeadlinePassed] | type[DeadlineKept], row: Passed, *, at: datetime) -> bool:
    again = (india_day(at) - row.due_on).days // int(book().value("TRG-180", at)["again_days"])
    payload = kind(deadline=row.key, **vars(row))
    return emit(payload, subject=("deadline", row.key), at=at, key=f"{kind.KIND}:{row.key}:{row.due_on}:{again}")


def _end_kept(at: datetime) -> int:
    """Tasks whose day is not over any more: it was done, or moved."""
    gates = cache(lambda number: late_keys(number, at))  # a settlement is often late at several
    over = [task for task in open_deadlines() if not _still_late(task, gates, at)]
    return each(_CURSOR, over, lambda task: _tell_kept(task, at), name=lambda task: f"task {task.pk}")


def _tell_kept(task: Task, at: datetime) -> bool:
    facts = {name: task.facts[name] for name in ("clock", "noun", "number", "district", "about")}
    payload = DeadlineKept(deadline=task.subject_id, **facts, due_on=_day(task))
    return emit(payload, subject=("deadline", task.subject_id), at=at, key=f"deadline.kept:{task.pk}")


def _day(task: Task) -> date:
    return date.fromisoformat(str(task.facts["due_on"]))


def _still_late(task: Task, gates: Callable[[str], Collection[str]], at: datetime) -> bool:
    clock, number = task.facts["clock"], task.facts["number"]
    if clock == "earnest":
        lot = all_lots(SYSTEM, code=number).first()
        day = promised_until(lot) if lot else None
        return day is not None and day < india_day(at)
    rows: dict[str, Callable[[], bool]] = {
        "notice": lambda: unanswered_notices(at).filter(lease__number=number).exists(),
        "refund": lambda: overdue_refunds(at).filter(number=number).exists(),
        "demand": lambda: _recoverable(at).filter(number=number).exists(),
        "case": lambda: unanswered_cases(at=at).filter(number=number).exists(),
    }
    return rows[clock]() if clock in rows else clock in gates(number)
