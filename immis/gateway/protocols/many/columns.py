"""The hot path of decoding: many position frames at once, by the field plans learned from single ones.

The plan of a family is found by the plain reader (``position.find_plan``) and
then applied to every frame with the same head and number of commas. A frame is
``sure`` only where each anchor of the plan is where it was and each field reads
without doubt; all others go to ``decode.decode_frame``, whose word is final.
"""

from dataclasses import dataclass, field, fields
from typing import Any

import numpy

from immis.gateway.protocols import digits
from immis.gateway.protocols import fields as f
from immis.gateway.protocols.digits import Array, Column
from immis.gateway.protocols.packet import ALERT_OF_TYPE, TYPES_OF_ALERT
from immis.gateway.protocols.position import Plan, find_plan, still_fits
from immis.rules.land.earth import in_india

_MOST_LAYOUTS = 4096
_TRIES = 3  # frames of an unknown layout looked at in one batch
_GIVE_UP_AFTER = 12
NO_NUMBER = -1
ALERT_UNKNOWN, CONFLICT, OUTSIDE_INDIA, WITHOUT_PLACE, EMERGENCY_ON_NORMAL = 1, 2, 4, 8, 16
_PROBLEMS = {
    ALERT_UNKNOWN: "alert_unknown", CONFLICT: "type_alert_conflict", OUTSIDE_INDIA: "outside_india",
    WITHOUT_PLACE: "fix_without_place", EMERGENCY_ON_NORMAL: "emergency_flag_on_normal",
}  # fmt: skip


def problem_names(bits: int) -> list[str]:
    """The words of a problem mask, in the order in which the plain reader notes them."""
    return [name for bit, name in _PROBLEMS.items() if bits & bit]


@dataclass
class Columns:
    """One row a frame; a row means something only where ``sure``. Null is NaN, -1 or an empty length."""

    sure: Array
    plan: Array  # index into ``plans``
    imei: Array
    at_ms: Array
    lat: Array
    lon: Array
    speed: Array
    heading: Array
    satellites: Array
    hdop: Array
    main_voltage: Array
    fix: Array
    ignition: Array
    main_power: Array
    emergency: Array
    cover: Array
    status: Array
    type_code: Array  # two letters as one number
    alert: Array
    frame_no: Array
    problems: Array
    cell: Array  # of network, area and cell as sent
    vendor: Array
    family: Array  # of word, vendor and firmware as sent
    head_end: Array  # where word, vendor and firmware end
    vehicle_at: Array
    vehicle_length: Array
    plans: list[Plan] = field(default_factory=list)

    @classmethod
    def empty(cls, count: int) -> "Columns":
        whole = {"imei", "at_ms", "satellites", "alert", "frame_no", "plan", "head_end", "vehicle_at", "vehicle_length"}
        small = {"sure": bool, "fix": bool, "ignition": numpy.int8, "main_power": numpy.int8, "emergency": numpy.int8}
        small |= {"cover": numpy.uint8, "status": numpy.uint8, "problems": numpy.uint8, "type_code": numpy.uint16}
        small |= {"cell": numpy.uint64, "vendor": numpy.uint64, "family": numpy.uint64}
        kinds = {x.name: numpy.int64 if x.name in whole else small.get(x.name, numpy.float64) for x in fields(cls)}
        del kinds["plans"]
        columns: dict[str, Any] = {name: numpy.zeros(count, dtype=kind) for name, kind in kinds.items()}
        return cls(**columns)


