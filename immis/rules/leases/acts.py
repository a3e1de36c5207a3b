"""What may be done to a settlement as it stands: the gates of its acts that no other rule keeps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from immis.rules.catalogue import Finding, rule
from immis.rules.leases.path import STEPS
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class EndFacts:
    """The day on which a settlement ended early, by order or by the settlee's wish; None while it runs."""

    ended_on: date | None


@dataclass(frozen=True)
class ClocksFacts:
    """The time limits that run now and on which an order could stand."""

    running: Sequence[str]


@dataclass(frozen=True)
class NoticesFacts:
    """The numbers of the notices that wait: for the settlee's reply, or for the Collector's closing."""

    waiting: Sequence[str]


@dataclass(frozen=True)
class AskedFacts:
    """The day on which the settlee asked to give the settlement up; None: he has not."""

    asked_on: date | None


@dataclass(frozen=True)
class BodyFacts:
    """Of what kind the settlee is: a company, a society, a person."""

    party_kind: str


@dataclass(frozen=True)
class AfterFacts:
    """The step after which an act makes sense, and its day (None: not done)."""

    before: str
    before_on: date | None


@dataclass(frozen=True)
class GstFacts:
    """The GST number on the settlee's own record; empty where there is none."""

    gstin: str


@rule("LSE-61", on="lease.running")
def ended_already(facts: EndFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A settlement that ended early takes no more orders on its path.

    Clause: tender 21 v, 31, 42(xvii), 42(xviii). Our reading: what is left is closing, recovery and stored sand. The
    Collector may settle a doubt.
    """
    policy.at("LSE-61", at)
    return Finding("LSE-61", {"ended_on": facts.ended_on}) if facts.ended_on else None


@rule("LSE-62", on="lease.clock_runs")
def no_clock_runs(facts: ClocksFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """An order on a time limit needs one that runs.

    Clause: tender 20 to 22. Our reading: what was done in its time is past. The Collector may settle a doubt.
    """
    policy.at("LSE-62", at)
    return None if facts.running else Finding("LSE-62")


@rule("LSE-63", on="lease.notice_waits")
def no_notice_waits(facts: NoticesFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A notice is answered once, by the settlee, and closed once, by the Collector.

    Clause: tender 31 ii, 42(xvii), 42(xviii). Our reading: as it says. The Collector may settle a doubt.
    """
    policy.at("LSE-63", at)
    return None if facts.waiting else Finding("LSE-63")


@rule("LSE-64", on="lease.ask_surrender")
def asked_already(facts: AskedFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """The settlee asks once to give the settlement up; it is then before the Collector.

    Clause: tender 31 i. Our reading: as it says. The Collector may settle a doubt.
    """
    policy.at("LSE-64", at)
    return Finding("LSE-64", {"asked_on": facts.asked_on}) if facts.asked_on else None


@rule("LSE-65", on="lease.surrender_wanted")
def surrender_not_asked(facts: AskedFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """The Collector accepts a surrender that the settlee asked for.

    Clause: tender 31 i. Our reading: as it says. The Collector may settle a doubt.
    """
    policy.at("LSE-65", at)
    return None if facts.asked_on else Finding("LSE-65")


@rule("LSE-66", on="lease.assets_asked")
def assets_not_asked(facts: BodyFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Asset statements are asked of a body with directors, members or partners (E-086).

    Clause: tender 20 v. Our reading: the kinds of LSE-03; of one person they are not asked. The Collector may
    settle a doubt.
    """
    policy.at("LSE-66", at)
    return None if facts.party_kind in policy.value("LSE-03", at)["kinds"] else Finding("LSE-66")


@rule("LSE-67", on="lease.after_step")
def step_missing(facts: AfterFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """What rests on a step of the path waits for it.

    Clause: tender 20 to 23. Our reading: the order of the clauses. The Collector may settle a doubt.
    """
    policy.at("LSE-67", at)
    return None if facts.before_on else Finding("LSE-67", {"before": STEPS[facts.before]})


@rule("LSE-68", on="lease.gst_wanted")
def gst_known(facts: GstFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A GST registration that stands on the settlee's own record is not recorded again.

    Clause: tender 7 chha. Our reading: as it says. The Collector may settle a doubt.
    """
    policy.at("LSE-68", at)
    return Finding("LSE-68", {"gstin": facts.gstin}) if facts.gstin else None
