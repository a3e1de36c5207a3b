"""Fences on and near their border, against a plain check of every polygon."""

import random

import shapely

from immis.gateway.fences import FenceMap, read_fence
from immis.gateway.trips import distance_km

SQUARE = {"id": "s", "kind": "source", "name": "", "polygon": [[25.0, 86.0], [25.0, 86.1], [25.1, 86.1], [25.1, 86.0]]}


def test_the_border_belongs_to_the_fence():
    inside, near = FenceMap([SQUARE]).locate([25.0, 25.05, 25.1, 24.9999, 24.99], [86.05, 86.1, 86.1, 86.05, 86.05])
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
    fences = FenceMap(rows)
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
    fences = FenceMap([*bad, SQUARE])
    assert list(fences.fences) == ["s"]
    assert FenceMap([]).locate([25.0], [86.0]) == ({}, {})
