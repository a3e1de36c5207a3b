"""E-challans whose trip did not start, or that were issued elsewhere."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from immis.rules.catalogue import (
    ChangeState,
    Consequence,
    SendMessage,
    trigger,
)
from immis.rules.movement.triggers.common import Name, closed, facts_of, task_for
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
    block: str = ""
    quantity_m3: Decimal | None = None
    buyer_phone: str = ""


@dataclass(frozen=True)
class OnTheRoadFacts:
    """What a trip on an e-challan showed: where and when, how far off, how long it stood, when it came again."""

    challan: str
    registration: str
    lease: str
    district: str
    party_id: int
    party: Name
    destination: Name
    issued_at: datetime
    block: str = ""
    lat: float | None = None
    lon: float | None = None
    fix_at: datetime | None = None
    distance_m: int = 0
    minutes: int = 0
    arrived_at: datetime | None = None


@dataclass(frozen=True)
class RepeatedFacts:
    """Whose trips failed to start, and how often within how many days."""

    challan: str
    registration: str
    lease: str
    district: str
    party_id: int
    party: Name
    issued_at: datetime
    of_vehicle: int
    of_lease: int
    days: int


@dataclass(frozen=True)
class WithdrawnFacts:
    """A second delivery that was none."""

    challan: str
    registration: str
    was_arrived_at: datetime


@dataclass(frozen=True)
class ProvedFacts:
    """An e-challan whose start late packets prove."""

    challan: str
    registration: str
    party_id: int
    started_at: datetime


@trigger("TRG-07", on="challan.not_started")
def challan_not_started(facts: ChallanFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A challan whose trip did not start from the source is invalid at once; settlee, buyer and district learn it.

    Clause: review of 13.01.2026, point ix (A-21). Our reading: the delay is MOV-01; the buyer is told where the
    settlee gave his number. The AD (HQ) may settle a doubt.
    """
    task = task_for("TRG-07", facts, ("challan", facts.challan), policy=policy, at=at, act="inspect")
    known = facts_of(facts, "buyer_phone")
    done: list[Consequence] = [
        ChangeState("challan", facts.challan, "invalid", {**known, "rule": "MOV-01"}),
        SendMessage("party", str(facts.party_id), "MSG-07", known),
    ]
    if facts.buyer_phone:
        done.append(SendMessage("phone", facts.buyer_phone, "MSG-227", known))
    return [*done, task]


@trigger("TRG-08", on="challan.issued_away")
def challan_issued_away(facts: ChallanFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A challan issued away from the vehicle's GPS position: a task for action against the settlee, leading to a case.

    Clause: review of 13.01.2026, point x (A-23, A-24). Our reading: the tolerance is MOV-02. The AD (HQ) may
    settle a doubt.
    """
    return [task_for("TRG-08", facts, ("challan", facts.challan), policy=policy, at=at, act="open_case")]


@trigger("TRG-210", on="challan.left_way")
def way_left(facts: OnTheRoadFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A vehicle left the way that its e-challan expects: the district looks at it.

    Clause: tender 42(xxx). Our reading: the distance is MOV-42. The AD (HQ) may settle a doubt.
    """
    return [task_for("TRG-210", facts, ("challan", facts.challan), policy=policy, at=at, act="inspect")]


@trigger("TRG-211", on="challan.stands")
def long_stop(facts: OnTheRoadFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A loaded vehicle stands long on its way: the district looks at it.

    Clause: tender 42(xxx). Our reading: the time is MOV-43. The AD (HQ) may settle a doubt.
    """
    return [task_for("TRG-211", facts, ("challan", facts.challan), policy=policy, at=at, act="inspect")]


@trigger("TRG-212", on="challan.unloaded_elsewhere")
def unloaded_elsewhere(facts: OnTheRoadFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A load did not come to its destination: a task that leads to a case.

    Clause: tender 34(kha). Our reading: MOV-44. The AD (HQ) may settle a doubt.
    """
    return [task_for("TRG-212", facts, ("challan", facts.challan), policy=policy, at=at, act="open_case")]


@trigger("TRG-213", on="challan.second_delivery")
def second_delivery(facts: OnTheRoadFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A second load came on a used e-challan: a task that leads to a case.

    Clause: tender 34(kha). Our reading: MOV-45. The AD (HQ) may settle a doubt.
    """
    return [task_for("TRG-213", facts, ("challan", facts.challan), policy=policy, at=at, act="open_case")]


@trigger("TRG-227", on="challan.second_delivery_withdrawn")
def second_delivery_withdrawn(facts: WithdrawnFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """Late packets show that there was no second delivery: the task about it is done, whatever else is open stays.

    Clause: tender 34(kha). Our reading: MOV-45 on what stands now. The AD (HQ) may settle a doubt.
    """
    policy.at("TRG-227", at)
    return [closed("challan", facts.challan, "TRG-227", of="TRG-213")]


@trigger("TRG-214", on="challan.repeated")
def not_started_again(facts: RepeatedFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """Whose trips fail to start again and again comes to the desk for a case.

    Clause: review of 13.01.2026, point ix (A-21). Our reading: how often is MOV-46. The AD (HQ) may settle a doubt.
    """
    return [task_for("TRG-214", facts, ("challan", facts.challan), policy=policy, at=at, act="open_case")]


@trigger("TRG-215", on="challan.start_proved")
def start_proved(facts: ProvedFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """Late packets prove the start: the settlee learns it, and the tasks about the e-challan are done.

    Clause: review of 13.01.2026, point ix (A-21). Our reading: a dead zone harms nobody. The AD (HQ) may settle a
    doubt.
    """
    policy.at("TRG-215", at)
    told = SendMessage("party", str(facts.party_id), "MSG-215", facts_of(facts))
    return [closed("challan", facts.challan, "TRG-215"), told]


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
