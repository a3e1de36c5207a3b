"""Weighbridges that say nothing, or always nought (E-158)."""

from dataclasses import dataclass
from datetime import datetime

from immis.rules.calendar import INDIA
from immis.rules.catalogue import Finding, rule
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class WatchFacts:
    """An approved weighbridge as it is heard: when its indicator spoke last, when a weight stood on it last.

    ``heard_at`` is when its software spoke last, with or without the indicator; ``loads`` how many e-challans were
    issued at its ghat since a weight stood on it; ``by_hand`` that an order knows it to be broken.
    """

    bridge: str
    heard_at: datetime
    spoke_at: datetime
    moved_at: datetime
    loads: int = 0
    by_hand: bool = False


def is_loaded(weight_kg: int, division_kg: int, *, policy: PolicyBook, at: datetime) -> bool:
    """Whether something stands on a scale: more than its zero wanders (WB-25)."""
    return weight_kg > int(policy.value("WB-25", at)["zero_divisions"]) * division_kg


@rule("WB-24", on="weighbridge.watch")
def silent(facts: WatchFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A weighbridge sends in real time: by day it is not silent for longer than the minutes of WB-24.

    Clause: review of 13.01.2026, point ii; tender 42(xxix). Our reading: software and indicator alike. Who may settle
    a doubt: AD (HQ).
    """
    terms = policy.value("WB-24", at)
    by_day = int(terms["from_hour"]) <= at.astimezone(INDIA).hour < int(terms["until_hour"])
    minutes = int((at - facts.spoke_at).total_seconds() // 60)
    if facts.by_hand or not by_day or minutes < int(terms["minutes"]):
        return None
    why = "software" if facts.heard_at <= facts.spoke_at else "indicator"
    because = policy.words("WB-24", why)
    return Finding("WB-24", {"bridge": facts.bridge, "minutes": minutes, "because": because})


@rule("WB-25", on="weighbridge.watch")
def stuck_at_zero(facts: WatchFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """What leaves a ghat stood on its weighbridge.

    Clause: tender 42(xxix). Our reading: so many e-challans while it shows nought. Who may settle a doubt: AD (HQ).
    """
    terms = policy.value("WB-25", at)
    if facts.by_hand or facts.loads < int(terms["loads"]):
        return None
    since = f"{facts.moved_at.astimezone(INDIA):%d.%m.%Y %H:%M}"
    return Finding("WB-25", {"bridge": facts.bridge, "since": since, "loads": facts.loads})
