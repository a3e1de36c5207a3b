"""Following many devices at once where nothing happens: no border, no edge, no alert, no repeat.

Most packets only say that a known truck is a little further on. Those are told
apart column by column and moved on here; every packet that could start, end or
raise anything goes to the pipeline's plain path, one by one and in order.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy

from immis.gateway.protocols.digits import Array
from immis.gateway.protocols.many.columns import OUTSIDE_INDIA, Columns
from immis.gateway.state import looks
from immis.gateway.state.device import slack
from immis.gateway.state.fleet import IST, Fleet
from immis.gateway.state.motion import distances_km, out_of_reach, stands_still
from immis.gateway.state.recent import position_keys
from immis.gateway.tolerances import AHEAD_S, IST_OFFSET_S, LOOK_EVERY_S
from immis.rules.movement.readings import Readings

_NORMAL = 0x4E52  # NR
_OPEN, _CLOSED = ord("O"), ord("C")
_FROZEN = looks.SIGNS.index("cell_frozen")
Places = Mapping[int, set[str]]


@dataclass
class Candidates:
    """Sure position frames of known devices, in the order of their arrival: rows of ``columns`` and of the fleet."""

    columns: Columns
    rows: Array
    devices: Array
    received_s: Array
    mismatched: Array  # by row of ``columns``
    inside: Places
    near: Places
    connections: Array
    rate: float
    by: Readings


@dataclass
class QuietRows:
    """What was followed: rows of ``columns``, the device of each, its corrected time, whether it came late."""

    rows: Array
    devices: Array
    at_s: Array
    late: Array


def follow_quietly(
    c: Candidates, fleet: Fleet, loud: Callable[[list[int]], None], *, round_from: int
) -> tuple[QuietRows, Array]:
    """Follow the candidates in rounds of one packet a device; ``loud`` is handed the places of all others.

    Gives what was followed quietly, and the rows of packets that were repeats.
    """
    x, rows, devices = c.columns, c.rows, c.devices
    keys = position_keys(x.at_ms[rows], x.frame_no[rows], x.alert[rows])
    at_s = x.at_ms[rows] / 1000.0 - (fleet.hot["zone"][devices] == IST) * IST_OFFSET_S
    late = c.received_s - at_s > slack(c.by.late_after_s, c.rate)
    normal = (x.type_code[rows] == _NORMAL) & ((x.alert[rows] == 1) | (x.alert[rows] == 2))
    calls = _Batch(c, fleet, keys, at_s, late, normal)
    history, repeats = calls.history()
    parts, doubles = [history], [repeats]
    live = numpy.ones(len(rows), dtype=bool)
    live[history] = live[repeats] = False
    left = numpy.flatnonzero(live)
    turn = _turns(devices[left])
    order = numpy.argsort(turn, kind="stable")
    bounds = numpy.searchsorted(turn[order], numpy.arange(int(turn.max(initial=-1)) + 2))
    for begin, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        if end - begin < round_from:
            loud(numpy.sort(left[order[begin:]]).tolist())
            break
        places = left[order[begin:end]]
        known = fleet.recent.known(devices[places], keys[places])
        doubles.append(places[known])
        places = places[~known]
        quiet = calls.follow(places)
        parts.append(places[quiet])
        if not quiet.all():
            loud(places[~quiet].tolist())
    done = numpy.concatenate(parts)
    return QuietRows(rows[done], devices[done], at_s[done], late[done]), rows[numpy.concatenate(doubles)]


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
class _Batch:
    """The candidates beside what the fleet knows of their devices."""

    c: Candidates
    fleet: Fleet
    keys: Array
    at_s: Array
    late: Array
    normal: Array

    def __post_init__(self) -> None:
        there = numpy.zeros(len(self.c.rows), dtype=bool)
        there[list(self.c.near)] = True
        self._near = there

    # -- history ----------------------------------------------------------------------------

    def history(self) -> tuple[Array, Array]:
        """Places of packets older than the newest that was heard of their device, all at once; and of repeats.

        They move nothing, so that their order does not count; but each is kept only once.
        """
        c, fleet, hot = self.c, self.fleet, self.fleet.hot
        old = fleet.settled[c.devices] & self.normal & (self.at_s < hot["heard_s"][c.devices])
        places = numpy.flatnonzero(old)
        if not len(places):
            return places, places
        devices, keys = c.devices[places], self.keys[places]
        order = numpy.lexsort((keys, devices))
        again = numpy.zeros(len(places), dtype=bool)
        again[order[1:]] = (devices[order[1:]] == devices[order[:-1]]) & (keys[order[1:]] == keys[order[:-1]])
        again |= fleet.recent.known(devices, keys)
        new = places[~again]
        fleet.recent.remember_many(c.devices[new], self.keys[new])
        numpy.fmax.at(hot["received_s"], c.devices[new], c.received_s[new])
        fleet.touched[c.devices[new]] = True
        self._came_late(new)
        return new, places[again]

    def _came_late(self, places: Array) -> None:
        """What was not the newest of its device: to be worked in (``amend``)."""
        hot, devices = self.fleet.hot, self.c.devices[places]
        numpy.fmin.at(hot["amend_from_s"], devices, self.at_s[places])
        numpy.fmax.at(hot["amend_last_s"], devices, self.c.received_s[places])

    # -- a round ------------------------------------------------------------------------------

    def follow(self, places: Array) -> Array:
        """Move those devices on whose packet starts, ends and raises nothing; which ones they were."""
        c, x, fleet = self.c, self.c.columns, self.fleet
        devices, rows = c.devices[places], c.rows[places]
        before = fleet.hot[devices]
        at_s, lat, lon = self.at_s[places], x.lat[rows], x.lon[rows]
        km = distances_km(before["lat"], before["lon"], lat, lon)
        in_order = at_s >= before["heard_s"]
        placed = ~numpy.isnan(lat) & (x.problems[rows] & OUTSIDE_INDIA == 0)
        moved = in_order & placed & (at_s > before["at_s"])
        quiet = self._is_quiet(places, before, km)
        quiet &= ~self._crosses(places, moved, fleet.fenced[devices])
        live = in_order & ~self.late[places]
        quiet &= ~live | (before["link"] == c.connections[places])
        due = quiet & live & ~(at_s - before["checked_s"] < LOOK_EVERY_S)
        quiet[numpy.flatnonzero(due)] = self._look(places[due])
        fleet.recent.remember(devices[quiet], self.keys[places[quiet]])
        self._move(places, before, km, quiet=quiet, in_order=in_order, moved=moved, live=live)
        out_of_turn = (at_s == before["heard_s"]) & (self.late[places] | (x.frame_no[rows] <= before["last_no"]))
        self._came_late(places[quiet & (~in_order | (placed & (at_s < before["at_s"])) | out_of_turn)])
        return quiet

    def _is_quiet(self, places: Array, before: Array, km: Array) -> Array:
        c, x, rows, at_s = self.c, self.c.columns, self.c.rows[places], self.at_s[places]
        quiet = self.fleet.calm[c.devices[places]] & self.normal[places]
        quiet &= ~(numpy.isnan(before["at_s"]) | numpy.isnan(before["heard_s"]))
        quiet &= at_s <= c.received_s[places] + slack(AHEAD_S, c.rate)
        quiet &= (x.main_power[rows] == 1) & ~(x.main_voltage[rows] < c.by.low_voltage_v)
        quiet &= (x.cover[rows] != _OPEN) | (before["cover"] != _CLOSED)
        calm: Array = quiet & ~out_of_reach(km, numpy.maximum(at_s - before["at_s"], 0.0), c.by)
        return calm

    def _crosses(self, places: Array, moved: Array, fenced: Array) -> Array:
        """Which fixes bring their device over a border, or near to it."""
        crosses = numpy.zeros(len(places), dtype=bool)
        inside, near, states = self.c.inside, self.c.near, self.fleet.states
        for i in numpy.flatnonzero(moved & (fenced | self._near[places])).tolist():
            place = int(places[i])
            within = states[int(self.c.devices[place])].inside
            crosses[i] = not (
                all(row in within for row in inside.get(place, ()))
                and all(row in near.get(place, ()) for row in within)
            )
        return crosses

    def _look(self, places: Array) -> Array:
        """Look at streams whose minute is over; which of them show nothing (the others are left as they were)."""
        c, x, fleet = self.c, self.c.columns, self.fleet
        devices, rows = c.devices[places], c.rows[places]
        before = fleet.hot[devices]
        lat, lon, cell = x.lat[rows], x.lon[rows], x.cell[rows]
        new = numpy.zeros(len(places), dtype=looks.LOOK)
        columns = {"lat": lat, "lon": lon, "cell": cell, "vendor": x.vendor[rows], "frame_no": x.frame_no[rows]}
        columns |= {
            "hdop": x.hdop[rows],
            "speed": x.speed[rows],
            "wrong": c.mismatched[rows],
            "at_s": self.at_s[places],
        }
        for name, values in columns.items():
            new[name] = values
        new["satellites"] = numpy.where(x.satellites[rows] < 0, numpy.nan, x.satellites[rows])
        placed = ~numpy.isnan(lat)
        taken = fleet.looks[devices]
        taken[placed] = looks.with_look(taken[placed], new[placed])
        moved_on = placed & ((before["cell"] != cell) | numpy.isnan(before["cell_lat"]))
        cell_lat = numpy.where(moved_on, lat, before["cell_lat"])
        cell_lon = numpy.where(moved_on, lon, before["cell_lon"])
        shown, _ = looks.signs(taken, cell_lat=cell_lat, cell_lon=cell_lon, logged_in=before["logged_in"], by=c.by)
        forged = (shown.sum(axis=1) >= c.by.forged_signs) | shown[:, _FROZEN]
        blind = ~x.fix[rows] & (x.ignition[rows] == 1)
        ok: Array = ~(forged | blind)
        fleet.looks[devices[ok]] = taken[ok]
        fleet.looked[devices[ok]] = True
        hot = fleet.hot
        hot["checked_s"][devices[ok]] = self.at_s[places[ok]]
        hot["cell"][devices[ok & moved_on]] = cell[ok & moved_on]
        hot["cell_lat"][devices[ok]], hot["cell_lon"][devices[ok]] = cell_lat[ok], cell_lon[ok]
        return ok

    def _move(
        self, places: Array, before: Array, km: Array, *, quiet: Array, in_order: Array, moved: Array, live: Array
    ) -> None:
        """Move the devices of the quiet packets on."""
        x, c, hot = self.c.columns, self.c, self.fleet.hot
        devices, rows = c.devices[places], c.rows[places]
        speed = x.speed[rows]
        self.fleet.touched[devices[quiet]] = True
        _put(hot, "received_s", devices, numpy.fmax(c.received_s[places], before["received_s"]), quiet)
        heard = quiet & in_order
        _put(hot, "last_no", devices, x.frame_no[rows], heard & live)
        _put(hot, "heard_s", devices, self.at_s[places], heard)
        _put(hot, "fix", devices, x.fix[rows], heard)
        _put(hot, "main_power", devices, x.main_power[rows], heard)
        _put(hot, "ignition", devices, x.ignition[rows], heard & (x.ignition[rows] >= 0))
        _put(hot, "main_voltage", devices, x.main_voltage[rows], heard & ~numpy.isnan(x.main_voltage[rows]))
        cover = x.cover[rows]
        _put(hot, "cover", devices, cover, heard & ((cover == _CLOSED) | (cover == _OPEN)))
        speeds = numpy.nan_to_num(speed)
        _put(hot, "moved_s", devices, self.at_s[places], heard & (speeds >= c.by.moving_kmh))
        moved = moved & quiet
        _put(hot, "at_s", devices, self.at_s[places], moved)
        standing = numpy.isnan(km) | stands_still(km, speeds, c.by.standstill_m)
        _put(hot, "odometer_km", devices, before["odometer_km"] + numpy.where(standing, 0.0, km), moved)
        for name, values in (
            ("lat", x.lat[rows]),
            ("lon", x.lon[rows]),
            ("speed_kmh", speed),
            ("heading", x.heading[rows]),
        ):
            _put(hot, name, devices, values, moved)
        fastest = numpy.maximum(before["trip_max_kmh"], speeds)  # NaN where there is no trip
        _put(hot, "trip_max_kmh", devices, fastest, moved)


def _put(hot: Array, name: str, devices: Array, values: Array, chosen: Array) -> None:
    hot[name][devices[chosen]] = values[chosen]
