"""What follows from a weighment that cannot be trusted (A-08)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from immis.rules.catalogue import ChangeState, Consequence, OpenTask, trigger
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class RefusedFacts:
    """A weighment that was refused: of which bridge, its counter and truck, the reason in both languages."""

    bridge: str
    district: str
    counter: int
    code: str
    reason: Mapping[str, str]
    plate: str = ""


@trigger("TRG-260", on="weighbridge.reading_refused")
def look_at_the_bridge(facts: RefusedFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """The district looks why a weighment was refused.

    Clause: review of 13.01.2026, point ii (A-08). Our reading: within a day. Who may settle a doubt: AD (HQ).
    """
    due_in = timedelta(days=int(policy.value("TRG-260", at)))
    payload = {"bridge": facts.bridge, "counter": facts.counter, "plate": facts.plate or "—", "reason": facts.reason}
    return [OpenTask("district", "weighbridge", facts.bridge, due_in, facts={**payload, "district": facts.district})]


@trigger("TRG-267", on="weighbridge.reading_flagged")
def look_at_the_flag(facts: RefusedFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """The district looks at what was flagged and not refused: the operator is told, and it is.

    Clause: review of 13.01.2026, point ii. Our reading: each reason once a day. Who may settle a doubt: AD (HQ).
    """
    payload = {"bridge": facts.bridge, "counter": facts.counter, "plate": facts.plate or "—", "reason": facts.reason}
    task = {**payload, "district": facts.district}
    return [OpenTask("district", "weighbridge", facts.bridge, _days("TRG-267", policy, at), facts=task)]


@dataclass(frozen=True)
class AlarmFacts:
    """A weighbridge that is silent or stays at zero, or does so no more: why, in both languages."""

    bridge: str
    district: str
    reason: Mapping[str, str]


def _alarm(code: str, facts: AlarmFacts, policy: PolicyBook, at: datetime) -> list[Consequence]:
    payload = {"bridge": facts.bridge, "reason": facts.reason, "district": facts.district}
    return [OpenTask("district", "weighbridge", facts.bridge, _days(code, policy, at), facts=payload)]


def _days(code: str, policy: PolicyBook, at: datetime) -> timedelta:
    return timedelta(days=int(policy.value(code, at)))


def _over(code: str, of: str, subject: tuple[str, str], policy: PolicyBook, at: datetime) -> list[Consequence]:
    policy.at(code, at)
    return [ChangeState("task", ":".join(subject), "done", {"by": code, "of": of})]


@trigger("TRG-261", on="weighbridge.silent")
def ask_why_it_is_silent(facts: AlarmFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """Clause: tender 42(xxix). Our reading: within the days of TRG-261. Who may settle a doubt: AD (HQ)."""
    return _alarm("TRG-261", facts, policy, at)


@trigger("TRG-262", on="weighbridge.heard")
def heard_again(facts: AlarmFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """Clause: tender 42(xxix). Our reading: the task ends by itself. Who may settle a doubt: AD (HQ)."""
    return _over("TRG-262", "TRG-261", ("weighbridge", facts.bridge), policy, at)


@trigger("TRG-263", on="weighbridge.stuck")
def ask_why_it_stays_at_zero(facts: AlarmFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """Clause: tender 42(xxix). Our reading: within the days of TRG-263. Who may settle a doubt: AD (HQ)."""
    return _alarm("TRG-263", facts, policy, at)


@trigger("TRG-264", on="weighbridge.weighs_again")
def weighs_again(facts: AlarmFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """Clause: tender 42(xxix). Our reading: the task ends by itself. Who may settle a doubt: AD (HQ)."""
    return _over("TRG-264", "TRG-263", ("weighbridge", facts.bridge), policy, at)
