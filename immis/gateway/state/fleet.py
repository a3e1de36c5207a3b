"""All devices side by side: what every packet moves stands in columns, one row a device.

``DeviceState`` holds the same for one device while its packets are worked through one
by one: it is loaded from the columns before and saved to them after.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy

from immis.gateway.protocols.digits import Array
from immis.gateway.state.device import DeviceState
from immis.gateway.state.looks import no_looks
from immis.gateway.state.recent import RecentKeys

HOT_FIELDS = (
    ("at_s", "<f8"), ("heard_s", "<f8"), ("received_s", "<f8"), ("lat", "<f8"), ("lon", "<f8"),
    ("speed_kmh", "<f8"), ("heading", "<f8"), ("main_voltage", "<f8"), ("moved_s", "<f8"), ("odometer_km", "<f8"),
    ("checked_s", "<f8"), ("amend_from_s", "<f8"), ("amend_last_s", "<f8"),
    ("trip_max_kmh", "<f8"), ("cell_lat", "<f8"), ("cell_lon", "<f8"),
    ("link", "<i8"), ("last_no", "<i8"), ("cell", "<u8"),
    ("ignition", "i1"), ("main_power", "i1"), ("cover", "u1"), ("fix", "?"), ("zone", "u1"), ("logged_in", "?"),
)  # fmt: skip
HOT = numpy.dtype(list(HOT_FIELDS))
_NUMBERS = tuple(name for name, _ in HOT_FIELDS[:13])  # NaN where a state has None
_ZONES = ("", "UTC", "IST")
IST = 2
_FLAGS = {None: -1, False: 0, True: 1}
_FIRST_ROWS = 1024


@dataclass(frozen=True)
class Changes:
    """What a commit must keep: hot rows, states and looks of devices by IMEI."""

    hot: Iterable[tuple[int, bytes]]
    states: list[DeviceState]
    looks: Iterable[tuple[int, bytes]]


class Fleet:
    """Every device that was ever heard; rows are given once and kept while the process runs."""

    def __init__(self) -> None:
        self.recent = RecentKeys()
        self.states: list[DeviceState] = []
        self.hot: Array = numpy.zeros(_FIRST_ROWS, dtype=HOT)
        self.looks: Array = no_looks(_FIRST_ROWS)
        self.imeis: Array = numpy.zeros(_FIRST_ROWS, dtype=numpy.int64)
        self.calm: Array = numpy.zeros(_FIRST_ROWS, dtype=bool)  # nothing about it is open
        self.settled: Array = numpy.zeros(_FIRST_ROWS, dtype=bool)  # listed, its clock known, no episode running
        self.fenced: Array = numpy.zeros(_FIRST_ROWS, dtype=bool)  # in a fence
        self.touched: Array = numpy.zeros(_FIRST_ROWS, dtype=bool)
        self.looked: Array = numpy.zeros(_FIRST_ROWS, dtype=bool)
        self.watched: set[int] = set()  # rows whose every packet is to be seen one by one
        self._by_imei: dict[str, DeviceState] = {}
        self._worked: dict[int, DeviceState] = {}
        self._vehicles: Mapping[str, str] = {}
        self._order: tuple[Array, Array] | None = None

    def __len__(self) -> int:
        return len(self.states)

    def get(self, imei: str) -> DeviceState | None:
        return self._by_imei.get(imei)

    def admit(self, state: DeviceState, *, looks: Array | None = None) -> DeviceState:
        """Give a device its row."""
        state.row = len(self.states)
        if state.row == len(self.imeis):
            self._grow()
        self.recent.new_row()
        self.states.append(state)
        self._by_imei[state.imei] = state
        self.imeis[state.row] = int(state.imei)
        self._order = None
        if looks is not None:
            self.looks[state.row] = looks
        self.save(state)
        return state

    def rows_of(self, imeis: Array) -> Array:
        """The row of each device; -1 for one never heard."""
        if self._order is None:
            order = numpy.argsort(self.imeis[: len(self)], kind="stable")
            self._order = self.imeis[order], order
        sorted_, order = self._order
        if not len(order):
            return numpy.full(len(imeis), -1)
        place = numpy.minimum(numpy.searchsorted(sorted_, imeis), len(order) - 1)
        rows: Array = numpy.where(sorted_[place] == imeis, order[place], -1)
        return rows

    def vehicles_of(self, rows: Array) -> list[str]:
        states = self.states
        return [states[row].vehicle for row in rows.tolist()]

    # -- one by one -------------------------------------------------------------------------

    def load(self, state: DeviceState) -> None:
        """Bring a state up to what its columns say."""
        read_hot(state, self.hot[state.row])
        state.looks = self.looks[state.row]

    def save(self, state: DeviceState) -> None:
        """Keep a state that packets have moved on."""
        row = state.row
        self.hot[row] = hot_values(state)
        if state.looks is not None and state.looks_changed:
            self.looks[row] = state.looks
            self.looked[row] = True
            state.looks_changed = False
        state.looks = None  # the columns may move in memory
        self.touched[row] = True
        self._worked[row] = state
        self._judge(state)

    def review(self, vehicles: Mapping[str, str]) -> None:
        """The office's list has changed: look at every device again."""
        self._vehicles = vehicles
        for state in self.states:
            self._judge(state, zoned=bool(self.hot["zone"][state.row]))

    def _judge(self, s: DeviceState, *, zoned: bool | None = None) -> None:
        listed = self._vehicles.get(s.imei)
        zoned = bool(s.zone) if zoned is None else zoned
        settled = bool(listed) and listed == s.vehicle and zoned and not s.told_unknown and not s.episodes
        self.settled[s.row] = settled
        is_open = s.pending or s.power_out or s.low_s is not None or "jump" in s.trust or "blind" in s.trust
        self.calm[s.row] = settled and not is_open and s.row not in self.watched
        self.fenced[s.row] = bool(s.inside)

    def due_for_amendment(self, last_s: float) -> list[DeviceState]:
        """Devices with history to work in, of which nothing more has come since; the longest waiting first."""
        came = self.hot["amend_last_s"][: len(self)]
        rows = numpy.flatnonzero(came <= last_s)
        return [self.states[row] for row in rows[numpy.argsort(came[rows])].tolist()]

    # -- keeping ------------------------------------------------------------------------------

    def changes(self) -> Changes:
        """What changed since ``kept``."""
        rows = numpy.flatnonzero(self.touched[: len(self)])
        looked = numpy.flatnonzero(self.looked[: len(self)])
        hot, seen = _rows(self.imeis, self.hot, rows), _rows(self.imeis, self.looks, looked)
        return Changes(hot, list(self._worked.values()), seen)

    def kept(self) -> None:
        """Everything that ``changes`` gave is safe."""
        self.touched[:] = False
        self.looked[:] = False
        self._worked = {}

    def _grow(self) -> None:
        self.looks = numpy.concatenate([self.looks, no_looks(len(self.looks))])
        for name in ("hot", "imeis", "calm", "settled", "fenced", "touched", "looked"):
            column = getattr(self, name)
            setattr(self, name, numpy.concatenate([column, numpy.zeros_like(column)]))


