"""Following many devices at once where nothing happens: no border, no edge, no alert, no repeat.

Most packets only say that a known truck is a little further on. Those are told
apart column by column and moved on here; every packet that could start, end or
raise anything goes to the pipeline's plain path, one by one and in order.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy

from immis.gateway.device import DeviceState, slack
from immis.gateway.protocols.columns import OUTSIDE_INDIA, Columns
from immis.gateway.protocols.digits import Array
from immis.gateway.recent import RecentKeys, position_keys
from immis.gateway.tolerances import (
    AHEAD_S,
    IST_OFFSET_S,
    JUMP_KM,
    JUMP_KMH,
    LATE_AFTER_S,
    LOOK_EVERY_S,
    LOW_VOLTAGE_V,
    MOVING_KMH,
    STANDSTILL_M,
)
from immis.gateway.trips import EARTH_KM

_NORMAL = 0x4E52  # NR
_COVER = {ord("C"): "C", ord("O"): "O"}
Places = Mapping[int, set[str]]


@dataclass
class Candidates:
    """Sure position frames of known devices, in the order of their arrival, all rows of ``columns``."""

    columns: Columns
    rows: Array
    states: list[DeviceState]
    received_s: Array
    mismatched: Array
    inside: Places
    near: Places
    vehicles: Mapping[str, str]
    connections: Array
    rate: float


@dataclass
class Followed:
    """What was followed: rows of ``columns``, the device of each, its corrected time, whether it came late."""

    rows: Array
    states: list[DeviceState]
    at_s: Array
    late: Array


def follow_quietly(
    c: Candidates, recent: RecentKeys, loud: Callable[[list[int]], None], *, round_from: int
) -> tuple[Followed, Array]:
    """Follow the candidates in rounds of one packet a device; ``loud`` is handed the places of all others.

    Gives what was followed quietly, and the rows of packets that were repeats.
    """
    keys = position_keys(c.columns.at_ms[c.rows], c.columns.frame_no[c.rows], c.columns.alert[c.rows])
    device = numpy.fromiter((state.row for state in c.states), dtype=numpy.int64, count=len(c.states))
    turn = _turns(device)
    parts: list[tuple[Array, Array, Array]] = []
    repeats: list[Array] = [c.rows[:0]]
    for number in range(int(turn.max(initial=-1)) + 1):
        places = numpy.flatnonzero(turn == number)
        if len(places) < round_from:
            loud(numpy.flatnonzero(turn >= number).tolist())
            break
        repeated = recent.known(device[places], keys[places])
        repeats.append(c.rows[places[repeated]])
        places = places[~repeated]
        seen = _Round.of(c, places)
        quiet = seen.quiet(c)
        recent.remember(device[places[quiet]], keys[places[quiet]])
        seen.move(c, quiet)
        parts.append((places[quiet], seen.at_s[quiet], seen.late[quiet]))
        rest = places[~quiet].tolist()
        if rest:
            loud(rest)
    if not parts:
        return Followed(c.rows[:0], [], numpy.zeros(0), numpy.zeros(0, bool)), numpy.concatenate(repeats)
    where, at_s, late = (numpy.concatenate(column) for column in zip(*parts, strict=True))
    return Followed(c.rows[where], [c.states[i] for i in where.tolist()], at_s, late), numpy.concatenate(repeats)


def _turns(device: Array) -> Array:
    """Of each packet, how many packets of the same device came before it."""
    order = numpy.argsort(device, kind="stable")
    sorted_ = device[order]
    new = numpy.append(True, sorted_[1:] != sorted_[:-1]) if len(sorted_) else numpy.zeros(0, bool)
    place = numpy.arange(len(sorted_))
    turn = numpy.empty_like(place)
    turn[order] = place - numpy.maximum.accumulate(numpy.where(new, place, 0))
    return turn


@dataclass
class _Round:
    """One packet of each of many devices, beside what is known of the device."""

    places: Array
    rows: Array
    states: list[DeviceState]
    at_s: Array
    late: Array
    received_s: Array
    before: Array  # newest fix, newest heard, newest arrival, latitude, longitude, odometer
    km: Array  # from the newest fix; NaN without one

    @classmethod
    def of(cls, c: Candidates, places: Array) -> "_Round":
        rows, states = c.rows[places], [c.states[i] for i in places.tolist()]
        zone = numpy.fromiter((s.zone == "IST" for s in states), dtype=bool, count=len(states))
        at_s = c.columns.at_ms[rows] / 1000.0 - zone * IST_OFFSET_S
        received_s = c.received_s[places]
        late = received_s - at_s > slack(LATE_AFTER_S, c.rate)
        held = [(s.at_s, s.heard_s, s.received_s, s.lat, s.lon, s.odometer_km) for s in states]
        before = numpy.array(held, dtype=numpy.float64).reshape(len(states), 6)
        km = _distances(before[:, 3], before[:, 4], c.columns.lat[rows], c.columns.lon[rows])
        return cls(places, rows, states, at_s, late, received_s, before, km)

    def quiet(self, c: Candidates) -> Array:
        """Which packets start, end and raise nothing."""
        x, rows = c.columns, self.rows
        calm = numpy.fromiter((_is_calm(s, c.vehicles) for s in self.states), dtype=bool, count=len(rows))
        calm &= ~numpy.isnan(self.before[:, :2]).any(axis=1)
        calm &= self.at_s <= self.received_s + slack(AHEAD_S, c.rate)
        calm &= (x.type_code[rows] == _NORMAL) & ((x.alert[rows] == 1) | (x.alert[rows] == 2))
        calm &= (x.main_power[rows] == 1) & ~(x.main_voltage[rows] < LOW_VOLTAGE_V)
        calm &= (x.cover[rows] != ord("O")) | self._open_before()
        held = [(s.link, -numpy.inf if s.checked_s is None else s.checked_s) for s in self.states]
        link, checked = numpy.array(held, dtype=numpy.float64).reshape(len(rows), 2).T
        calm &= (link == c.connections[self.places]) & (self.at_s - checked < LOOK_EVERY_S)
        hours = numpy.maximum(self.at_s - self.before[:, 0], 0.0) / 3600
        calm &= ~((self.km > JUMP_KM) & (self.km > JUMP_KMH * hours))
        near = [c.near.get(i) for i in self.places.tolist()]
        for i in [i for i, state in enumerate(self.states) if near[i] or state.inside]:
            calm[i] &= not self._moves(c, i) or _stays(self.states[i], c.inside.get(int(self.places[i])), near[i])
        return calm

    def _open_before(self) -> Array:
        return numpy.fromiter((s.cover != "C" for s in self.states), dtype=bool, count=len(self.states))

    def _moves(self, c: Candidates, i: int) -> bool:
        """Whether the packet is a fix newer than all before."""
        return bool(self.at_s[i] > self.before[i, 0]) and not numpy.isnan(c.columns.lat[self.rows[i]])

    def move(self, c: Candidates, quiet: Array) -> None:
        """Move the devices of the quiet packets on."""
        x, rows = c.columns, self.rows
        lat, lon, speed = x.lat[rows], x.lon[rows], x.speed[rows]
        heard = quiet & (self.at_s >= self.before[:, 1])
        placed = ~numpy.isnan(lat) & (x.problems[rows] & OUTSIDE_INDIA == 0)
        moved = heard & placed & (self.at_s > self.before[:, 0])
        speeds = numpy.nan_to_num(speed)
        standing = numpy.isnan(self.km) | ((speeds < 1) & (self.km * 1000 < STANDSTILL_M))
        odometer = self.before[:, 5] + numpy.where(standing, 0.0, self.km)
        received = numpy.fmax(self.received_s, self.before[:, 2])
        for i, at in zip(numpy.flatnonzero(quiet).tolist(), received[quiet].tolist(), strict=True):
            self.states[i].received_s = at
        _remember(self, x, numpy.flatnonzero(heard), speeds)
        heading = x.heading[rows]
        chosen = numpy.flatnonzero(moved)
        columns = (self.at_s, lat, lon, speed, heading, odometer)
        for i, at, north, east, fast, way, km in zip(
            chosen.tolist(), *(column[chosen].tolist() for column in columns), strict=True
        ):
            state = self.states[i]
            state.at_s, state.lat, state.lon, state.odometer_km = at, north, east, km
            state.speed_kmh = fast if fast == fast else None
            state.heading = way if way == way else None
            if state.trip:
                state.trip["max_speed_kmh"] = max(state.trip["max_speed_kmh"], fast if fast == fast else 0.0)
                state.trip["distance_km"] = round(km - state.trip["from_km"], 3)


def _is_calm(s: DeviceState, vehicles: Mapping[str, str]) -> bool:
    """Whether a listed device's clock is known and nothing about it is open."""
    if (
        s.episodes
        or s.pending
        or s.power_out
        or not s.zone
        or s.told_unknown
        or s.low_s is not None
        or "jump" in s.trust
    ):
        return False
    listed = vehicles.get(s.imei)
    return bool(listed) and listed == s.vehicle


