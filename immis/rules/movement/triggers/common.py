"""What the triggers share: tasks with their due day, and closing them."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from immis.rules.catalogue import (
    ChangeState,
    OpenTask,
)
from immis.rules.policy import PolicyBook

Name = Mapping[str, str]  # {"en": …, "hi": …}
DISTRICT = "district"


def due_in(policy: PolicyBook, code: str, at: datetime) -> timedelta:
    return timedelta(days=int(policy.value(code, at)))


def facts_of(facts: Any, *without: str) -> dict[str, Any]:
    return {name: value for name, value in asdict(facts).items() if name not in without}


def task_for(
    code: str, facts: Any, subject: tuple[str, str], *, policy: PolicyBook, at: datetime, act: str
) -> OpenTask:
    """A task of the district office, due so many days after the event as the trigger's policy says."""
    return OpenTask(DISTRICT, *subject, due_in=due_in(policy, code, at), act=act, facts=facts_of(facts))


def closed(kind: str, subject_id: str, code: str, *, of: str = "") -> ChangeState:
    """Open tasks about a record are done: what they asked for has happened; ``of`` names the trigger of some alone."""
    return ChangeState("task", f"{kind}:{subject_id}", "done", {"by": code, **({"of": of} if of else {})})
