"""The district's decision on a payment: verified against the treasury itself, or refused with a reason."""

from datetime import datetime

from django.db import transaction

from immis.adapters.treasury.port import Standing, TreasuryUnreachable
from immis.core.access.outside import asking_outside
from immis.core.access.permissions import Actor
from immis.core.errors import NotPermitted, Refusal
from immis.core.grants import require_grant
from immis.core.services import Asked, emit, log_action, record_decision
from immis.ledger.chart import TREASURY, UNAPPLIED
from immis.ledger.events import ReceiptRefused, ReceiptVerified
from immis.ledger.facts import open_payments_of, payments_to_ask, waiting_of
from immis.ledger.models import Demand, Receipt
from immis.ledger.selectors import own_accounts, receipt_facts
from immis.ledger.services.allocation import post_receipt
from immis.ledger.services.journal import Side, post_entry
from immis.ledger.services.payments import note_payment
from immis.ledger.services.reconciliation import reconcile_waiting
from immis.ledger.treasury import treasury
from immis.rules.calendar import india_day
from immis.rules.catalogue import Finding, find
from immis.rules.ledger import receipts as rules
from immis.rules.policy import book


def ask_treasury(receipt: Receipt) -> Standing:
    """What the treasury itself says of a receipt now. Raises Refusal: PAY-05 no answer, PAY-03 no GRN yet."""
    if receipt.grn is None:
        facts = {"receipt": receipt.number, "grn": "—", "status": receipt.state}
        raise Refusal(Finding("PAY-03", facts))
    try:
        with asking_outside():
            return treasury().status(receipt.grn)
    except TreasuryUnreachable as error:
        raise Refusal(Finding("PAY-05", {"receipt": receipt.number})) from error


def ask_about_payments(*, demand: Demand, by: Actor, at: datetime) -> list[Receipt]:
    """The payer has the treasury asked about the payments begun on a demand; answers them as they stand now.

    Raises Refusal (PAY-10) where there is none to ask about, (PAY-05) no answer, NotPermitted for another party.
    """
    require_grant(by, "receipt.pay")
    if not by.is_system and by.party_id != demand.party_id:
        raise NotPermitted(f"demand {demand.number} is not of this party")
    if findings := find("demand.ask_treasury", open_payments_of(demand, by, at), policy=book(), at=at):
        raise Refusal(findings)
    asked = payments_to_ask(demand)
    for receipt in asked:
        note_payment(standing=ask_treasury(receipt), source="check", at=at)
    return asked


def verify_receipt(*, receipt: Receipt, by: Actor, at: datetime, reason: str = "") -> Receipt:
    """Verify a payment for the district: ask the treasury, post the entry, settle the demand (A-18, E-083).

    What the money stopped opens by itself once the demand is paid in full. A part leaves it open with its balance, an
    excess is credit on account. A warning (foreign account, another amount) needs a written ``reason``.
    Raises Refusal with the findings, and NotPermitted for another district's officer.
    """
    _require_verifier(receipt, by)
    standing = ask_treasury(receipt)
    note_payment(standing=standing, source="check", at=at)
    with transaction.atomic():
        receipt = _locked(receipt)
        _refuse_or_go_on(receipt, standing, reason=reason, by=by, at=at)
        _decide(receipt, "verified", standing, reason=reason, by=by, at=at)
        applied = post_receipt(receipt, by=by, at=at)
        reconcile_waiting(receipt, at=at)
        facts = {**receipt_facts(receipt), "officer": by.name, "reason": reason, "applied_paise": applied}
        subject = (receipt.demand.subject_kind, receipt.demand.subject_id)
        payload = ReceiptVerified.of(facts)
        log_action(payload.KIND, subject=subject, by=by, at=at, facts=facts)
        emit(payload, subject=subject, at=at, key=f"{payload.KIND}:{receipt.number}")
    return receipt


@transaction.atomic
def refuse_receipt(*, receipt: Receipt, reason: str, by: Actor, at: datetime) -> Receipt:
    """Refuse a paid receipt with a reason: the money is kept apart, to be returned; the demand stays open."""
    _require_verifier(receipt, by)
    receipt = _locked(receipt)
    if findings := find("receipt.decide", waiting_of(receipt, by, at), policy=book(), at=at):
        raise Refusal(findings)
    if not reason.strip():
        raise Refusal(Finding("PAY-06", {"receipt": receipt.number, "state": rules.STATE_WORDS[receipt.state]}))
    receipt.state, receipt.verified_at, receipt.verified_by, receipt.reason = "refused", at, by.user_id, reason
    receipt.save()
    subject = (receipt.demand.subject_kind, receipt.demand.subject_id)
    party, paid = receipt.demand.party, receipt.paid_paise or 0
    sides = [
        Side(TREASURY, debit_paise=paid, party=party, subject=subject),
        Side(UNAPPLIED, credit_paise=paid, party=party, subject=subject),
    ]
    post_entry(ReceiptRefused.KIND, sides=sides, by=by, at=at, receipt=receipt, facts={"reason": reason})
    facts = {**receipt_facts(receipt), "officer": by.name, "reason": reason}
    payload = ReceiptRefused.of(facts)
    log_action(payload.KIND, subject=subject, by=by, at=at, facts=facts)
    emit(payload, subject=subject, at=at, key=f"{payload.KIND}:{receipt.number}")
    return receipt


def _require_verifier(receipt: Receipt, by: Actor) -> None:
    require_grant(by, "receipt.verify", district=receipt.demand.district)


def _locked(receipt: Receipt) -> Receipt:
    """The receipt and its demand, locked in the order in which payments lock them."""
    demands = Demand.objects.select_for_update(of=("self",)).select_related("party")
    demand = demands.get(pk=receipt.demand_id)
    receipt = Receipt.objects.select_for_update().get(pk=receipt.pk)
    receipt.demand = demand
    return receipt


def _refuse_or_go_on(receipt: Receipt, standing: Standing, *, reason: str, by: Actor, at: datetime) -> None:
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
    waits = waiting_of(receipt, by, at)
    asked = [
        (row, find(on, row, policy=book(), at=at)) for on, row in (("receipt.verify", facts), ("receipt.decide", waits))
    ]
    findings = [finding for _row, result in asked for finding in result]
    explained = bool(reason.strip())
    if stopping := [f for f in findings if f.severity == "refuse" or not explained]:
        raise Refusal(stopping)
    for row, finding in ((row, finding) for row, result in asked for finding in result):
        record_decision(
            finding.code,
            subject=("receipt", receipt.number),
            facts={**finding.facts, "reason": reason},
            outcome="allowed",
            policy_on=india_day(at),
            at=at,
            asked=Asked(row, [finding]),
        )


def _decide(receipt: Receipt, state: str, standing: Standing, *, reason: str, by: Actor, at: datetime) -> None:
    """The treasury's own answer is what is kept, whatever an earlier notice said."""
    receipt.state, receipt.verified_at, receipt.verified_by, receipt.reason = state, at, by.user_id, reason
    receipt.paid_paise = standing.amount_paise
    receipt.payer_account, receipt.bank_ref = standing.payer_account, standing.bank_ref
    receipt.save()
