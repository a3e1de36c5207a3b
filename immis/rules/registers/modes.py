"""Triggers on trial: off, report only, in force, by order of a day and a district."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from immis.rules.calendar import india_day
from immis.rules.catalogue import TRIGGERS, Finding, load_all, rule
from immis.rules.policy import PolicyBook
from immis.rules.registers.entries import EntryFacts

OFF, REPORT, ENFORCE = "stopped", "report", "enforce"


@dataclass(frozen=True)
class ModeOrder:
    """An order about a trigger: from a day on, in one district (empty: in all) it stands in a mode."""

    number: str
    trigger: str
    mode: str
    starts_on: date
    district: str = ""


def mode_of(orders: Iterable[ModeOrder], trigger: str, *, district: str, on: date) -> str:
    """The mode of a trigger in a district on a day; in force where no order says otherwise (TRM-01).

    Clause: review of 13.01.2026, point vi. Our reading: the latest day counts, of one day the order for the district,
    then the later order. Who may settle a doubt: Director of Mines.
    """
    fitting = [
        order
        for order in orders
        if order.trigger == trigger and order.starts_on <= on and order.district in ("", district)
    ]
    latest = max(fitting, key=lambda order: (order.starts_on, bool(order.district), order.number), default=None)
    return latest.mode if latest else ENFORCE


@rule("TRM-01", on="register.trigger_modes.order")
def unfit_order(facts: EntryFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """An order names a trigger that there is, and begins today or later.

    Clause: review of 13.01.2026, point vi. Our reading: what followed from a trigger before its order stands. Who may
    settle a doubt: Director of Mines.
    """
    policy.at("TRM-01", at)
    load_all()
    trigger = str(facts.values.get("trigger", ""))
    if trigger not in TRIGGERS:
        why = "unknown"
    elif date.fromisoformat(str(facts.values["starts_on"])) < india_day(at):
        why = "past"
    else:
        return None
    words = policy.words("TRM-01", why)
    return Finding("TRM-01", {"trigger": trigger or "—", "why_en": words["en"], "why_hi": words["hi"]})