class LayoutBook:
    """Which plan each family of frames follows; learned from its own frames, forgotten when it misleads."""

    def __init__(self) -> None:
        self._plans: dict[int, Plan | None] = {}
        self._tried: dict[int, int] = {}

    def plan_of(self, key: int, examples: list[bytes]) -> Plan | None:
        """The plan for frames of one key; None for those that the plain reader must read."""
        if self._plans.get(key) is None and self._tried.get(key, 0) < _GIVE_UP_AFTER:
            if len(self._tried) >= _MOST_LAYOUTS:
                self._plans.clear()
                self._tried.clear()
            self._tried[key] = self._tried.get(key, 0) + 1
            self._plans[key] = next((plan for raw in examples if (plan := _learn(raw))), None)
        return self._plans.get(key)

    def misled(self, key: int) -> None:
        """The plan fitted hardly any frame of its key: learn it anew."""
        self._plans.pop(key, None)


def _learn(raw: bytes) -> Plan | None:
    text = raw.decode("latin-1")
    body = f.split_end(text)[0]
    row = f.split_fields(body.lstrip("$"))
    plan = find_plan(row)
    if plan is None or not still_fits(plan, row) or plan.fix < 0 or plan.type_code < 1:
        return None
    envelope = body.find("(")
    plain = body[:envelope].count(",") if envelope >= 0 else len(row) - 1
    return plan if _last_field(plan) < plain else None


def _last_field(plan: Plan) -> int:
    return max(plan.frame_no, plan.mcc + 3, plan.lat + 4 + 12 + plan.shift)


@dataclass
class _Group:
    """Frames of one plan: their rows, and where each field of theirs stands."""

    buffer: Array
    rows: Array
    starts: Array
    first_comma: Array
    commas: Array

    def column(self, number: int) -> Column:
        end = self.commas[self.first_comma + number]
        start = self.commas[self.first_comma + number - 1] + 1 if number else self.starts + 1
        return start, end - start


def decode_columns(buffer: Array, starts: Array, ends: Array, book: LayoutBook) -> Columns:
    """Read frames that begin with their only dollar (``cut.cut`` gives such) out of one padded buffer."""
    out = Columns.empty(len(starts))
    commas = numpy.flatnonzero(buffer == 44)
    first = numpy.searchsorted(commas, starts)
    count = numpy.searchsorted(commas, ends) - first
    clean = _is_clean(buffer, starts, ends)
    opened = _first_of(buffer, 40, starts, ends)
    starred = _first_of(buffer, 42, starts, ends)
    heads = digits.windows(buffer, starts, 8).copy().view(numpy.uint64).ravel()
    keys = (heads ^ (count.astype(numpy.uint64) * digits.MIX)) + (opened < ends)
    stop = numpy.minimum(opened, starred)
    groups: dict[Plan, list[Array]] = {}
    known, inverse = numpy.unique(keys, return_inverse=True)
    order = numpy.argsort(inverse, kind="stable")
    bounds = numpy.searchsorted(inverse[order], numpy.arange(len(known) + 1))
    for i, key in enumerate(known.tolist()):
        rows = order[bounds[i] : bounds[i + 1]]
        plan = book.plan_of(key, [buffer[starts[r] : ends[r]].tobytes() for r in rows[:_TRIES]])
        if plan is not None:
            groups.setdefault(plan, []).append(rows)
    for plan, parts in groups.items():
        rows = numpy.concatenate(parts)
        rows = rows[clean[rows] & (count[rows] > _last_field(plan))]
        rows = rows[commas[first[rows] + _last_field(plan)] < stop[rows]]
        if len(rows):
            _read_group(out, plan, _Group(buffer, rows, starts[rows], first[rows], commas))
    for i, key in enumerate(known.tolist()):
        rows = order[bounds[i] : bounds[i + 1]]
        if len(rows) >= 8 and int(out.sure[rows].sum()) * 4 < len(rows):
            book.misled(key)
    return out


def _first_of(buffer: Array, byte: int, starts: Array, ends: Array) -> Array:
    """Place of the first such byte in each frame; its end where there is none."""
    result = numpy.append(numpy.flatnonzero(buffer == byte), len(buffer))
    first: Array = numpy.minimum(result[numpy.searchsorted(result, starts)], ends)
    return first


