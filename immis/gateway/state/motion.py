"""How far, how fast: distances between fixes, one pair or many, and what no truck can drive."""

from math import asin, cos, radians, sin, sqrt
from typing import Any

import numpy

from immis.gateway.protocols.digits import Array
from immis.rules.movement.readings import Readings

EARTH_KM = 6371.0088


def distance_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Great-circle distance; along a track of short steps the error against the ellipsoid is under 0.6 %."""
    a = sin(radians(lat2 - lat1) / 2) ** 2
    b = cos(radians(lat1)) * cos(radians(lat2)) * sin(radians(lon2 - lon1) / 2) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(a + b)))


def distances_km(lat0: Array, lon0: Array, lat: Array, lon: Array) -> Array:
    """``distance_km`` of many pairs."""
    north0, east0, north, east = (numpy.radians(x) for x in (lat0, lon0, lat, lon))
    a = numpy.sin((north - north0) / 2) ** 2
    a += numpy.cos(north0) * numpy.cos(north) * numpy.sin((east - east0) / 2) ** 2
    km: Array = 2 * EARTH_KM * numpy.arcsin(numpy.minimum(1.0, numpy.sqrt(a)))
    return km


def stands_still(km: Any, speed_kmh: Any, standstill_m: float) -> Any:
    """Whether a step, or each of many, is the wander of a standing vehicle, which counts nothing (MOV-22)."""
    return (speed_kmh < 1) & (km * 1000 < standstill_m)


def step_km(lat1: float, lon1: float, lat2: float, lon2: float, *, speed_kmh: float, standstill_m: float) -> float:
    """Distance driven between two fixes."""
    km = distance_km(lat1, lon1, lat2, lon2)
    return 0.0 if stands_still(km, speed_kmh, standstill_m) else km


def out_of_reach(km: Any, after_s: Any, by: Readings) -> Any:
    """Whether no truck gets so far in so many seconds, for one step or each of many (MOV-27)."""
    return (km > by.jump_km) & (km > by.jump_kmh * after_s / 3600)


def is_jump(lat0: float, lon0: float, at0_s: float, lat: float, lon: float, at_s: float, by: Readings) -> bool:
    """Whether no truck gets from one fix to the other in the time between."""
    return bool(out_of_reach(distance_km(lat0, lon0, lat, lon), max(at_s - at0_s, 0.0), by))
