"""The register of post-dated cheques and DMF drafts, and the taxes that come with an instalment (E-101…E-105)."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import transaction

from immis.core.access.permissions import Actor
from immis.core.errors import Refusal
from immis.core.grants import require_grant
from immis.core.services import Asked, emit, log_action, next_number, record_decision
from immis.ledger.chart import GST_CONTRA, GST_PROOF, TAX, TREASURY
from immis.ledger.events import (
    InstrumentBounced,
    InstrumentHonoured,
    InstrumentLodged,
    InstrumentNews,
    InstrumentPresented,
    InstrumentReturned,
    ReceiptVerified,
)
from immis.ledger.models import Demand, Instrument, Receipt, TaxItem
from immis.ledger.selectors import demand_facts
from immis.ledger.services.allocation import post_receipt, subject_of
from immis.ledger.services.journal import Side, post_entry
from immis.rules.calendar import india_day
from immis.rules.catalogue import Finding, find
from immis.rules.ledger import instruments as rules
from immis.rules.policy import book


def _locked_demand(demand: Demand, by: Actor) -> Demand:
    require_grant(by, "instrument.keep", district=demand.district)
    return Demand.objects.select_for_update(of=("self",)).select_related("party").get(pk=demand.pk)


def _check(occasion: str, facts: object, *, about: str, at: datetime) -> list[Finding]:
    findings = find(occasion, facts, policy=book(), at=at)
    if refusing := [finding for finding in findings if finding.severity == "refuse"]:
        raise Refusal(refusing)
    for finding in findings:
        subject = ("instrument", about)
        more = {"facts": finding.facts, "outcome": "warning", "policy_on": india_day(at), "at": at}
        record_decision(finding.code, subject=subject, **more, asked=Asked(facts, [finding]))
    return findings


@dataclass(frozen=True, kw_only=True)
class NewInstrument:
    """A cheque or draft as it is handed in."""

    kind: str
    number: str
    bank: str
    dated_on: date
    amount_paise: int


@transaction.atomic
def lodge_instrument(
    *, demand: Demand, instrument: NewInstrument, by: Actor, at: datetime
) -> tuple[Instrument, list[Finding]]:
    """Enter a cheque for a later instalment, or a draft for the DMF, in the register; answers it with warnings.

    Raises Refusal: another demand than the clause names (CHQ-01), another amount (CHQ-02), one is lodged (CHQ-04).
    """
    demand = _locked_demand(demand, by)
    named = replace(instrument, number=instrument.number.strip().upper(), bank=" ".join(instrument.bank.split()))
    facts = rules.LodgeFacts(
        instrument=named.number,
        kind=named.kind,
        demand=demand.number,
        demand_kind=demand.kind,
        instalment=_instalment_number(demand),
        label=demand.label,
        due_on=demand.due_on,
        dated_on=named.dated_on,
        amount_paise=named.amount_paise,
        balance_paise=0 if demand.settled_at or demand.cancelled_at else demand.balance_paise,
        taken=_taken(demand, named),
    )
    findings = _check("instrument.lodge", facts, about=named.number, at=at)
    row = Instrument.objects.create(demand=demand, **vars(named), lodged_at=at, lodged_by=by.user_id)
    _tell(InstrumentLodged, row, by=by, at=at)
    return row, findings


def _taken(demand: Demand, named: NewInstrument) -> bool:
    live = Instrument.objects.filter(demand=demand, state__in=["lodged", "presented"])
    same = Instrument.objects.filter(kind=named.kind, bank=named.bank, number=named.number)
    return live.exists() or same.exists()


def _instalment_number(demand: Demand) -> int:
    """Instalments carry their number in the key under which they were demanded: ``instalment:<lease>:<year>:<n>``."""
    last = (demand.key or "").rsplit(":", 1)[-1]
    return int(last) if demand.kind == "instalment" and last.isdigit() else 0


#: what is told of a cheque or draft in each state that it comes to
_NEWS = {
    "presented": InstrumentPresented,
    "honoured": InstrumentHonoured,
    "bounced": InstrumentBounced,
    "returned": InstrumentReturned,
}


@transaction.atomic
def move_instrument(
    *, instrument: Instrument, to: str, on: date, by: Actor, at: datetime, reference: str = "", reason: str = ""
) -> Instrument:
    """Present a cheque or draft, or record its end: honoured (pays its demand), bounced (task), returned.

    ``reference`` is the bank's credit reference, ``reason`` its words for a bounce. Raises Refusal (CHQ-04, CHQ-05).
    """
    demand = _locked_demand(instrument.demand, by)
    row = Instrument.objects.select_for_update().get(pk=instrument.pk)
    row.demand = demand
    facts = rules.MoveFacts(
        row.number, row.state, to, on, row.dated_on, india_day(at), reference.strip(), reason.strip(), row.presented_on
    )
    _check("instrument.move", facts, about=row.number, at=at)
    row.state = to
    if to == "presented":
        row.presented_on = on
    else:
        row.ended_on, row.bank_ref, row.reason = on, reference.strip(), reason.strip()
    if to == "honoured":
        row.receipt = _honoured(row, by=by, at=at)
    row.save()
    _tell(_NEWS[to], row, by=by, at=at)
    return row


def _honoured(row: Instrument, *, by: Actor, at: datetime) -> Receipt:
    """The money of a cheque or draft: verified by the officer who records the bank's advice."""
    year = india_day(at).year
    receipt = Receipt.objects.create(
        number=f"R{year % 100:02d}-{next_number(f'receipt-{year}'):06d}",
        demand=row.demand,
        amount_paise=row.amount_paise,
        paid_paise=row.amount_paise,
        state="verified",
        channel=row.kind,
        bank_ref=row.bank_ref,
        created_at=at,
        created_by=by.user_id,
        paid_at=at,
        verified_at=at,
        verified_by=by.user_id,
        reason=f"{row.kind} {row.number}, {row.bank}",
    )
    post_receipt(receipt, by=by, at=at)
    facts = {**demand_facts(row.demand), "receipt": receipt.number, "grn": "", "state": "verified", "officer": by.name}
    facts["verified_at"] = at
    payload = ReceiptVerified.of(facts)
    log_action(payload.KIND, subject=subject_of(row.demand), by=by, at=at, facts=facts)
    emit(payload, subject=subject_of(row.demand), at=at, key=f"{payload.KIND}:{receipt.number}")
    return receipt


