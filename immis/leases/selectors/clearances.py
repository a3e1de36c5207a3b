"""Clearances of a settlement, the quantity they allow and the months they close."""

from datetime import date, datetime

from immis.leases.models import Clearance, Lease
from immis.rules.leases.life.amounts import royalty_rate_paise as rate_of
from immis.rules.leases.path import permitted_quantity_m3
from immis.rules.policy import book


def clearances_of(lease: Lease) -> dict[str, Clearance]:
    """The clearances on record, by kind (plan, ec, cte_cto)."""
    return {row.kind: row for row in Clearance.objects.filter(lease=lease)}


def granted_on(lease: Lease, kind: str) -> date | None:
    """The day on which a clearance was granted."""
    row = clearances_of(lease).get(kind)
    return row.granted_on if row else None


def granted_kinds(lease: Lease) -> list[str]:
    """Kinds of clearances that are granted."""
    return [kind for kind, row in clearances_of(lease).items() if row.granted_on]


def permitted_quantity(lease: Lease) -> int | None:
    """Cubic metres a year that may leave: the least that a clearance names (E-092); None while none names any."""
    named = {kind: row.quantity_m3 for kind, row in clearances_of(lease).items() if row.granted_on and row.quantity_m3}
    return permitted_quantity_m3(named)


def royalty_rate_paise(lease: Lease, at: datetime) -> int:
    """The royalty on a cubic metre of a settlement's sand (LSE-29)."""
    return rate_of(lease.block.river, policy=book(), at=at)


def span_quantities(lease: Lease) -> tuple[int | None, int | None]:
    """Cubic metres of a month and of a day that may leave: the least that a granted clearance names, each (CH-36)."""
    granted = [row for row in clearances_of(lease).values() if row.granted_on]
    months = [row.month_m3 for row in granted if row.month_m3]
    days = [row.day_m3 for row in granted if row.day_m3]
    return min(months, default=None), min(days, default=None)


def closed_months(lease: Lease) -> tuple[int, ...] | None:
    """Months (1 to 12) that the environmental clearance in force closes itself (CH-07); None where it names none."""
    ec = clearances_of(lease).get("ec")
    return None if ec is None or ec.granted_on is None or ec.closed_months is None else tuple(ec.closed_months)
