"""What the ledger tells: demands, payments, instruments, claims, returns, scrolls, and what the treasury says."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from immis.core.events import Names, Payload, event, shared, step
from immis.ledger import nouns as nouns

#: what a demand may be raised for
OWED_FOR = ("lease", "lot", "case", "party", "istp")

step("demand.cancelled", _("Demand withdrawn"))
step("demand.released", _("Demand withdrawn, what was paid on it is credit on account"))
step("payment.begun", _("Payment begun"))
step("deposit.moved", _("Earnest money adjusted"))
step("refund.resent", _("Return sent again"))
step("receipt.taken_over", _("Earlier payment taken over"))
step("tax.recorded", _("GST proof or income tax recorded"))
step("tax.deposited", _("Income tax deposited"))
step("demand.dated", _("The due day of a demand was set"))
step("scroll.line_resolved", _("A line of the scroll was settled"))
step("scroll.refused", _("The scroll was refused"))


@shared
class DemandNews(Payload):
    """A demand, and what is open of it. Amounts in paise."""

    ABOUT = OWED_FOR

    demand: str
    kind: str
    label: Names
    amount_paise: int
    balance_paise: int
    due_on: date | None
    subject_kind: str
    subject_id: str
    district: str
    party_id: int
    party: Names
    cites: list[Mapping[str, Any]]


@event("demand.raised", _("Demand raised"))
class DemandRaised(DemandNews):
    """Money is owed from now on."""


@event("credit.applied", _("Credit on account used"))
class CreditApplied(DemandNews):
    """Credit of the party pays a part of the demand or all of it."""

    used_paise: int
    officer: str


@shared
class ReceiptNews(DemandNews):
    """A payment on a demand."""

    receipt: str
    grn: str
    state: str
    verified_at: datetime | None
    flags: list[str] | None = None
    paid_at: datetime | None = None


@event("receipt.paid", _("Payment came in"))
class ReceiptPaid(ReceiptNews):
    """The treasury says that the money came in; the district verifies it (A-18)."""


@event("receipt.verified", _("Payment verified"))
class ReceiptVerified(ReceiptNews):
    """The district verified the payment, or the bank honoured a cheque or draft (A-18, E-083)."""

    officer: str
    reason: str | None = None
    applied_paise: int | None = None


@event("receipt.refused", _("Payment refused"))
class ReceiptRefused(ReceiptNews):
    """The district refused the payment; the money is kept apart."""

    officer: str
    reason: str


@event("receipt.reversed", _("Payment taken back by the bank"))
class ReceiptReversed(ReceiptNews):
    """The bank took the money back; ``uncovered_paise`` had been returned meanwhile."""

    paid_paise: int
    uncovered_paise: int
    was: str


@shared
class InstrumentNews(DemandNews):
    """A cheque or bank draft for a demand."""

    instrument: str
    instrument_kind: str
    bank: str
    dated_on: date
    reason: str


@event("instrument.lodged", _("Cheque or draft lodged"))
class InstrumentLodged(InstrumentNews):
    """The office has it."""


@event("instrument.presented", _("Cheque or draft presented at the bank"))
class InstrumentPresented(InstrumentNews):
    """The bank has it."""


@event("instrument.honoured", _("Cheque or draft honoured"))
class InstrumentHonoured(InstrumentNews):
    """The bank paid."""


@event("instrument.bounced", _("Cheque or draft bounced"))
class InstrumentBounced(InstrumentNews):
    """The bank did not pay."""


@event("instrument.returned", _("Cheque or draft given back"))
class InstrumentReturned(InstrumentNews):
    """The party has it again."""


@shared
class ClaimNews(Payload):
    """A claim for money that lies on account, or was refused."""

    ABOUT = OWED_FOR

    claim: str
    party_id: int
    party: Names
    district: str
    amount_paise: int
    subject_id: str
    state: str
    reason: str


@event("claim.asked", _("Return of money asked for"))
class ClaimAsked(ClaimNews):
    """The party asks for its money."""


@event("claim.decided", _("Return of money decided"))
class ClaimDecided(ClaimNews):
    """The Collector approved or rejected it."""


@event("treasury.notice_unknown", _("Money came in under a treasury number that is not ours"), about="treasury")
class NoticeUnknown(Payload):
    """The treasury speaks of a GRN that no receipt has."""

    grn: str
    amount_paise: int
    status: str
    payer_account: str


@event("treasury.notice_forged", _("A notice without the treasury’s signature"), about="treasury")
class NoticeForged(Payload):
    """Somebody sent a notice that the treasury did not sign (PAY-07)."""

    source: str
    code: str


@event("scroll.taken", _("Scroll of the treasury taken in"), about="scroll")
class ScrollTaken(Payload):
    """A scroll was read; ``open_lines`` need a person."""

    scroll: str
    scroll_id: int
    district: str
    lines: int
    sum_paise: int
    open_lines: int


@event("deposit.forfeited", _("Deposit forfeited"), about=("lot", "lease"))
class DepositForfeited(Payload):
    """What a head held for a party is the State's now, by a named order."""

    party_id: int
    party: Names
    amount_paise: int
    order: str
    district: str
    subject_id: str


@shared
class RefundNews(Payload):
    """An order that sends money back to a party."""

    ABOUT = ("refund",)

    party_id: int
    party: Names
    refund: str
    label: Names
    amount_paise: int
    district: str
    bank_ref: str
    failure: Names | str
    attempts: int


@event("refund.ordered", _("Return ordered"))
class RefundOrdered(RefundNews):
    """The worker sends it to the treasury."""


@event("refund.paid", _("Returned"))
class RefundPaid(RefundNews):
    """The party has its money."""


@event("refund.failed", _("Return came back from the bank"))
class RefundFailed(RefundNews):
    """The money did not arrive, or there is no account to send it to."""


@shared
class RedirectNews(Payload):
    """A return goes to another account than the one it was ordered to (its last four digits)."""

    ABOUT = ("refund",)

    party_id: int
    party: Names
    refund: str
    amount_paise: int
    district: str
    account: str
    role: str


@event("refund.redirect_asked", _("Another account proposed"))
class RedirectAsked(RedirectNews):
    """One officer proposes the account; another post must say the same (PAY-51)."""


@event("refund.redirected", _("Return sent to another account"))
class Redirected(RedirectNews):
    """The second officer said so."""
