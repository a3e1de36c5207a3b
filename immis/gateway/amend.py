"""History that came late is worked in: what was told of a vehicle's way is told anew where the whole track says else.

Live packets are told as they come. When older ones have arrived for a device and no more follow, the way is gone
once more over the stored track, in the order of device time, by the same steps (``way``); what was told and does not
stand is withdrawn, what is missing is told with the mark ``late``, a trip whose figures have changed is amended.
So the events that stand at last are the same for every order of arrival. Nothing here is urgent.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars

from immis.gateway import store
from immis.gateway.device import DeviceState, slack
from immis.gateway.fences import FenceMap
from immis.gateway.outbox import GatewayEvent, events_of
from immis.gateway.recent import KINDS
from immis.gateway.tolerances import AHEAD_S, AMEND_BACK_S, AMEND_MOST_S, AMEND_WARM_UP_S
from immis.gateway.way import CROSSINGS, TRIPS, News, Placed, go_on

WITHDRAWN, AMENDED = "event.withdrawn", "trip.amended"
_ROUNDING_KM = 0.002


@dataclass(frozen=True)
class Amendment:
    """What must be told of one device, and the state in which the track leaves it."""

    news: News
    end: DeviceState | None


def amend(data_dir: str | Path, state: DeviceState, since_s: float, fences: FenceMap, *, rate: float) -> Amendment:
    """Go over the stored track of a device again from before ``since_s``; its rows must be committed."""
    told = story(data_dir, state.imei)
    begins = _begin(told, since_s)
    track = _track(data_dir, state.imei, begins, rate=rate)
    if track.is_empty():
        return Amendment([], None)
    first = store.has_positions_before(data_dir, imei=state.imei, at=_instant(begins))
    replayed = DeviceState(state.imei, vehicle=state.vehicle)
    compared_from = begins + AMEND_WARM_UP_S if first else float("-inf")
    if first:
        replayed.inside = _inside(told, begins)
        replayed.at_s = begins
    found: News = []
    for placed in _placed(track, fences):
        if replayed.at_s is None or placed.at_s > replayed.at_s:
            found += go_on(replayed, placed, fences) or []
    news = list(_differences([e for e in told if e.at.timestamp() >= compared_from], found, compared_from))
    return Amendment(news, replayed)


def story(data_dir: str | Path, imei: str) -> list[GatewayEvent]:
    """The crossings and trips of a device that stand, in the order of device time; amended trips as amended."""
    events = events_of(data_dir, imei=imei, kinds=(*CROSSINGS, *TRIPS, WITHDRAWN, AMENDED))
    gone = {e.payload["seq"] for e in events if e.kind in (WITHDRAWN, AMENDED)}
    standing = [e for e in events if e.seq not in gone and e.kind != WITHDRAWN]
    return sorted(standing, key=lambda e: (e.at, e.kind == AMENDED, e.kind in TRIPS, e.seq))


def _begin(told: list[GatewayEvent], since_s: float) -> float:
    """Where to begin: well before the history, and before the trip that was under way then."""
    begins = since_s - AMEND_BACK_S
    under_way = None
    for event in told:
        if event.at.timestamp() > begins:
            break
        under_way = event.at.timestamp() if event.kind == "trip.started" else under_way
        under_way = None if event.kind in ("trip.completed", AMENDED) else under_way
    return max(under_way - AMEND_WARM_UP_S * 2, since_s - AMEND_MOST_S) if under_way else begins


def _inside(told: list[GatewayEvent], at_s: float) -> list[str]:
    inside: set[str] = set()
    for event in told:
        if event.at.timestamp() >= at_s or event.kind not in CROSSINGS:
            continue
        (inside.add if event.kind == "vehicle.entered_fence" else inside.discard)(event.payload["fence"])
    return sorted(inside)


def _track(data_dir: str | Path, imei: str, begins: float, *, rate: float) -> polars.DataFrame:
    """The believed fixes of a device, one an instant, in the order of device time."""
    rows = store.positions_of(data_dir, imei=imei, start=_instant(begins))
    ahead = timedelta(seconds=slack(AHEAD_S, rate))
    wanted = polars.col("lat").is_not_null() & polars.col("kind").is_in(["position", *KINDS])
    wanted &= ~polars.col("problems").str.contains("outside_india")
    wanted &= polars.col("at") <= polars.col("received_at") + ahead
    wanted &= polars.col("device_at").is_not_null() | (polars.col("status") != "H")
    return rows.filter(wanted).sort("at", "frame_no", nulls_last=True).unique("at", keep="first", maintain_order=True)


def _placed(track: polars.DataFrame, fences: FenceMap) -> Iterator[Placed]:
    inside, near = fences.locate(track["lat"].to_numpy(), track["lon"].to_numpy())
    columns = track.select(polars.col("at").dt.epoch("ms"), "lat", "lon", "speed_kmh", "heading").iter_rows()
    for i, (at_ms, lat, lon, speed, heading) in enumerate(columns):
        yield Placed(at_ms / 1000, lat, lon, speed, heading, inside.get(i, set()), near.get(i, set()))


def _differences(
    told: list[GatewayEvent], found: News, compared_from: float
) -> Iterator[tuple[str, float, dict[str, Any]]]:
    """What to withdraw, what to amend and what to tell."""
    standing = {_key(_plain_kind(e.kind), e.at.timestamp(), e.payload): e for e in told}
    for kind, at_s, payload in found:
        if at_s < compared_from:
            continue
        event = standing.pop(_key(kind, at_s, payload), None)
        if event is None:
            yield kind, at_s, payload | {"late": True}
        elif kind == "trip.completed" and _differs(event.payload, payload):
            yield AMENDED, at_s, payload | {"late": True, "seq": event.seq}
    for event in standing.values():
        said = {"seq": event.seq, "kind": event.kind, "late": True}
        said |= {x: event.payload[x] for x in ("fence", "started_at", "source") if x in event.payload}
        yield WITHDRAWN, event.at.timestamp(), said


def _differs(told: dict[str, Any], found: dict[str, Any]) -> bool:
    if any(told.get(name) != found.get(name) for name in ("ended_at", "destination", "max_speed_kmh")):
        return True
    return bool(abs(told["distance_km"] - found["distance_km"]) > _ROUNDING_KM)


def _plain_kind(kind: str) -> str:
    return "trip.completed" if kind == AMENDED else kind


def _key(kind: str, at_s: float, payload: dict[str, Any]) -> tuple[Any, ...]:
    """What makes two events the same: a trip's end is known by its start, so that a changed end is an amendment."""
    if kind == "trip.completed":
        return kind, payload["started_at"]
    return kind, round(at_s * 1000), payload.get("fence") or payload.get("source")


def _instant(at_s: float) -> datetime:
    return datetime.fromtimestamp(max(at_s, 0.0), UTC)


def take_over(state: DeviceState, end: DeviceState) -> None:
    """Let a device go on from where its whole track leaves it."""
    shift = state.odometer_km - end.odometer_km
    for seen in end.pending.values():
        seen["odometer_km"] += shift
        seen["odometer_before_km"] += shift
    if end.trip:
        end.trip["from_km"] += shift
    state.inside, state.pending, state.trip = end.inside, end.pending, end.trip
    if end.at_s is not None and (state.at_s is None or end.at_s >= state.at_s):
        state.at_s, state.lat, state.lon = end.at_s, end.lat, end.lon
        state.speed_kmh, state.heading = end.speed_kmh, end.heading
    state.trust.pop("jump", None)
    if "jump" in end.trust:
        state.trust["jump"] = end.trust["jump"]
