"""Opening balances: money that was received and verified before this ledger kept the account of a settlement."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from immis.core.access.permissions import Actor
from immis.core.services import log_action, next_number
from immis.ledger.chart import OPENING
from immis.ledger.models import Demand, Receipt
from immis.ledger.services.allocation import post_receipt
from immis.ledger.services.rights import require_keeper
from immis.rules.calendar import india_day, start_of


@dataclass(frozen=True, kw_only=True)
class OpeningPayment:
    """A payment of a demand that the treasury received and the office verified elsewhere, by its GRN."""

    demand: Demand
    amount_paise: int
    verified_on: date
    grn: str


@transaction.atomic
def book_opening_payment(*, payment: OpeningPayment, reference: str, by: Actor, at: datetime) -> Receipt:
    """Book a payment of the past as verified on its day: the treasury's own account is not touched, its pair is 1900.

    ``reference`` names the file that it was taken over from. Raises NotPermitted for another district.
    """
    demand = Demand.objects.select_for_update(of=("self",)).select_related("party").get(pk=payment.demand.pk)
    require_keeper(by, demand.district)
    year, then = india_day(at).year, start_of(payment.verified_on)
    receipt = Receipt.objects.create(
        number=f"R{year % 100:02d}-{next_number(f'receipt-{year}'):06d}",
        demand=demand,
        amount_paise=payment.amount_paise,
        paid_paise=payment.amount_paise,
        grn=payment.grn,
        state="verified",
        created_at=at,
        created_by=by.user_id,
        paid_at=then,
        verified_at=then,
        verified_by=by.user_id,
        reason=f"taken over: {reference}"[:500],
    )
    post_receipt(receipt, by=by, at=at, cash=OPENING, settled_at=then)
    subject = (demand.subject_kind, demand.subject_id)
    facts = {"receipt": receipt.number, "demand": demand.number, "grn": payment.grn, "reference": reference}
    log_action("receipt.taken_over", subject=subject, by=by, at=at, facts={**facts, "paise": payment.amount_paise})
    return receipt
