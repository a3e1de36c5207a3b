"""What a track tells: stops, the way as it is drawn, and whether a trip left its usual way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, hypot, radians
from typing import TYPE_CHECKING, Protocol

from immis.late import late
from immis.rules.catalogue import Finding, rule
from immis.rules.land.earth import M_A_DEGREE
from immis.rules.land.geometry import distance_m
from immis.rules.policy import PolicyBook

if TYPE_CHECKING:
    import shapely
else:
    shapely = late("shapely")


class Placed(Protocol):
    """A point of a track in device time; degrees WGS 84."""

    @property
    def at(self) -> datetime: ...
    @property
    def lat(self) -> float: ...
    @property
    def lon(self) -> float: ...


@dataclass(frozen=True)
class Stop:
    """A vehicle stayed at a place from one instant to another."""

    at: datetime
    until: datetime
    lat: float
    lon: float

    @property
    def minutes(self) -> int:
        return round((self.until - self.at).total_seconds() / 60)


@dataclass(frozen=True)
class WayFacts:
    """A trip's way: its length, the straight line, and how far it went from the way that such trips usually take.

    ``furthest_km`` is None where no earlier trip between the same places is known.
    """

    driven_km: float
    straight_km: float
    furthest_km: float | None = None


def stops(points: Sequence[Placed], *, policy: PolicyBook, at: datetime) -> list[Stop]:
    """Where a vehicle stayed at least so long within so many metres (DEV-14)."""
    terms = policy.value("DEV-14", at)
    least, metres = timedelta(minutes=terms["minutes"]), float(terms["metres"])
    results: list[Stop] = []
    first = 0
    while first < len(points):
        last = _stays_until(points, first, metres)
        begin, end = points[first], points[last]
        if end.at - begin.at >= least:
            results.append(Stop(begin.at, end.at, begin.lat, begin.lon))
            first = last + 1
        else:
            first += 1
    return results


def _stays_until(points: Sequence[Placed], first: int, metres: float) -> int:
    """The last point of those that follow one another near the first."""
    base = points[first]
    squeeze = cos(radians(base.lat))
    last = first
    for index in range(first + 1, len(points)):
        point = points[index]
        if hypot(point.lat - base.lat, (point.lon - base.lon) * squeeze) * M_A_DEGREE > metres:
            break
        last = index
    return last


def simplified(points: Sequence[Placed], *, metres: float) -> list[int]:
    """The places (in the list) of the points that draw the same line to so many metres; first and last always."""
    if len(points) < 3:
        return list(range(len(points)))
    line = _flat(points, points[0].lat)
    kept = {(x, y) for x, y in line.simplify(metres / M_A_DEGREE, preserve_topology=False).coords}
    chosen = [index for index, place in enumerate(line.coords) if place in kept]
    return sorted({0, *chosen, len(points) - 1})


def _flat(points: Sequence[Placed], lat: float) -> "shapely.LineString":
    squeeze = cos(radians(lat))
    return shapely.LineString([(point.lon * squeeze, point.lat) for point in points])


def length_km(points: Sequence[Placed]) -> float:
    """The length of the line through the points on the ellipsoid."""
    steps = zip(points, points[1:], strict=False)
    return sum(distance_m(a.lat, a.lon, b.lat, b.lon) for a, b in steps) / 1000


def furthest_km(points: Sequence[Placed], usual: Sequence[Placed]) -> float | None:
    """How far the track went from the usual way at most; None where either is too short to say."""
    if len(points) < 2 or len(usual) < 2:
        return None
    lat = usual[0].lat
    squeeze, line = cos(radians(lat)), _flat(usual, lat)
    most = max(line.distance(shapely.Point(point.lon * squeeze, point.lat)) for point in points)
    return float(most) * M_A_DEGREE / 1000


@rule("DEV-15", on="trip.way")
def left_the_way(facts: WayFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause: AIS-140 section 7 (route deviation); tender 42(xxx): distance from source to destination by GPS.

    Our reading: further from the usual way than so many kilometres, or so many times the straight line where no usual
    way is known, is worth a look; it proves nothing by itself. Who may settle a doubt: Director of Mines.
    """
    limits = policy.value("DEV-15", at)
    detour = facts.driven_km / facts.straight_km if facts.straight_km > 0.5 else 1.0
    away = facts.furthest_km
    off = away > limits["km"] if away is not None else detour > limits["detour"]
    if not off:
        return None
    payload = {"driven_km": round(facts.driven_km, 1), "straight_km": round(facts.straight_km, 1)}
    return Finding("DEV-15", {**payload, "away_km": None if away is None else round(away, 1)}, severity="warning")
