"""What the calendar makes known once a day: reminders, the rungs of a default, settlements that end soon."""

from datetime import date, datetime, timedelta

from django.db import transaction

from immis.core.batches import each
from immis.core.selectors import cursor_position, events_of, move_cursor
from immis.core.services import emit
from immis.leases.events.calendar import (
    DefaultRung,
    InstalmentNews,
    LeaseEndsSoon,
    PeriodNews,
    PeriodOver,
    PitsDue,
    Reminder,
)
from immis.leases.jobs import instalment_facts
from immis.leases.life import ending_between, refills_due
from immis.leases.models import Lease
from immis.leases.selectors import lease_facts, leases_of_numbers, notice_time
from immis.ledger.selectors import Demand, instalments_to_announce
from immis.rules.calendar import india_day
from immis.rules.leases.life import reminder_days
from immis.rules.policy import NotInForce, book

_CURSOR = "leases.calendar"
#: event, key, facts beyond those of its record
News = tuple[type[InstalmentNews], str, dict[str, int]]


def announce_calendar(*, at: datetime) -> int:
    """Tell once a day what the day brings; a worker that slept tells where things stand now, not every day it missed.

    Answers how much was new. Days before the tender's terms bring nothing.
    """
    today = india_day(at)
    with transaction.atomic():
        last = cursor_position(_CURSOR)
        if last >= today.toordinal():
            return 0
        since = date.fromordinal(last) if last else today - timedelta(days=1)
        try:
            news = _instalments(at) + _endings(at) + _over(at, since=since) + _pits(at, since=since)
        except NotInForce:
            news = 0
        move_cursor(_CURSOR, today.toordinal())
    return news


def _instalments(at: datetime) -> int:
    policy, today = book(), india_day(at)
    ahead = timedelta(days=max(policy.value("LSE-40", at)))
    demands = [d for d in instalments_to_announce(at=at, ahead=ahead, since=at) if d.settled_at is None]
    rungs = sorted(int(rung["day"]) for rung in policy.value("TRG-81", at))
    wanted: dict[str, tuple[News, Demand]] = {}
    for demand in demands:
        if demand.due_on and (news := _news(demand, (today - demand.due_on).days, rungs, at=at)):
            wanted[news[1]] = (news, demand)
    announced: set[str | None] = set()
    for kind in (Reminder, DefaultRung):
        announced |= set(events_of(kind, key__in=list(wanted)).values_list("key", flat=True))
    by_number = leases_of_numbers({demand.subject_id for _, demand in wanted.values()})

    def tell(key: str) -> bool:
        news, demand = wanted[key]
        lease = by_number[demand.subject_id]
        return lease.cancelled_at is None and _tell(news, demand, lease, at=at)

    return each(_CURSOR, [key for key in wanted if key not in announced], tell, name=str)


def _news(demand: Demand, days_late: int, rungs: list[int], *, at: datetime) -> News | None:
    """The reminder or the highest rung that stands for a demand today."""
    assert demand.due_on is not None
    reached = [rung for rung in rungs if days_late >= rung]
    if reached:
        return (DefaultRung, f"{DefaultRung.KIND}:{demand.number}:{reached[-1]}", {"rung_day": reached[-1]})
    days = reminder_days(demand.due_on, india_day(at), policy=book(), on=at)
    if days is None or timedelta(days=days) == notice_time(at, district=demand.district):
        return None  # that day's message goes out with the district's task (TRG-01)
    return (Reminder, f"{Reminder.KIND}:{demand.number}:{days}", {"days": days})


def _tell(news: News, demand: Demand, lease: Lease, *, at: datetime) -> bool:
    kind, key, more = news
    payload = kind(**instalment_facts(demand, lease), **more)
    return emit(payload, subject=("lease", lease.number), at=at, key=key)


def _endings(at: datetime) -> int:
    today = india_day(at)
    last = today + timedelta(days=int(book().value("LSE-41", at)))
    return each(_CURSOR, ending_between(today, last), lambda row: _tell_end(LeaseEndsSoon, row, at=at), name=_number)


def _tell_end(kind: type[PeriodNews], lease: Lease, *, at: datetime) -> bool:
    assert lease.period_to is not None  # found by its end
    payload = kind(**lease_facts(lease), period_to=lease.period_to)
    key = f"{kind.KIND}:{lease.number}:{lease.period_to}"
    return emit(payload, subject=("lease", lease.number), at=at, key=key)


def _number(lease: Lease) -> str:
    return lease.number


def _over(at: datetime, *, since: date) -> int:
    """Periods whose last day was over by today, first seen today (E-082)."""
    ended = ending_between(since, india_day(at) - timedelta(days=1))
    return each(_CURSOR, ended, lambda row: _tell_end(PeriodOver, row, at=at), name=_number)


def _pits(at: datetime, *, since: date) -> int:
    """Settlements that mine and for which another interval of clause 30 ka passed without a report (E-109)."""
    days, today = int(book().value("LSE-53", at)), india_day(at)

    def tell(due: tuple[Lease, date]) -> bool:
        lease, last_on = due
        payload = PitsDue(**lease_facts(lease), since=last_on)
        key = f"{payload.KIND}:{lease.number}:{today}"
        return emit(payload, subject=("lease", lease.number), at=at, key=key)

    due = refills_due(since, today, every=timedelta(days=days))
    return each(_CURSOR, due, tell, name=lambda row: row[0].number)
