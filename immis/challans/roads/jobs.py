"""What the worker does for roads: reads a new road file, and looks for ways before anybody asks for them."""

import logging
from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from immis.adapters.roads.embedded import EmbeddedRoads
from immis.adapters.roads.port import Pair, Place, RoadsUnreachable
from immis.challans.models import RoadWay
from immis.challans.roads.engine import engine
from immis.challans.roads.ways import ask, pair_of, places_of
from immis.core.access.permissions import SYSTEM
from immis.leases import selectors as leases
from immis.registry import selectors as registry
from immis.rules.land.geometry import polygon_of
from immis.rules.policy import NotInForce, book

log = logging.getLogger(__name__)
_refused: set[str] = set()  # road files that were tried


def read_road_file(*, at: datetime) -> int:
    """Read the road file that lies in the data folder now, where it has not been read; answers 1 when it was."""
    try:
        roads = engine(at=at)
        if not isinstance(roads, EmbeddedRoads) or not roads.has_file() or roads.ready() or roads.stamp() in _refused:
            return 0
        _refused.add(roads.stamp())  # one that cannot be read is not tried again before it is another one
        roads.take_in()
        return 1
    except NotInForce:
        return 0
    except (RoadsUnreachable, ValueError) as fault:
        log.warning("roads: %s", fault)
        return 0


def look_for_ways(*, at: datetime) -> int:
    """Look for the ways of ghats to destinations before anybody asks for them; answers how many there are."""
    try:
        roads = engine(at=at)
        pairs = list(islice(_unknown(roads.stamp()), int(book().value("MOV-41", at)["batch"])))
        return ask(roads, pairs, at=at) if pairs else 0
    except NotInForce:
        return 0
    except (RoadsUnreachable, ValueError) as fault:
        log.debug("roads: %s", fault)
        return 0


def _unknown(stamp: str) -> Iterator[Pair]:
    """What these roads have not been asked: ways that were asked of others, and those of ghats into their district."""
    asked = set(RoadWay.objects.filter(stamp=stamp).values_list("places", flat=True))
    before = RoadWay.objects.exclude(stamp=stamp).values_list("places", flat=True).distinct()
    wanted = [*before, *(places_of(start, end) for start, end in _usual())]
    return (pair_of(places) for places in dict.fromkeys(wanted) if places not in asked)


def _usual() -> Iterator[tuple[Place, Place]]:
    ends = list(registry.places("destination"))
    for lease in leases.leases(SYSTEM, deed_on__isnull=False):
        point = polygon_of(lease.block.corners).representative_point()
        yield from (((point.y, point.x), (end.lat, end.lon)) for end in ends if end.district == lease.block.district)
