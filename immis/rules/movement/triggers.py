"""Triggers of the January review: what follows from an event, as tasks, cases, holds, messages and state changes.

Each takes the facts that the office gathered for its event; none looks anything up.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from immis.rules.calendar import add_months, end_of, india_day, start_of
from immis.rules.catalogue import (
    ChangeState,
    Consequence,
    OpenCase,
    OpenTask,
    PlaceHold,
    SendMessage,
    trigger,
)
from immis.rules.holds.stops import CHALLANS
from immis.rules.movement.evidence import STRONG, graded
from immis.rules.movement.penalties import penalty_paise
from immis.rules.policy import PolicyBook

Name = Mapping[str, str]  # {"en": …, "hi": …}
DISTRICT = "district"


@dataclass(frozen=True)
class InstalmentFacts:
    """An instalment that falls due or is overdue."""

    demand: str
    lease: str
    ghat: Name
    district: str
    party_id: int
    party: Name
    label: Name
    amount_paise: int
    due_on: date


@dataclass(frozen=True)
class HoldFacts:
    """A hold that began or ended by the facts."""

    subject_kind: str
    subject_id: str
    stops: Name | str
    rule_code: str
    since: datetime
    district: str
    party_id: int | None = None
    ghat: Name = field(default_factory=dict)
    demand: str = ""
    ended_at: datetime | None = None
    officer: Name | str = ""
    cause: Name | str = ""


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


@dataclass(frozen=True)
class LotFacts:
    """A closed auction and its highest bidder, if any."""

    lot: str
    ghat: Name
    district: str
    winner_party_id: int | None = None
    winner: Name = field(default_factory=dict)
    amount_rupees: int = 0


def _due_in(policy: PolicyBook, code: str, at: datetime) -> timedelta:
    return timedelta(days=int(policy.value(code, at)))


def _facts(facts: Any, *without: str) -> dict[str, Any]:
    return {name: value for name, value in asdict(facts).items() if name not in without}


def _task(code: str, facts: Any, subject: tuple[str, str], *, policy: PolicyBook, at: datetime, act: str) -> OpenTask:
    """A task of the district office, due so many days after the event as the trigger's policy says."""
    return OpenTask(DISTRICT, *subject, due_in=_due_in(policy, code, at), act=act, facts=_facts(facts))


def _close(kind: str, subject_id: str, code: str) -> ChangeState:
    """Open tasks about a record are done: what they asked for has happened."""
    return ChangeState("task", f"{kind}:{subject_id}", "done", {"by": code})


