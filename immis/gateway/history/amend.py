"""History that came late is worked in: what was told of a device is told anew where its whole track says else.

Live packets are told as they come. When older ones have arrived for a device and no more follow, its way is gone
once more over the stored rows, in the order of device time, by the same steps; what was told and does not stand is
withdrawn, what is missing is told with the mark ``late``, a trip or alert whose figures have changed is amended.
So the crossings, trips and alerts that stand at last are the same for every order of arrival. Nothing here is
urgent. What is judged by how packets arrive (clones, forged streams, jumps, frozen cells, silent antennas: see
``trust``) is judged on the live stream alone and stands.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars

from immis.gateway.protocols.packet import Packet, instant
from immis.gateway.state.device import DeviceState, slack
from immis.gateway.state.recent import KINDS
from immis.gateway.state.signals import Reception, close_episodes, read_signals
from immis.gateway.state.trust import LOOKED
from immis.gateway.state.way import CROSSINGS, TRIPS, News, Placed, go_on
from immis.gateway.store import parquet
from immis.gateway.store.outbox import GatewayEvent, events_of
from immis.gateway.store.snapshot import Snapshot
from immis.gateway.tolerances import AHEAD_S, AMEND_BACK_S, AMEND_MOST_S, AMEND_WARM_UP_S

WITHDRAWN, AMENDED, SIGNAL_AMENDED = "event.withdrawn", "trip.amended", "signal.amended"
_TAMPERS = ("device.tamper", "device.serviced")
SIGNALS = (*_TAMPERS, "device.power_cut", "device.power_restored", "device.emergency")
_ROUNDING_KM = 0.002
_DAY_S = 86_400
_TAKEN_OVER = (
    "inside", "pending", "trip", "power_out", "emergency", "emergency_s", "ignition", "main_power", "main_voltage",
    "cover", "moved_s", "low_s",
)  # fmt: skip


@dataclass(frozen=True)
class Amendment:
    """What must be told of one device, and the state in which the track leaves it."""

    news: News
    end: DeviceState | None


@dataclass(frozen=True, slots=True)
class Followed:
    """One record in the order of device time: what it says, and where that is; ``placed`` None without a fix."""

    at_s: float
    packet: Packet
    placed: Placed | None


def amend(
    data_dir: str | Path, imei: str, since_s: float, snapshot: Snapshot, *, vehicle: str, rate: float,
    through: tuple[int, int],
) -> Amendment:  # fmt: skip
    """Go over the stored rows of a device again from before ``since_s``.

    ``through``: how far, as place in the raw log and number of the last event, both of one commit.
    """
    events = [event for event in story(data_dir, imei) if event.seq <= through[1]]
    begins = _begin(events, since_s)
    rows = _track(data_dir, imei, begins - _DAY_S, rate=rate, through=through[0])
    before, track = rows.filter(polars.col("at") < _instant(begins)), rows.filter(polars.col("at") >= _instant(begins))
    if track.is_empty():
        return Amendment([], None)
    starts, known = track["at"][0].timestamp(), not before.is_empty()
    if not known and any(event.at.timestamp() < starts for event in events):  # of what came before no rows are here
        known, begins = True, starts
    replayed = DeviceState(imei, vehicle=vehicle)
    if known:
        _begin_as_told(replayed, events, before, begins)
    results = [item for row in _rows(track, snapshot) for item in follow_on(replayed, row, snapshot)]
    warm_up_s = max(AMEND_WARM_UP_S, snapshot.fences.readings.episode_s * 1.25)  # by then every episode is known
    compared_from = begins + warm_up_s if known else float("-inf")
    standing = [event for event in events if event.at.timestamp() >= compared_from]
    news = [item for item in results if item[1] >= compared_from]
    return Amendment(list(_differences(standing, news, snapshot.fences.readings.episode_s)), replayed)


def follow_on(state: DeviceState, followed: Followed, snapshot: Snapshot) -> News:
    """Move a state on by one record, as live ones do, and give what is to be told of it; no looks at the stream."""
    at_s, packet = followed.at_s, followed.packet
    by = snapshot.fences.readings
    close_episodes(state, at_s, by)
    in_service = snapshot.in_service(state.imei, at_s)
    link = snapshot.fitted(state.imei)
    reception = Reception(at_s, in_order=True, late=True, in_service=in_service, link=link)
    signals = read_signals(state, packet, reception, by)
    news: News = [(kind, at_s, payload) for kind, payload in signals]
    if followed.placed and (state.at_s is None or at_s > state.at_s):
        news += go_on(state, followed.placed, snapshot.fences) or []
    return news


def story(data_dir: str | Path, imei: str) -> list[GatewayEvent]:
    """The crossings, trips and alerts of a device that stand, in the order of device time; amended ones as amended."""
    wanted = (*CROSSINGS, *TRIPS, *SIGNALS, WITHDRAWN, AMENDED, SIGNAL_AMENDED)
    events = events_of(data_dir, imei=imei, kinds=wanted)
    gone = {e.payload["seq"] for e in events if e.kind in (WITHDRAWN, AMENDED, SIGNAL_AMENDED)}
    standing = [
        e for e in events if e.seq not in gone and e.kind != WITHDRAWN and e.payload.get("signal") not in LOOKED
    ]
    return sorted(standing, key=lambda e: (e.at, e.kind == AMENDED, e.kind in TRIPS, e.seq))


def plain_kind(event: GatewayEvent) -> str:
    """What kind of thing an event tells, amended or not."""
    if event.kind == SIGNAL_AMENDED:
        return str(event.payload["kind"])
    return "trip.completed" if event.kind == AMENDED else event.kind


def _begin(events: list[GatewayEvent], since_s: float) -> float:
    """Where to begin: well before the history, and before the trip that was under way then."""
    begins = since_s - AMEND_BACK_S
    under_way = None
    for event in events:
        if event.at.timestamp() > begins:
            break
        under_way = event.at.timestamp() if event.kind == "trip.started" else under_way
        under_way = None if event.kind in ("trip.completed", AMENDED) else under_way
    return max(under_way - AMEND_WARM_UP_S * 2, since_s - AMEND_MOST_S) if under_way else begins


def _begin_as_told(state: DeviceState, events: list[GatewayEvent], before: polars.DataFrame, at_s: float) -> None:
    """How things stood at an instant, by what was told and the rows before; what is shorter than the warm-up comes."""
    inside: set[str] = set()
    for event in (row for row in events if row.at.timestamp() < at_s):
        kind = plain_kind(event)
        if kind in CROSSINGS:
            (inside.add if kind == "vehicle.entered_fence" else inside.discard)(event.payload["fence"])
        elif kind in ("device.power_cut", "device.power_restored"):
            state.power_out = kind == "device.power_cut"
    state.inside, state.at_s = sorted(inside), at_s - 0.001  # a fix of that very instant is newer
    for name in ("ignition", "main_power", "main_voltage"):
        if len(text := before[name].drop_nulls()):
            setattr(state, name, text[-1])
    covers = before["cover"].drop_nulls().filter(before["cover"].drop_nulls().is_in(["C", "O"]))
    state.cover = covers[-1] if len(covers) else ""


def _track(data_dir: str | Path, imei: str, begins: float, *, rate: float, through: int) -> polars.DataFrame:
    """The believed rows of a device in the order of device time, those with a fix and those without."""
    rows = parquet.positions_of(data_dir, imei=imei, start=_instant(begins))
    ahead = timedelta(seconds=slack(AHEAD_S, rate))
    wanted = (polars.col("raw_ref") <= through) & polars.col("kind").is_in(["position", *KINDS])
    wanted &= polars.col("at") <= polars.col("received_at") + ahead
    wanted &= polars.col("device_at").is_not_null() | (polars.col("status") != "H")
    return rows.filter(wanted).sort("at", "frame_no", "alert", "digest", nulls_last=True)


def _rows(track: polars.DataFrame, snapshot: Snapshot) -> Iterator[Followed]:
    """The rows as records."""
    fixed = polars.col("lat").is_not_null() & polars.col("lon").is_not_null()
    fixed &= ~polars.col("problems").str.contains("outside_india")
    places = track.with_row_index("row").filter(fixed)
    inside, near = snapshot.fences.locate(places["lat"].to_numpy(), places["lon"].to_numpy())
    where = {row: i for i, row in enumerate(places["row"].to_list())}
    for n, row in enumerate(track.with_columns(polars.col("at").dt.epoch("ms").alias("at_ms")).iter_rows(named=True)):
        at_s, i = row["at_ms"] / 1000, where.get(n)
        placed = None
        if i is not None:
            within = inside.get(i, set()), near.get(i, set())
            placed = Placed(at_s, row["lat"], row["lon"], row["speed_kmh"], row["heading"], *within)
        yield Followed(at_s, _packet(row), placed)


def _packet(row: dict[str, Any]) -> Packet:
    """What the frame of a stored row said of the device."""
    same = ("kind", "imei", "alert", "status", "fix", "lat", "lon", "speed_kmh", "heading", "ignition", "main_power")
    payload = {name: row[name] for name in same} | {"main_voltage": row["main_voltage"], "frame_no": row["frame_no"]}
    return Packet(
        **payload,
        type_code=row["type"],
        at=row["device_at"],
        cover=row["cover"] or "",
        problems=row["problems"].split(),
    )


def _differences(
    events: list[GatewayEvent], news: News, episode_s: float
) -> Iterator[tuple[str, float, dict[str, Any]]]:
    """What to withdraw, what to amend and what to tell."""
    standing: dict[tuple[Any, ...], list[GatewayEvent]] = {}  # the same may be told twice of one second
    for e in events:
        standing.setdefault(_key(plain_kind(e), e.at.timestamp(), e.payload), []).append(e)
    missing: News = []
    for kind, at_s, payload in news:
        same = standing.get(_key(kind, at_s, payload))
        if not same:
            missing.append((kind, at_s, payload))
            continue
        event = same.pop(0)
        if kind == "trip.completed" and _differs(event.payload, payload):
            yield AMENDED, at_s, payload | {"late": True, "seq": event.seq}
    for kind, at_s, payload in missing:
        if (moved := _moved(kind, at_s, payload, standing, episode_s)) is not None:
            event = moved.pop(0)
            text = {"late": True, "seq": event.seq, "kind": plain_kind(event), "told_at": instant(event.at.timestamp())}
            yield SIGNAL_AMENDED, at_s, payload | text
        else:
            yield kind, at_s, payload | {"late": True}
    for event in (row for same in standing.values() for row in same):
        text = {"seq": event.seq, "kind": plain_kind(event), "late": True}
        kept = ("fence", "started_at", "source", "signal", "grade")
        text |= {x: event.payload[x] for x in kept if x in event.payload}
        yield WITHDRAWN, event.at.timestamp(), text


def _moved(
    kind: str,
    at_s: float,
    payload: dict[str, Any],
    standing: dict[tuple[Any, ...], list[GatewayEvent]],
    episode_s: float,
) -> list[GatewayEvent] | None:
    """The alert that stands and is the same episode, told of another instant."""
    if kind not in SIGNALS:
        return None
    mine = _key(kind, at_s, payload)
    same = [key for key, events in standing.items() if events and (key[0], *key[2:]) == (mine[0], *mine[2:])]
    near = [key for key in same if abs(key[1] - mine[1]) <= episode_s * 1000]
    return standing[min(near, key=lambda key: abs(key[1] - mine[1]))] if near else None


def _differs(before: dict[str, Any], after: dict[str, Any]) -> bool:
    if any(before.get(name) != after.get(name) for name in ("ended_at", "destination", "max_speed_kmh")):
        return True
    return bool(abs(before["distance_km"] - after["distance_km"]) > _ROUNDING_KM)


def _key(kind: str, at_s: float, payload: dict[str, Any]) -> tuple[Any, ...]:
    """What makes two events the same: a trip's end is known by its start, so that a changed end is an amendment."""
    if kind == "trip.completed":
        return kind, payload["started_at"]
    if kind in _TAMPERS:  # the same signal, whether or not the work was announced by then
        return _TAMPERS[0], round(at_s * 1000), payload["signal"], payload["grade"]
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
    for name in _TAKEN_OVER:
        setattr(state, name, getattr(end, name))
    looked = {cause: at_s for cause, at_s in state.episodes.items() if cause.partition("/")[0] in LOOKED}
    state.episodes = looked | end.episodes
    if end.at_s is not None and (state.at_s is None or end.at_s >= state.at_s):
        state.at_s, state.lat, state.lon = end.at_s, end.lat, end.lon
        state.speed_kmh, state.heading = end.speed_kmh, end.heading
    state.trust.pop("jump", None)
    if "jump" in end.trust:
        state.trust["jump"] = end.trust["jump"]
