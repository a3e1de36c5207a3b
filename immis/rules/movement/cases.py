"""What may be done to a case of penalty and to a task of a desk as they stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from immis.rules.catalogue import Finding, rule
from immis.rules.movement.offences import OTHER, offence_of
from immis.rules.policy import PolicyBook

OPEN = ("opened", "noticed")
ORDERED = ("ordered", "paid")
#: The states of a case in which each act may be done to it.
STATES_OF: Mapping[str, tuple[str, ...]] = {
    "notice": ("opened",),
    "reply": ("noticed",),
    "answer": ("noticed",),
    "service": ("noticed",),
    "measure": OPEN,
    "fix_hearing": ("noticed",),
    "put_off": ("noticed",),
    "hold_hearing": ("noticed",),
    "order": OPEN,
    "appeal": ORDERED,
    "stay": ORDERED,
    "decide_appeal": ORDERED,
    "close": ("paid",),
    "drop": OPEN,
}


@dataclass(frozen=True)
class StepFacts:
    """An act on a case, and the state in which the case is."""

    case: str
    act: str
    state: str


@dataclass(frozen=True)
class RepliedFacts:
    """When the reply to a case's notice was recorded; None: not yet."""

    case: str
    replied_at: datetime | None


@dataclass(frozen=True)
class OwedFacts:
    """What is still open of the demand of a case, in paise."""

    case: str
    demand: str
    balance_paise: int


@dataclass(frozen=True)
class DecidedFacts:
    """A task, and when and by whom it was decided; None: it is open."""

    task: int
    decided_at: datetime | None = None
    by: str = ""


@dataclass(frozen=True)
class RemindFacts:
    """The act that a task proposes, and the party that owes what it is about; empty: nobody."""

    task: int
    act: str
    party: str = ""


@dataclass(frozen=True)
class UrgeFacts:
    """A task of another post, and when that post was last reminded of it; None: never."""

    task: int
    urged_at: datetime | None = None


@dataclass(frozen=True)
class SuspicionFacts:
    """A task as a case may come of it: its trigger, its proposed act, whom it concerns, its case if it has one."""

    task: int
    code: str
    act: str
    concerns: str = ""
    case: str = ""


@rule("CAS-06", on="case.step")
def out_of_turn(facts: StepFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A case goes from notice to reply, order, payment and outcome.

    Clause: review of 13.01.2026, point vi: the penalty is imposed under the rules. Our reading: nobody is fined
    unheard, and what is ordered is not dropped. The AD (HQ) may settle a doubt.
    """
    policy.at("CAS-06", at)
    if facts.state in STATES_OF[facts.act]:
        return None
    return Finding("CAS-06", {"case": facts.case, "state": policy.words("CAS-06", facts.state)})


@rule("CAS-22", on="case.reply")
def replied_already(facts: RepliedFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """The reply to a notice is recorded once.

    Clause: review of 13.01.2026, point vi. Our reading: the order rests on the reply as it came in; a second one does
    not take its place. The AD (HQ) may settle a doubt.
    """
    policy.at("CAS-22", at)
    return Finding("CAS-22", {"case": facts.case, "replied_at": facts.replied_at}) if facts.replied_at else None


@rule("CAS-21", on="case.close")
def penalty_owed(facts: OwedFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A case is closed when its penalty is paid in full.

    Clause: review of 13.01.2026, point vi. Our reading: a part is no payment, and what the bank took back is owed
    again. The AD (HQ) may settle a doubt.
    """
    policy.at("CAS-21", at)
    return Finding("CAS-21", vars(facts)) if facts.balance_paise else None


@rule("CAS-08", on="task.decide")
def decided_already(facts: DecidedFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A task is decided once.

    Clause: review of 13.01.2026, point v. Our reading: a decision stands with who made it and when. The AD (HQ) may
    settle a doubt.
    """
    policy.at("CAS-08", at)
    return Finding("CAS-08", vars(facts)) if facts.decided_at else None


@rule("CAS-15", on="task.remind")
def nobody_to_remind(facts: RemindFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A settlee is reminded of an amount that is due.

    Clause: review of 13.01.2026, point v. Our reading: a task about anything else reminds nobody. The AD (HQ) may
    settle a doubt.
    """
    policy.at("CAS-15", at)
    return None if facts.act == "remind" and facts.party else Finding("CAS-15", {"task": facts.task})


@rule("CAS-30", on="task.urge")
def reminded_lately(facts: UrgeFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A post is reminded of a task once in so many hours.

    Clause: review of 13.01.2026, point v. Our reading: a reminder every minute is none; the time is ours. The AD (HQ)
    may settle a doubt.
    """
    again_at = facts.urged_at and facts.urged_at + timedelta(hours=int(policy.value("CAS-30", at)))
    if not again_at or again_at <= at:
        return None
    return Finding("CAS-30", {"task": facts.task, "urged_at": facts.urged_at, "again_at": again_at})


@rule("CAS-20", on="task.open_case")
def concerns_nobody(facts: SuspicionFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A case is against a registered vehicle or a party.

    Clause: review of 13.01.2026, point vi. Our reading: as it says. The AD (HQ) may settle a doubt.
    """
    policy.at("CAS-20", at)
    return None if facts.concerns else Finding("CAS-20", {"task": facts.task})


@rule("CAS-23", on="task.open_case")
def no_new_case(facts: SuspicionFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A case comes of what points to an offence, and once.

    Clause: review of 13.01.2026, point vi. Our reading: what a trigger takes for tampering, for an e-challan issued
    away from its vehicle, or for one that never set off; a task that is a case's is carried on there. The AD (HQ) may
    settle a doubt.
    """
    policy.at("CAS-23", at)
    if facts.case:
        because = policy.words("CAS-23", "case_open", case=facts.case)
    elif facts.act != "open_case" and not (facts.act == "inspect" and offence_of(facts.code) != OTHER):
        because = policy.words("CAS-23", "no_offence")
    else:
        return None
    return Finding("CAS-23", {"task": facts.task, "because": because})