def _stays(state: DeviceState, inside: set[str] | None, near: set[str] | None) -> bool:
    """Whether a fix leaves the device in the fences it was in."""
    within = state.inside
    return all(x in within for x in inside or ()) and all(x in (near or ()) for x in within)


def _distances(lat0: Array, lon0: Array, lat: Array, lon: Array) -> Array:
    """``trips.distance_km`` of many pairs."""
    north0, east0, north, east = (numpy.radians(x) for x in (lat0, lon0, lat, lon))
    a = numpy.sin((north - north0) / 2) ** 2
    a += numpy.cos(north0) * numpy.cos(north) * numpy.sin((east - east0) / 2) ** 2
    km: Array = 2 * EARTH_KM * numpy.arcsin(numpy.minimum(1.0, numpy.sqrt(a)))
    return km


def _remember(seen: _Round, x: Columns, chosen: Array, speeds: Array) -> None:
    """Flags and times of packets in the order of device time, as ``signals`` keeps them."""
    rows = seen.rows[chosen]
    moving = (speeds[chosen] >= MOVING_KMH).tolist()
    columns = (seen.at_s[chosen], x.fix[rows], x.ignition[rows], x.main_voltage[rows], x.cover[rows])
    for i, fast, at, fix, ignition, voltage, cover in zip(
        chosen.tolist(), moving, *(column.tolist() for column in columns), strict=True
    ):
        state = seen.states[i]
        state.heard_s, state.fix, state.main_power = at, fix, True
        if ignition >= 0:
            state.ignition = ignition == 1
        if voltage == voltage:
            state.main_voltage = voltage
        if cover in _COVER:
            state.cover = _COVER[cover]
        if fast:
            state.moved_s = at
