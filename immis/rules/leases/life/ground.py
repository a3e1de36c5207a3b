"""On the ground: the certified boundary pillars, and sand that is found stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from immis.rules.catalogue import Finding, rule
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class DemarcationFacts:
    """Pillars set at the corners of a block, and in whose presence they were certified (rqp, co)."""

    pillars: int
    corners: int
    present: Sequence[str]


@dataclass(frozen=True)
class StoredSandFacts:
    """Sand found stored near the bank: the day, the last day of the settlement, and the distance."""

    found_on: date
    ended_on: date | None
    distance_m: int
    quantity_m3: Decimal


@rule("LSE-19", on="lease.demarcate")
def demarcation_incomplete(facts: DemarcationFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A pillar at every corner, certified in the presence of an RQP or the circle officer (E-148).

    Clause: tender 42(xx). Our reading: at least one pillar a corner; either of the two officials suffices. The
    Collector may settle a doubt.
    """
    present = policy.value("LSE-19", at)["present"]
    if facts.pillars >= facts.corners and any(who in present for who in facts.present):
        return None
    return Finding("LSE-19", {"pillars": facts.pillars, "corners": facts.corners})


@rule("LSE-28", on="lease.stored_sand")
def sand_is_the_governments(facts: StoredSandFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Sand that lies within 300 metres of the bank after the settlement's end is government property (E-153).

    Clause: tender 42(xxiv). Our reading: from the day after the last day. The Collector may settle a doubt.
    """
    within = int(policy.value("LSE-28", at))
    if facts.ended_on is None or facts.found_on <= facts.ended_on or facts.distance_m > within:
        return None
    words = {"quantity_m3": str(facts.quantity_m3), "distance_m": facts.distance_m, "ended_on": facts.ended_on}
    return Finding("LSE-28", words, severity="warning")
