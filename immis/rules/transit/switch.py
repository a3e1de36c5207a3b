"""Since when transit passes of other States are in force, and which order may switch them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from immis.rules.catalogue import Finding, rule
from immis.rules.policy import PolicyBook

ON, OFF = "on", "off"
IN_FORCE, ORDERED, NONE, ENDED = "in_force", "ordered", "none", "ended"
_FARTHEST = timedelta(days=366)


@dataclass(frozen=True)
class SwitchFacts:
    """How the switch stands: ``in_force``, ``ordered`` for a day to come, ``ended`` or ``none``; by which order."""

    state: str
    order: str = ""
    starts_on: date | None = None


@dataclass(frozen=True)
class OrderFacts:
    """An order that is to be recorded, today, and the latest one on record."""

    kind: str
    order: str
    starts_on: date
    today: date
    is_known: bool = False
    last_kind: str = ""
    last_order: str = ""
    last_on: date | None = None


def day_text(on: date | None) -> str:
    """A day as both languages write it."""
    return f"{on:%d.%m.%Y}" if on else ""


@rule("IST-01", on="istp.in_force")
def not_in_force(facts: SwitchFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Nothing of transit passes is done before the day that an order names (A-25).

    Clause: review of 13.01.2026, point xi. Our reading: from the first minute of that day on; shut doors say why. The
    Director of Mines may settle a doubt.
    """
    policy.at("IST-01", at)
    if facts.state == IN_FORCE:
        return None
    because = policy.words("IST-01", facts.state, order=facts.order, starts_on=day_text(facts.starts_on))
    return Finding("IST-01", {"because": because, "state": facts.state})


@rule("IST-12", on="istp.switch")
def unfit_order(facts: OrderFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """An order names a day that is not over and a number that is new, and changes something (A-25).

    Clause: review of 13.01.2026, point xi. Our reading: a date and a number are all; orders stand in their order of
    time. The Director of Mines may settle a doubt.
    """
    policy.at("IST-12", at)
    why = _unfit(facts)
    if not why:
        return None
    named = why in ("past", "far", "twice")
    order, on = (facts.order, facts.starts_on) if named else (facts.last_order, facts.last_on)
    because = policy.words("IST-12", why, order=order, starts_on=day_text(on))
    return Finding("IST-12", {"because": because, "why": why})


def _unfit(facts: OrderFacts) -> str:
    if facts.is_known:
        return "twice"
    if facts.starts_on < facts.today:
        return "past"
    if facts.starts_on - facts.today > _FARTHEST:
        return "far"
    if facts.last_on and facts.starts_on < facts.last_on:
        return "before"
    if facts.kind == ON:
        return "on" if facts.last_kind == ON else ""
    return "" if facts.last_kind == ON else "off"
