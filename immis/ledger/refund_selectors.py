"""Asking for refund orders: a party sees its own, an office its district's."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from immis.core.errors import NotFound
from immis.core.permissions import Actor, Role
from immis.core.services import Subject
from immis.ledger.models import RefundOrder


def refunds(viewer: Actor, **filters: Any) -> QuerySet[RefundOrder]:
    """Refund orders that a post may see, newest first."""
    rows = RefundOrder.objects.select_related("party").filter(**filters)
    if viewer.role == Role.PARTY:
        return rows.filter(party_id=viewer.party_id)
    if viewer.role in (Role.DISTRICT, Role.COLLECTOR):
        return rows.filter(district=viewer.district)
    return rows if viewer.role in (Role.HQ, Role.SYSTEM) else rows.none()


def refund_of(number: str, viewer: Actor) -> RefundOrder:
    """One order that the post may see. Raises NotFound."""
    order = refunds(viewer, number=number).first()
    if order is None:
        raise NotFound(f"refund {number}")
    return order


def refunds_on(subject: Subject) -> list[RefundOrder]:
    """Every order on a subject. The caller has checked that the reader may see the subject."""
    return list(
        RefundOrder.objects.select_related("party")
        .filter(subject_kind=subject[0], subject_id=subject[1])
        .order_by("id")
    )


def refunds_to_carry_out(*, at: datetime, limit: int) -> list[RefundOrder]:
    """Orders to be sent or asked about now."""
    return list(RefundOrder.objects.select_related("party").filter(next_try_at__lte=at).order_by("next_try_at")[:limit])


def failed_refund_count(viewer: Actor) -> int:
    """How many refunds of this office came back from the bank."""
    return refunds(viewer, state="failed").count()
