"""The order of the steps of the path."""

from dataclasses import dataclass
from datetime import date, datetime

from immis.rules.catalogue import Finding, rule
from immis.rules.policy import PolicyBook
from immis.rules.writing.texts import texts

STEPS = texts("leases/steps")


@dataclass(frozen=True)
class StepFacts:
    """A step recorded for a day: the step before it (None: not done), whether it is done already, and today."""

    step: str
    on: date
    today: date
    before: str = ""
    before_on: date | None = None
    done_on: date | None = None


@rule("LSE-10", on="lease.step")
def out_of_order(facts: StepFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A step is recorded once, for a day that has come, and not before the step that goes before it (E-174).

    Clause: tender 20 to 23. Our reading: the order of the clauses. The Collector may settle a doubt.
    """
    policy.at("LSE-10", at)
    broken = _order_broken(facts)
    if broken is None:
        return None
    key, day = broken
    because = policy.words("LSE-10", key, day=day, before=STEPS.get(facts.before, {"en": "", "hi": ""}))
    return Finding("LSE-10", {"step": STEPS[facts.step], "on": facts.on, "because": because})


def _order_broken(facts: StepFacts) -> tuple[str, date | None] | None:
    if facts.done_on:
        return "done", facts.done_on
    if facts.before and facts.before_on is None:
        return "step_before", None
    if facts.before_on and facts.on < facts.before_on:
        return "too_early", facts.before_on
    if facts.on > facts.today:
        return "to_come", None
    return None
