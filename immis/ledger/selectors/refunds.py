"""Asking for refund orders and claims: a party sees its own, an office its district's; what of a credit is free."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.scope import visible
from immis.core.selectors import rows_if_any
from immis.core.services import Subject
from immis.ledger.models import Receipt, RefundClaim, RefundOrder
from immis.ledger.selectors import credit_by_demand, demands_on, dues_of
from immis.rules.calendar import india_day


def refunds(viewer: Actor, **filters: Any) -> QuerySet[RefundOrder]:
    """Refund orders that a post may see, newest first."""
    return _seen(RefundOrder.objects.select_related("party").filter(**filters), viewer)


def claims(viewer: Actor, **filters: Any) -> QuerySet[RefundClaim]:
    """Claims for money on account that a post may see, newest first."""
    return _seen(RefundClaim.objects.select_related("party", "receipt", "order").filter(**filters), viewer)


def _seen(rows: QuerySet[Any], viewer: Actor) -> QuerySet[Any]:
    return rows.filter(visible(viewer, "refund.read", party="party_id"))


def claim_of(number: str, viewer: Actor) -> RefundClaim:
    """One claim that the post may see. Raises NotFound."""
    claim = claims(viewer, number=number).first()
    if claim is None:
        raise NotFound(f"claim {number}")
    return claim


def claim_on_receipt(receipt: Receipt) -> str:
    """The number of the claim that stands for a refused payment; empty where there is none."""
    row = RefundClaim.objects.filter(receipt=receipt).exclude(state="rejected").first()
    return row.number if row else ""


def open_claim_on(subject: Subject, *, party_id: int) -> str:
    """The number of the claim on a party's credit that waits for a decision; empty where there is none."""
    rows = RefundClaim.objects.filter(subject_kind=subject[0], subject_id=subject[1], party_id=party_id)
    row = rows.filter(kind="credit", state="asked").first()
    return row.number if row else ""


def free_paise(subject: Subject, *, party_id: int) -> int:
    """What of a party's excess payments on a subject no demand has used and no order has returned, in paise."""
    rows = [demand for demand in demands_on(subject) if demand.party_id == party_id]
    return sum(credit_by_demand(rows).values())


def overdue_paise(subject: Subject, *, party_id: int, at: datetime) -> int:
    """What a party owes on a subject whose due day is over, in paise."""
    late = [due for due in dues_of(subject=subject, at=at) if due.party_id == party_id]
    return sum(row.balance_paise for row in late if row.due_on and row.due_on < india_day(at))


def refund_of(number: str, viewer: Actor) -> RefundOrder:
    """One order that the post may see. Raises NotFound."""
    order = refunds(viewer, number=number).first()
    if order is None:
        raise NotFound(f"refund {number}")
    return order


def refunds_by_key(keys: Iterable[str]) -> dict[str, RefundOrder]:
    """The orders that were given for some reasons, by their keys; the caller has checked that the reader sees them."""
    return {row.key: row for row in RefundOrder.objects.filter(key__in=list(keys))}


def refunds_to_carry_out(*, at: datetime, limit: int) -> list[RefundOrder]:
    """Orders to be sent or asked about now."""
    due = RefundOrder.objects.select_related("party").filter(next_try_at__lte=at)
    return rows_if_any(due.order_by("next_try_at")[:limit])


def overdue_refunds(at: datetime) -> QuerySet[RefundOrder]:
    """Ordered returns whose day is over and that the treasury has not paid."""
    rows = RefundOrder.objects.select_related("party").filter(due_on__lt=india_day(at))
    return rows.exclude(state="paid").order_by("due_on", "pk")
