"""The clocks of an entry: from its acts to the due instant and the next rung, by the law's way of counting."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from immis.registers.declaration import Clock, Register
from immis.registers.models import Entry, EntryAct
from immis.rules.calendar import end_of, india_day
from immis.rules.deadlines import Due, Limit, due_day
from immis.rules.holidays import calendars

CALENDAR = "bihar"
_YEARS_AHEAD = 30


def due_of(clock: Clock, acts: Iterable[EntryAct], register: Register) -> tuple[datetime | None, Due | None]:
    """When a clock that runs is over (an instant), and how that day was counted; None and None where it does not run.

    A clock that rests is over at no instant: its ``Due`` has no day.
    """
    begun: date | None = None
    pauses: list[tuple[date, date | None]] = []
    for act in acts:
        day = india_day(act.at)
        if act.to == clock.start and (begun is None or act.start in clock.stops):
            begun, pauses = day, []
        elif act.to in clock.stops:
            begun = None
        declared = register.acts.get(act.act)
        if declared and begun is not None and declared.pauses == clock.name:
            pauses.append((day, None))
        elif declared and pauses and declared.resumes == clock.name:
            pauses[-1] = (pauses[-1][0], day - timedelta(days=1))
    if begun is None:
        return None, None
    calendar = calendars()[CALENDAR]
    limit = Limit(clock.length, clock.unit, clock.counts_first_day, clock.rolls_forward, tuple(pauses))
    holidays = calendar.holidays(begun, date(begun.year + _YEARS_AHEAD, 12, 31))
    due = due_day(begun, limit, holidays=holidays, weekly=calendar.weekly)
    return (end_of(due.due_on) if due.due_on else None), due


def running(entry: Entry, register: Register) -> list[tuple[Clock, datetime | None, Due]]:
    """The clocks that run for an entry, each with the instant when it is over and how that was counted."""
    acts = list(entry.done.all())
    results = []
    for clock in register.clocks.values():
        over_at, due = due_of(clock, acts, register)
        if due is not None:
            results.append((clock, over_at, due))
    return results


def set_clocks(entry: Entry, register: Register) -> None:
    """Write an entry's nearest due instant and its next rung."""
    over = [(over_at, clock) for clock, over_at, _ in running(entry, register) if over_at is not None]
    due_at = min((over_at for over_at, _ in over), default=None)
    rungs = [rung_at for over_at, clock in over for rung_at, _ in rungs_of(clock, over_at)]
    later = [rung_at for rung_at in rungs if rung_at > entry.changed_at]
    Entry.objects.filter(pk=entry.pk).update(due_at=due_at, next_rung_at=min(later, default=None))
    entry.due_at, entry.next_rung_at = due_at, min(later, default=None)


def rungs_of(clock: Clock, over_at: datetime) -> list[tuple[datetime, str]]:
    """When a late entry is taken to whom: the instant and the post of each rung, in order."""
    return sorted((over_at + timedelta(days=rung.after), rung.to) for rung in clock.rungs)
