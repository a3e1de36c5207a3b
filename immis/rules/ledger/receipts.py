"""May this payment begin, may this receipt be verified, and where a treasury's notice moves a receipt."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from immis.rules.catalogue import Finding, rule
from immis.rules.policy import PolicyBook
from immis.rules.writing.texts import texts

#: How far a receipt has come; notices of the treasury only ever raise it, officers decide from ``paid_unverified``.
RANK = {
    **{"created": 0, "failed": 1, "paid_unverified": 2, "verified": 3, "refused": 3},
    **{"reconciled": 4, "reversed": 5},
}
#: States in which the money of a receipt stands in the journal, and those in which it pays its demand.
POSTED = ("verified", "reconciled", "refused")
MONEY_IN = ("verified", "reconciled")
_NOTICED = {
    **{"created": "created", "pending": "created", "failed": "failed"},
    **{"paid": "paid_unverified", "reversed": "reversed"},
}

STATE_WORDS = texts("ledger/states")


@dataclass(frozen=True)
class PaymentFacts:
    """A demand that someone wants to pay; ``state`` is open, waiting, settled or cancelled."""

    demand: str
    state: str


@dataclass(frozen=True)
class ReceiptFacts:
    """A receipt before the officer, with what the treasury answered just now (amounts in paise)."""

    receipt: str
    state: str
    grn: str
    amount_paise: int
    paid_paise: int | None
    treasury_status: str
    payer_account: str
    own_accounts: tuple[str, ...]
    party: Mapping[str, str]


@dataclass(frozen=True)
class WaitingFacts:
    """A receipt that is to be decided, and how far it has come."""

    receipt: str
    state: str


@dataclass(frozen=True)
class CreditFacts:
    """A demand that credit on account is to pay: its state, and the credit of its party on the same subject."""

    demand: str
    state: str
    credit_paise: int


@dataclass(frozen=True)
class OpenPaymentsFacts:
    """A demand whose payments at the treasury may have moved: how many were opened there and are not paid."""

    demand: str
    state: str
    open_payments: int


def moved(state: str, status: str) -> str | None:
    """The state a receipt moves to on a treasury notice; None where the notice brings no progress.

    Any order and any number of notices end in the same state: the highest rank wins.
    """
    target = _NOTICED.get(status)
    return target if target and RANK[target] > RANK[state] else None


def same_account(row: str, other: str) -> bool:
    """Whether two account numbers are the same, blanks and leading zeros aside."""
    return row.replace(" ", "").lstrip("0") == other.replace(" ", "").lstrip("0")


@rule("PAY-04", on="payment.begin")
def demand_not_payable(facts: PaymentFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A settled, cancelled or already paid demand takes no further payment.

    Clause: tender 20 iii, payment only online against a demand. Our reading: one payment settles one demand in
    full, and nothing is asked twice. The Collector may settle a doubt.
    """
    policy.at("PAY-04", at)
    if facts.state == "open":
        return None
    return Finding("PAY-04", {"demand": facts.demand, "state": STATE_WORDS[facts.state]})


@rule("PAY-01", on="receipt.verify")
def foreign_account(facts: ReceiptFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """The payer's account is none of the party's own.

    Clause: tender 20 iii (ka)-(ga): from the own account of the person, the firm or its partners, the company or
    its directors (E-083). Our reading: an officer who knows the account to be a partner's or director's verifies
    with that reason. The Collector may settle a doubt.
    """
    policy.at("PAY-01", at)
    if facts.treasury_status != "paid":
        return None  # nobody has paid yet: PAY-03 says so
    if any(same_account(facts.payer_account, own) for own in facts.own_accounts if own):
        return None
    words = {"receipt": facts.receipt, "payer_account": facts.payer_account or "—", "party": dict(facts.party)}
    return Finding("PAY-01", words, severity="warning")


@rule("PAY-02", on="receipt.verify")
def amount_differs(facts: ReceiptFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """The treasury holds another amount than the receipt is for.

    Clause: tender 20 iii and 24(ii), the sums are fixed. Our reading: an officer verifies what came in with a
    written reason; a part settles nothing and leaves the balance due, an excess is credit on account. The Collector
    may settle a doubt.
    """
    policy.at("PAY-02", at)
    if facts.treasury_status != "paid" or facts.paid_paise in (None, facts.amount_paise):
        return None
    sums = {"amount_paise": facts.amount_paise, "paid_paise": facts.paid_paise}
    return Finding("PAY-02", {"receipt": facts.receipt, **sums}, severity="warning")


@rule("PAY-03", on="receipt.verify")
def not_confirmed(facts: ReceiptFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """The treasury, asked directly, does not say that the money came in.

    Clause: tender 20 iii; review of 13.01.2026, point vii (A-18). Our reading: neither the browser's return nor
    the payer's word is a payment. The AD (HQ) may settle a doubt.
    """
    policy.at("PAY-03", at)
    if facts.treasury_status == "paid":
        return None
    status = policy.words("PAY-03", facts.treasury_status)
    return Finding("PAY-03", {"receipt": facts.receipt, "grn": facts.grn or "—", "status": status})


@rule("PAY-06", on="receipt.decide")
def not_waiting(facts: WaitingFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Only a receipt that was paid and not yet decided is verified or refused.

    Clause: review of 13.01.2026, point vii (A-18). Our reading: a decision on a receipt is final. The AD (HQ) may
    settle a doubt.
    """
    policy.at("PAY-06", at)
    if facts.state == "paid_unverified":
        return None
    return Finding("PAY-06", {"receipt": facts.receipt, "state": STATE_WORDS[facts.state]})


@rule("PAY-08", on="credit.use")
def no_credit_to_use(facts: CreditFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Credit on account pays a demand that is open, as far as there is credit (A-11).

    Clause: tender 24(ii) says nothing of an excess payment. Our reading: it may pay the next demand on the same
    settlement. The Collector may settle a doubt.
    """
    policy.at("PAY-08", at)
    if facts.state == "open" and facts.credit_paise > 0:
        return None
    words = {"state": STATE_WORDS[facts.state], "credit_paise": max(facts.credit_paise, 0)}
    return Finding("PAY-08", {"demand": facts.demand, **words})


@rule("PAY-10", on="demand.ask_treasury")
def nothing_to_ask(facts: OpenPaymentsFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """The treasury is asked about a demand that is open and whose payment was begun there (E-083).

    Clause: tender 20 iii, payment only online. Our reading: what the treasury has confirmed is not asked again. The
    Collector may settle a doubt.
    """
    policy.at("PAY-10", at)
    if facts.state == "open" and facts.open_payments:
        return None
    return Finding("PAY-10", {"demand": facts.demand, "state": STATE_WORDS[facts.state]})
