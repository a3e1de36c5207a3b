"""Trips: from leaving a source to entering a destination, measured along the track."""

from datetime import UTC, datetime
from math import asin, cos, radians, sin, sqrt
from typing import Any

import numpy

from immis.gateway.device import DeviceState
from immis.gateway.fences import Crossing, Fence
from immis.gateway.protocols.digits import Array
from immis.gateway.protocols.packet import rfc3339

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


def step_km(lat1: float, lon1: float, lat2: float, lon2: float, *, speed_kmh: float, standstill_m: float) -> float:
    """Distance driven between two fixes; the wander of a standing vehicle counts nothing (MOV-22)."""
    step = distance_km(lat1, lon1, lat2, lon2)
    return 0.0 if speed_kmh < 1 and step * 1000 < standstill_m else step


def follow_trip(
    state: DeviceState, crossings: list[Crossing], fences: dict[str, Fence], *, speed_kmh: float
) -> list[tuple[str, float, dict[str, Any]]]:
    """Move ``state.trip`` on by one fix; gives (event kind, instant in seconds, payload) of starts and ends.

    A trip starts when the vehicle has left a source and stands in no source; leaving
    a source again before any destination starts it anew. It ends at a destination.
    """
    news: list[tuple[str, float, dict[str, Any]]] = []
    for crossing in crossings:
        fence = fences[crossing.fence_id]
        if not crossing.entered and fence.kind == "source" and not _in_source(state, fences):
            state.trip = _start(crossing)
            news.append(("trip.started", crossing.at_s, _started(state.trip, crossing)))
        elif crossing.entered and fence.kind == "destination" and state.trip:
            news.append(("trip.completed", crossing.at_s, _completed(state.trip, crossing)))
            state.trip = None
    if state.trip:
        state.trip["max_speed_kmh"] = max(state.trip["max_speed_kmh"], speed_kmh)
        state.trip["distance_km"] = round(state.odometer_km - state.trip["from_km"], 3)
    return news


def _in_source(state: DeviceState, fences: dict[str, Fence]) -> bool:
    return any(fences[x].kind == "source" for x in state.inside if x in fences)


def _start(crossing: Crossing) -> dict[str, Any]:
    return {
        "started_at": instant(crossing.at_s),
        "source": crossing.fence_id,
        "from_km": crossing.odometer_before_km,
        "distance_km": 0.0,
        "max_speed_kmh": crossing.max_speed_kmh,
    }


def _started(trip: dict[str, Any], crossing: Crossing) -> dict[str, Any]:
    return {"started_at": trip["started_at"], "source": trip["source"], "lat": crossing.lat, "lon": crossing.lon}


def _completed(trip: dict[str, Any], crossing: Crossing) -> dict[str, Any]:
    return {
        "started_at": trip["started_at"],
        "ended_at": instant(crossing.at_s),
        "source": trip["source"],
        "destination": crossing.fence_id,
        "distance_km": round(crossing.odometer_km - trip["from_km"], 3),
        "max_speed_kmh": trip["max_speed_kmh"],
        "lat": crossing.lat,
        "lon": crossing.lon,
    }


def instant(at_s: float) -> str:
    """Seconds since 1970 as RFC 3339 text in UTC."""
    return rfc3339(datetime.fromtimestamp(at_s, UTC))
