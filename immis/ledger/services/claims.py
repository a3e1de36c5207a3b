"""Asking for money on account to be returned, and the Collector's decision, which makes it a refund order."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound, NotPermitted, Refusal
from immis.core.grants import require_grant
from immis.core.services import Asked, Subject, emit, log_action, next_number, record_decision
from immis.ledger.chart import UNAPPLIED
from immis.ledger.events import ClaimAsked, ClaimDecided, ClaimNews
from immis.ledger.facts import credit_claim_of, decision_of, refused_payment_of, subject_of
from immis.ledger.models import Demand, Receipt, RefundClaim, RefundOrder
from immis.ledger.selectors import credit_by_demand, demands_on
from immis.ledger.services.journal import Side
from immis.ledger.services.refunds import NewRefund, order_refund
from immis.registry.selectors import Party, locked_party
from immis.rules.calendar import india_day
from immis.rules.catalogue import find
from immis.rules.ledger import refunds as rules
from immis.rules.policy import book
from immis.rules.writing.texts import text


@transaction.atomic
def claim_credit(
    *, party: Party, subject: Subject, amount_paise: int, reason: str, by: Actor, at: datetime
) -> RefundClaim:
    """The party asks for its excess on a settlement or lot back, to its own account (A-11).

    Raises Refusal (PAY-20): nothing free, something overdue, or a claim stands; NotPermitted for anybody else.
    """
    require_grant(by, "credit.claim")
    if by.party_id != party.pk:
        raise NotPermitted("a credit is claimed by its own party")
    locked_party(party.pk)
    _lock_credit(subject, party)
    facts = credit_claim_of(party, subject, amount_paise=amount_paise, reason=reason, at=at)
    return _ask(facts, party=party, subject=subject, by=by, at=at)


@transaction.atomic
def claim_refused(*, receipt: Receipt, reason: str, by: Actor, at: datetime) -> RefundClaim:
    """The district proposes that a payment it refused goes back to the account it came from (E-083).

    Without a ``reason`` for the reason of the refusal.
    Raises Refusal (PAY-20): not refused, or proposed already; NotPermitted for another district.
    """
    receipt = Receipt.objects.select_for_update(of=("self",)).select_related("demand__party").get(pk=receipt.pk)
    demand = receipt.demand
    require_grant(by, "claim.propose_return", district=demand.district)
    facts = replace(refused_payment_of(receipt, by, at), reason=reason.strip() or receipt.reason)
    return _ask(facts, party=demand.party, subject=subject_of(demand), receipt=receipt, by=by, at=at)


def _lock_credit(subject: Subject, party: Party) -> None:
    """Hold a party's demands on a subject, as whoever uses or takes back its credit does: no paisa leaves twice."""
    rows = Demand.objects.select_for_update().filter(subject_kind=subject[0], subject_id=subject[1], party=party)
    list(rows.order_by("id").values_list("pk"))


def _ask(
    facts: rules.ClaimFacts,
    *,
    party: Party,
    subject: Subject,
    by: Actor,
    at: datetime,
    receipt: Receipt | None = None,
) -> RefundClaim:
    if findings := find("claim.ask", facts, policy=book(), at=at):
        raise Refusal(findings)
    year = india_day(at).year
    demand = (
        receipt.demand if receipt else Demand.objects.filter(subject_kind=subject[0], subject_id=subject[1]).first()
    )
    claim = RefundClaim.objects.create(
        number=f"C{year % 100:02d}-{next_number(f'claim-{year}'):06d}",
        kind=facts.kind,
        party=party,
        receipt=receipt,
        subject_kind=subject[0],
        subject_id=subject[1],
        district=demand.district if demand else "",
        amount_paise=facts.amount_paise,
        account=facts.account,
        reason=facts.reason.strip()[:300],
        asked_at=at,
        asked_by=by.user_id or 0,
    )
    _tell(ClaimAsked, claim, by=by, at=at)
    return claim


