"""What a trip on an e-challan shows on the road: off its way, long stops, no delivery, a second delivery."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import cos, radians
from typing import TYPE_CHECKING, Any

from immis.late import late
from immis.rules.catalogue import Finding, rule
from immis.rules.land.earth import M_A_DEGREE
from immis.rules.land.geometry import distance_m
from immis.rules.policy import PolicyBook

if TYPE_CHECKING:
    import shapely
else:
    shapely = late("shapely")


@dataclass(frozen=True)
class AwayFacts:
    """A vehicle on an e-challan: how far it is from the way that is expected, and where it was seen so."""

    challan: str
    vehicle: str
    district: str
    away_m: float
    lat: float
    lon: float
    fix_at: datetime


@dataclass(frozen=True)
class StandingFacts:
    """A vehicle on an e-challan that stands between ghat and destination: since when, when it was last seen there."""

    challan: str
    vehicle: str
    district: str
    since: datetime
    seen_at: datetime
    lat: float
    lon: float


@dataclass(frozen=True)
class Stood:
    """Where a vehicle stood on its way, from when to when."""

    at: datetime
    until: datetime
    lat: float
    lon: float

    @property
    def minutes(self) -> int:
        return round((self.until - self.at).total_seconds() / 60)


@dataclass(frozen=True)
class BackFacts:
    """A vehicle that came back to a source while its e-challan was not delivered, and where it stood meanwhile.

    ``end_lat``, ``end_lon`` and ``end_radius_m`` are the destination with its fence.
    """

    challan: str
    vehicle: str
    district: str
    returned_at: datetime
    end_lat: float
    end_lon: float
    end_radius_m: int
    stood: tuple[Stood, ...] = ()


@dataclass(frozen=True)
class AgainFacts:
    """A vehicle that came to the destination of a used e-challan again, and whether it was at a source in between."""

    challan: str
    vehicle: str
    district: str
    delivered_at: datetime
    arrived_at: datetime
    loaded_between: bool


@dataclass(frozen=True)
class RepeatFacts:
    """E-challans whose trips did not start lately: how many of the vehicle, how many of the settlement."""

    challan: str
    vehicle: str
    lease: str
    district: str
    of_vehicle: int
    of_lease: int


@rule("MOV-42", on="challan.watch")
def off_the_way(facts: AwayFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clause 42(xxx): validity follows the distance from source to destination.

    Our reading: further than so many kilometres from the way by road is another way, which is worth a look and proves
    nothing by itself. Who may settle a doubt: Director of Mines.
    """
    limit_km = policy.value("MOV-42", at, district=facts.district)
    if facts.away_m <= limit_km * 1000:
        return None
    named = {"challan": facts.challan, "vehicle": facts.vehicle, "lat": facts.lat, "lon": facts.lon}
    return Finding(
        "MOV-42",
        {**named, "distance_m": round(facts.away_m), "limit_km": limit_km, "fix_at": facts.fix_at},
        severity="warning",
    )


@rule("MOV-43", on="challan.standing")
def stands_long(facts: StandingFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clause 42(xxx): the time of an e-challan is for its way.

    Our reading: a loaded vehicle that stands longer than so many minutes on its way has broken down, waits for
    something, or unloads. Who may settle a doubt: Director of Mines.
    """
    limit = int(policy.value("MOV-43", at, district=facts.district))
    minutes = int((facts.seen_at - facts.since).total_seconds() // 60)
    if minutes < limit:
        return None
    named = {"challan": facts.challan, "vehicle": facts.vehicle, "lat": facts.lat, "lon": facts.lon}
    body = {**named, "minutes": minutes, "limit_minutes": limit, "since": facts.since, "fix_at": facts.seen_at}
    return Finding("MOV-43", body, severity="warning")


@rule("MOV-44", on="challan.back")
def not_delivered(facts: BackFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clause 34(kha): an e-challan is for one load to one destination.

    Our reading: a vehicle that comes back to a source undelivered has unloaded where it stood long enough outside
    the destination; where it never did, it may have turned back loaded, and nothing is found. Who may settle a doubt:
    Director of Mines.
    """
    minutes = int(policy.value("MOV-44", at, district=facts.district))
    places = [stop for stop in facts.stood if stop.minutes >= minutes and not _at_end(facts, stop)]
    if not places:
        return None
    longest = max(places, key=lambda stop: stop.minutes)
    away = distance_m(facts.end_lat, facts.end_lon, longest.lat, longest.lon)
    named = {"challan": facts.challan, "vehicle": facts.vehicle, "lat": longest.lat, "lon": longest.lon}
    body = {**named, "minutes": longest.minutes, "fix_at": longest.at, "distance_m": round(away)}
    return Finding("MOV-44", {**body, "returned_at": facts.returned_at})


def _at_end(facts: BackFacts, stop: Stood) -> bool:
    return distance_m(facts.end_lat, facts.end_lon, stop.lat, stop.lon) <= facts.end_radius_m


@rule("MOV-45", on="challan.again")
def delivers_again(facts: AgainFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clause 34(kha): an e-challan is for one load of one vehicle.

    Our reading: coming to the destination of a used e-challan once more, from a source in between and without a new
    e-challan, is a second trip on it. Who may settle a doubt: Director of Mines.
    """
    if not policy.value("MOV-45", at, district=facts.district) or not facts.loaded_between:
        return None
    named = {"challan": facts.challan, "vehicle": facts.vehicle}
    return Finding("MOV-45", {**named, "delivered_at": facts.delivered_at, "arrived_at": facts.arrived_at})


@rule("MOV-46", on="challan.repeat")
def starts_often_fail(facts: RepeatFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Review of 13.01.2026, point ix: an e-challan whose trip was not started is invalid at once.

    Our reading: whose trips fail to start again and again sells passes, not sand: the desk looks at him. Who may
    settle a doubt: Director of Mines.
    """
    limits = policy.value("MOV-46", at, district=facts.district)
    if facts.of_vehicle < limits["of_vehicle"] and facts.of_lease < limits["of_lease"]:
        return None
    counts = {"of_vehicle": facts.of_vehicle, "of_lease": facts.of_lease, "days": limits["days"]}
    return Finding("MOV-46", {"challan": facts.challan, "vehicle": facts.vehicle, "lease": facts.lease, **counts})


class ExpectedWay:
    """A way by road as a line on which many places are measured; an engine may tell one place, or no line at all."""

    def __init__(self, line: Sequence[tuple[float, float]]):
        self._squeeze = cos(radians(line[0][0])) if line else 1.0
        points = [(lon * self._squeeze, lat) for lat, lon in line]
        self._line: Any = shapely.LineString(points) if len(points) > 1 else shapely.MultiPoint(points)
        shapely.prepare(self._line)

    def away_m(self, lat: float, lon: float) -> float:
        """How far a place lies from the way, in metres; from a way without a line nothing is off."""
        if self._line.is_empty:
            return 0.0
        return float(self._line.distance(shapely.Point(lon * self._squeeze, lat))) * M_A_DEGREE
