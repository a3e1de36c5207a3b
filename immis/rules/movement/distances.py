"""How far an e-challan goes and for how long it is valid: distance classes and destinations."""

from datetime import datetime, timedelta
from decimal import Decimal

from immis.rules.catalogue import Finding, rule
from immis.rules.movement.challans import ON, IssueFacts
from immis.rules.policy import PolicyBook


@rule("CH-10", on=ON)
def too_far(facts: IssueFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clause 42(xxx): validity follows the GPS distance from source to destination.

    Our reading: beyond the last distance class no validity is fixed, so no challan is issued.
    Who may settle a doubt: Director of Mines.
    """
    classes = _classes(policy, at, facts.district)
    if facts.distance_km <= classes[-1]["up_to_km"]:
        return None
    return Finding("CH-10", {"distance_km": facts.distance_km, "limit_km": classes[-1]["up_to_km"]})


@rule("CH-15", on=ON)
def no_destination(facts: IssueFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clause 42(xxx): an e-challan carries sand from the source to a destination.

    Our reading: only a place registered as a destination is one; a check post or a weighbridge lies on the way.
    Who may settle a doubt: Director of Mines.
    """
    kinds = policy.value("CH-15", at, district=facts.district)
    if facts.place_kind in kinds:
        return None
    return Finding("CH-15", {"place": facts.place, "place_kind": facts.place_kind, "kinds": list(kinds)})


def _classes(policy: PolicyBook, at: datetime, district: str) -> list[dict[str, int]]:
    return sorted(policy.value("CH-10", at, district=district), key=lambda row: row["up_to_km"])


def validity(*, distance_km: Decimal, district: str, policy: PolicyBook, at: datetime) -> timedelta:
    """How long a challan over this road distance is valid (E-159, CH-10).

    Raises LookupError beyond the last distance class and NotInForce before the first value.
    """
    for class_ in _classes(policy, at, district):
        if distance_km <= class_["up_to_km"]:
            return timedelta(minutes=class_["minutes"])
    raise LookupError(f"{distance_km} km lies beyond the distance classes of CH-10")


def road_distance_km(*, straight_m: float, policy: PolicyBook, at: datetime) -> Decimal:
    """Road distance reckoned from the straight line, in kilometres to a tenth (CH-11)."""
    factor = Decimal(str(policy.value("CH-11", at)))
    return (Decimal(str(straight_m)) / 1000 * factor).quantize(Decimal("0.1"))
