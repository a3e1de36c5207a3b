"""In which state an e-challan is by law at an instant."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from immis.challans.models import Challan
from immis.rules import catalogue
from immis.rules.catalogue import Finding
from immis.rules.land.geometry import distance_to_polygon_m
from immis.rules.movement.trips import StartFacts, start_deadline
from immis.rules.policy import NotInForce, book
from immis.tracking import selectors as tracking


def start_facts(challan: Challan, *, at: datetime) -> StartFacts:
    """Facts for MOV-01; past the deadline, a position away from the ghat proves the start where no exit was told."""
    facts = StartFacts(
        challan=challan.number,
        vehicle=challan.vehicle.registration,
        block=challan.lease.block.code,
        district=challan.lease.district,
        issued_at=challan.issued_at,
        started_at=challan.started_at,
    )
    if challan.started_at is not None or at < start_deadline(facts, policy=book()):
        return facts
    seen_at = _seen_away_at(challan, until=start_deadline(facts, policy=book()))
    return facts if seen_at is None else StartFacts(**{**facts.__dict__, "started_at": seen_at})


def _seen_away_at(challan: Challan, *, until: datetime) -> datetime | None:
    """The first stored fix between issue and ``until`` that lies clearly outside the ghat (CH-04's tolerance)."""
    limit_m = int(book().value("CH-04", challan.issued_at, district=challan.lease.district))
    for point in tracking.points(challan.imei, start=challan.issued_at, end=until):
        if point.at < until and distance_to_polygon_m(challan.lease.block.corners, point.lat, point.lon) > limit_m:
            return point.at
    return None


def not_started(challan: Challan, *, at: datetime) -> Finding | None:
    """MOV-01 on one challan at an instant; None where it started, or has time left."""
    if challan.state != Challan.ISSUED:
        return None
    return catalogue.apply(catalogue.RULES["MOV-01"], start_facts(challan, at=at), policy=book(), at=at)


@dataclass(frozen=True)
class Standing:
    """The state of a challan by law at an instant, with the rule and facts that made it so."""

    state: str
    rule_code: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    since: datetime | None = None


def standing_of(challan: Challan, *, at: datetime) -> Standing:
    """The state at an instant: a challan is invalid from its very deadline on, whether or not a job has run (A-21)."""
    if challan.state != Challan.ISSUED and at >= _ended_at(challan):
        return Standing(challan.state, challan.state_rule, challan.state_facts, challan.state_at)
    finding = not_started(challan, at=at)
    if finding:
        return Standing(Challan.INVALID, finding.code, finding.facts, finding.facts["deadline_at"])
    if at >= challan.valid_until:
        return Standing(Challan.EXPIRED, "CH-10", {"valid_until": challan.valid_until}, challan.valid_until)
    return Standing(Challan.ISSUED, "", {}, challan.issued_at)


def _ended_at(challan: Challan) -> datetime:
    """From when an e-challan is what its record says: a check that a phone kept may lie before that."""
    arrived = challan.completed_at if challan.state == Challan.COMPLETED else None
    return arrived or challan.state_at


def start_by(challan: Challan) -> datetime | None:
    """The instant by which the vehicle must have left the ghat; None where MOV-01 was not in force at issue."""
    facts = StartFacts(challan.number, "", "", challan.lease.district, challan.issued_at)
    try:
        return start_deadline(facts, policy=book())
    except NotInForce:
        return None
