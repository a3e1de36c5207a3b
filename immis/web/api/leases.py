"""Settlements and what is owed on them, for the settlee's own software and for officers."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from immis import clock
from immis.leases import selectors
from immis.rules.calendar import india_day
from immis.web.api.answers import SIGNED_IN
from immis.web.api.security import actor, signed_in

router = Router(tags=["leases"])


class LeaseOut(Schema):
    """One settlement; the bid in whole rupees."""

    number: str
    code: str
    block: str
    bid_rupees: int
    loi_on: date | None
    deed_on: date | None
    stopped_by: list[str]


class DueOut(Schema):
    """One demand: kind, label in both languages, sums in paise, due day, days overdue and how it stands now."""

    demand: str
    kind: str
    label: dict[str, str]
    amount_paise: int
    paid_paise: int
    balance_paise: int
    due_on: date | None
    days_overdue: int
    state: str


def _out(lease: Any) -> dict[str, Any]:
    holds = selectors.standing_holds(lease, clock.now())
    return {
        "number": lease.number,
        "code": lease.number,
        "block": lease.block.code,
        "bid_rupees": lease.bid_rupees,
        "loi_on": lease.loi_on,
        "deed_on": lease.deed_on,
        "stopped_by": [hold.rule_code for hold in holds],
    }


@router.get("/leases", response={200: list[LeaseOut], **SIGNED_IN}, auth=signed_in)
def leases(request: HttpRequest) -> list[dict[str, Any]]:
    """The settlements that the caller may see, with the rules that stop their e-challans now. A-11."""
    return [_out(lease) for lease in selectors.leases(actor(request, "lease.read"))]


def _days_overdue(demand: Any, *, at: datetime) -> int:
    late = demand.due_on and demand.settled_at is None and demand.cancelled_at is None
    return max((india_day(at) - demand.due_on).days, 0) if late else 0


@router.get("/leases/{code}/dues", response={200: list[DueOut], **SIGNED_IN}, auth=signed_in)
def dues(request: HttpRequest, code: str) -> list[dict[str, Any]]:
    """Every demand on one settlement, oldest due first. A-11, A-13."""
    lease = selectors.lease_of(code, actor(request, "demand.read"))
    at = clock.now()
    return [
        {
            "demand": demand.number,
            "kind": demand.kind,
            "label": demand.label,
            "amount_paise": demand.amount_paise,
            "paid_paise": demand.applied_paise,
            "balance_paise": 0 if demand.cancelled_at else demand.balance_paise,
            "due_on": demand.due_on,
            "days_overdue": _days_overdue(demand, at=at),
            "state": selectors.due_state(demand, at=at),
        }
        for demand in selectors.demands_of(lease)
    ]
