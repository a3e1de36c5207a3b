"""Where and when a challan's vehicle really was: trips that never started, places that do not fit."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from immis.rules.catalogue import Finding, rule
from immis.rules.land.geometry import distance_m, distance_to_polygon_m
from immis.rules.movement.issue_facts import Fix
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class StartFacts:
    """A challan and when its vehicle left the source fence after issue (None: not seen to leave)."""

    challan: str
    vehicle: str
    block: str
    district: str
    issued_at: datetime
    started_at: datetime | None = None


@dataclass(frozen=True)
class PlaceFacts:
    """A challan, the ghat that it names (border as (lat, lon)) and where its vehicle stood at issue."""

    challan: str
    vehicle: str
    block: str
    district: str
    corners: tuple[tuple[float, float], ...]
    issued_at: datetime
    fix: Fix


@dataclass(frozen=True)
class ScanFacts:
    """Two checks of one challan: where and when the one before was, and where and when this one is."""

    challan: str
    before: str
    before_at: datetime
    before_lat: float
    before_lon: float
    at: datetime
    lat: float
    lon: float


def start_deadline(facts: StartFacts, *, policy: PolicyBook) -> datetime:
    """The instant from which a challan that has not started is invalid (MOV-01 as in force at issue)."""
    return facts.issued_at + timedelta(minutes=int(policy.value("MOV-01", facts.issued_at, district=facts.district)))


@rule("MOV-01", on="challan.start")
def not_started(facts: StartFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Review of 13.01.2026, point ix: a challan whose trip was not started from the source is invalid at once.

    Our reading: the vehicle leaves the ghat's fence before so many minutes have run since issue; from the
    instant when they are over, the challan is invalid. Who may settle a doubt: Director of Mines.
    """
    deadline = start_deadline(facts, policy=policy)
    if at < deadline or (facts.started_at is not None and facts.started_at < deadline):
        return None
    return Finding(
        "MOV-01",
        {
            "challan": facts.challan,
            "vehicle": facts.vehicle,
            "block": facts.block,
            "issued_at": facts.issued_at,
            "deadline_at": deadline,
            "limit_minutes": int((deadline - facts.issued_at).total_seconds() // 60),
            "started_at": facts.started_at,
        },
    )


@rule("MOV-02", on="challan.place")
def issued_away(facts: PlaceFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Review of 13.01.2026, point x: a challan issued from a place other than the GPS position.

    Our reading: the distance from the position nearest in time to the ghat's border exceeds the tolerance.
    Who may settle a doubt: Director of Mines.
    """
    limit_m = int(policy.value("MOV-02", facts.issued_at, district=facts.district))
    away_m = distance_to_polygon_m(facts.corners, facts.fix.lat, facts.fix.lon)
    if away_m <= limit_m:
        return None
    return Finding(
        "MOV-02",
        {
            "challan": facts.challan,
            "vehicle": facts.vehicle,
            "block": facts.block,
            "distance_m": round(away_m),
            "limit_m": limit_m,
            "lat": facts.fix.lat,
            "lon": facts.fix.lon,
            "fix_at": facts.fix.at,
            "issued_at": facts.issued_at,
        },
    )


@rule("MOV-04", on="challan.scan")
def seen_twice(facts: ScanFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clause 34(kha): every vehicle carries its own printed e-challan.

    Our reading: two checks that would need more than a lorry's speed in between show a copied challan.
    Who may settle a doubt: Director of Mines.
    """
    limit = policy.value("MOV-04", at)
    apart_km = distance_m(facts.before_lat, facts.before_lon, facts.lat, facts.lon) / 1000
    hours = abs((facts.at - facts.before_at).total_seconds()) / 3600
    if apart_km <= limit["kmh"] * hours + limit["slack_km"]:
        return None
    return Finding(
        "MOV-04",
        {
            "challan": facts.challan,
            "before": facts.before,
            "before_at": facts.before_at,
            "distance_km": round(apart_km, 1),
            "minutes": round(hours * 60),
        },
        severity="warning",
    )


def place_at(fixes: list[Fix], at: datetime) -> Fix | None:
    """Where a vehicle was at an instant: between the fixes round it by time, else the nearest one; None without fixes.

    ``fixes`` is in order of time and holds only what is near enough in time to prove anything (MOV-03).
    """
    before = [fix for fix in fixes if fix.at <= at]
    after = [fix for fix in fixes if fix.at >= at]
    if before and after:
        return _between(before[-1], after[0], at)
    return min(fixes, key=lambda fix: abs(fix.at - at), default=None)


def _between(first: Fix, second: Fix, at: datetime) -> Fix:
    span = (second.at - first.at).total_seconds()
    share = (at - first.at).total_seconds() / span if span else 0.0
    return Fix(at, first.lat + (second.lat - first.lat) * share, first.lon + (second.lon - first.lon) * share)
