"""Royalty on what a year's challans carried, beside that year's settlement amount (clause 42(xxvi), E-155)."""

from datetime import date, datetime
from decimal import Decimal

from django.db.models import Sum

from immis.challans.models import Challan
from immis.challans.selectors import COUNTED
from immis.core.batches import each
from immis.leases.life import royalty_years
from immis.leases.selectors import Lease
from immis.leases.services import settle_royalty_year
from immis.rules.calendar import start_of


def removed_m3(lease: Lease, first: date, after: date) -> Decimal:
    """What the challans of a span of days carried; invalid and cancelled ones do not count."""
    rows = Challan.objects.filter(lease=lease, state__in=COUNTED)
    rows = rows.filter(issued_at__gte=start_of(first), issued_at__lt=start_of(after))
    return rows.aggregate(total=Sum("quantity_m3"))["total"] or Decimal(0)


def settle_royalty(*, at: datetime) -> int:
    """Compare every settlement year that is complete with its amount, once each; answers how many."""

    def settle(complete: tuple[Lease, int, date, date]) -> bool:
        lease, year, first, after = complete
        settle_royalty_year(lease=lease, year=year, removed_m3=removed_m3(lease, first, after), at=at)
        return True

    return each("challans.royalty", royalty_years(at), settle, name=lambda row: f"{row[0].number} year {row[1]}")
