"""What of an e-challan may change after issue: a heavier load at the exit, more time for a breakdown or an outage."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from immis.rules.catalogue import Finding, rule
from immis.rules.movement.challans import CancelFacts, not_at_the_ghat
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class AmendFacts(CancelFacts):
    """An e-challan whose load is found heavier; ``quantity_m3`` stands on it, ``found_m3`` is what the scale says."""

    quantity_m3: Decimal = Decimal(0)
    found_m3: Decimal | None = None


@dataclass(frozen=True)
class ExtendFacts:
    """An e-challan for which more time is asked.

    ``breakdowns``: how often it was given more for one. ``standing_min``: for how long its device shows the vehicle
    standing (None: not at all). ``outage_min``: length of closures within its time that is not added yet.
    """

    challan: str
    in_force: bool
    started: bool
    breakdowns: int = 0
    standing_min: int | None = None
    outage_min: int = 0


@rule("CH-42", on="challan.amend")
def not_amended(facts: AmendFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clauses 34(kha), 42(ii): one load has one e-challan, and the driver carries its original (E-118, E-128).

    Our reading: amended only before exit, fence crossing or first scan, and only upwards. Who may settle a doubt:
    Director of Mines.
    """
    policy.at("CH-42", at)
    why = not_at_the_ghat(facts)
    if why is None and facts.found_m3 is not None and facts.found_m3 <= facts.quantity_m3:
        why = "lighter"
    if why is None:
        return None
    words = policy.words("CH-42", why, quantity_m3=facts.quantity_m3)
    return Finding("CH-42", {"challan": facts.challan, "why": why, "why_en": words["en"], "why_hi": words["hi"]})


@rule("CH-44", on="challan.extend")
def no_breakdown(facts: ExtendFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clause 42(xxx): the validity follows the way; a truck that broke down stands (E-159).

    Our reading: once, before the end, where its own device proves that it stands. Who may settle a doubt: Director of
    Mines.
    """
    limit = int(policy.value("CH-44", at)["standing_min"])
    if not facts.in_force:
        why = "over"
    elif not facts.started:
        why = "not_started"
    elif facts.breakdowns:
        why = "twice"
    elif (facts.standing_min or 0) < limit:
        why = "moving"
    else:
        return None
    words = policy.words("CH-44", why, standing_min=facts.standing_min or 0, limit_min=limit)
    return Finding("CH-44", {"challan": facts.challan, "why": why, "why_en": words["en"], "why_hi": words["hi"]})


@rule("CH-45", on="challan.extend_outage")
def no_outage(facts: ExtendFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clauses 42(xxx), 42(xxxiii): e-challan may be closed for maintenance (E-162).

    Our reading: a recorded closure adds its length. Who may settle a doubt: Director of Mines.
    """
    policy.at("CH-45", at)
    return None if facts.in_force and facts.outage_min > 0 else Finding("CH-45", {"challan": facts.challan})
