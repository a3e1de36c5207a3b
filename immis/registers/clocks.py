"""The clocks of an entry: from its acts to the due instant and the next rung, by the law's way of counting."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from immis.registers.declaration import Clock, Register, Rung
from immis.registers.models import Entry, EntryAct
from immis.rules.calendar import end_of, india_day
from immis.rules.deadlines import Due, Limit, due_day
from immis.rules.holidays import calendars
from immis.rules.policy import book

CALENDAR = "bihar"
_YEARS_AHEAD = 30
_DAY = timedelta(days=1)


def due_of(
    clock: Clock, entry: Entry, acts: Iterable[EntryAct], register: Register
) -> tuple[datetime | None, Due | None]:
    """When a clock that runs is over (an instant), and how that day was counted; None and None where it does not run.

    A clock that rests is over at no instant: its ``Due`` has no day.
    """
    begun_at: datetime | None = None
    pauses: list[tuple[date, date | None]] = []
    for act in acts:
        if act.to == clock.start and (begun_at is None or act.start in clock.stops):
            begun_at, pauses = act.at, []
        elif act.to in clock.stops:
            begun_at = None
        declared = register.acts.get(act.act)
        if declared and begun_at is not None and declared.pauses == clock.name:
            pauses.append((india_day(act.at), None))
        elif declared and pauses and declared.resumes == clock.name:
            pauses[-1] = (pauses[-1][0], india_day(act.at) - _DAY)
    return _counted(clock, entry, begun_at, pauses) if begun_at else (None, None)


def _counted(
    clock: Clock, entry: Entry, begun_at: datetime, pauses: Sequence[tuple[date, date | None]]
) -> tuple[datetime | None, Due | None]:
    if clock.until:
        day = entry.values.get(clock.until)
        return (end_of(date.fromisoformat(day)), Due(date.fromisoformat(day))) if day else (None, None)
    length, begun = _length(clock, entry, begun_at), india_day(begun_at)
    if clock.unit == "whole_day":
        over_at = begun_at + length * _DAY
        return over_at, Due(india_day(over_at))
    calendar = calendars()[CALENDAR]
    limit = Limit(length, clock.unit, clock.counts_first_day, clock.rolls_forward, tuple(pauses))
    holidays = calendar.holidays(begun, date(begun.year + _YEARS_AHEAD, 12, 31))
    due = due_day(begun, limit, holidays=holidays, weekly=calendar.weekly)
    return (end_of(due.due_on) if due.due_on else None), due


def _length(clock: Clock, entry: Entry, at: datetime) -> int:
    if not clock.policy:
        return clock.length
    value = book().value(clock.policy, at)
    return int(value[str(entry.values.get(clock.by))] if clock.by else value)


def running(entry: Entry, register: Register) -> list[tuple[Clock, datetime | None, Due]]:
    """The clocks that run for an entry, each with the instant when it is over and how that was counted."""
    acts = list(entry.done.all())
    results = []
    for clock in register.clocks.values():
        over_at, due = due_of(clock, entry, acts, register)
        if due is not None:
            results.append((clock, over_at, due))
    return results


def set_clocks(entry: Entry, register: Register) -> None:
    """Write an entry's nearest due instant and its next rung."""
    over = [(over_at, clock) for clock, over_at, _ in running(entry, register) if over_at is not None]
    due_at = min((over_at for over_at, _ in over), default=None)
    rungs = [rung_at for over_at, clock in over for rung_at, _ in rungs_of(clock, over_at)]
    later = [rung_at for rung_at in rungs if rung_at > entry.changed_at]
    later += [over_at for over_at, clock in over if clock.then]  # the system acts, however late it learns
    Entry.objects.filter(pk=entry.pk).update(due_at=due_at, next_rung_at=min(later, default=None))
    entry.due_at, entry.next_rung_at = due_at, min(later, default=None)


def rungs_of(clock: Clock, over_at: datetime) -> list[tuple[datetime, Rung]]:
    """When a late entry is taken to whom: the instant of each rung, in order."""
    return sorted(((over_at + rung.after * _DAY, rung) for rung in clock.rungs), key=lambda pair: pair[0])


def last_day(due_at: datetime) -> date:
    """The last day on which what is due at an instant is in time: a day ends where the next one begins."""
    return india_day(due_at - timedelta(microseconds=1))


def calendar_mark() -> int:
    """A number that is another one when any day of the calendar is."""
    calendar = calendars()[CALENDAR]
    text = repr([sorted(days) for days in (calendar.weekly, calendar.yearly, calendar.single)])
    return int(hashlib.sha256(text.encode()).hexdigest()[:15], 16)
