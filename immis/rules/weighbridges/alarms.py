"""What follows from a weighment that cannot be trusted (A-08)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from immis.rules.catalogue import Consequence, OpenTask, trigger
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
    told = {"bridge": facts.bridge, "counter": facts.counter, "plate": facts.plate or "—", "reason": facts.reason}
    return [OpenTask("district", "weighbridge", facts.bridge, due_in, facts={**told, "district": facts.district})]
