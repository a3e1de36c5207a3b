"""What a party of another State is told of its transit passes (A-25)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from immis.rules.catalogue import Consequence, SendMessage, trigger
from immis.rules.policy import PolicyBook

Name = Mapping[str, str]


@dataclass(frozen=True)
class ToldPass:
    """A pass of which its party is told something; ``due_at`` is the last instant to pay its fee."""

    istp: str
    party_id: int
    vehicle: str
    origin_number: str
    fee_paise: int
    valid_until: datetime
    due_at: datetime | None = None
    paid_at: datetime | None = None
    order_no: str = ""
    reason: str = ""


def _told(code: str, template: str, facts: ToldPass, policy: PolicyBook, at: datetime) -> list[Consequence]:
    policy.at(code, at)
    body: dict[str, Any] = {name: value for name, value in vars(facts).items() if value not in (None, "")}
    body.pop("party_id")
    return [SendMessage("party", str(facts.party_id), template, body)]


@trigger("TRG-270", on="istp.applied")
def fee_to_pay(facts: ToldPass, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """The party learns the fee of its pass and until when it is to be paid.

    Clause: review of 13.01.2026 (A-25). Our reading: who asks at a border learns it on his phone. The Director of Mines
    may settle a doubt.
    """
    return _told("TRG-270", "MSG-270", facts, policy, at)


@trigger("TRG-271", on="istp.issued")
def pass_made(facts: ToldPass, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """The fee came in and the pass is signed: the party learns its number and its end.

    Clause: review of 13.01.2026 (A-25). Our reading: the truck may be driven on from this message. The Director of
    Mines may settle a doubt.
    """
    return _told("TRG-271", "MSG-271", facts, policy, at)


@trigger("TRG-272", on="istp.late")
def paid_too_late(facts: ToldPass, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """The money came after the last instant: there is no pass, and the fee may be asked back.

    Clause: review of 13.01.2026 (A-25). Our reading: nobody drives on a payment that made no pass. The Director of
    Mines may settle a doubt.
    """
    return _told("TRG-272", "MSG-272", facts, policy, at)


@trigger("TRG-273", on="istp.lapsed")
def lapsed_unpaid(facts: ToldPass, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """Nothing was paid in time: the request is over, and nothing is owed.

    Clause: review of 13.01.2026 (A-25). Our reading: a demand that is withdrawn is told as it was. The Director of
    Mines may settle a doubt.
    """
    return _told("TRG-273", "MSG-273", facts, policy, at)


@trigger("TRG-274", on="istp.withdrawn")
def pass_withdrawn(facts: ToldPass, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """An officer withdrew the pass: the party learns order and reason, and that the fee is credit on its account.

    Clause: review of 13.01.2026 (A-25). Our reading: no order against a party without a message to it. The Director of
    Mines may settle a doubt.
    """
    return _told("TRG-274", "MSG-274", facts, policy, at)
