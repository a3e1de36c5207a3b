"""Holds that began or ended."""

from dataclasses import dataclass, field
from datetime import datetime

from immis.rules.catalogue import (
    Consequence,
    SendMessage,
    trigger,
)
from immis.rules.movement.triggers.common import Name, closed, facts_of
from immis.rules.policy import PolicyBook


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


@trigger("TRG-03", on="hold.started")
def hold_started(facts: HoldFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A hold began: the settlee learns what is stopped, by which clause, and what lifts it.

    Clause: review of 13.01.2026, point vii (A-17, A-19). Our reading: stop and cause are told at once. The
    AD (HQ) may settle a doubt.
    """
    policy.at("TRG-03", at)
    if facts.party_id is None:
        return []
    return [SendMessage("party", str(facts.party_id), "MSG-03", facts_of(facts))]


@trigger("TRG-04", on="hold.ended")
def hold_ended(facts: HoldFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A hold ended, as by the district's verification: the settlee learns it and the tasks about it are done.

    Clause: review of 13.01.2026, point vii (A-18, A-19). Our reading: nobody switches challans on by hand. The
    AD (HQ) may settle a doubt.
    """
    policy.at("TRG-04", at)
    done: list[Consequence] = [closed("demand", facts.demand, "TRG-04")] if facts.demand else []
    if facts.party_id is not None:
        done.append(SendMessage("party", str(facts.party_id), "MSG-04", facts_of(facts)))
    return done
