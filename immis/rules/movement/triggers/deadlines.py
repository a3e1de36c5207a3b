"""Triggers of days that are over: what was to be done by a day and is not has a task, an owner and a name."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from immis.rules.catalogue import Consequence, OpenTask, trigger
from immis.rules.movement.triggers.common import Name, closed, facts_of
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class DeadlineFacts:
    """A day by which something was to be done: which clock, of which record, and the day."""

    deadline: str
    clock: str
    noun: str
    number: str
    district: str
    about: Name
    due_on: date


@trigger("TRG-180", on="deadline.passed")
def day_is_over(facts: DeadlineFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A day is over and what was to be done by it is not: the post whose turn it is has it on its desk (A-12).

    Clause: review of 13.01.2026, point v. Our reading: no day of the tender passes without a task; whose it is and by
    when stands in the value. The AD (HQ) may settle a doubt.
    """
    clocks: Mapping[str, Mapping[str, Any]] = policy.value("TRG-180", at)
    if (whose := clocks.get(facts.clock)) is None:
        return []
    payload = {**facts_of(facts), "what": policy.words("TRG-180", facts.clock)}
    due_in = timedelta(days=int(whose["days"]))
    return [OpenTask(whose["role"], "deadline", facts.deadline, due_in=due_in, act=whose["act"], facts=payload)]


@trigger("TRG-181", on="deadline.kept")
def done_after_all(facts: DeadlineFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """What was to be done by a day that is over was done, or its day was moved: the task is done.

    Clause: review of 13.01.2026, point v. Our reading: a task stands as long as its cause. The AD (HQ) may settle a
    doubt.
    """
    policy.at("TRG-181", at)
    return [closed("deadline", facts.deadline, "TRG-181")]
