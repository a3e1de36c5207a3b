"""What follows from events in the life of a settlement: reminders, the ladder of a default, notices, endings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from immis.rules.catalogue import Consequence, OpenTask, SendMessage, trigger
from immis.rules.movement.triggers import DISTRICT, InstalmentFacts, Name
from immis.rules.movement.triggers.common import due_in, facts_of, task_for
from immis.rules.policy import PolicyBook
from immis.rules.writing.doubts import sum_by
from immis.rules.writing.numbers import format_rupees

COLLECTOR = "collector"


@dataclass(frozen=True)
class ReminderFacts(InstalmentFacts):
    """An instalment of which the settlee is reminded ``days`` before its due day."""

    days: int = 0


@dataclass(frozen=True)
class RungFacts(InstalmentFacts):
    """An unpaid instalment that reached a rung of the ladder, so many days after its due day."""

    rung_day: int = 0


@dataclass(frozen=True)
class LifeFacts:
    """An event in the life of a settlement; what does not belong to it stays empty."""

    lease: str
    ghat: Name
    district: str
    party_id: int
    party: Name
    notice: str = ""
    what: Name = field(default_factory=dict)
    grounds: str = ""
    reason: str = ""
    reference: str = ""
    clock: Name | str = ""
    ended: str = ""
    amount_paise: int = 0
    excess_paise: int = 0
    year: int = 0
    due_on: date | None = None
    until_on: date | None = None
    period_to: date | None = None
    quantity_m3: str = ""
    place: str = ""
    since: date | None = None
    from_on: date | None = None
    price_paise: int | None = None
    proposal: str = ""
    agency: str = ""
    status: str = ""


@trigger("TRG-80", on="instalment.reminder")
def instalment_reminder(facts: ReminderFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """The settlee is reminded of an instalment before its due day (A-12).

    Clause: review of 13.01.2026, point v. Our reading: the days stand in LSE-40. The AD (HQ) may settle a doubt.
    """
    policy.at("TRG-80", at)
    return [SendMessage("party", str(facts.party_id), "MSG-80", facts_of(facts))]


@trigger("TRG-81", on="instalment.rung")
def ladder_of_default(facts: RungFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """An unpaid instalment climbs: district on the day, Collector and headquarters after it (A-12).

    Clause: review of 13.01.2026, point v. Our reading: the rungs of the value. The AD (HQ) may settle a doubt.
    """
    rungs: Sequence[Mapping[str, Any]] = policy.value("TRG-81", at)
    subject = ("demand", facts.demand)
    return [
        OpenTask(
            rung["role"], *subject, due_in=timedelta(days=int(rung["days"])), act=rung["act"], facts=facts_of(facts)
        )
        for rung in rungs
        if int(rung["day"]) == facts.rung_day
    ]


@trigger("TRG-82", on="lease.notice_issued")
def notice_issued(facts: LifeFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A notice goes to the settlee with its last day (E-112, E-127, E-144, E-145).

    Clause: tender 31 ii; 42(i), (xvii), (xviii). Our reading: e-mail and portal are the service of the notice. The
    Collector may settle a doubt.
    """
    policy.at("TRG-82", at)
    return [SendMessage("party", str(facts.party_id), "MSG-82", facts_of(facts))]


