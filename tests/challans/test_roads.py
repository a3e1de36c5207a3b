"""Validity by the way on the road: kept once told, else the straight line times a factor, and said so (E-159)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from immis.adapters.roads.embedded import ROAD_FILE
from immis.challans.facts import middle_of, way_to
from immis.challans.models import RoadWay
from immis.challans.prints import distance_words
from immis.challans.roads import jobs, prepare, way_between
from tests.challans.test_services import issue
from tests.challans.world import NOON
from tests.roads import write_roads

#: From the ghat at (25.305, 86.505) north, then east to the destination at (25.35, 86.60): round, not straight.
PLACES = {1: (25.305, 86.505), 2: (25.42, 86.505), 3: (25.42, 86.60), 4: (25.35, 86.60)}
ROUND = [([1, 2, 3, 4], {"highway": "secondary"})]
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def fresh():
    jobs._refused.clear()


@pytest.fixture
def roads(world, data_dir):
    write_roads(data_dir / ROAD_FILE, PLACES, ROUND)
    assert jobs.read_road_file(at=NOON) == 1
    return world


def test_without_roads_the_straight_line_times_a_factor_stands_on_the_pass(world):
    world.report(NOON - MINUTE)
    challan = issue(world)
    assert challan.road is None and challan.distance_km == Decimal("14.0")
    words = distance_words(challan)
    assert words.en == "reckoned: 1.3 times the straight line" and "1.3" in words.hi


def test_a_way_by_road_is_asked_once_and_gives_the_distance(roads, monkeypatch):
    roads.report(NOON - MINUTE)
    challan = issue(roads)
    assert challan.distance_km == Decimal("30.1") and challan.road.minutes > 30
    assert distance_words(challan).en == "by road"
    monkeypatch.setattr("immis.challans.roads.ways.ask", None)  # nobody is asked again
    again = way_to(roads.block, roads.place, at=NOON)
    assert again.by_road and again.km == challan.distance_km
    assert again.line[0] == pytest.approx(middle_of(roads.block)) and again.line[-1] == (25.35, 86.6)


def test_the_worker_looks_before_anybody_asks_and_again_by_another_road_file(roads, data_dir):
    roads.place.district = "Munger"
    roads.place.save()
    assert jobs.look_for_ways(at=NOON) == 1 and jobs.look_for_ways(at=NOON) == 0
    first = way_to(roads.block, roads.place, at=NOON)
    straight = [([1, 4], {"highway": "secondary"})]
    write_roads(data_dir / ROAD_FILE, PLACES, straight)
    assert jobs.read_road_file(at=NOON) == 1 and jobs.look_for_ways(at=NOON) == 1
    second = way_to(roads.block, roads.place, at=NOON)
    assert first.km == Decimal("30.1") and second.km == Decimal("10.8") and RoadWay.objects.count() == 2


def test_an_engine_that_does_not_answer_is_waited_for_once(world, data_dir, monkeypatch):
    (data_dir / ROAD_FILE).write_bytes(b"junk")
    start, end = (25.0, 86.0), (25.1, 86.1)
    prepare(start, end)
    assert not way_between(start, end, at=NOON).by_road
    monkeypatch.setattr("immis.challans.roads.ways.engine", None)
    prepare(start, end)
    assert RoadWay.objects.get().stamp == ""
    assert jobs.read_road_file(at=NOON) == 0 and jobs.read_road_file(at=NOON) == 0


def test_a_place_that_no_road_reaches_is_told_by_the_straight_line(roads):
    start, end = middle_of(roads.block), (26.5, 85.0)
    prepare(start, end)
    told = way_between(start, end, at=NOON)
    assert RoadWay.objects.get().metres is None and not told.by_road and told.line == []
