"""Receipts to verify, verified and refused."""

from dataclasses import dataclass
from datetime import datetime

from immis.rules.catalogue import (
    ChangeState,
    Consequence,
    SendMessage,
    trigger,
)
from immis.rules.movement.triggers.common import Name, closed, facts_of, task_for
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class ReceiptFacts:
    """A payment that came in, was verified, refused or taken back; ``balance_paise`` of its demand, None if unknown."""

    receipt: str
    demand: str
    kind: str
    label: Name
    amount_paise: int
    district: str
    party_id: int
    party: Name
    grn: str = ""
    subject_kind: str = ""
    subject_id: str = ""
    case: str = ""
    officer: Name | str = ""
    reason: str = ""
    balance_paise: int | None = None


@trigger("TRG-09", on="receipt.paid")
def receipt_to_verify(facts: ReceiptFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A payment waits for the district's verification: a task in its login.

    Clause: review of 13.01.2026, point vii (A-18). Our reading: every payment to the district is verified by it.
    The AD (HQ) may settle a doubt.
    """
    return [task_for("TRG-09", facts, ("receipt", facts.receipt), policy=policy, at=at, act="verify_receipt")]


@trigger("TRG-12", on="receipt.verified")
def receipt_verified(facts: ReceiptFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A verified payment: its task is done and the payer learns it; a paid-up demand ends its tasks, its case is paid.

    Clause: review of 13.01.2026, points vi and vii (A-15, A-18). Our reading: verification is the one event
    that settles, and a demand is settled when nothing of it is left. The AD (HQ) may settle a doubt.
    """
    policy.at("TRG-12", at)
    done: list[Consequence] = [closed("receipt", facts.receipt, "TRG-12")]
    if facts.balance_paise == 0:
        done.append(closed("demand", facts.demand, "TRG-12"))
    done.append(SendMessage("party", str(facts.party_id), "MSG-12", facts_of(facts)))
    if facts.case and facts.balance_paise == 0:
        done.append(ChangeState("case", facts.case, "paid", facts_of(facts)))
    return done


@trigger("TRG-13", on="receipt.refused")
def receipt_refused(facts: ReceiptFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A payment that the district refused: its task is done and the payer learns the reason; the demand stays open.

    Clause: review of 13.01.2026, point vii (A-18); Munger tender 2026, clause 20 (E-083). Our reading: a refused
    payment settles nothing. The AD (HQ) may settle a doubt.
    """
    policy.at("TRG-13", at)
    return [
        closed("receipt", facts.receipt, "TRG-13"),
        SendMessage("party", str(facts.party_id), "MSG-14", facts_of(facts)),
    ]