@trigger("TRG-83", on="lease.notice_replied")
def notice_replied(facts: LifeFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A reply to a notice lands with the Collector (E-144, E-145).

    Clause: tender 42(xvii), (xviii). Our reading: the Collector decides. The Collector may settle a doubt.
    """
    return [_collectors(facts, "TRG-83", ("lease", facts.lease), policy=policy, at=at)]


@trigger("TRG-84", on="lease.surrender_asked")
def surrender_asked(facts: LifeFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A settlee wants to give the settlement up: the Collector sees the dues of the year (E-111).

    Clause: tender 31 i. Our reading: the Collector accepts it. The Collector may settle a doubt.
    """
    return [_collectors(facts, "TRG-84", ("lease", facts.lease), policy=policy, at=at)]


def _collectors(facts: LifeFacts, code: str, subject: tuple[str, str], *, policy: PolicyBook, at: datetime) -> OpenTask:
    return OpenTask(COLLECTOR, *subject, due_in=due_in(policy, code, at), act="life", facts=facts_of(facts))


@trigger("TRG-85", on="lease.ended")
def settlement_ended(facts: LifeFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A settlement ended early: the settlee is told, the district prepares the next auction (E-094, E-111, E-144).

    Clause: tender 21 v; 31; 42(xvii). Our reading: the days for the new auction stand in the value. The Collector
    may settle a doubt.
    """
    payload = {**facts_of(facts), "ended": policy.words("TRG-85", facts.ended)}
    task = OpenTask(DISTRICT, "lease", facts.lease, due_in=due_in(policy, "TRG-85", at), act="life", facts=payload)
    return [SendMessage("party", str(facts.party_id), "MSG-83", payload), task]


@trigger("TRG-86", on="lease.ends_soon")
def ends_soon(facts: LifeFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A settlement ends soon: the settlee is told to remove stored sand, the district to look (E-153).

    Clause: tender 42(xxiv). Our reading: the days ahead stand in LSE-41. The Collector may settle a doubt.
    """
    task = task_for("TRG-86", facts, ("lease", facts.lease), policy=policy, at=at, act="inspect")
    return [SendMessage("party", str(facts.party_id), "MSG-84", facts_of(facts)), task]


@trigger("TRG-110", on="lease.period_over")
def period_over(facts: LifeFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """The period is over: the Collector looks at the security, the settlee learns what happens to it (E-082).

    Clause: tender 20 ii. Our reading: returned by order when nothing else is to be recovered. The Collector may
    settle a doubt.
    """
    message = SendMessage("party", str(facts.party_id), "MSG-110", facts_of(facts))
    return [_collectors(facts, "TRG-110", ("lease", facts.lease), policy=policy, at=at), message]


@trigger("TRG-113", on="lease.pits_due")
def refill_due(facts: LifeFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """No refilling of pits was reported for the time of LSE-53: the district looks, the settlee is told (E-109).

    Clause: tender 30 ka. Our reading: "regularly" is the interval of LSE-53. The Collector may settle a doubt.
    """
    task = task_for("TRG-113", facts, ("lease", facts.lease), policy=policy, at=at, act="inspect")
    return [task, SendMessage("party", str(facts.party_id), "MSG-113", facts_of(facts))]


@trigger("TRG-114", on="clearance.hinted")
def proposal_hinted(facts: LifeFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """PARIVESH lists a proposal that may be this settlement's: the district looks and follows it (A-20).

    Clause: review of 13.01.2026, point viii. Our reading: a name alone proves nothing, so an officer confirms it. The
    AD (HQ) may settle a doubt.
    """
    return [task_for("TRG-114", facts, ("lease", facts.lease), policy=policy, at=at, act="inspect")]


@trigger("TRG-115", on="lease.price_fixed")
def price_told(facts: LifeFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A price of sand was fixed by order, or given back to the market: every settlee in its reach learns it (E-106).

    Clause: tender 28. Our reading: told with the order's number before its day. The Director may settle a doubt.
    """
    policy.at("TRG-115", at)
    payload = {**facts_of(facts), "price": _price(facts.price_paise, policy)}
    return [SendMessage("party", str(facts.party_id), "MSG-115", payload)]


def _price(price_paise: int | None, policy: PolicyBook) -> Name:
    if price_paise is None:
        return policy.words("TRG-115", "by_market")
    return policy.words("TRG-115", "fixed", sum=format_rupees(paise=price_paise))


@trigger("TRG-87", on="lease.sand_forfeited")
def sand_to_dispose(facts: LifeFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """Stored sand that became the government's is to be disposed of (E-153).

    Clause: tender 42(xxiv). Our reading: by the district office. The Collector may settle a doubt.
    """
    return [task_for("TRG-87", facts, ("lease", facts.lease), policy=policy, at=at, act="life")]


@trigger("TRG-88", on="lease.clock_extended")
def clock_extended(facts: LifeFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """An extended time limit is told to the settlee.

    Clause: tender 21 v; 42(i). Our reading: e-mail and portal. The Collector may settle a doubt.
    """
    policy.at("TRG-88", at)
    return [SendMessage("party", str(facts.party_id), "MSG-85", facts_of(facts))]


@trigger("TRG-89", on="lease.royalty_exceeded")
def royalty_exceeded(facts: LifeFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """Royalty above a year's amount is demanded: the settlee is told, the district follows it (E-155).

    Clause: tender 42(xxvi). Our reading: the demand is open at once. The Director may settle a doubt.
    """
    task = task_for("TRG-89", facts, ("lease", facts.lease), policy=policy, at=at, act="recover")
    shown = {**facts_of(facts), "excess": sum_by(policy.at("LSE-29", at), facts.excess_paise)}
    return [SendMessage("party", str(facts.party_id), "MSG-86", shown), replace(task, facts=shown)]


@dataclass(frozen=True)
class SuspensionFacts:
    """A stop that an order suspends until an instant."""

    lease: str
    ghat: Name
    district: str
    party_id: int
    reference: str
    until: datetime
    authority: Name | str = ""


@trigger("TRG-90", on="hold.suspended")
def stop_suspended(facts: SuspensionFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A stop is suspended by order: the settlee learns until when (A-19).

    Clause: review of 13.01.2026, point vii. Our reading: told like every stop and resume. The AD (HQ) may settle a
    doubt.
    """
    policy.at("TRG-90", at)
    return [SendMessage("party", str(facts.party_id), "MSG-90", facts_of(facts))]


@trigger("TRG-91", on="hold.suspension_over")
def suspension_over(facts: SuspensionFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A suspension is over: the settlee is told and the district looks whether the cause still stands (A-19).

    Clause: review of 13.01.2026, point vii. Our reading: the stop is back by itself. The AD (HQ) may settle a doubt.
    """
    task = task_for("TRG-91", facts, ("lease", facts.lease), policy=policy, at=at, act="inspect")
    return [SendMessage("party", str(facts.party_id), "MSG-91", facts_of(facts)), task]
