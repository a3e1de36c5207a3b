"""What the e-challans of a settlement carry in its running year."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum

from immis.challans.models import Challan
from immis.core.written import question
from immis.rules.calendar import add_years, india_day, start_of

#: States in which the sand on a challan counts against the permitted quantity.
COUNTED = (Challan.ISSUED, Challan.COMPLETED, Challan.EXPIRED)


def settlement_year(period_from: Any, at: datetime) -> tuple[datetime, datetime]:
    """The running year of a settlement as instants, counted from the first day of its period."""
    today, years = india_day(at), 0
    while add_years(period_from, years + 1) <= today:
        years += 1
    return start_of(add_years(period_from, years)), start_of(add_years(period_from, years + 1))


def issued_since_m3(lease: Any, since: datetime) -> Decimal:
    """What the challans of a settlement carry since an instant; invalid and cancelled ones do not count (CH-36)."""
    rows = Challan.objects.filter(lease=lease, state__in=COUNTED, issued_at__gte=since)
    return rows.aggregate(total=Sum("quantity_m3"))["total"] or Decimal(0)


def issued_quantity_m3(lease: Any, at: datetime) -> Decimal:
    """What the challans of the running settlement year carry; invalid and cancelled ones do not count (CH-08)."""
    if not lease.period_from:
        rows = Challan.objects.filter(lease=lease, state__in=COUNTED)
        return rows.aggregate(total=Sum("quantity_m3"))["total"] or Decimal(0)
    start, end = settlement_year(lease.period_from, at)
    return sum((total for (total,) in _carried.tuples(lease=lease.pk, start=start, end=end)), Decimal(0))


@question
def _carried(lease: int, start: datetime, end: datetime) -> QuerySet[Any]:
    rows = Challan.objects.filter(lease_id=lease, state__in=COUNTED, issued_at__gte=start, issued_at__lt=end)
    return rows.order_by().values("lease_id").annotate(total=Sum("quantity_m3")).values_list("total")
