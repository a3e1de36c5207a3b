"""Who learns of a fence round a weighbridge or storage site (A-09)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from immis.rules.catalogue import Consequence, SendMessage, trigger
from immis.rules.movement.triggers.common import Name
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class Neighbour:
    """A settlee whose ghat lies near a fence, with its distance."""

    party_id: int
    ghat: Name
    distance_km: float


@dataclass(frozen=True)
class FenceFacts:
    """A fence as it was drawn or drawn anew, and the settlees of its district with the distance of their ghats."""

    fence: str
    kind: str
    name: Name
    district: str
    valid_from: date
    neighbours: Sequence[Neighbour] = field(default=())


@trigger("TRG-162", on="fence.drawn")
def fence_drawn(facts: FenceFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """After geofencing the settlee is notified by SMS and e-mail.

    Clause: review of 13.01.2026, point iii (A-09). Our reading: of a weighbridge or storage site, whoever holds a ghat
    within the distance of TRG-162. The NIC may settle a doubt.
    """
    within_km = policy.value("TRG-162", at)
    if facts.kind not in policy.entry("TRG-162").words:
        return []
    said = {
        "kind": policy.words("TRG-162", facts.kind),
        "name": facts.name,
        "fence": facts.fence,
        "valid_from": facts.valid_from,
        "district": facts.district,
    }
    near = [row for row in facts.neighbours if row.distance_km <= within_km]
    return [SendMessage("party", str(row.party_id), "MSG-161", {**said, "ghat": row.ghat}) for row in near]
