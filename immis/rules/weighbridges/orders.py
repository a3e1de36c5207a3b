"""Orders about weighing: where a weight may be written by hand, and until when (E-158)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from immis.rules.calendar import india_day
from immis.rules.catalogue import Finding, rule
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class HandOrderFacts:
    """An order about to be entered: for which weighbridge, from its first to its last day.

    ``state`` is that of the weighbridge, ``standing`` the number of an order that stands for it already.
    """

    bridge: str
    state: str
    since_on: date
    until_on: date
    standing: str = ""


@rule("WB-21", on="weighbridge.hand_order")
def unfit_order(facts: HandOrderFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A weight is written by hand only by a dated order of the district, for some days, at one weighbridge.

    Clause: review of 13.01.2026, point iv. Our reading: the days of WB-21 an order, one at a time. Who may settle a
    doubt: AD (HQ).
    """
    days = int(policy.value("WB-21", at))
    if facts.state != "approved":
        why = "state"
    elif facts.standing:
        why = "twice"
    elif facts.until_on < max(facts.since_on, india_day(at)):
        why = "backwards"
    elif facts.until_on - facts.since_on >= timedelta(days=days):
        why = "long"
    else:
        return None
    because = policy.words("WB-21", why, days=days, standing=facts.standing)
    return Finding("WB-21", {"bridge": facts.bridge, "because": because})
