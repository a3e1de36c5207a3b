"""Triggers of what follows an auction: orders that are due, forfeitures, refunds and debarments that are told."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta

from immis.rules.catalogue import ChangeState, Consequence, OpenTask, SendMessage, trigger
from immis.rules.policy import PolicyBook

Name = Mapping[str, str]


@dataclass(frozen=True)
class FailedLotFacts:
    """A closed auction and how it ended."""

    lot: str
    ghat: Name
    district: str
    result: str = "sold"
    passed: int = 0


@dataclass(frozen=True)
class ForfeitFacts:
    """A deposit that was forfeited by an order."""

    party_id: int
    party: Name
    amount_paise: int
    order: str
    district: str = ""
    subject_id: str = ""


@dataclass(frozen=True)
class RefundFacts:
    """A refund order that was paid, or that came back."""

    refund: str
    party_id: int
    party: Name
    label: Name
    amount_paise: int
    district: str = ""
    bank_ref: str = ""
    failure: str | Name = ""


@dataclass(frozen=True)
class DebarFacts:
    """An order that debars somebody from tenders; without a ``party_id`` it is nobody of this system."""

    order: str
    until_on: date
    party_id: int | None = None
    cause: Name = field(default_factory=dict)


@trigger("TRG-70", on="lot.closed")
def failed_auction(facts: FailedLotFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """An auction that failed: the district is asked for the order that follows.

    Clause: Munger tender 2026, 19(v), (vi) (E-072, E-073). Our reading: forfeiture and re-tender are orders with a
    number, not acts of a machine. The Collector may settle a doubt.
    """
    due_in = timedelta(days=int(policy.value("TRG-70", at)))
    if facts.result not in policy.entry("TRG-70").words:
        return []
    payload = {**asdict(facts), "cause": policy.words("TRG-70", facts.result)}
    return [OpenTask("district", "lot", facts.lot, due_in=due_in, act="after_auction", facts=payload)]


@dataclass(frozen=True)
class LotOrderFacts:
    """An order about a failed auction: forfeiture, re-tender or recommendation."""

    lot: str
    order: str


@dataclass(frozen=True)
class AbortedFacts:
    """An auction that was cancelled by order; ``led`` when somebody was the highest bidder then."""

    lot: str
    ghat: Name
    district: str
    led: bool = False


@trigger("TRG-100", on="lot.aborted")
def aborted_with_a_leader(facts: AbortedFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A cancelled auction that had a highest bidder: the district decides on the return of his earnest money.

    Clause: Munger tender 2026, 20(iii)(gha) (E-084). Our reading: the other deposits go back by themselves (AUC-101).
    The department may settle a doubt.
    """
    due_in = timedelta(days=int(policy.value("TRG-100", at)))
    if not facts.led:
        return []
    return [OpenTask("district", "lot", facts.lot, due_in=due_in, act="after_auction", facts=asdict(facts))]


@trigger("TRG-101", on="lot.refunds_ordered")
def returns_after_abort_ordered(facts: AbortedFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """The office ordered the returns of a cancelled auction: the task that asked for it is done.

    Clause: Munger tender 2026, 20(iii)(gha). Our reading: with the order the office has answered.
    """
    policy.at("TRG-101", at)
    return [ChangeState("task", f"lot:{facts.lot}", "done", {"by": "TRG-101"})]


@trigger("TRG-75", on="lot.forfeit")
def forfeiture_ordered(facts: LotOrderFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """The forfeiture was ordered: the task that asked for it is done.

    Clause: Munger tender 2026, 19(v). Our reading: with the order the office has answered.
    """
    policy.at("TRG-75", at)
    return [ChangeState("task", f"lot:{facts.lot}", "done", {"by": "TRG-75"})]


@trigger("TRG-76", on="lot.retender")
def retender_ordered(facts: LotOrderFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """The re-tender was ordered: the task that asked for it is done.

    Clause: Munger tender 2026, 19(vi). Our reading: with the order the office has answered.
    """
    policy.at("TRG-76", at)
    return [ChangeState("task", f"lot:{facts.lot}", "done", {"by": "TRG-76"})]


@trigger("TRG-77", on="lot.recommend")
def settlement_recommended(facts: LotOrderFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A second single tender was recommended: the district's task is done, headquarters has one.

    Clause: Munger tender 2026, 19(vi) (E-074). Our reading: the department decides in so many days.
    """
    due_in = timedelta(days=int(policy.value("TRG-77", at)))
    return [
        ChangeState("task", f"lot:{facts.lot}", "done", {"by": "TRG-77"}),
        OpenTask("hq", "lot", facts.lot, due_in=due_in, act="after_auction", facts=asdict(facts)),
    ]


@trigger("TRG-71", on="deposit.forfeited")
def forfeiture_told(facts: ForfeitFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A forfeited deposit: its party learns amount and order.

    Clause: Munger tender 2026, 19(iii), (v). Our reading: at once. The Collector may settle a doubt.
    """
    policy.at("TRG-71", at)
    return [SendMessage("party", str(facts.party_id), "MSG-71", asdict(facts))]


@trigger("TRG-72", on="refund.paid")
def refund_told(facts: RefundFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A refund was paid: its party learns it, and tasks about it are done.

    Clause: Munger tender 2026, 20(iii)(gha). Our reading: the treasury's word is the payment.
    """
    policy.at("TRG-72", at)
    return [
        ChangeState("task", f"refund:{facts.refund}", "done", {"by": "TRG-72"}),
        SendMessage("party", str(facts.party_id), "MSG-72", asdict(facts)),
    ]


@trigger("TRG-73", on="refund.failed")
def refund_came_back(facts: RefundFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A refund came back from the bank: the district finds the right account.

    Clause: Munger tender 2026, 20(iii)(gha). Our reading: an officer corrects the account and sends it again.
    """
    due_in = timedelta(days=int(policy.value("TRG-73", at)))
    return [OpenTask("district", "refund", facts.refund, due_in=due_in, act="resend_refund", facts=asdict(facts))]


@trigger("TRG-74", on="party.debarred")
def debarment_told(facts: DebarFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A debarment: its party learns the order and the last day.

    Clause: Munger tender 2026, 4(v) and 19(iii). Our reading: at once. The Collector may settle a doubt.
    """
    policy.at("TRG-74", at)
    if facts.party_id is None:
        return []
    return [SendMessage("party", str(facts.party_id), "MSG-74", asdict(facts))]