def _is_clean(buffer: Array, starts: Array, ends: Array) -> Array:
    """Frames of printable ASCII alone."""
    strange = numpy.flatnonzero((buffer - numpy.uint8(32)) > 94)
    clean: Array = numpy.searchsorted(strange, starts) == numpy.searchsorted(strange, ends)
    return clean


def _read_group(out: Columns, plan: Plan, group: _Group) -> None:
    buffer, rows, column = group.buffer, group.rows, group.column
    out.plans.append(plan)
    out.plan[rows] = len(out.plans) - 1
    sure = _read_head(out, plan, group)
    out.at_ms[rows], ok = digits.instants(buffer, [column(i) for i in plan.when])
    sure &= ok
    sure &= _read_place(out, plan, group)
    sure &= _read_flags(out, plan, group)
    out.frame_no[rows], ok = digits.wholes(buffer, column(plan.frame_no))
    sure &= ok & (column(plan.frame_no)[1] == 6)
    sure &= digits.wholes(buffer, column(plan.frame_no - 1))[1]
    _read_alerts(out, plan, rows)
    out.sure[rows] = sure


def _read_head(out: Columns, plan: Plan, group: _Group) -> Array:
    """IMEI, type code, alert ID, status, and what stands before them."""
    buffer, rows, column = group.buffer, group.rows, group.column
    at, length = column(plan.imei)
    number = digits.windows(buffer, at, 15) - numpy.uint8(48)
    sure: Array = (length == 15) & (number < 10).all(axis=1)
    high = number[:, :3].astype(numpy.int64) @ numpy.array([100, 10, 1])
    low = number[:, 3:].astype(numpy.float64) @ (10.0 ** numpy.arange(11, -1, -1))
    out.imei[rows] = high * 10**12 + low.astype(numpy.int64)
    at, length = column(plan.type_code)
    pair = digits.windows(buffer, at, 2)
    folded = pair | 32
    sure &= (length == 2) & ((folded >= 97) & (folded <= 122)).all(axis=1)
    out.type_code[rows] = pair[:, 0].astype(numpy.uint16) * 256 + pair[:, 1]
    out.head_end[rows] = at
    out.family[rows] = digits.hashes(buffer, group.starts, at - group.starts)
    for i in range(4):
        sure &= ~_is_emergency_word(buffer, column(i))
    out.alert[rows] = NO_NUMBER
    if plan.alert >= 0:
        alert, ok = digits.wholes(buffer, column(plan.alert))
        out.alert[rows], sure = alert, sure & ok
    out.status[rows], single = digits.letters(buffer, column(plan.status))
    sure &= single & digits.one_of(out.status[rows], b"LHS")
    at, length = column(plan.vehicle)
    out.vehicle_at[rows], out.vehicle_length[rows] = at, length
    if plan.type_code > 1:
        out.vendor[rows] = digits.hashes(buffer, *column(plan.type_code - 2))
    return sure


def _is_emergency_word(buffer: Array, column: Column) -> Array:
    start, length = column
    word = digits.windows(buffer, start, 3)
    result: Array = (length == 3) & ((word == list(b"EMR")).all(axis=1) | (word == list(b"SEM")).all(axis=1))
    return result