def _tell(kind: type[InstrumentNews], row: Instrument, *, by: Actor, at: datetime) -> None:
    facts = {
        **demand_facts(row.demand),
        "instrument": row.number,
        "instrument_kind": row.kind,
        "bank": row.bank,
        "dated_on": row.dated_on,
        "reason": row.reason,
    }
    subject = subject_of(row.demand)
    log_action(kind.KIND, subject=subject, by=by, at=at, facts=facts)
    emit(kind.of(facts), subject=subject, at=at, key=f"{kind.KIND}:{row.pk}")


@transaction.atomic
def record_tax(
    *, demand: Demand, kind: str, amount_paise: int, paid_on: date, reference: str, by: Actor, at: datetime
) -> TaxItem:
    """Record GST proof (paid elsewhere, kept beside the books) or income tax taken with an instalment (E-103, E-104).

    Raises Refusal (TAX-03) for a demand that is no instalment, a day to come, or a reference that is recorded already.
    """
    demand = _locked_demand(demand, by)
    reference = reference.strip()
    taken = TaxItem.objects.filter(kind=kind, reference=reference).exists()
    facts = rules.TaxFacts(kind, demand.number, demand.kind, reference, paid_on, india_day(at), taken)
    _check("tax.record", facts, about=reference, at=at)
    row = TaxItem.objects.create(
        kind=kind,
        demand=demand,
        amount_paise=amount_paise,
        paid_on=paid_on,
        reference=reference,
        recorded_at=at,
        recorded_by=by.user_id,
    )
    debit, credit = (GST_PROOF, GST_CONTRA) if kind == "gst" else (TREASURY, TAX)
    _post_tax(row, (debit, credit), "tax.recorded", by=by, at=at)
    return row


@transaction.atomic
def deposit_tax(*, item: TaxItem, on: date, reference: str, by: Actor, at: datetime) -> TaxItem:
    """The office deposited collected income tax under the tax head (clause 26); once.

    Raises Refusal (TAX-04) for GST, without a challan number, for a day to come, or when it is deposited already.
    """
    demand = _locked_demand(item.demand, by)
    row = TaxItem.objects.select_for_update().get(pk=item.pk)
    row.demand = demand
    facts = rules.DepositFacts(
        row.kind, row.reference, row.deposited_on, on, india_day(at), reference.strip(), row.paid_on
    )
    _check("tax.deposit", facts, about=row.reference, at=at)
    row.deposited_on, row.deposit_reference = on, reference.strip()
    row.save(update_fields=["deposited_on", "deposit_reference"])
    _post_tax(row, (TAX, TREASURY), "tax.deposited", by=by, at=at)
    return row


def _post_tax(row: TaxItem, heads: tuple, kind: str, *, by: Actor, at: datetime) -> None:
    subject, party = subject_of(row.demand), row.demand.party
    sides = [
        Side(heads[0], debit_paise=row.amount_paise, party=party, subject=subject),
        Side(heads[1], credit_paise=row.amount_paise, party=party, subject=subject),
    ]
    facts = {"tax": row.kind, "demand": row.demand.number, "reference": row.reference, "amount_paise": row.amount_paise}
    post_entry(kind, sides=sides, by=by, at=at, facts=facts)
    log_action(kind, subject=subject, by=by, at=at, facts={**facts, "label": row.demand.label})