@transaction.atomic
def decide_claim(*, claim: RefundClaim, approve: bool, reason: str, by: Actor, at: datetime) -> RefundClaim:
    """The Collector approves a claim, which orders the refund, or rejects it with a reason.

    Raises Refusal (PAY-21): decided already, the same person, money used meanwhile; NotPermitted elsewhere.
    """
    claim = RefundClaim.objects.select_related("party", "receipt").get(pk=claim.pk)
    require_grant(by, "claim.decide", district=claim.district)
    locked_party(claim.party_id)
    _lock_credit((claim.subject_kind, claim.subject_id), claim.party)
    if claim.receipt_id:
        Receipt.objects.select_for_update(no_key=True).get(pk=claim.receipt_id)
    claim.refresh_from_db()
    facts = decision_of(claim, approve=approve, reason=reason, by=by, at=at)
    if findings := find("claim.decide", facts, policy=book(), at=at):
        raise Refusal(findings)
    claim.state = "approved" if approve else "rejected"
    claim.decided_at, claim.decided_by, claim.decision = at, by.user_id, reason.strip()[:300]
    claim.order = _order(claim, by=by, at=at) if approve else None
    claim.save()
    kept = {"claim": claim.number, "amount_paise": claim.amount_paise, "free_paise": facts.free_paise}
    subject = (claim.subject_kind, claim.subject_id)
    more = {"facts": kept, "outcome": claim.state, "policy_on": india_day(at), "asked": Asked(facts, ())}
    record_decision("PAY-21", subject=subject, at=at, **more)
    _tell(ClaimDecided, claim, by=by, at=at)
    return claim


def _order(claim: RefundClaim, *, by: Actor, at: datetime) -> RefundOrder:
    subject, value = (claim.subject_kind, claim.subject_id), book().at("PAY-20", at)
    order = order_refund(
        refund=NewRefund(
            party=claim.party,
            source=(UNAPPLIED, subject),
            account=claim.account,
            label=text("ledger/refunds", claim.kind, subject=claim.subject_id),
            key=f"claim:{claim.number}",
            due_on=india_day(at),
            cites=[{"code": "PAY-20", "from_on": value.from_on, "cites": value.cites}],
            district=claim.district,
            sides=_debits(claim),
        ),
        by=by,
        at=at,
    )
    if order is None:
        raise NotFound(f"sum held for {claim.number}")
    return order


def _debits(claim: RefundClaim) -> list[Side]:
    """Where the sum stands on 2900: under the demands that were paid in excess, or under none for a refused payment."""
    subject, party = (claim.subject_kind, claim.subject_id), claim.party
    if claim.kind == "refused":
        return [Side(UNAPPLIED, debit_paise=claim.amount_paise, party=party, subject=subject)]
    rows = [row for row in demands_on(subject) if row.party_id == claim.party_id]
    held, left, sides = credit_by_demand(rows), claim.amount_paise, []
    for demand in rows:
        part = min(held.get(demand.pk, 0), left)
        if part > 0:
            sides.append(Side(UNAPPLIED, debit_paise=part, party=party, subject=subject, demand=demand))
            left -= part
    return sides


def _tell(kind: type[ClaimNews], claim: RefundClaim, *, by: Actor, at: datetime) -> None:
    facts: dict[str, Any] = {
        "claim": claim.number,
        "party_id": claim.party_id,
        "party": {"en": claim.party.name_en, "hi": claim.party.name_hi},
        "district": claim.district,
        "amount_paise": claim.amount_paise,
        "subject_id": claim.subject_id,
        "state": claim.state,
        "reason": claim.decision or claim.reason,
    }
    subject = (claim.subject_kind, claim.subject_id)
    log_action(kind.KIND, subject=subject, by=by, at=at, facts={**facts, "officer": by.name})
    emit(kind.of(facts), subject=subject, at=at, key=f"{kind.KIND}:{claim.number}")
