"""Cheques, drafts and taxes that come with an instalment: may it be lodged, moved, recorded (clauses 24 to 27)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from immis.rules.catalogue import Finding, rule
from immis.rules.money import percent_of
from immis.rules.policy import NotInForce, PolicyBook
from immis.rules.writing.texts import texts

STATE_WORDS = texts("ledger/instruments")
_NEXT = {"lodged": ("presented", "returned"), "presented": ("honoured", "bounced")}


@dataclass(frozen=True)
class LodgeFacts:
    """A cheque or draft that is handed in for a demand; ``instalment`` is its number in the year, 0 for others."""

    instrument: str
    kind: str
    demand: str
    demand_kind: str
    instalment: int
    label: Mapping[str, str]
    due_on: date | None
    dated_on: date
    amount_paise: int
    balance_paise: int
    taken: bool = False


@dataclass(frozen=True)
class MoveFacts:
    """A cheque or draft that moves on, on a day; ``today`` is the day of recording."""

    instrument: str
    state: str
    to: str
    on: date
    dated_on: date
    today: date
    reference: str = ""
    reason: str = ""
    presented_on: date | None = None


@dataclass(frozen=True)
class TaxFacts:
    """GST proof or income tax as it is handed in with an instalment."""

    kind: str
    demand: str
    demand_kind: str
    reference: str
    paid_on: date
    today: date
    taken: bool = False


@dataclass(frozen=True)
class DepositFacts:
    """Collected income tax that the office deposits."""

    kind: str
    reference: str
    deposited_on: date | None
    on: date
    today: date
    deposit_reference: str
    paid_on: date | None = None


@dataclass(frozen=True)
class WaitingFacts:
    """What of a settlement's register waits: demands without a cheque, cheques at the bank, tax to deposit."""

    waiting: Sequence[str]


