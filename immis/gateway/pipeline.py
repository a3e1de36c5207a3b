"""From logged bytes to positions and events: frames, records, device state, fences, trips, signals.

Everything here follows from the raw log and the last checkpoint, so that a
crash at any moment only means doing the same work again.
"""

import logging
import zlib
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from immis import clock
from immis.gateway import store
from immis.gateway.device import DeviceState, device_instant, is_late
from immis.gateway.fences import Fix, cross_fences
from immis.gateway.outbox import NewEvent, Outbox
from immis.gateway.protocols.checksums import ChecksumBook
from immis.gateway.protocols.decode import decode_frame
from immis.gateway.protocols.framing import Framer
from immis.gateway.protocols.packet import Packet
from immis.gateway.protocols.replies import reply_to
from immis.gateway.rawlog import RawRecord
from immis.gateway.signals import close_episodes, read_signals
from immis.gateway.snapshot import SnapshotReader
from immis.gateway.tolerances import HELD_S, RECENT_KEYS, SILENCE_S
from immis.gateway.trips import follow_trip, step_km

_STORED_KINDS = ("position", "emergency", "batch", "ack")
_SIGNAL_KINDS = ("position", "emergency", "batch", "ack")
_Key = tuple[datetime | None, int | None, str, int | None, int]
_MOST_DEVICES = 2_000_000  # invented IMEIs must not fill the memory
log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class _Arrival:
    """One record of a known device with the circumstances of its arrival; ``at_s`` is corrected device time."""

    packet: Packet
    state: DeviceState
    received_s: float
    raw_ref: int
    at_s: float
    believed: bool


class _Frame(NamedTuple):
    connection: int
    raw: bytes
    received_s: float
    raw_ref: int
    terminated: bool


