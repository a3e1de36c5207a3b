"""One believed fix moves a vehicle on: track, fences, trip. The same for live packets and for history."""

from dataclasses import dataclass
from typing import Any

from immis.gateway.state.device import DeviceState
from immis.gateway.state.fences import FenceMap, Fix, cross_fences
from immis.gateway.state.motion import step_km
from immis.gateway.state.trips import follow_trip
from immis.gateway.state.trust import holds_back

News = list[tuple[str, float, dict[str, Any]]]  # kind, instant in seconds, payload
CROSSINGS = ("vehicle.left_fence", "vehicle.entered_fence")
TRIPS = ("trip.started", "trip.completed")


@dataclass(frozen=True, slots=True)
class Placed:
    """A fix and the fences it lies in and near."""

    at_s: float
    lat: float
    lon: float
    speed_kmh: float | None
    heading: float | None
    inside: set[str]
    near: set[str]


def go_on(state: DeviceState, placed: Placed, ground: FenceMap) -> News | None:
    """Move a state on by a fix newer than all before; None where the fix is held back as an impossible jump."""
    fences, by = ground.fences, ground.readings
    if holds_back(state, placed.lat, placed.lon, placed.at_s, by):
        return None
    speed, before = placed.speed_kmh or 0.0, state.odometer_km
    if state.lat is not None and state.lon is not None:
        state.odometer_km += step_km(
            state.lat, state.lon, placed.lat, placed.lon, speed_kmh=speed, standstill_m=by.standstill_m
        )
    fix = Fix(placed.at_s, placed.lat, placed.lon, speed, state.odometer_km, before)
    crossings = cross_fences(state, fix, placed.inside, placed.near, fences, confirm_fixes=by.confirm_fixes)
    news: News = []
    for crossing in crossings:
        fence = fences[crossing.fence_id]
        payload: dict[str, Any] = {"fence": fence.id, "fence_kind": fence.kind, "fence_name": fence.name}
        payload |= {"lat": crossing.lat, "lon": crossing.lon}
        news.append((CROSSINGS[crossing.entered], crossing.at_s, payload))
    news += follow_trip(state, crossings, fences, speed_kmh=speed)
    state.at_s, state.lat, state.lon = placed.at_s, placed.lat, placed.lon
    state.speed_kmh, state.heading = placed.speed_kmh, placed.heading
    return news
