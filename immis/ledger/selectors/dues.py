"""What is owed, by district, party and month: aggregates that one index answers, over any number of settlements."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Min, Q, QuerySet, Sum

from immis.core.access.permissions import Actor
from immis.core.scope import visible
from immis.ledger.models import Demand, JournalEntry, Receipt
from immis.rules.calendar import add_months, india_day, start_of

_OPEN = Q(settled_at__isnull=True, cancelled_at__isnull=True)
_BALANCE = F("amount_paise") - F("applied_paise")


@dataclass
class DistrictDues:
    """A district's dues in paise: ``overdue`` and its oldest day, what falls due within the month, what came in.

    ``most_kind`` is the kind of demand of which most is overdue.
    """

    district: str
    overdue_paise: int = 0
    overdue_count: int = 0
    subjects: int = 0
    oldest_on: date | None = None
    soon_paise: int = 0
    soon_count: int = 0
    received_paise: int = 0
    waiting_paise: int = 0
    waiting_count: int = 0
    most_kind: str = ""
    most_paise: int = 0


@dataclass
class MonthDues:
    """What falls due in a month, in paise."""

    month: date
    paise: int = 0
    count: int = 0


#: What falls due this soon stands on the board beside what is overdue.
SOON = timedelta(days=30)


def year_start(at: datetime) -> date:
    """The first of April before an instant: government's financial year."""
    today = india_day(at)
    return date(today.year if today.month >= 4 else today.year - 1, 4, 1)


def dues_by_district(viewer: Actor, *, at: datetime, ahead: timedelta = SOON) -> list[DistrictDues]:
    """Each district's overdue, coming, waiting and received sums, the highest overdue first."""
    today, rows = india_day(at), {}

    def row(name: str) -> DistrictDues:
        return rows.setdefault(name, DistrictDues(name))

    scope = Demand.objects.filter(_OPEN, visible(viewer, "dues.oversee")).order_by()
    late = scope.filter(due_on__lt=today).values_list("district")
    counted = {"paise": Sum(_BALANCE), "n": Count("*"), "first": Min("due_on")}
    for name, paise, n, first in late.annotate(**counted).values_list("district", "paise", "n", "first"):
        entry = row(name)
        entry.overdue_paise, entry.overdue_count, entry.oldest_on = paise, n, first
    for name, n in late.annotate(n=Count("subject_id", distinct=True)):
        row(name).subjects = n
    for name, kind, paise in late.annotate(paise=Sum(_BALANCE)).values_list("district", "kind", "paise"):
        entry = row(name)
        if paise > entry.most_paise:
            entry.most_kind, entry.most_paise = kind, paise
    soon = scope.filter(due_on__gte=today, due_on__lte=today + ahead).values_list("district")
    for name, paise, n in soon.annotate(paise=Sum(_BALANCE), n=Count("*")):
        row(name).soon_paise, row(name).soon_count = paise, n
    _add_receipts(viewer, row, at=at)
    return sorted(rows.values(), key=lambda item: (-item.overdue_paise, item.district))


def _add_receipts(viewer: Actor, row: Any, *, at: datetime) -> None:
    """What waits for verification, and what was verified since the first of April."""
    scope = Receipt.objects.filter(visible(viewer, "dues.oversee")).order_by().values_list("district")
    waiting = scope.filter(state="paid_unverified").annotate(paise=Sum("paid_paise"), n=Count("*"))
    for name, paise, n in waiting:
        row(name).waiting_paise, row(name).waiting_count = paise or 0, n
    since = start_of(year_start(at))
    received = scope.filter(verified_at__gte=since, verified_at__lte=at, state__in=["verified", "reconciled"])
    for name, paise in received.annotate(paise=Sum("paid_paise")):
        row(name).received_paise = paise or 0


def forecast_by_month(viewer: Actor, *, at: datetime, months: int = 12, district: str = "") -> list[MonthDues]:
    """What open demands bring in month by month from this one on, if they are paid on their days."""
    first = india_day(at).replace(day=1)
    rows = {month: MonthDues(month) for month in (add_months(first, n) for n in range(months))}
    scope = Demand.objects.filter(_OPEN, visible(viewer, "dues.oversee"), due_on__gte=first)
    scope = scope.filter(due_on__lt=add_months(first, months)).order_by()
    if district:
        scope = scope.filter(district=district)
    # by day, which the index answers in its own order; the months are added up here
    for day, paise, n in scope.values_list("due_on").annotate(paise=Sum(_BALANCE), n=Count("*")):
        month = rows[day.replace(day=1)]
        month.paise += paise
        month.count += n
    return list(rows.values())


def defaulters(viewer: Actor, *, at: datetime, district: str = "") -> QuerySet[Any]:
    """Parties and their settlements with overdue sums, the highest first: dicts with party, subject, paise, oldest."""
    rows = Demand.objects.filter(_OPEN, visible(viewer, "dues.oversee"), due_on__lt=india_day(at))
    if district:
        rows = rows.filter(district=district)
    grouped = rows.order_by().values(
        *("subject_kind", "subject_id", "district", "party_id", "party__name_en", "party__name_hi", "party__phone")
    )
    counted = grouped.annotate(paise=Sum(_BALANCE), count=Count("*"), oldest_on=Min("due_on"))
    return counted.order_by("-paise", "subject_id")


def demands_for(
    viewer: Actor, *, at: datetime, state: str = "", district: str = "", kind: str = ""
) -> QuerySet[Demand]:
    """The demands behind a figure: ``state`` overdue, soon, open, part, settled or empty for all."""
    today = india_day(at)
    states = {
        "overdue": _OPEN & Q(due_on__lt=today),
        "soon": _OPEN & Q(due_on__gte=today, due_on__lte=today + SOON),
        "open": _OPEN,
        "part": _OPEN & Q(applied_paise__gt=0),
        "settled": Q(settled_at__isnull=False),
    }
    rows = Demand.objects.select_related("party").filter(visible(viewer, "dues.oversee"), states.get(state, Q()))
    rows = rows.filter(district=district) if district else rows
    rows = rows.filter(kind=kind) if kind else rows
    return rows.order_by("due_on", "id")


def entries_of_demand(demand: Demand) -> list[JournalEntry]:
    """The journal entries that pay a demand or take its payment back. The reader may see the demand."""
    rows = JournalEntry.objects.filter(Q(receipt__demand=demand) | Q(lines__demand=demand)).distinct()
    return list(rows.select_related("receipt").prefetch_related("lines__account").order_by("pk"))
