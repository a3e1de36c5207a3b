"""Instalments that fall due or are overdue."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from immis.rules.calendar import end_of
from immis.rules.catalogue import (
    Consequence,
    OpenTask,
    SendMessage,
    trigger,
)
from immis.rules.movement.triggers.common import DISTRICT, Name, closed, facts_of, task_for
from immis.rules.policy import PolicyBook


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


@trigger("TRG-01", on="instalment.due_soon")
def instalment_due(facts: InstalmentFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """An instalment falls due: a task in the district's login and a message to the settlee.

    Clause: review of 13.01.2026, point v (A-12). Our reading: the task is due at the end of the due day. The
    AD (HQ) may settle a doubt.
    """
    policy.at("TRG-01", at)
    left = max(end_of(facts.due_on) - at, timedelta(0))
    return [
        OpenTask(DISTRICT, "demand", facts.demand, due_in=left, act="remind", facts=facts_of(facts)),
        SendMessage("party", str(facts.party_id), "MSG-01", facts_of(facts)),
    ]


@trigger("TRG-02", on="instalment.overdue")
def instalment_overdue(facts: InstalmentFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """An instalment is overdue: an escalated task for the district and a message to the settlee; challans are held.

    Clause: review of 13.01.2026, points v and vii (A-12, A-17). Our reading: the hold itself follows from the
    unpaid demand (HLD-01), not from this trigger. The AD (HQ) may settle a doubt.
    """
    task = task_for("TRG-02", facts, ("demand", facts.demand), policy=policy, at=at, act="recover")
    return [
        closed("demand", facts.demand, "TRG-02"),
        task,
        SendMessage("party", str(facts.party_id), "MSG-02", facts_of(facts)),
    ]