def read_hot(state: DeviceState, row: Any) -> None:
    """Bring a state up to a row of ``HOT``."""
    kept = row.item()
    for name, value in zip(_NUMBERS, kept, strict=False):
        setattr(state, name, None if value != value else value)
    *_, trip_max, cell_lat, cell_lon, link, last_no, cell, ignition, main_power, cover, fix, zone, logged_in = kept
    state.odometer_km = state.odometer_km or 0.0
    state.link, state.last_no = link, None if last_no < 0 else last_no
    state.cell = (cell, cell_lat, cell_lon) if cell_lat == cell_lat else None
    state.ignition = None if ignition < 0 else ignition == 1
    state.main_power = None if main_power < 0 else main_power == 1
    state.cover, state.fix = chr(cover) if cover else "", fix
    state.zone, state.logged_in = _ZONES[zone], logged_in
    if state.trip and "from_km" in state.trip:
        state.trip["max_speed_kmh"] = trip_max
        state.trip["distance_km"] = round(state.odometer_km - state.trip["from_km"], 3)


def hot_rows(blobs: list[bytes], layout: list[list[str]]) -> Array:
    """Kept rows as ``HOT``, whatever layout they were kept in; a column that is new has zeros."""
    kept = numpy.frombuffer(b"".join(blobs), dtype=[(name, kind) for name, kind in layout])
    if kept.dtype == HOT:
        return kept
    rows: Array = numpy.zeros(len(kept), dtype=HOT)
    for name in set(kept.dtype.names or ()) & {name for name, _ in HOT_FIELDS}:
        rows[name] = kept[name]
    return rows


def hot_values(state: DeviceState) -> tuple[Any, ...]:
    """A state's row of ``HOT``."""
    cell = state.cell or (0, numpy.nan, numpy.nan)
    return (
        *(numpy.nan if (value := getattr(state, name)) is None else value for name in _NUMBERS),
        state.trip.get("max_speed_kmh", 0.0) if state.trip else numpy.nan, cell[1], cell[2],
        state.link, -1 if state.last_no is None else state.last_no, cell[0],
        _FLAGS[state.ignition], _FLAGS[state.main_power], ord(state.cover) if state.cover else 0, state.fix,
        _ZONES.index(state.zone), state.logged_in,
    )  # fmt: skip


def _rows(imeis: Array, table: Array, rows: Array) -> Iterable[tuple[int, bytes]]:
    """Rows of a table as bytes, with the IMEI of each."""
    size, data = table.strides[0], table[rows].tobytes()
    return ((imei, data[i * size : (i + 1) * size]) for i, imei in enumerate(imeis[rows].tolist()))
