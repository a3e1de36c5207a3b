"""One record of a known device after the other: what it says of the device, and what follows from that."""

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from immis.gateway.commands import CommandBook
from immis.gateway.history.amend import Followed
from immis.gateway.history.late import LateWork
from immis.gateway.ingest.peers import Peers
from immis.gateway.ingest.streams import Frame
from immis.gateway.protocols.http import HTTP
from immis.gateway.protocols.osmand import DIALECT as PHONE
from immis.gateway.protocols.packet import Packet
from immis.gateway.state.device import DeviceState, device_instant, is_late
from immis.gateway.state.events import NewEvent
from immis.gateway.state.floods import Floods
from immis.gateway.state.recent import KINDS
from immis.gateway.state.signals import Reception, close_episodes, read_signals
from immis.gateway.state.trust import standing
from immis.gateway.state.way import Placed, go_on
from immis.gateway.store.rows import row_of
from immis.gateway.store.snapshot import SnapshotReader

ALERTS = frozenset({"device.tamper", "device.power_cut", "device.emergency"})
log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Arrival:
    """One record of a known device with the circumstances of its arrival, filled in step by step.

    ``where`` are the fences that its place lies in and near, None without a place; ``at_s`` is corrected device time,
    ``newer`` whether that lies behind the last fix, ``behind`` whether the record came after one that follows it.
    """

    packet: Packet
    state: DeviceState
    frame: Frame
    rate: float = 1.0
    where: tuple[set[str], set[str]] | None = None
    at_s: float = 0.0
    believed: bool = False
    late: bool = False
    in_order: bool = False
    newer: bool = False
    behind: bool = False
    link: dict[str, bool] = field(default_factory=dict)
    events_before: int = 0


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The parts of the pipeline that a record is followed with; ``rows`` and ``events`` are its lists of results."""

    snapshot: SnapshotReader
    commands: CommandBook
    counters: Counter[str]
    late_work: LateWork
    peers: Peers
    floods: Floods
    rows: list[Any]
    events: list[NewEvent]


class OneByOne:
    """Moves states on record by record; rows and events are added to the lists of the pipeline."""

    def __init__(self, parts: Parts) -> None:
        self._snapshot, self._commands, self._counters = parts.snapshot, parts.commands, parts.counters
        self._late_work, self._peers, self._floods = parts.late_work, parts.peers, parts.floods
        self._rows, self._events = parts.rows, parts.events

    def follow(self, arrivals: list[Arrival], *, rate: float) -> None:
        """Move each device on by its records, with one look at the fence map for all of them."""
        placed, lats, lons = [], [], []
        for arrival in arrivals:
            lat, lon = arrival.packet.lat, arrival.packet.lon
            if lat is not None and lon is not None and "outside_india" not in arrival.packet.problems:
                placed.append(id(arrival))
                lats.append(lat)
                lons.append(lon)
        inside, near = self._snapshot.current.fences.locate(lats, lons)
        where = {key: (inside.get(i, set()), near.get(i, set())) for i, key in enumerate(placed)}
        for arrival in arrivals:
            arrival.where, arrival.rate = where.get(id(arrival)), rate
            try:
                self._advance(arrival)
            except Exception:  # a fault of ours: the bytes are in the log, and the others go on
                log.exception("frame at %d could not be followed", arrival.frame.raw_ref)
                self._counters["faults"] += 1

    def _advance(self, arrival: Arrival) -> None:
        for step in OF_EVERY_RECORD:
            step(self, arrival)
        if arrival.packet.kind in KINDS:
            for step in OF_A_REPORT:
                step(self, arrival)

    def _set_clock(self, arrival: Arrival) -> None:
        """When the device says it was, and whether to believe it."""
        received_s = arrival.frame.received_s
        arrival.at_s, arrival.believed = device_instant(arrival.state, arrival.packet, received_s, rate=arrival.rate)

    def _hear(self, arrival: Arrival) -> None:
        """The device has been heard, and over which link."""
        state, frame = arrival.state, arrival.frame
        state.received_s = max(frame.received_s, state.received_s or 0.0)
        if state.reach != frame.connection:
            self._note_network(arrival)
        state.reach = frame.connection
        state.over_http = frame.raw.startswith(HTTP)

    def _take_answer(self, arrival: Arrival) -> None:
        """A record may confirm the oldest command that was sent to its device."""
        packet = arrival.packet
        done = self._commands.answered(arrival.state.imei, packet.kind, packet.alert)
        if done:
            payload = {"id": done.id, "text": done.text, "raw": packet.shown}
            self._tell("device.command_answered", arrival, arrival.frame.received_s, payload)

    def _put_in_time(self, arrival: Arrival) -> None:
        """Where the record stands among the others of its device: late, in order, newest fix, behind another."""
        state, at_s, believed = arrival.state, arrival.at_s, arrival.believed
        after_s = self._snapshot.current.fences.readings.late_after_s
        arrival.late = is_late(at_s, arrival.frame.received_s, after_s=after_s, rate=arrival.rate)
        arrival.in_order = believed and (state.heard_s is None or at_s >= state.heard_s)
        at_before = float("-inf") if state.at_s is None else state.at_s
        arrival.newer = at_s > at_before
        behind = not arrival.in_order or (arrival.where is not None and at_s < at_before)
        arrival.behind = believed and (behind or _out_of_turn(state, arrival.packet, at_s, late=arrival.late))

    def _close_episodes(self, arrival: Arrival) -> None:
        """What the device has stopped showing is over."""
        arrival.events_before = len(self._events)
        close_episodes(arrival.state, arrival.at_s, self._snapshot.current.fences.readings)

    def _weigh_link(self, arrival: Arrival) -> None:
        """What speaks for the link that the record came by, and whether its stream goes on as the device's own."""
        frame = arrival.frame
        arrival.link = self._link(arrival)
        if arrival.in_order and not arrival.late:
            arrival.link |= standing(
                arrival.state,
                arrival.packet,
                arrival.at_s,
                self._snapshot.current.fences.readings,
                received_s=frame.received_s,
                connection=frame.connection,
            )

    def _tell_signals(self, arrival: Arrival) -> None:
        """Alerts, signals and whether to trust them; too many are only counted."""
        state, connection, link = arrival.state, arrival.frame.connection, arrival.link
        current = self._snapshot.current
        in_service = current.in_service(state.imei, arrival.at_s)
        reception = Reception(arrival.at_s, arrival.in_order, arrival.late, connection, in_service, link)
        news = read_signals(state, arrival.packet, reception, current.fences.readings)
        address = self._peers.address_of(connection)
        for kind, payload in news:
            payload["evidence"] |= {"address": address} if address else {}
            if self._is_admitted(kind, arrival, link):
                self._tell(kind, arrival, arrival.at_s, payload)

    def _go_on(self, arrival: Arrival) -> None:
        """A record in order moves its device on: heard, fix, track, fences, trip."""
        if not arrival.in_order:
            return
        state, packet, where = arrival.state, arrival.packet, arrival.where
        if packet.at is not None:  # an arrival time would put packets under way behind it
            state.heard_s = arrival.at_s
        state.fix = bool(packet.fix)
        if arrival.newer and where:
            self._move(arrival, _placed(arrival, where))
        has_news = len(self._events) > arrival.events_before
        self._late_work.saw(state, lambda: _followed(arrival), told=has_news)

    def _mark_behind(self, arrival: Arrival) -> None:
        """A record behind others asks for the device's history to be gone over."""
        if arrival.behind:
            state = arrival.state
            state.amend_from_s = min(arrival.at_s, state.amend_from_s or arrival.at_s)
            state.amend_last_s = max(arrival.frame.received_s, state.amend_last_s or 0.0)

    def _keep_row(self, arrival: Arrival) -> None:
        """The record goes to the position store; an acknowledgement without a place is none."""
        packet, state, frame = arrival.packet, arrival.state, arrival.frame
        if packet.kind != "ack" or packet.lat is not None:
            self._rows.append(
                row_of(
                    packet, state.imei, state.vehicle, at_s=arrival.at_s, received_s=frame.received_s,
                    late=arrival.late, raw_ref=frame.raw_ref,
                )
            )  # fmt: skip

    def _link(self, arrival: Arrival) -> dict[str, bool]:
        """What is known of the link that a packet came by; what cannot be known is left out."""
        snapshot, imei, connection = self._snapshot.current, arrival.state.imei, arrival.frame.connection
        link = snapshot.fitted(imei)
        seen = self._peers.seen(connection, snapshot.networks)
        if seen is not None:
            link["known_range"] = bool(seen[1])
        if arrival.packet.dialect == PHONE:  # its identifier is the token: the office made it, and nobody can guess it
            link["token"] = imei in snapshot.phones
        if named := self._peers.certified(connection):
            link["certificate"] = named == imei
        sim = arrival.state.trust.get("sim")
        if sim and sim[0] == connection:
            link["sim"] = sim[1]
        return link

    def _is_admitted(self, kind: str, arrival: Arrival, link: dict[str, bool]) -> bool:
        """Whether an alert is told, or only counted, as one of too many (MOV-30)."""
        if kind not in ALERTS or (kind == "device.emergency" and link.get("fitted")) or "fitted" not in link:
            return True
        own = any(link.get(name) for name in ("known_range", "token", "sim", "certificate"))
        own = own or (link.get("continuous_frames", False) and link.get("continuous_place", False))
        address, now_s = self._peers.address_of(arrival.frame.connection), arrival.frame.received_s
        by = self._snapshot.current.fences.readings
        if self._floods.admits_alert(arrival.state.imei, address, now_s, by, supported=link["fitted"] and own):
            return True
        self._counters["alerts_folded"] += 1
        return False

    def _note_network(self, arrival: Arrival) -> None:
        """A device on a new link: tell where it comes from when that is another range than before (DEV-20)."""
        seen = self._peers.seen(arrival.frame.connection, self._snapshot.current.networks)
        if seen is None or arrival.state.network == (seen[1] or "-"):
            return
        arrival.state.network = seen[1] or "-"
        payload = {"address": seen[0], "network": seen[1], "known": bool(seen[1])}
        self._tell("device.network", arrival, arrival.frame.received_s, payload)

    def _greet(self, arrival: Arrival) -> None:
        """Vehicle of the device by the office's list; logins and strangers are told."""
        state, packet = arrival.state, arrival.packet
        listed = self._snapshot.current.vehicles.get(state.imei)
        state.vehicle = listed or packet.vehicle or state.vehicle
        if listed is not None:
            state.told_unknown = False
        elif not state.told_unknown:
            state.told_unknown = True
            self._tell("device.unknown", arrival, arrival.frame.received_s, {"raw": packet.shown})
        if packet.kind == "login":
            state.logged_in = True
            if packet.iccid and (registered := self._snapshot.current.iccids.get(state.imei)):
                state.trust["sim"] = [arrival.frame.connection, packet.iccid.rstrip("F") == registered.rstrip("F")]
            payload = {
                "registration": packet.vehicle,
                "firmware": packet.firmware,
                "lat": packet.lat,
                "lon": packet.lon,
            }
            self._tell("device.login", arrival, arrival.frame.received_s, payload)

    def _move(self, arrival: Arrival, placed: Placed) -> None:
        """A believed fix, newer than all before: track, fences, trip."""
        news = go_on(arrival.state, placed, self._snapshot.current.fences)
        if news is None:
            self._counters["jumps_held_back"] += 1
        for kind, at_s, payload in news or []:
            self._tell(kind, arrival, at_s, payload | {"late": arrival.late})

    def _tell(self, kind: str, arrival: Arrival, at_s: float, payload: dict[str, Any]) -> None:
        state = arrival.state
        frame = arrival.frame
        event = NewEvent(kind, state.imei, state.vehicle, at_s, frame.received_s, payload, frame.turn)
        self._events.append(event)