class Pipeline:
    """The work behind the raw log. Not for use by two threads at once."""

    def __init__(self, data_dir: str | Path) -> None:
        self._data_dir = Path(data_dir)
        self._outbox = Outbox(data_dir)
        self._snapshot = SnapshotReader(data_dir)
        self._states = self._outbox.states()
        self._framers = {connection: Framer(rest) for connection, rest in self._outbox.rests().items()}
        self._waiting: dict[int, float] = {c: 0.0 for c in self._framers}
        self._checksums = ChecksumBook(self._outbox.fact("checksums", {}))
        self.counters: Counter[str] = Counter(self._outbox.fact("counters", {}))
        self.checkpoint: int = self._outbox.fact("checkpoint", 0)
        self._position = self.checkpoint
        self._recent: dict[str, dict[_Key, None]] = {}
        self._rows: list[tuple[Any, ...]] = []
        self._events: list[NewEvent] = []
        self._dirty: dict[str, DeviceState] = {}
        self._touched = False
        self._rate = _rate()
        self._snapshot.poll()
        store.drop_uncommitted(data_dir, self.checkpoint)

    @property
    def rows_waiting(self) -> int:
        return len(self._rows)

    def begin_run(self) -> int:
        """A number for this start of the process, never used before."""
        run: int = self._outbox.fact("run", 0) + 1
        self._outbox.keep("run", run)
        return run

    def take(self, records: list[RawRecord]) -> list[tuple[int, bytes]]:
        """Work through logged records; gives the (connection, answer) pairs that devices wait for."""
        self._snapshot.poll()
        self._rate = _rate()
        frames: list[_Frame] = []
        for record in records:
            received_s = record.received_us / 1e6
            self._position, self._touched = record.end, True
            frames += [_Frame(record.connection, raw, received_s, record.offset, True) for raw in self._frames(record)]
            if not record.data:
                frames += self._closed(record.connection, received_s, record.offset)
        return self._work(frames)

    def flush_waiting(self, now_s: float) -> list[tuple[int, bytes]]:
        """Deliver frames that wait in vain: whole ones soon, unterminated ones after some silence."""
        frames: list[_Frame] = []
        for connection, since in list(self._waiting.items()):
            framer = self._framers.get(connection)
            held = framer.held if framer else False
            if framer and now_s - since < (HELD_S if held else SILENCE_S) * self._rate:
                continue
            del self._waiting[connection]
            raw = framer.flush() if framer else None
            if raw:
                frames.append(_Frame(connection, raw, since or now_s, self._position, held))
        self._touched = self._touched or bool(frames)
        return self._work(frames)

    def close_all(self, now_s: float) -> None:
        """Every connection is gone: deliver what they left unfinished."""
        frames = [
            frame for connection in list(self._framers) for frame in self._closed(connection, now_s, self._position)
        ]
        self._touched = self._touched or bool(frames)
        self._work(frames)

    def commit(self) -> None:
        """Make it lasting: Parquet first, then events, states and checkpoint in one transaction."""
        if not self._touched:
            return
        rows, events, dirty = self._rows, self._events, self._dirty
        store.write_segment(self._data_dir, rows, start=self.checkpoint, end=self._position)
        self._outbox.commit(
            events=events,
            states=dirty.values(),
            rests={c: f.rest for c, f in self._framers.items() if f.rest},
            facts={"checkpoint": self._position, "checksums": self._checksums.state(), "counters": self.counters},
        )
        self.checkpoint = self._position
        self._rows, self._events, self._dirty, self._touched = [], [], {}, False

    def compact(self) -> int:
        """Merge the many small segments of a day."""
        return store.compact(self._data_dir)

    def close(self) -> None:
        self._outbox.close()

    # -- frames ---------------------------------------------------------------------------

    def _frames(self, record: RawRecord) -> list[bytes]:
        framer = self._framers.get(record.connection)
        if framer is None:
            framer = self._framers[record.connection] = Framer()
        noise, oversize = framer.noise_bytes, framer.oversize
        frames = framer.feed(record.data)
        self.counters["noise_bytes"] += framer.noise_bytes - noise
        self.counters["oversize"] += framer.oversize - oversize
        if framer.rest:
            self._waiting[record.connection] = record.received_us / 1e6
        else:
            self._waiting.pop(record.connection, None)
        return frames

    def _closed(self, connection: int, received_s: float, raw_ref: int) -> list[_Frame]:
        framer = self._framers.pop(connection, None)
        self._waiting.pop(connection, None)
        held = framer.held if framer else False
        raw = framer.flush() if framer else None
        return [_Frame(connection, raw, received_s, raw_ref, held)] if raw else []

    def _work(self, frames: list[_Frame]) -> list[tuple[int, bytes]]:
        answers: list[tuple[int, bytes]] = []
        arrivals: list[_Arrival] = []
        for frame in frames:
            try:
                packets = decode_frame(frame.raw)
            except Exception:  # a fault of ours: the bytes are in the log, the gateway goes on
                log.exception("frame at %d could not be decoded", frame.raw_ref)
                self.counters["faults"] += 1
                continue
            self._judge(packets[0], frame)
            known = (self._recognise(packet, frame) for packet in packets)
            arrivals += [arrival for arrival in known if arrival is not None]
            answer = reply_to(frame.raw, datetime.fromtimestamp(frame.received_s, UTC))
            if answer:
                answers.append((frame.connection, answer))
        self._follow(arrivals)
        return answers

    def _judge(self, packet: Packet, frame: _Frame) -> None:
        self.counters["frames"] += 1
        self.counters[f"kind.{packet.kind}"] += 1
        if not frame.terminated:
            packet.problems.append("unterminated")
        if packet.imei is None or packet.kind not in ("position", "emergency", "login"):
            return
        verdict = self._checksums.judge(f"{packet.vendor}|{packet.word}|{packet.firmware}"[:80], frame.raw)
        if verdict == "mismatch":
            packet.problems.append("checksum_mismatch")
            self.counters["checksum_mismatch"] += 1

    # -- device state ---------------------------------------------------------------------

    def _recognise(self, packet: Packet, frame: _Frame) -> _Arrival | None:
        """Whose record it is and when it was; None for what says nothing, or nothing new."""
        if packet.imei is None:
            return None
        state = self._states.get(packet.imei)
        if state is None:
            if packet.kind == "unknown" or len(self._states) >= _MOST_DEVICES:
                return None
            state = self._states[packet.imei] = DeviceState(packet.imei)
        at_s, believed = device_instant(state, packet, frame.received_s, rate=self._rate)
        if packet.kind in _STORED_KINDS and self._is_repeated(packet, state.imei):
            self.counters["duplicates"] += 1
            return None
        return _Arrival(packet, state, frame.received_s, frame.raw_ref, at_s, believed)

    def _follow(self, arrivals: list[_Arrival]) -> None:
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
            self._advance(arrival, where.get(id(arrival)))

    def _is_repeated(self, packet: Packet, imei: str) -> bool:
        recent = self._recent.setdefault(imei, {})
        key = _key(packet)
        if key in recent:
            return True
        recent[key] = None
        if len(recent) > RECENT_KEYS:
            del recent[next(iter(recent))]
        return False

    def _advance(self, arrival: _Arrival, where: tuple[set[str], set[str]] | None) -> None:
        state, packet = arrival.state, arrival.packet
        self._greet(arrival)
        state.received_s = max(arrival.received_s, state.received_s or 0.0)
        self._dirty[state.imei] = state
        if packet.kind not in _SIGNAL_KINDS:
            return
        late = is_late(arrival.at_s, arrival.received_s, rate=self._rate)
        in_order = arrival.believed and (state.heard_s is None or arrival.at_s >= state.heard_s)
        close_episodes(state, arrival.at_s)
        for kind, payload in read_signals(state, packet, arrival.at_s, in_order=in_order, late=late):
            self._tell(kind, arrival, arrival.at_s, payload)
        if in_order:
            if packet.at is not None:  # an arrival time would put packets under way behind it
                state.heard_s = arrival.at_s
            state.fix = bool(packet.fix)
            newer = state.at_s is None or arrival.at_s > state.at_s
            if newer and where is not None and packet.lat is not None and packet.lon is not None:
                self._move(arrival, packet.lat, packet.lon, *where, late=late)
        if packet.kind != "ack" or packet.lat is not None:
            self._rows.append(_row(arrival, late=late))

    def _greet(self, arrival: _Arrival) -> None:
        """Vehicle of the device by the office's list; logins and strangers are told."""
        state, packet = arrival.state, arrival.packet
        listed = self._snapshot.current.vehicles.get(state.imei)
        state.vehicle = listed or packet.vehicle or state.vehicle
        if listed is not None:
            state.told_unknown = False
        elif not state.told_unknown:
            state.told_unknown = True
            self._tell("device.unknown", arrival, arrival.received_s, {"raw": packet.raw.decode("latin-1")})
        if packet.kind == "login":
            said = {"registration": packet.vehicle, "firmware": packet.firmware, "lat": packet.lat, "lon": packet.lon}
            self._tell("device.login", arrival, arrival.received_s, said)

    def _move(self, arrival: _Arrival, lat: float, lon: float, inside: set[str], near: set[str], *, late: bool) -> None:
        """A believed fix, newer than all before: track, fences, trip."""
        state, packet, fences = arrival.state, arrival.packet, self._snapshot.current.fences.fences
        speed = packet.speed_kmh or 0.0
        before = state.odometer_km
        if state.lat is not None and state.lon is not None:
            state.odometer_km += step_km(state.lat, state.lon, lat, lon, speed_kmh=speed)
        fix = Fix(arrival.at_s, lat, lon, speed, state.odometer_km, before)
        crossings = cross_fences(state, fix, inside, near, fences)
        for crossing in crossings:
            fence = fences[crossing.fence_id]
            said: dict[str, Any] = {"fence": fence.id, "fence_kind": fence.kind, "fence_name": fence.name}
            said |= {"lat": crossing.lat, "lon": crossing.lon, "late": late}
            self._tell(
                "vehicle.entered_fence" if crossing.entered else "vehicle.left_fence", arrival, crossing.at_s, said
            )
        for kind, at_s, payload in follow_trip(state, crossings, fences, speed_kmh=speed):
            self._tell(kind, arrival, at_s, payload | {"late": late})
        state.at_s, state.lat, state.lon = arrival.at_s, lat, lon
        state.speed_kmh, state.heading = packet.speed_kmh, packet.heading

    def _tell(self, kind: str, arrival: _Arrival, at_s: float, payload: dict[str, Any]) -> None:
        state = arrival.state
        self._events.append(NewEvent(kind, state.imei, state.vehicle, at_s, arrival.received_s, payload))


def _rate() -> float:
    """How fast the shared clock runs: waiting times are real, arrival stamps are its."""
    course = clock.course()
    return course.rate if course else 1.0


def _key(packet: Packet) -> _Key:
    """What makes a packet the same packet: device time, frame number, kind, alert (and bytes where these fail)."""
    return packet.at, packet.frame_no, packet.kind, packet.alert, _digest(packet)


def _digest(packet: Packet) -> int:
    return 0 if packet.frame_no is not None and packet.at is not None else zlib.crc32(packet.raw)


def _row(arrival: _Arrival, *, late: bool) -> tuple[Any, ...]:
    p, state = arrival.packet, arrival.state
    kind = "position" if p.kind == "batch" else p.kind
    return (
        state.imei, state.vehicle, int(arrival.at_s * 1000), int(p.at.timestamp() * 1000) if p.at else None,
        int(arrival.received_s * 1000), p.lat, p.lon, p.speed_kmh, p.heading, bool(p.fix), p.ignition, p.main_power,
        p.main_voltage, p.satellites, p.hdop, p.alert, p.type_code, kind, p.status, late, p.dialect, p.frame_no,
        " ".join(p.problems), _digest(p), arrival.raw_ref,
    )  # fmt: skip
