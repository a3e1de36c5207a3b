"""What the rules on money are asked about: its facts as they stand, for its services and the gates of its acts.

Every gatherer of a gate takes the record, the viewer and the instant.
"""

from collections.abc import Callable
from datetime import datetime

from immis.core.access.permissions import Actor
from immis.core.services import Subject
from immis.ledger.models import Demand, Receipt, RefundClaim, RefundOrder
from immis.ledger.selectors import credit_by_demand, demand_state, demands_on
from immis.ledger.selectors.refunds import claim_on_receipt, free_paise, open_claim_on, overdue_paise
from immis.registry.selectors import Party
from immis.rules.ledger import receipts as receipt_rules
from immis.rules.ledger import refunds as refund_rules


def subject_of(record: Demand | RefundClaim) -> Subject:
    """What a demand or a claim is about."""
    return (record.subject_kind, record.subject_id)


# -- demands and receipts


def payment_of(demand: Demand, by: Actor, at: datetime) -> receipt_rules.PaymentFacts:
    """Whether the demand takes a payment."""
    return receipt_rules.PaymentFacts(demand.number, demand_state(demand))


def open_payments_of(demand: Demand, by: Actor, at: datetime) -> receipt_rules.OpenPaymentsFacts:
    """How many payments the treasury could be asked about."""
    return receipt_rules.OpenPaymentsFacts(demand.number, demand_state(demand), len(payments_to_ask(demand)))


def payments_to_ask(demand: Demand) -> list[Receipt]:
    """The payments of a demand that were begun at the treasury and are not paid there, as far as we know."""
    return list(demand.receipts.filter(state__in=("created", "failed"), grn__isnull=False).order_by("id"))


def credit_of(demand: Demand, by: Actor, at: datetime) -> receipt_rules.CreditFacts:
    """The credit of the demand's party on the same settlement or lot."""
    same = [row for row in demands_on(subject_of(demand)) if row.party_id == demand.party_id]
    held = sum(credit_by_demand(same).values())
    return receipt_rules.CreditFacts(demand.number, demand_state(demand), held)


def waiting_of(receipt: Receipt, by: Actor, at: datetime) -> receipt_rules.WaitingFacts:
    """Whether the receipt waits for the district."""
    return receipt_rules.WaitingFacts(receipt.number, receipt.state)


# -- money that goes back


def credit_claim_of(
    party: Party, subject: Subject, *, amount_paise: int, reason: str, at: datetime
) -> refund_rules.ClaimFacts:
    """A party asks for an excess back."""
    return refund_rules.ClaimFacts(
        kind="credit",
        amount_paise=amount_paise,
        free_paise=free_paise(subject, party_id=party.pk),
        account=party.bank_account,
        reason=reason,
        overdue_paise=overdue_paise(subject, party_id=party.pk, at=at),
        open_claim=open_claim_on(subject, party_id=party.pk),
    )


def refused_payment_of(receipt: Receipt, by: Actor, at: datetime) -> refund_rules.ClaimFacts:
    """A payment that the district refused is to go back to the account it came from, for the reason of refusing."""
    paid = receipt.paid_paise or 0
    return refund_rules.ClaimFacts(
        kind="refused",
        amount_paise=paid,
        free_paise=paid if receipt.state == "refused" else 0,
        account=receipt.payer_account,
        reason=receipt.reason,
        open_claim=claim_on_receipt(receipt),
        receipt_state=receipt.state,
    )


def deciding(*, approve: bool) -> Callable[[RefundClaim, Actor, datetime], refund_rules.DecisionFacts]:
    """What stands before approving a claim, or before rejecting it with a reason that its form asks for."""

    def gather(claim: RefundClaim, by: Actor, at: datetime) -> refund_rules.DecisionFacts:
        return decision_of(claim, approve=approve, reason="—", by=by, at=at)

    return gather


def decision_of(
    claim: RefundClaim, *, approve: bool, reason: str, by: Actor, at: datetime
) -> refund_rules.DecisionFacts:
    """A claim before the Collector: who asked, who decides, what is free and overdue now."""
    if claim.kind == "credit":
        free = free_paise(subject_of(claim), party_id=claim.party_id)
        overdue = overdue_paise(subject_of(claim), party_id=claim.party_id, at=at)
    else:
        free = claim.amount_paise if claim.receipt and claim.receipt.state == "refused" else 0
        overdue = 0
    return refund_rules.DecisionFacts(
        claim=claim.number,
        kind=claim.kind,
        state=claim.state,
        approve=approve,
        reason=reason,
        asked_by=claim.asked_by,
        decided_by=by.user_id,
        amount_paise=claim.amount_paise,
        free_paise=free,
        overdue_paise=overdue,
    )


def failed_return_of(order: RefundOrder, by: Actor, at: datetime) -> refund_rules.FailedFacts:
    """Whether a return came back, and is not on its way again."""
    again = order.state == "failed" and order.next_try_at is not None
    return refund_rules.FailedFacts(order.number, "ordered" if again else order.state)