def _out_of_turn(state: DeviceState, packet: Packet, at_s: float, *, late: bool) -> bool:
    """Whether a packet of the newest second may have come behind one that the device sent after it."""
    if state.heard_s is None or at_s != state.heard_s:
        return False
    return late or packet.frame_no is None or state.last_no is None or packet.frame_no <= state.last_no


def _placed(arrival: Arrival, where: tuple[set[str], set[str]]) -> Placed:
    packet = arrival.packet
    assert packet.lat is not None and packet.lon is not None
    return Placed(arrival.at_s, packet.lat, packet.lon, packet.speed_kmh, packet.heading, *where)


def _followed(arrival: Arrival) -> Followed:
    return Followed(arrival.at_s, arrival.packet, _placed(arrival, arrival.where) if arrival.where else None)


#: What every record goes through, in this order.
OF_EVERY_RECORD: tuple[Callable[[OneByOne, Arrival], None], ...] = (
    OneByOne._set_clock,
    OneByOne._greet,
    OneByOne._hear,
    OneByOne._take_answer,
)
#: What positions, alerts and acknowledgements go through after that; logins and health reports do not.
OF_A_REPORT: tuple[Callable[[OneByOne, Arrival], None], ...] = (
    OneByOne._put_in_time,
    OneByOne._close_episodes,
    OneByOne._weigh_link,
    OneByOne._tell_signals,
    OneByOne._go_on,
    OneByOne._mark_behind,
    OneByOne._keep_row,
)
