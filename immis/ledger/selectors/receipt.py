"""Receipts: to verify, to ask the treasury about, and what is told of one."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.scope import visible
from immis.ledger.models import Receipt, TreasuryNotice
from immis.ledger.selectors.demand import demand_facts
from immis.rules.ledger.receipts import MONEY_IN


def receipt_facts(receipt: Receipt) -> dict[str, Any]:
    """What an event about a receipt carries: the demand's facts, and the payment."""
    return {
        **demand_facts(receipt.demand),
        "receipt": receipt.number,
        "grn": receipt.grn or "",
        "state": receipt.state,
        "flags": receipt.flags,
        "paid_at": receipt.paid_at,
        "verified_at": receipt.verified_at,
    }


def receipts(viewer: Actor, **filters: Any) -> QuerySet[Receipt]:
    """Receipts that the viewer may see, newest first."""
    shown = visible(viewer, "receipt.read", district="demand__district", party="demand__party")
    rows = Receipt.objects.select_related("demand__party").filter(shown, **filters)
    return rows.order_by("-created_at", "-id")


def receipts_to_verify(viewer: Actor) -> QuerySet[Receipt]:
    """Paid receipts that wait for the district, oldest payment first."""
    return receipts(viewer, state="paid_unverified").order_by("paid_at", "id")


def unverified_receipt_count(viewer: Actor) -> int:
    return receipts_to_verify(viewer).count()


def receipt_of(number: str, viewer: Actor) -> Receipt:
    """One receipt; raises NotFound when there is none that the viewer may see."""
    receipt = receipts(viewer, number=number).first()
    if receipt is None:
        raise NotFound(f"receipt {number}")
    return receipt


def known_grns(grns: Iterable[str]) -> frozenset[str]:
    """Which of these numbers of the treasury the ledger has already."""
    return frozenset(Receipt.objects.filter(grn__in=list(grns)).values_list("grn", flat=True))


def notices_on(receipt: Receipt) -> list[TreasuryNotice]:
    """What the treasury told us of a receipt, oldest first."""
    return list(TreasuryNotice.objects.filter(grn=receipt.grn).order_by("id")) if receipt.grn else []


def receipts_to_poll(at: datetime, limit: int) -> list[Receipt]:
    """Receipts that the treasury should be asked about now."""
    return list(Receipt.objects.filter(next_poll_at__lte=at, grn__isnull=False).order_by("next_poll_at")[:limit])


def money_of(demands: QuerySet[Any]) -> dict[str, Receipt]:
    """The first payment whose money came in for each of some demands (a question for their numbers), by number."""
    rows = Receipt.objects.filter(demand__number__in=demands, state__in=("paid_unverified", *MONEY_IN))
    return {row.demand.number: row for row in rows.select_related("demand").order_by("-paid_at", "-pk")}


def paid_at_treasury(receipt: Receipt) -> datetime | None:
    """When the money of a receipt was paid: as the treasury says, or when it was heard of, whichever is earlier."""
    notice = TreasuryNotice.objects.filter(grn=receipt.grn or "", status="paid").order_by("pk").first()
    said_at = notice.facts.get("paid_at") if notice else None
    heard = [at for at in (said_at and datetime.fromisoformat(str(said_at)), receipt.paid_at) if at]
    return min(heard, default=None)
