"""Coordinates as printed, areas and distances on the ellipsoid."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from immis.rules.land.geometry import (
    area_ha,
    contains,
    distance_m,
    distance_to_polygon_m,
    format_dms,
    is_simple,
    overlap_m2,
    parse_dms,
    polygon_of,
)

SQUARE = [(25.30, 86.60), (25.31, 86.60), (25.31, 86.61), (25.30, 86.61)]


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("25°16'49.54\"N", 25 + 16 / 60 + 49.54 / 3600),
        ("86°36'31.41\"E", 86 + 36 / 60 + 31.41 / 3600),
        ("25° 16′ 49.54″ N", 25 + 16 / 60 + 49.54 / 3600),
        ("N 25º16’49.54”", 25 + 16 / 60 + 49.54 / 3600),
        ("25°16'49.54''N", 25 + 16 / 60 + 49.54 / 3600),
        ("२५°१६'४९.५४\"उत्तर", 25 + 16 / 60 + 49.54 / 3600),
        ("25 16 49.54 S", -(25 + 16 / 60 + 49.54 / 3600)),
        ("25:16:49.54", 25 + 16 / 60 + 49.54 / 3600),
        ("25.2804", 25.2804),
        ("-86.5", -86.5),
        ("86.5°W", -86.5),
        ("25°17'0.44\"N", 25 + 17 / 60 + 0.44 / 3600),
    ],
)
def test_reads_printed_coordinates(text, degrees):
    assert parse_dms(text) == pytest.approx(degrees, abs=1e-12)


@pytest.mark.parametrize(
    "text",
    ["", "N", "25°60'0\"N", "25°16'60\"N", "91°0'0\"N", "181°0'0\"E", "25°16'49.54\"X", "N25°16'49\"N", "25,16"],
)
def test_refuses_what_is_no_coordinate(text):
    with pytest.raises(ValueError, match="."):
        parse_dms(text)


@given(st.integers(0, 90 * 360_000))
def test_prints_and_reads_back_to_a_hundredth_of_a_second(hundredths):
    degrees = hundredths / 360_000
    assert parse_dms(format_dms(degrees, axis="lat")) == pytest.approx(degrees, abs=1e-9)


@given(st.text(max_size=30))
def test_any_text_is_a_coordinate_or_a_value_error(text):
    try:
        assert -180 <= parse_dms(text) <= 180
    except ValueError as error:
        assert str(error)


def test_area_of_a_hundredth_of_a_degree():
    # 0.01° of latitude is 1107.8 m at 25.3° N, 0.01° of longitude 1006.9 m: 111.5 ha (NIMA degree-length series).
    assert area_ha(SQUARE) == pytest.approx(111.5, rel=2e-3)
    assert area_ha(list(reversed(SQUARE))) == pytest.approx(area_ha(SQUARE))
    assert area_ha(SQUARE[:2]) == 0.0


def test_distance_of_one_second_of_latitude():
    assert distance_m(25.0, 86.0, 25.0 + 1 / 3600, 86.0) == pytest.approx(30.77, abs=0.02)


def test_inside_border_and_outside():
    assert contains(SQUARE, 25.305, 86.605)
    assert contains(SQUARE, 25.30, 86.605)
    assert not contains(SQUARE, 25.299, 86.605)
    assert distance_to_polygon_m(SQUARE, 25.305, 86.605) == 0.0
    assert distance_to_polygon_m(SQUARE, 25.299, 86.605) == pytest.approx(110.8, abs=0.2)
    assert distance_to_polygon_m(SQUARE, 25.305, 86.611) == pytest.approx(100.7, abs=0.2)


def test_distance_is_to_the_nearest_point_not_the_nearest_degree():
    # A border at 45° in degrees: east-west degrees are shorter, so the nearest point lies towards the east.
    triangle = [(25.30, 86.60), (25.31, 86.61), (25.31, 86.63)]
    lat, lon = 25.31, 86.60
    walked = min(distance_m(lat, lon, 25.30 + t / 1e5, 86.60 + t / 1e5) for t in range(0, 1001))
    assert distance_to_polygon_m(triangle, lat, lon) == pytest.approx(walked, rel=1e-4)


def test_overlap_counts_no_common_border():
    beside = [(lat, lon + 0.01) for lat, lon in SQUARE]
    half = [(lat, lon + 0.005) for lat, lon in SQUARE]
    assert overlap_m2(SQUARE, beside) == 0
    assert overlap_m2(SQUARE, half) == pytest.approx(area_ha(SQUARE) * 10_000 / 2, rel=1e-3)


def test_simple_polygons():
    bow_tie = [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]]
    assert is_simple(SQUARE)
    assert not is_simple(bow_tie)
    assert not is_simple(SQUARE[:2])
    with pytest.raises(ValueError, match="three corners"):
        polygon_of(SQUARE[:2])
