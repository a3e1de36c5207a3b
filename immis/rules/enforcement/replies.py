"""The reply to a notice: proof that the notice came, and what the desk is asked to do when the reply is in."""

from dataclasses import dataclass
from datetime import date, datetime

from immis.rules.catalogue import Consequence, Finding, OpenTask, rule, trigger
from immis.rules.movement.triggers.common import DISTRICT, due_in, facts_of
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class ServedFacts:
    """The day on which a notice is said to have been served, the day of the notice, and today."""

    case: str
    served_on: date
    noticed_on: date | None
    today: date


@rule("CAS-60", on="case.service")
def served_on_no_such_day(facts: ServedFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A notice is served from its own day on, and not in the future.

    Clause: review of 13.01.2026, point vi. Our reading: the proof of the post or of who handed it over gives the day.
    The AD (HQ) may settle a doubt.
    """
    policy.at("CAS-60", at)
    if facts.noticed_on is not None and facts.noticed_on <= facts.served_on <= facts.today:
        return None
    return Finding("CAS-60", {"case": facts.case, "served_on": facts.served_on, "noticed_on": facts.noticed_on})


@dataclass(frozen=True)
class RepliedNews:
    """A reply that the accused gave himself."""

    case: str
    offence: str
    district: str
    registration: str = ""
    is_late: bool = False


@trigger("TRG-280", on="case.replied")
def decide_on_reply(facts: RepliedNews, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A reply lies on the district's desk, to be weighed and decided.

    Clause: review of 13.01.2026, point vi. Our reading: a reply in time or late is weighed before the order; within
    a week. The AD (HQ) may settle a doubt.
    """
    due = due_in(policy, "TRG-280", at)
    return [OpenTask(DISTRICT, "case", facts.case, due_in=due, act="decide_case", facts=facts_of(facts))]
