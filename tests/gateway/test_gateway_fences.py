"""Fences on and near their border, against a plain check of every polygon."""

import random
from datetime import date, timedelta

import shapely

from immis.gateway.state.fences import FenceMap, read_fence
from immis.gateway.state.motion import distance_km
from immis.gateway.store.parquet import positions_of
from immis.gateway.store.snapshot import write_snapshot
from immis.rules.movement.readings import shipped_readings
from tests.gateway.test_gateway_pipeline import IMEI, SNAPSHOT, Road

READINGS = shipped_readings(date(2026, 6, 5))
SQUARE = {"id": "s", "kind": "source", "name": "", "polygon": [[25.0, 86.0], [25.0, 86.1], [25.1, 86.1], [25.1, 86.0]]}


def test_the_border_belongs_to_the_fence():
    inside, near = FenceMap([SQUARE], READINGS).locate(
        [25.0, 25.05, 25.1, 24.9999, 24.99], [86.05, 86.1, 86.1, 86.05, 86.05]
    )
    assert inside == {0: {"s"}, 1: {"s"}, 2: {"s"}}
    assert near == {0: {"s"}, 1: {"s"}, 2: {"s"}, 3: {"s"}}


def test_a_circle_has_its_radius_on_the_ground():
    circle = read_fence({"id": "c", "kind": "destination", "centre": [25.3, 86.5], "radius_m": 500})
    for lon, lat in list(circle.polygon.exterior.coords)[::9]:
        assert abs(distance_km(25.3, 86.5, lat, lon) * 1000 - 500) < 3


def test_overlapping_fences_are_all_found_as_by_checking_each():
    chance = random.Random(7)
    rows = []
    for i in range(60):
        lat, lon = chance.uniform(25, 25.2), chance.uniform(86, 86.2)
        corners = [[lat + chance.uniform(-0.03, 0.03), lon + chance.uniform(-0.03, 0.03)] for _ in range(5)]
        hull = shapely.MultiPoint([(x, y) for y, x in corners]).convex_hull
        rows.append({"id": str(i), "kind": "source", "polygon": [[y, x] for x, y in hull.exterior.coords]})
    lats = [chance.uniform(25, 25.2) for _ in range(400)]
    lons = [chance.uniform(86, 86.2) for _ in range(400)]
    fences = FenceMap(rows, READINGS)
    inside, _ = fences.locate(lats, lons)
    for i, (lat, lon) in enumerate(zip(lats, lons, strict=True)):
        plain = {f.id for f in fences.fences.values() if f.polygon.intersects(shapely.Point(lon, lat))}
        assert inside.get(i, set()) == plain
    assert sum(len(found) for found in inside.values()) > 400


def test_bad_fences_are_left_out_and_the_rest_works():
    bad = [
        {"id": "x"},
        {"id": "y", "kind": "source", "polygon": [[1, 2]]},
        {"id": "z", "kind": "source", "polygon": [[25, 86]] * 4},
    ]
    fences = FenceMap([*bad, SQUARE], READINGS)
    assert list(fences.fences) == ["s"]
    assert FenceMap([], READINGS).locate([25.0], [86.0]) == ({}, {})


def test_the_office_says_what_counts_as_a_crossing_and_as_history(tmp_path):
    """MOV-20 and MOV-21 by the snapshot: one stray fix is a crossing only where the figures say so."""
    told = {}
    for name, said in {"shipped": {}, "one_fix": {"confirm_fixes": 1}, "patient": {"late_after_s": 7200}}.items():
        road = Road(tmp_path / name, SNAPSHOT | {"readings": said})
        road.send(road.report(0, 86.41), road.report(1, 86.43), road.report(2, 86.41))
        late = road.report(3, 86.41)
        road.send(late, received_at=late.at + timedelta(hours=1))
        told[name] = (
            len(road.events("vehicle.left_fence")),
            positions_of(road.folder, imei=IMEI)["late"].to_list()[-1],
        )
    assert told == {"shipped": (0, True), "one_fix": (1, True), "patient": (0, False)}


def test_figures_that_are_none_leave_the_last_good_ones(tmp_path):
    road = Road(tmp_path, SNAPSHOT)
    before = road.pipeline._snapshot.current.fences.readings
    for wrong in ({"readings": 7}, {"readings": {"jump_km": "far"}}):
        write_snapshot(tmp_path, SNAPSHOT | {"version": 2} | wrong)
        assert not road.pipeline._snapshot.poll()
    assert road.pipeline._snapshot.current.fences.readings == before