def _read_place(out: Columns, plan: Plan, group: _Group) -> Array:
    """Fix, coordinates, speed, heading and accuracy; without a fix they are not the vehicle's."""
    buffer, rows, column, lat = group.buffer, group.rows, group.column, plan.lat
    sent, sure = digits.letters(buffer, column(plan.fix))
    sure = sure & digits.one_of(sent, b"012AV")
    fix = digits.one_of(sent, b"12A")
    north, ok = digits.decimals(buffer, column(lat))
    east, ok_east = digits.decimals(buffer, column(lat + 2))
    ns, single = digits.letters(buffer, column(lat + 1))
    ew, single_east = digits.letters(buffer, column(lat + 3))
    sure &= single & single_east & digits.one_of(ns, b"NS") & digits.one_of(ew, b"EW")
    readable = ok & ok_east & (north <= 90) & (east <= 180)  # NaN is not: an empty field is a problem to note
    sure &= readable | ~fix
    nowhere = (north == 0) & (east == 0)
    north, east = numpy.where(ns == 83, -north, north), numpy.where(ew == 87, -east, east)
    placed = fix & ~nowhere
    outside = placed & ~in_india(north, east)
    out.problems[rows] |= (outside * OUTSIDE_INDIA + (fix & nowhere) * WITHOUT_PLACE).astype(numpy.uint8)
    out.fix[rows] = fix
    out.lat[rows], out.lon[rows] = numpy.where(placed, north, numpy.nan), numpy.where(placed, east, numpy.nan)
    right = lat + 4
    for name, place in (("speed", right), ("heading", right + 1), ("hdop", right + 5)):
        value, ok = digits.decimals(buffer, column(place))
        getattr(out, name)[rows] = numpy.where(fix, value, numpy.nan)
        sure &= ok | ~fix
    return sure


def _read_flags(out: Columns, plan: Plan, group: _Group) -> Array:
    buffer, rows, column = group.buffer, group.rows, group.column
    right = plan.lat + 4
    at = right + 7 + plan.shift
    satellites, ok = digits.wholes(buffer, column(right + 2))
    out.satellites[rows] = numpy.where(ok, satellites, NO_NUMBER)
    sure: Array = ok.copy()
    for name, place in (("ignition", at), ("main_power", at + 1), ("emergency", at + 4)):
        getattr(out, name)[rows], ok = digits.flags(buffer, column(place))
        sure &= ok
    out.main_voltage[rows], ok = digits.decimals(buffer, column(at + 2))
    sure &= ok
    if plan.cover >= 0:
        cover, single = digits.letters(buffer, column(plan.cover))
        folded = cover | 32
        out.cover[rows] = cover
        sure &= single & (folded >= 97) & (folded <= 122)
    start, length = column(plan.mcc)
    network = digits.windows(buffer, start, 3)
    sure &= (length == 3) & (network[:, :2] == list(b"40")).all(axis=1) & digits.one_of(network[:, 2], b"45")
    last, size = column(plan.mcc + 3)
    out.cell[rows] = digits.hashes(buffer, start, last + size - start)
    return sure


def _read_alerts(out: Columns, plan: Plan, rows: Array) -> None:
    """Alert IDs where none is sent, and contradictions between type and ID, once for each pair that occurs."""
    pairs, inverse = numpy.unique(
        out.type_code[rows].astype(numpy.int64) * 10**13 + out.alert[rows] + 1, return_inverse=True
    )
    alerts, problems = [], []
    for pair in pairs.tolist():
        code, sent = divmod(pair, 10**13)
        alert, bits = _alert(chr(code >> 8) + chr(code & 255), sent - 1 if plan.alert >= 0 else None)
        alerts.append(alert)
        problems.append(bits)
    out.alert[rows] = numpy.array(alerts, dtype=numpy.int64)[inverse]
    out.problems[rows] |= numpy.array(problems, dtype=numpy.uint8)[inverse]
    normal = out.type_code[rows] == 0x4E52  # NR
    out.problems[rows] |= ((out.emergency[rows] == 1) & normal).astype(numpy.uint8) * numpy.uint8(EMERGENCY_ON_NORMAL)


def _alert(code: str, sent: int | None) -> tuple[int, int]:
    if sent is None:
        known = ALERT_OF_TYPE.get(code)
        return (NO_NUMBER, ALERT_UNKNOWN) if known is None else (known, 0)
    agreeing = TYPES_OF_ALERT.get(sent)
    conflict = (agreeing and code not in agreeing) or (agreeing is None and code == "NR")
    return sent, CONFLICT if conflict else 0
