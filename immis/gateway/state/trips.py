"""Trips: from leaving a source to entering a destination, measured along the track."""

from typing import Any

from immis.gateway.protocols.packet import instant
from immis.gateway.state.device import DeviceState
from immis.gateway.state.fences import Crossing, Fence


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
