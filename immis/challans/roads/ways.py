"""Ways that are kept: what stands between two places, and asking the engine for what does not."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from immis import clock
from immis.adapters.roads.polyline import decoded
from immis.adapters.roads.port import Pair, Place, Roads, RoadsUnreachable, Way
from immis.challans.models import RoadWay
from immis.challans.roads.engine import engine, truck
from immis.core.access.outside import asking_outside
from immis.core.written import question
from immis.rules.land.geometry import distance_m
from immis.rules.movement.distances import road_distance_km
from immis.rules.policy import NotInForce, book

log = logging.getLogger(__name__)
NOBODY = ""  # the stamp of a way that no engine has told yet


@dataclass(frozen=True)
class Distance:
    """How far it is from one place to another.

    ``km`` counts by road where ``road`` is known, else it is the straight line times the factor of CH-11;
    ``minutes`` is the driving time that the engine reckons with (None: no road is known).
    """

    km: Decimal
    road: RoadWay | None = None

    @property
    def by_road(self) -> bool:
        return self.road is not None

    @property
    def minutes(self) -> int | None:
        return self.road.minutes if self.road else None

    @property
    def line(self) -> list[Place]:
        """The line of the way as (lat, lon); empty where no road is known."""
        return line_of(self.road)


def line_of(road: RoadWay | None) -> list[Place]:
    """The line of a way that is kept, as (lat, lon)."""
    return decoded(road.line) if road else []


def way_between(start: Place, end: Place, *, at: datetime) -> Distance:
    """The way from one place to another as it is known now, without asking anybody."""
    return _distance(_leading.first(places=places_of(start, end)), start, end, at=at)


def _distance(road: RoadWay | None, start: Place, end: Place, *, at: datetime) -> Distance:
    if road is None or road.metres is None:
        return Distance(road_distance_km(straight_m=distance_m(*start, *end), policy=book(), at=at))
    return Distance((Decimal(road.metres) / 1000).quantize(Decimal("0.1")), road)


@question
def _leading(places: str) -> QuerySet[RoadWay]:
    return RoadWay.objects.filter(places=places, metres__isnull=False).order_by("-pk")[:1]


@question
def _asked(places: str) -> QuerySet[RoadWay]:
    """The way that counts, else one that was asked for in vain."""
    return RoadWay.objects.filter(places=places).order_by(F("metres").desc(nulls_last=True), "-pk")


def prepare(start: Place, end: Place) -> Distance:
    """The way between two places; where nobody asked yet it is looked for, as long as MOV-41 lets an e-challan wait.

    Called before anything is written or locked; raises HandOn and RuntimeError as ``asking_outside`` does.
    """
    at = clock.now()
    if not (asked := _asked.rows(places=places_of(start, end))):
        _look_for(start, end, at=at)
        return way_between(start, end, at=at)
    leading = [row for row in asked if row.metres is not None]
    return _distance(max(leading, key=lambda row: row.pk, default=None), start, end, at=at)


def _look_for(start: Place, end: Place, *, at: datetime) -> None:
    try:
        patience_s = int(book().value("MOV-41", at)["ask_s"])
        with asking_outside():
            ask(engine(at=at, patience_s=patience_s), [Pair(start, end)], at=at)
    except NotInForce:
        return
    except (RoadsUnreachable, ValueError) as fault:
        log.info("no way by road: %s", fault)
        _keep(Pair(start, end), None, NOBODY, at=at)  # the next e-challan waits no more; the worker asks again


def ask(roads: Roads, pairs: Sequence[Pair], *, at: datetime) -> int:
    """Ask an engine for ways and keep what it says; answers how many lead there. Raises RoadsUnreachable."""
    stamp, found = roads.stamp(), roads.ways(pairs, truck(at=at))
    for pair, way in zip(pairs, found, strict=True):
        _keep(pair, way, stamp, at=at)
    return sum(way is not None for way in found)


def _keep(pair: Pair, way: Way | None, stamp: str, *, at: datetime) -> None:
    said = {"metres": way.metres, "minutes": way.minutes, "line": way.line} if way else {}
    try:
        with transaction.atomic():
            RoadWay.objects.create(places=places_of(pair.start, pair.end), stamp=stamp, told_at=at, **said)
    except IntegrityError:  # another process asked at the same time
        pass


def places_of(start: Place, end: Place) -> str:
    """Both places as text, to a metre."""
    return f"{start[0]:.5f},{start[1]:.5f}>{end[0]:.5f},{end[1]:.5f}"


def pair_of(places: str) -> Pair:
    """The two places of a text."""
    start, end = (tuple(map(float, place.split(","))) for place in places.split(">"))
    return Pair((start[0], start[1]), (end[0], end[1]))
