"""Where settlements stand: one word for one of them, and the same as a condition over all of them."""

from datetime import datetime

from django.db.models import Q, QuerySet

from immis.holds.selectors import suspended_subjects
from immis.leases.models import Lease
from immis.leases.selectors import leases_of_numbers, standing_holds
from immis.ledger.selectors import overdue_subjects
from immis.rules.calendar import india_day
from immis.rules.holds.stops import STOPS, may_stop
from immis.rules.policy import NotInForce, book

#: In the order in which they win: a cancelled settlement is not also stopped.
STATES = ("cancelled", "over", "stopped", "mining", "deed", "loi", "opened")


def state_of(lease: Lease, *, stopped: bool, at: datetime) -> str:
    """One word of ``STATES``; ``stopped`` is whether an unpaid instalment stops its e-challans."""
    if lease.cancelled_at:
        return "cancelled"
    if lease.period_to and india_day(at) > lease.period_to:
        return "over"
    if stopped:
        return "stopped"
    if lease.permitted_at:
        return "mining"
    if lease.deed_on:
        return "deed"
    return "loi" if lease.loi_on else "opened"


def in_state(rows: QuerySet[Lease], state: str, *, at: datetime) -> QuerySet[Lease]:
    """Those of the settlements that stand in a state, asked of the database alone."""
    today, over = india_day(at), Q(cancelled_at__isnull=True, period_to__lt=india_day(at))
    if state == "cancelled":
        return rows.filter(cancelled_at__isnull=False)
    if state == "over":
        return rows.filter(over)
    live = rows.filter(Q(period_to__isnull=True) | Q(period_to__gte=today), cancelled_at__isnull=True)
    stopped = _stopped(at)
    if state == "stopped":
        return live.filter(stopped)
    step = {
        "mining": Q(permitted_at__isnull=False),
        "deed": Q(permitted_at__isnull=True, deed_on__isnull=False),
        "loi": Q(permitted_at__isnull=True, deed_on__isnull=True, loi_on__isnull=False),
        "opened": Q(permitted_at__isnull=True, deed_on__isnull=True, loi_on__isnull=True),
    }[state]
    return live.filter(step).exclude(stopped)


def _stopped(at: datetime) -> Q:
    """A late instalment, and no order that suspends what it stops."""
    late = _late_numbers(at)
    return Q(pk__in=[]) if late is None else Q(number__in=late) & ~Q(number__in=_opened(late, at))


def _late_numbers(at: datetime) -> QuerySet | None:
    """Numbers of settlements with an instalment whose day is over; None before the first terms."""
    try:
        kinds = book().value("HLD-01", at)["kinds"]
    except NotInForce:
        return None
    spared = [by_deed for by_deed in STOPS if not may_stop(by_deed, policy=book(), at=at)]
    late = overdue_subjects("lease", kinds=kinds, at=at)
    return late.exclude(subject_id__in=Lease.objects.filter(unpaid_stops__in=spared).values("number"))


def _opened(late: QuerySet, at: datetime) -> set[str]:
    """Numbers of the late ones that an order opened for a time."""
    doubtful = leases_of_numbers(set(late.filter(subject_id__in=suspended_subjects("lease", at=at))))
    return {number for number, lease in doubtful.items() if not _stopped_by_money(lease, at)}


def _stopped_by_money(lease: Lease, at: datetime) -> bool:
    return any(hold.rule_code == "HLD-01" for hold in standing_holds(lease, at))


def stopped_numbers(at: datetime, *, among: list[str] | None = None) -> set[str]:
    """Numbers of the settlements whose e-challans an unpaid instalment stops at an instant, all or of some."""
    late = _late_numbers(at)
    if late is None:
        return set()
    late = late if among is None else late.filter(subject_id__in=among)
    return set(late) - _opened(late, at)
