"""Acts of two officers on a settlement: the mining office proposes, the Collector issues."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from immis.rules.catalogue import ChangeState, Consequence, Finding, OpenTask, rule, trigger
from immis.rules.policy import PolicyBook

Name = Mapping[str, str]


@dataclass(frozen=True)
class IssueFacts:
    """A step that is to be issued: who proposed it (None: nobody) and who issues it, as numbers of users."""

    step: Name
    proposed_by: int | None
    issued_by: int | None


@dataclass(frozen=True)
class ProposalFacts:
    """A step that the mining office proposed, or that was issued upon it."""

    lease: str
    ghat: Name
    party: Name
    district: str
    step: str
    what: Name
    on: date


@rule("LSE-60", on="lease.issue_step")
def not_proposed(facts: IssueFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """LoI, deed and mining permission are the Collector's, on a proposal of another officer (E-079, E-095, E-097).

    Clause: tender 20 i, 22 and 23 name the Collector. Our reading: the mining office examines and proposes, the
    Collector issues; nobody does both. The Director may settle a doubt.
    """
    policy.at("LSE-60", at)
    if facts.proposed_by is None or facts.proposed_by == facts.issued_by:
        return Finding("LSE-60", {"step": facts.step})
    return None


@trigger("TRG-153", on="lease.step_proposed")
def step_proposed(facts: ProposalFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A step is proposed: the Collector's desk has it until it is issued.

    Clause: tender 20 i, 22 and 23 name no time. Our reading: the days of the value. The Collector may settle a doubt.
    """
    due_in = timedelta(days=int(policy.value("TRG-153", at)))
    subject_id = f"{facts.lease}:{facts.step}"
    return [OpenTask("collector", "proposal", subject_id, due_in=due_in, act="issue_step", facts=asdict(facts))]


@trigger("TRG-154", on="lease.step_issued")
def step_issued(facts: ProposalFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """The step is issued: the Collector's task is done.

    Clause: tender 20 i, 22 and 23. Our reading: done by the act itself. The Collector may settle a doubt.
    """
    policy.at("TRG-154", at)
    return [ChangeState("task", f"proposal:{facts.lease}:{facts.step}", "done", {"by": "TRG-154"})]
