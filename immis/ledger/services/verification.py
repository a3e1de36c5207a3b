"""The district's decision on a payment: verified against the treasury itself, or refused with a reason."""

from datetime import datetime

from django.db import transaction

from immis.adapters.treasury.port import Standing, TreasuryUnreachable
from immis.core.errors import NotPermitted, Refusal
from immis.core.permissions import Actor, Role, require
from immis.core.services import emit, log_action, record_decision
from immis.ledger.chart import HEAD_OF_KIND, TREASURY, UNAPPLIED
from immis.ledger.models import Demand, Receipt
from immis.ledger.selectors import own_accounts, receipt_facts
from immis.ledger.services.journal import Side, post_entry
from immis.ledger.services.payments import note_payment
from immis.ledger.treasury import treasury
from immis.rules import ledger as rules
from immis.rules.calendar import india_day
from immis.rules.catalogue import Finding, find
from immis.rules.policy import book

VERIFIERS = (Role.DISTRICT, Role.COLLECTOR, Role.SYSTEM)


def ask_treasury(receipt: Receipt) -> Standing:
    """What the treasury itself says of a receipt now. Raises Refusal: PAY-05 no answer, PAY-03 no GRN yet."""
    if receipt.grn is None:
        facts = {"receipt": receipt.number, "grn": "—", "status": receipt.state}
        raise Refusal(Finding("PAY-03", facts))
    try:
        return treasury().status(receipt.grn)
    except TreasuryUnreachable as error:
        raise Refusal(Finding("PAY-05", {"receipt": receipt.number})) from error


def verify_receipt(*, receipt: Receipt, by: Actor, at: datetime, reason: str = "") -> Receipt:
    """Verify a payment for the district: ask the treasury, post the entry, settle the demand (A-18, E-083).

    What the money stopped opens by itself from this instant. A warning (foreign account) needs a written ``reason``.
    Raises Refusal with the findings, and NotPermitted for another district's officer.
    """
    _require_verifier(receipt, by)
    standing = ask_treasury(receipt)
    note_payment(standing=standing, source="check", at=at)
    with transaction.atomic():
        receipt = _locked(receipt)
        _refuse_or_go_on(receipt, standing, reason=reason, at=at)
        _decide(receipt, "verified", standing, reason=reason, by=by, at=at)
        _post(receipt, by=by, at=at)
        facts = {**receipt_facts(receipt), "officer": by.name, "reason": reason}
        subject = (receipt.demand.subject_kind, receipt.demand.subject_id)
        log_action("receipt.verified", subject=subject, by=by, at=at, facts=facts)
        emit("receipt.verified", subject=subject, facts=facts, at=at, key=f"receipt.verified:{receipt.number}")
    return receipt


@transaction.atomic
def refuse_receipt(*, receipt: Receipt, reason: str, by: Actor, at: datetime) -> Receipt:
    """Refuse a paid receipt with a reason: the money is kept apart, to be returned; the demand stays open."""
    _require_verifier(receipt, by)
    receipt = _locked(receipt)
    if receipt.state != "paid_unverified" or not reason.strip():
        raise Refusal(Finding("PAY-06", {"receipt": receipt.number, "state": rules.STATE_WORDS[receipt.state]}))
    receipt.state, receipt.verified_at, receipt.verified_by, receipt.reason = "refused", at, by.user_id, reason
    receipt.save()
    subject = (receipt.demand.subject_kind, receipt.demand.subject_id)
    party, paid = receipt.demand.party, receipt.paid_paise or 0
    sides = [
        Side(TREASURY, debit_paise=paid, party=party, subject=subject),
        Side(UNAPPLIED, credit_paise=paid, party=party, subject=subject),
    ]
    post_entry("receipt.refused", sides=sides, by=by, at=at, receipt=receipt, facts={"reason": reason})
    facts = {**receipt_facts(receipt), "officer": by.name, "reason": reason}
    log_action("receipt.refused", subject=subject, by=by, at=at, facts=facts)
    emit("receipt.refused", subject=subject, facts=facts, at=at, key=f"receipt.refused:{receipt.number}")
    return receipt


def _require_verifier(receipt: Receipt, by: Actor) -> None:
    require(by, *VERIFIERS)
    if not by.sees_district(receipt.demand.district):
        raise NotPermitted(f"receipt {receipt.number} belongs to another district")


def _locked(receipt: Receipt) -> Receipt:
    """The receipt and its demand, locked in the order in which payments lock them."""
    demands = Demand.objects.select_for_update(of=("self",)).select_related("party")
    demand = demands.get(pk=receipt.demand_id)
    receipt = Receipt.objects.select_for_update().get(pk=receipt.pk)
    receipt.demand = demand
    return receipt


def _refuse_or_go_on(receipt: Receipt, standing: Standing, *, reason: str, at: datetime) -> None:
    party = receipt.demand.party
    facts = rules.ReceiptFacts(
        receipt=receipt.number,
        state=receipt.state,
        grn=receipt.grn or "",
        amount_paise=receipt.amount_paise,
        paid_paise=standing.amount_paise,
        treasury_status=standing.status,
        payer_account=standing.payer_account,
        own_accounts=own_accounts(party),
        party={"en": party.name_en, "hi": party.name_hi},
    )
    findings = find("receipt.verify", facts, policy=book(), at=at)
    explained = bool(reason.strip())
    if stopping := [f for f in findings if f.severity == "refuse" or not explained]:
        raise Refusal(stopping)
    for finding in findings:
        record_decision(
            finding.code,
            subject=("receipt", receipt.number),
            facts={**finding.facts, "reason": reason},
            outcome="allowed",
            policy_on=india_day(at),
            at=at,
        )


def _decide(receipt: Receipt, state: str, standing: Standing, *, reason: str, by: Actor, at: datetime) -> None:
    """The treasury's own answer is what is kept, whatever an earlier notice said."""
    receipt.state, receipt.verified_at, receipt.verified_by, receipt.reason = state, at, by.user_id, reason
    receipt.paid_paise = standing.amount_paise
    receipt.payer_account, receipt.bank_ref = standing.payer_account, standing.bank_ref
    receipt.save()


def _post(receipt: Receipt, *, by: Actor, at: datetime) -> None:
    """Money in; to the demand's head what the demand still lacks, the rest kept apart. Settles the demand."""
    demand, paid = receipt.demand, receipt.paid_paise or 0
    subject = (demand.subject_kind, demand.subject_id)
    applied = 0 if demand.settled_at or demand.cancelled_at else min(paid, demand.amount_paise)
    sides = [Side(TREASURY, debit_paise=paid, party=demand.party, subject=subject)]
    if applied:
        sides.append(Side(HEAD_OF_KIND[demand.kind], credit_paise=applied, party=demand.party, subject=subject))
    if paid > applied:
        sides.append(Side(UNAPPLIED, credit_paise=paid - applied, party=demand.party, subject=subject))
    post_entry("receipt.verified", sides=sides, by=by, at=at, receipt=receipt, facts={"demand": demand.number})
    if applied:
        Demand.objects.filter(pk=demand.pk).update(settled_at=at, settled_by=by.user_id)
        demand.settled_at, demand.settled_by = at, by.user_id
