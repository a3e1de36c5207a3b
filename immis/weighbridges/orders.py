"""Orders about weighing, out of their registers: where each load is weighed, where a weight is written by hand."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from immis.leases.selectors import Lease
from immis.registers.selectors import Entry, standing_entries
from immis.registry import selectors as registry
from immis.rules.calendar import india_day
from immis.weighbridges.models import Bridge

NEEDED, BY_HAND, IN_FORCE = "weighing_orders", "manual_weighings", "in_force"


def order_to_weigh(lease: Lease, *, at: datetime) -> str:
    """The number of the order by which each load of a settlement is weighed on a day; empty where none says so."""
    rows = standing_entries.rows(register=NEEDED, state=IN_FORCE)
    meant = (row for row in rows if runs_on(row.values, india_day(at)) and _means(row.values, lease))
    return next((str(row.values["reference"]) for row in meant), "")


def _means(values: Mapping[str, Any], lease: Lease) -> bool:
    """Whether an order is for a settlement: its ghat, its district, or the whole State."""
    if ghat := values.get("ghat"):
        return bool(ghat == lease.block.code)
    if office := values.get("office"):
        row = registry.offices(code=office).first()
        return row is not None and row.district == lease.district
    return True


def runs_on(values: Mapping[str, Any], day: date) -> bool:
    """Whether an order stands on a day: its first and its last one count."""
    until = values.get("until_on")
    return day_of(values["since_on"]) <= day and (not until or day <= day_of(until))


def day_of(value: Any) -> date:
    """A day as an entry keeps it."""
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def hand_orders(*, at: datetime) -> dict[str, Entry]:
    """The orders by which weights are written by hand now, by their weighbridges."""
    rows = standing_entries.rows(register=BY_HAND, state=IN_FORCE)
    return {str(row.values["bridge"]): row for row in rows if runs_on(row.values, india_day(at))}


def hand_order(lease: Lease, *, at: datetime) -> str:
    """The number of the order by which a weight of a settlement is written by hand now; empty where none stands.

    It counts at the weighbridge that it names alone, not at another one.
    """
    orders = hand_orders(at=at)
    if not orders:
        return ""
    own = Bridge.objects.filter(lease=lease, state=Bridge.APPROVED, number__in=list(orders)).values_list("number")
    return next((str(orders[number].values["reference"]) for (number,) in own), "")
