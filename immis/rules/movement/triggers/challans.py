"""E-challans whose trip did not start, or that were issued elsewhere."""

from dataclasses import dataclass
from datetime import datetime

from immis.rules.catalogue import (
    ChangeState,
    Consequence,
    SendMessage,
    trigger,
)
from immis.rules.movement.triggers.common import Name, facts_of, task_for
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class ChallanFacts:
    """A challan whose vehicle did not start from the source, or that was issued away from the vehicle."""

    challan: str
    registration: str
    lease: str
    district: str
    party_id: int
    party: Name
    place: Name
    issued_at: datetime
    waited_min: int = 0
    lat: float | None = None
    lon: float | None = None
    fix_at: datetime | None = None
    distance_m: int = 0


@trigger("TRG-07", on="challan.not_started")
def challan_not_started(facts: ChallanFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A challan whose trip did not start from the source is invalid at once; settlee and district learn it.

    Clause: review of 13.01.2026, point ix (A-21). Our reading: the delay is MOV-01. The AD (HQ) may settle a
    doubt.
    """
    task = task_for("TRG-07", facts, ("challan", facts.challan), policy=policy, at=at, act="inspect")
    return [
        ChangeState("challan", facts.challan, "invalid", {**facts_of(facts), "rule": "MOV-01"}),
        SendMessage("party", str(facts.party_id), "MSG-07", facts_of(facts)),
        task,
    ]


@trigger("TRG-08", on="challan.issued_away")
def challan_issued_away(facts: ChallanFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A challan issued away from the vehicle's GPS position: a task for action against the settlee, leading to a case.

    Clause: review of 13.01.2026, point x (A-23, A-24). Our reading: the tolerance is MOV-02. The AD (HQ) may
    settle a doubt.
    """
    return [task_for("TRG-08", facts, ("challan", facts.challan), policy=policy, at=at, act="open_case")]


@dataclass(frozen=True)
class DriverFacts:
    """A pass that was issued, its driver's number (ten digits; empty: none is known) and the secret link to it."""

    challan: str
    registration: str
    valid_until: datetime
    phone: str
    link: str


@trigger("TRG-194", on="challan.issued")
def link_for_driver(facts: DriverFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """The driver has his e-challan on his own phone, by SMS with a link that opens without a log-in.

    Clause: tender clause (ii), online e-challan to the driver (E-128). Our reading: an SMS to the number that the
    settlee gave. Who may settle a doubt: Director of Mines.
    """
    if not policy.value("TRG-194", at) or not facts.phone:
        return []
    return [SendMessage("phone", facts.phone, "MSG-194", facts_of(facts, "phone"))]
