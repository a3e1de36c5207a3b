"""Devices that were tampered with, and the bar after penalties for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from immis.rules.calendar import add_months, india_day, start_of
from immis.rules.catalogue import (
    Consequence,
    OpenCase,
    PlaceHold,
    trigger,
)
from immis.rules.holds.stops import CHALLANS
from immis.rules.movement.evidence import STRONG, graded
from immis.rules.movement.penalties import penalty_paise
from immis.rules.movement.triggers.common import facts_of, task_for
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class TamperFacts:
    """What a device showed when it was interfered with, or its power cut; of a device in no vehicle without mark."""

    registration: str
    imei: str
    signal: str
    grade: str
    seen_at: datetime
    district: str
    vehicle: str = "truck"
    owner_id: int | None = None
    owner: str = ""
    challan: str = ""
    lease: str = ""
    on_trip: bool = False
    lat: float | None = None
    lon: float | None = None
    raw: str = ""
    link: Mapping[str, bool] = field(default_factory=dict)
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class PenaltyFacts:
    """A step of the penalty of a case: ``order`` or ``payment``."""

    case: str
    offence: str
    step: str
    step_at: datetime
    registration: str = ""
    district: str = ""
    party_id: int | None = None


@trigger("TRG-05", on="device.tamper")
def device_tampered(facts: TamperFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A tampered device: a case with its evidence and the penalty of the table, and a task in the district's login.

    Clause: review of 13.01.2026, point vi (A-14, A-15). Our reading: strong evidence (DEV-30) opens a case at once,
    less only a task to look at, without a sum; a device in no vehicle none (TRG-136). The AD (HQ) may settle a doubt.
    """
    if not facts.registration:
        return []
    grade = graded(facts.grade, link=facts.link, sources=facts.sources, policy=policy, at=at)
    facts = replace(facts, grade=grade)
    act = "send_notice" if grade == STRONG else "inspect"
    task = task_for("TRG-05", facts, ("vehicle", facts.registration), policy=policy, at=at, act=act)
    if grade != STRONG:
        return [task]
    amount = penalty_paise("gps_tamper", vehicle=facts.vehicle, policy=policy, at=facts.seen_at)
    return [OpenCase("gps_tamper", "vehicle", facts.registration, amount, facts_of(facts)), task]


@trigger("TRG-06", on="case.penalty")
def tamper_bar(facts: PenaltyFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A vehicle whose device was tampered with gets no challan for three months, even after payment. Proposed.

    Clause: review of 13.01.2026, point vi (A-16): a proposal, inert until an approval reference is written
    down. Our reading: counted from the order or the payment, as the value says. The Secretary may settle it.
    """
    bar = policy.value("TRG-06", at)
    if facts.offence != "gps_tamper" or not facts.registration or facts.step != bar["from"]:
        return []
    until = start_of(add_months(india_day(facts.step_at), int(bar["months"])))
    shown = {**facts_of(facts, "step", "step_at"), "until": until, "months": bar["months"]}
    return [PlaceHold("vehicle", facts.registration, CHALLANS, facts.step_at, until, shown)]
