"""The few figures of the earth that near arithmetic needs: where India lies, and how long a degree is."""

from typing import Any

#: Degrees of latitude and of longitude around India with its islands.
INDIA_LAT, INDIA_LON = (6.0, 38.0), (68.0, 98.0)
#: Metres that a degree of latitude is long; one of longitude is shorter by the cosine of the latitude.
M_A_DEGREE = 111_320.0


def in_india(lat: Any, lon: Any) -> Any:
    """Whether a place, or each place of two arrays, lies in the box around India; elsewhere it is a fault of writing.

    Degrees; a bool, or an array of them.
    """
    south, north = INDIA_LAT
    west, east = INDIA_LON
    return (lat > south) & (lat < north) & (lon > west) & (lon < east)
