"""The few figures of the earth that near arithmetic needs: where India lies, and how long a degree is."""

from math import cos, pi, radians, sin, sqrt
from typing import Any

#: Degrees of latitude and of longitude around India with its islands.
INDIA_LAT, INDIA_LON = (6.0, 38.0), (68.0, 98.0)
#: Metres that a degree of latitude is long; one of longitude is shorter by the cosine of the latitude.
M_A_DEGREE = 111_320.0
#: The ellipsoid of WGS 84: its longer half axis in metres, and the square of its eccentricity.
_A_M, _E2 = 6_378_137.0, 0.00669437999014


def in_india(lat: Any, lon: Any) -> Any:
    """Whether a place, or each place of two arrays, lies in the box around India; elsewhere it is a fault of writing.

    Degrees; a bool, or an array of them.
    """
    south, north = INDIA_LAT
    west, east = INDIA_LON
    return (lat > south) & (lat < north) & (lon > west) & (lon < east)


def circle(place: tuple[float, float], radius_m: float, *, corners: int = 24) -> list[tuple[float, float]]:
    """The corners (latitude, longitude) of a circle, by the ellipsoid's radii at its centre: true to 1 m at 5 km."""
    lat, lon = place
    flat = 1 - _E2 * sin(radians(lat)) ** 2
    north_m, east_m = _A_M * (1 - _E2) / flat**1.5, _A_M / sqrt(flat) * cos(radians(lat))
    turns = (2 * pi * n / corners for n in range(corners))
    degree = 180 / pi
    return [(lat + degree * radius_m * cos(t) / north_m, lon + degree * radius_m * sin(t) / east_m) for t in turns]
