"""Time limits as the law counts them: calendar or working days, day zero, rolling forward, pauses, extensions."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from immis.rules.calendar import add_months

_DAY = timedelta(days=1)
_MOST_DAYS = 20_000


@dataclass(frozen=True)
class Limit:
    """A time limit: its length and unit, and how its ends are counted."""

    length: int
    unit: str  # calendar_day | working_day | month
    counts_first_day: bool = False
    rolls_forward: bool = True
    pauses: tuple[tuple[date, date | None], ...] = ()  # first and last day of rest; None: it rests still
    extension: int = 0


@dataclass(frozen=True)
class Due:
    """When a limit is over, and the days that did not count, each with why (``holiday | weekend | pause``)."""

    due_on: date | None  # None while it rests
    skipped: tuple[tuple[date, str], ...] = field(default=())


def due_day(start: date, limit: Limit, *, holidays: Collection[date], weekly: Collection[int] = (6,)) -> Due:
    """The last day of a limit that begins on a day.

    ``weekly`` are the weekdays on which offices are shut (Monday is 0). A pause adds the days that it covers.
    """
    if any(last is None for _, last in limit.pauses):
        return Due(None)
    skipped: list[tuple[date, str]] = []
    rested = _rested(limit.pauses)

    def shut(day: date) -> str:
        return "holiday" if day in holidays else "weekend" if day.weekday() in weekly else ""

    if limit.unit == "month":
        day = add_months(start, limit.length + limit.extension) - (_DAY if limit.counts_first_day else timedelta(0))
        day = _pushed(start, day, rested, skipped)
    else:
        working = limit.unit == "working_day"
        left, day = limit.length + limit.extension, start if limit.counts_first_day else start + _DAY
        for _ in range(_MOST_DAYS):
            why = "pause" if day in rested else shut(day) if working else ""
            if why:
                skipped.append((day, why))
            else:
                left -= 1
            if left <= 0:
                break
            day += _DAY
    while limit.rolls_forward and (why := shut(day)):
        skipped.append((day, why))
        day += _DAY
    return Due(day, tuple(skipped))


def _rested(pauses: Iterable[tuple[date, date | None]]) -> set[date]:
    days: set[date] = set()
    for first, last in pauses:
        day = first
        while last is not None and day <= last and len(days) < _MOST_DAYS:
            days.add(day)
            day += _DAY
    return days


def _pushed(start: date, end: date, rested: Collection[date], skipped: list[tuple[date, str]]) -> date:
    """A day later for each day of rest between, those included that come in by it."""
    day = start
    while day <= end:
        if day in rested:
            skipped.append((day, "pause"))
            end += _DAY
        day += _DAY
    return end
