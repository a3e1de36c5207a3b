"""Clearances of a settlement, the quantity they allow and the months they close."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from immis.core.written import question
from immis.leases.models import Clearance, Lease
from immis.rules.leases.life.amounts import royalty_rate_paise as rate_of
from immis.rules.leases.path import permitted_quantity_m3
from immis.rules.policy import book


def clearances_of(lease: Lease) -> dict[str, Clearance]:
    """The clearances on record, by kind (plan, ec, cte_cto)."""
    return {row.kind: row for row in _of_lease.rows(lease=lease.pk)}


@question
def _of_lease(lease: int) -> QuerySet[Clearance]:
    return Clearance.objects.filter(lease_id=lease)


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


@dataclass(frozen=True)
class Limits:
    """What the granted clearances of a settlement let: cubic metres of a year, month and day, and closed months.

    None where none of them names it.
    """

    year_m3: int | None
    month_m3: int | None
    day_m3: int | None
    closed_months: tuple[int, ...] | None


def limits_of(lease: Lease, known: Mapping[str, Clearance] | None = None) -> Limits:
    """The least that the granted clearances name, each (E-092, CH-36), and the months that the EC closes (CH-07).

    ``known`` are the settlement's clearances where they were read already.
    """
    rows = clearances_of(lease) if known is None else known
    granted = {kind: row for kind, row in rows.items() if row.granted_on}
    months = [row.month_m3 for row in granted.values() if row.month_m3]
    days = [row.day_m3 for row in granted.values() if row.day_m3]
    ec = granted.get("ec")
    return Limits(
        permitted_quantity_m3({kind: row.quantity_m3 for kind, row in granted.items() if row.quantity_m3}),
        min(months, default=None),
        min(days, default=None),
        tuple(ec.closed_months) if ec and ec.closed_months is not None else None,
    )