@rule("CHQ-01", on="instrument.lodge")
def other_demand(facts: LodgeFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Cheques are for the later instalments of a year, drafts for the DMF (E-101, E-105).

    Clause: tender 24(ii) and 27. Our reading: the first instalment, and everything else, is paid online only. The
    Collector may settle a doubt.
    """
    allowed = policy.value("CHQ-01", at)
    fits = facts.instalment in allowed["cheque"] if facts.kind == "cheque" else facts.demand_kind in allowed["draft"]
    if fits:
        return None
    return Finding("CHQ-01", {"demand": facts.demand, "label": dict(facts.label), "instrument": facts.instrument})


@rule("CHQ-02", on="instrument.lodge")
def other_amount(facts: LodgeFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A cheque or draft is made out for exactly what is left of its demand.

    Clause: tender 24(ii), the sums are fixed. Our reading: a settled demand takes none. The Collector may settle a
    doubt.
    """
    policy.at("CHQ-02", at)
    if facts.amount_paise == facts.balance_paise:
        return None
    sums = {"amount_paise": facts.amount_paise, "balance_paise": facts.balance_paise}
    return Finding("CHQ-02", {"instrument": facts.instrument, "demand": facts.demand, **sums})


@rule("CHQ-03", on="instrument.lodge")
def dated_late(facts: LodgeFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """The cheque cannot be presented before its instalment falls due.

    Clause: tender 24(ii), post-dated cheques. Our reading: dated on or before the due day; a later one is taken with
    a warning, since the hold follows the due day all the same. The Collector may settle a doubt.
    """
    policy.at("CHQ-03", at)
    if facts.due_on is None or facts.dated_on <= facts.due_on:
        return None
    days = {"dated_on": facts.dated_on, "due_on": facts.due_on}
    return Finding("CHQ-03", {"instrument": facts.instrument, **days}, severity="warning")


@rule("CHQ-06", on="instrument.lodge")
def lodged_twice(facts: LodgeFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """One live cheque or draft stands for a demand, and a number of a bank is entered once.

    Clause: tender 24(ii). Our reading: a replaced cheque is given back first. The Collector may settle a doubt.
    """
    policy.at("CHQ-06", at)
    return Finding("CHQ-06", {"instrument": facts.instrument, "demand": facts.demand}) if facts.taken else None


@rule("CHQ-04", on="instrument.move")
def out_of_order(facts: MoveFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A cheque is lodged, presented, then honoured or bounced, each on a day that has come and once.

    Clause: tender 24(ii). Our reading: never presented before its own date, nor ended before it was presented. The
    Collector may settle a doubt.
    """
    policy.at("CHQ-04", at)
    early = facts.on > facts.today or (facts.to != "returned" and facts.on < (facts.presented_on or facts.dated_on))
    if facts.to in _NEXT.get(facts.state, ()) and not early:
        return None
    words = {"state": STATE_WORDS[facts.state], "to": STATE_WORDS.get(facts.to, facts.to)}
    return Finding("CHQ-04", {"instrument": facts.instrument, "dated_on": facts.dated_on, "on": facts.on, **words})


@rule("CHQ-05", on="instrument.move")
def without_evidence(facts: MoveFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """An honoured cheque needs the bank's credit reference, a bounced one the bank's reason.

    Clause: tender 24(ii). Our reading: nobody's word is a payment, as online. The Collector may settle a doubt.
    """
    policy.at("CHQ-05", at)
    needed = {"honoured": facts.reference, "bounced": facts.reason, "returned": facts.reason}
    if needed.get(facts.to, "-"):
        return None
    return Finding("CHQ-05", {"instrument": facts.instrument, "to": STATE_WORDS[facts.to]})


@rule("CHQ-07", on="register.demand_waits")
def no_demand_waits(facts: WaitingFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A cheque, a draft or a tax comes with a demand of the settlement (E-101, E-103…E-105).

    Clause: tender 24(ii) to 27. Our reading: without an instalment there is nothing that it could come with. The
    Collector may settle a doubt.
    """
    policy.at("CHQ-07", at)
    return None if facts.waiting else Finding("CHQ-07")


@rule("CHQ-08", on="register.instrument_waits")
def no_instrument_waits(facts: WaitingFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Only a cheque or draft that the office or the bank has moves on (E-101).

    Clause: tender 24(ii). Our reading: its end is final. The Collector may settle a doubt.
    """
    policy.at("CHQ-08", at)
    return None if facts.waiting else Finding("CHQ-08")


@rule("TAX-05", on="register.tax_waits")
def no_tax_waits(facts: WaitingFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Income tax is deposited once, after it was collected (E-104).

    Clause: tender 26. Our reading: GST is not the office's to deposit. The Collector may settle a doubt.
    """
    policy.at("TAX-05", at)
    return None if facts.waiting else Finding("TAX-05")


@rule("TAX-03", on="tax.record")
def tax_not_recordable(facts: TaxFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """GST proof and income tax come with an instalment, with a reference, once (E-103, E-104).

    Clause: tender 25 and 26. Our reading: proofs are told apart by their challan number. The Collector may settle a
    doubt.
    """
    policy.at("TAX-03", at)
    if facts.demand_kind == "instalment" and facts.paid_on <= facts.today and facts.reference and not facts.taken:
        return None
    return Finding("TAX-03", {"demand": facts.demand, "reference": facts.reference or "—", "paid_on": facts.paid_on})


@rule("TAX-04", on="tax.deposit")
def tax_not_depositable(facts: DepositFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Collected income tax is deposited once, under a challan number, on a day that has come (E-104).

    Clause: tender 26: the office deposits it under the tax head. Our reading: not before it was taken, and GST is not
    the office's to deposit. The Collector may settle a doubt.
    """
    policy.at("TAX-04", at)
    new = facts.kind == "income_tax" and facts.deposited_on is None
    in_order = (facts.paid_on or facts.on) <= facts.on <= facts.today
    if new and in_order and facts.deposit_reference:
        return None
    return Finding("TAX-04", {"reference": facts.reference, "deposit_reference": facts.deposit_reference or "—"})


def expected_tax_paise(kind: str, amount_paise: int, *, policy: PolicyBook, at: datetime) -> int | None:
    """What GST or income tax an instalment brings along, at the rate on record; None where none is."""
    try:
        return percent_of(amount_paise, Decimal(str(policy.value({"gst": "TAX-01", "income_tax": "TAX-02"}[kind], at))))
    except NotInForce:
        return None