@trigger("TRG-01", on="instalment.due_soon")
def instalment_due(facts: InstalmentFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """An instalment falls due: a task in the district's login and a message to the settlee.

    Clause: review of 13.01.2026, point v (A-12). Our reading: the task is due at the end of the due day. The
    AD (HQ) may settle a doubt.
    """
    policy.at("TRG-01", at)
    left = max(end_of(facts.due_on) - at, timedelta(0))
    return [
        OpenTask(DISTRICT, "demand", facts.demand, due_in=left, act="remind", facts=_facts(facts)),
        SendMessage("party", str(facts.party_id), "MSG-01", _facts(facts)),
    ]


@trigger("TRG-02", on="instalment.overdue")
def instalment_overdue(facts: InstalmentFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """An instalment is overdue: an escalated task for the district and a message to the settlee; challans are held.

    Clause: review of 13.01.2026, points v and vii (A-12, A-17). Our reading: the hold itself follows from the
    unpaid demand (HLD-01), not from this trigger. The AD (HQ) may settle a doubt.
    """
    task = _task("TRG-02", facts, ("demand", facts.demand), policy=policy, at=at, act="recover")
    return [
        _close("demand", facts.demand, "TRG-02"),
        task,
        SendMessage("party", str(facts.party_id), "MSG-02", _facts(facts)),
    ]


@trigger("TRG-03", on="hold.started")
def hold_started(facts: HoldFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A hold began: the settlee learns what is stopped, by which clause, and what lifts it.

    Clause: review of 13.01.2026, point vii (A-17, A-19). Our reading: stop and cause are told at once. The
    AD (HQ) may settle a doubt.
    """
    policy.at("TRG-03", at)
    if facts.party_id is None:
        return []
    return [SendMessage("party", str(facts.party_id), "MSG-03", _facts(facts))]


@trigger("TRG-04", on="hold.ended")
def hold_ended(facts: HoldFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A hold ended, as by the district's verification: the settlee learns it and the tasks about it are done.

    Clause: review of 13.01.2026, point vii (A-18, A-19). Our reading: nobody switches challans on by hand. The
    AD (HQ) may settle a doubt.
    """
    policy.at("TRG-04", at)
    done: list[Consequence] = [_close("demand", facts.demand, "TRG-04")] if facts.demand else []
    if facts.party_id is not None:
        done.append(SendMessage("party", str(facts.party_id), "MSG-04", _facts(facts)))
    return done


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
    task = _task("TRG-05", facts, ("vehicle", facts.registration), policy=policy, at=at, act=act)
    if grade != STRONG:
        return [task]
    amount = penalty_paise("gps_tamper", vehicle=facts.vehicle, policy=policy, at=facts.seen_at)
    return [OpenCase("gps_tamper", "vehicle", facts.registration, amount, _facts(facts)), task]


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
    shown = {**_facts(facts, "step", "step_at"), "until": until, "months": bar["months"]}
    return [PlaceHold("vehicle", facts.registration, CHALLANS, facts.step_at, until, shown)]


@trigger("TRG-07", on="challan.not_started")
def challan_not_started(facts: ChallanFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A challan whose trip did not start from the source is invalid at once; settlee and district learn it.

    Clause: review of 13.01.2026, point ix (A-21). Our reading: the delay is MOV-01. The AD (HQ) may settle a
    doubt.
    """
    task = _task("TRG-07", facts, ("challan", facts.challan), policy=policy, at=at, act="inspect")
    return [
        ChangeState("challan", facts.challan, "invalid", {**_facts(facts), "rule": "MOV-01"}),
        SendMessage("party", str(facts.party_id), "MSG-07", _facts(facts)),
        task,
    ]


@trigger("TRG-08", on="challan.issued_away")
def challan_issued_away(facts: ChallanFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A challan issued away from the vehicle's GPS position: a task for action against the settlee, leading to a case.

    Clause: review of 13.01.2026, point x (A-23, A-24). Our reading: the tolerance is MOV-02. The AD (HQ) may
    settle a doubt.
    """
    return [_task("TRG-08", facts, ("challan", facts.challan), policy=policy, at=at, act="open_case")]


@trigger("TRG-09", on="receipt.paid")
def receipt_to_verify(facts: ReceiptFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A payment waits for the district's verification: a task in its login.

    Clause: review of 13.01.2026, point vii (A-18). Our reading: every payment to the district is verified by it.
    The AD (HQ) may settle a doubt.
    """
    return [_task("TRG-09", facts, ("receipt", facts.receipt), policy=policy, at=at, act="verify_receipt")]


@trigger("TRG-10", on="lot.closed")
def auction_closed(facts: LotFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """The auction is over: the highest bidder is told by e-mail and on the portal.

    Clause: Munger tender 2026, clause 13 (E-062). Our reading: at the announcement of the result. The Collector
    may settle a doubt.
    """
    policy.at("TRG-10", at)
    if facts.winner_party_id is None:
        return []
    return [SendMessage("party", str(facts.winner_party_id), "MSG-10", _facts(facts))]


@trigger("TRG-12", on="receipt.verified")
def receipt_verified(facts: ReceiptFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A verified payment: its task is done and the payer learns it; a paid-up demand ends its tasks, its case is paid.

    Clause: review of 13.01.2026, points vi and vii (A-15, A-18). Our reading: verification is the one event
    that settles, and a demand is settled when nothing of it is left. The AD (HQ) may settle a doubt.
    """
    policy.at("TRG-12", at)
    done: list[Consequence] = [_close("receipt", facts.receipt, "TRG-12")]
    if facts.balance_paise == 0:
        done.append(_close("demand", facts.demand, "TRG-12"))
    done.append(SendMessage("party", str(facts.party_id), "MSG-12", _facts(facts)))
    if facts.case and facts.balance_paise == 0:
        done.append(ChangeState("case", facts.case, "paid", _facts(facts)))
    return done


@trigger("TRG-13", on="receipt.refused")
def receipt_refused(facts: ReceiptFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A payment that the district refused: its task is done and the payer learns the reason; the demand stays open.

    Clause: review of 13.01.2026, point vii (A-18); Munger tender 2026, clause 20 (E-083). Our reading: a refused
    payment settles nothing. The AD (HQ) may settle a doubt.
    """
    policy.at("TRG-13", at)
    return [
        _close("receipt", facts.receipt, "TRG-13"),
        SendMessage("party", str(facts.party_id), "MSG-14", _facts(facts)),
    ]
