"""Positions of the comma-separated families, read by their anchors (specification section 5).

Vendors disagree on where things stand but not on their order, so the reader
finds the IMEI, the coordinates and the flags, and notes where they were: the
same device sends the next packet the same way, and the note is used again.
"""

import re
from dataclasses import dataclass

from immis.gateway.protocols import fields as f
from immis.gateway.protocols.packet import ALERT_OF_TYPE, TYPES_OF_ALERT, Packet

_FIXES = ("1", "0", "2", "A", "V")
_MCC = ("404", "405")
_INPUTS = re.compile(r"[012]{4}|[012]{6}")
_OUTPUTS = re.compile(r"[01]{2,4}")
_MAX_PLANS = 4096


@dataclass(frozen=True, slots=True)
class Plan:
    """Where the fields of one dialect stand; -1 where it has none."""

    imei: int
    type_code: int
    alert: int
    status: int
    vehicle: int
    fix: int
    when: tuple[int, ...]  # (date, time), (merged,) or six fields
    lat: int
    lettered: bool
    shift: int  # 1 where an odometer stands before the operator
    cover: int
    mcc: int
    frame_no: int
    dialect: str


_plans: dict[tuple[str, int], Plan] = {}


def decode_position(fields: list[str], word: str) -> Packet | None:
    """A position packet, or None where the fields have no position's anchors."""
    key = (word, len(fields))
    plan = _plans.get(key)
    if plan is None or not still_fits(plan, fields):
        plan = find_plan(fields)
        if plan is None:
            return None
        if len(_plans) >= _MAX_PLANS:
            _plans.clear()
        _plans[key] = plan
    return _read(plan, fields, word)


def still_fits(plan: Plan, fields: list[str]) -> bool:
    """Whether a remembered plan describes this packet too: every anchor is where it was."""
    lat, when = plan.lat, plan.when
    return (
        f.is_imei(fields[plan.imei])
        and fields[plan.status] in ("L", "H", "S")
        and plan.lettered
        and fields[lat + 1] in ("N", "S")
        and fields[lat + 3] in ("E", "W")
        and (plan.fix < 0 or fields[plan.fix] in _FIXES)
        and fields[plan.type_code].isalpha()
        and (plan.alert < 0 or fields[plan.alert].isdecimal())
        and _is_time(tuple([fields[i] for i in when]))
        and fields[plan.mcc] in _MCC
        and (plan.cover < 0 or fields[plan.cover].isalpha())
        and plan.frame_no >= 0
        and len(fields[plan.frame_no]) == 6
        and fields[plan.frame_no].isdecimal()
        and fields[plan.frame_no - 1].isdecimal()
    )


def find_plan(fields: list[str]) -> Plan | None:
    """Find the anchors of a position packet; None where there are none."""
    head = _find_head(fields)
    if head is None:
        return None
    imei, status, alert, type_code = head
    lat, lettered = f.find_place(fields, imei), True
    if lat is None:
        lat, lettered = _find_bare_place(fields, imei), False
    if lat is None:
        return None
    fix, when = _find_fix_and_time(fields, imei + 1, lat)
    right = lat + (4 if lettered else 2)
    shift = 1 if _has_odometer(fields, right) else 0
    cover, mcc = _find_cover_and_cell(fields, right + 12 + shift)
    frame_no = _find_frame_no(fields, (mcc if mcc >= 0 else right) + 4)
    dialect = _name(fields, alert=alert, when=when, fix=fix, shift=shift, cover=cover, imei=imei)
    return Plan(
        imei, type_code, alert, status, imei + 1, fix, when, lat, lettered, shift, cover, mcc, frame_no, dialect
    )


def _find_head(fields: list[str]) -> tuple[int, int, int, int] | None:
    """Places of IMEI, status, alert ID (-1 if none) and type code: the shape of a position."""
    for i in range(2, min(len(fields), 12)):
        if not f.is_imei(fields[i]) or fields[i - 1] not in ("L", "H", "S"):
            continue
        alert = i - 2 if fields[i - 2].isdecimal() and len(fields[i - 2]) <= 3 else -1
        type_code = i - 3 if alert >= 0 else i - 2
        if type_code >= 0 and fields[type_code].isalpha() and 2 <= len(fields[type_code]) <= 4:
            return i, i - 1, alert, type_code
    return None


def _find_bare_place(fields: list[str], imei: int) -> int | None:
    """Latitude of two neighbouring decimals without direction letters, behind the time."""
    for i in range(imei + 3, min(len(fields) - 1, imei + 14)):
        if (
            "." in fields[i]
            and "." in fields[i + 1]
            and f.NUMBER.fullmatch(fields[i])
            and f.NUMBER.fullmatch(fields[i + 1])
        ):
            return i
    return None


def _find_fix_and_time(fields: list[str], vehicle: int, lat: int) -> tuple[int, tuple[int, ...]]:
    """Places of the fix flag and of the date and time between registration and latitude."""
    places = [i for i in range(vehicle + 1, lat) if fields[i]]
    for size in (6, 2, 1):
        for offset in range(len(places) - size, -1, -1):
            when = tuple(places[offset : offset + size])
            if _is_time(tuple(fields[i] for i in when)):
                others = [i for i in places if i not in when and fields[i] in _FIXES]
                return (others[0] if others else -1), when
    fixes = [i for i in places if fields[i] in _FIXES]
    return (fixes[0] if fixes else -1), ()


def _is_time(texts: tuple[str, ...]) -> bool:
    if not texts or not all(text.partition(".")[0].isdecimal() for text in texts):
        return False
    if len(texts) == 1:
        return len(texts[0]) in (12, 14)
    if len(texts) == 2:
        return len(texts[0]) in (6, 8) and len(texts[1].partition(".")[0]) == 6
    return len(texts[2]) in (2, 4) and all(len(text) <= 2 for i, text in enumerate(texts) if i != 2)


def _has_odometer(fields: list[str], right: int) -> bool:
    """Whether an odometer stands before the operator's name: the flags are one place further (P9)."""
    if len(fields) < right + 10 or not f.NUMBER.fullmatch(fields[right + 6]):
        return False
    return fields[right + 7] not in ("0", "1") and fields[right + 8] in ("0", "1") and fields[right + 9] in ("0", "1")


def _find_cover_and_cell(fields: list[str], at: int) -> tuple[int, int]:
    """Places of the cover flag (-1 in dialects without one) and of the country code."""
    mcc = next((i for i in range(at, min(len(fields), at + 5)) if fields[i] in _MCC), -1)
    has_cover = at < len(fields) and len(fields[at]) == 1 and fields[at].isalpha()
    return (at if has_cover else -1), mcc


def _find_frame_no(fields: list[str], start: int) -> int:
    """Place of the frame number: behind the last pair of digital inputs and outputs."""
    for i in range(len(fields) - 2, start - 1, -1):
        if _INPUTS.fullmatch(fields[i]) and _OUTPUTS.fullmatch(fields[i + 1]):
            near = range(i + 2, min(len(fields), i + 6))
            six = (k for k in near if len(fields[k]) == 6 and fields[k].isdecimal())
            any_whole = (k for k in near if fields[k].isdecimal() and len(fields[k]) <= 6)
            return next(six, next(any_whole, -1))
    return -1


def _name(fields: list[str], *, alert: int, when: tuple[int, ...], fix: int, shift: int, cover: int, imei: int) -> str:
    """The dialect's name after section 5's table."""
    if len(when) == 6:
        return "P6-numeric"
    if len(when) == 1:
        return "P5-merged-time"
    if when and fix > when[-1]:
        return "P3-time-before-fix"
    if alert < 0:
        return "P9-odometer-first" if shift else "P4-no-alert"
    if shift:
        return "P9-odometer-first"
    if fix > imei + 2:
        return "P7-maharashtra"
    if cover < 0:
        return "P8-no-cover-flag"
    if any(text.startswith("(") for text in fields[-3:]):
        return "P10-amendment3"
    return "P2-separate-word" if fields[0] == "" else "P1-generic"


def _read(plan: Plan, fields: list[str], word: str) -> Packet:
    packet = Packet(kind="position", dialect=plan.dialect, word=word)
    packet.imei = fields[plan.imei]
    packet.vehicle = f.vehicle(fields[plan.vehicle], imei=packet.imei)
    packet.type_code = fields[plan.type_code]
    packet.status = fields[plan.status]
    packet.firmware = fields[plan.type_code - 1] if plan.type_code else ""
    packet.vendor = fields[plan.type_code - 2] if plan.type_code > 1 else ""
    _read_alert(packet, fields[plan.alert] if plan.alert >= 0 else "")
    _read_time(packet, plan.when, fields)
    _read_place(packet, plan, fields)
    _read_flags(packet, plan, fields)
    if plan.mcc >= 0:
        packet.cell = "-".join(fields[plan.mcc : plan.mcc + 4])
    if plan.frame_no >= 0:
        packet.frame_no = f.whole(fields[plan.frame_no])
    return packet


def _read_alert(packet: Packet, sent: str) -> None:
    """Alert ID as sent; where none is sent, the one its type code stands for; contradictions are noted."""
    code = packet.type_code
    if not sent:
        packet.alert = ALERT_OF_TYPE.get(code)
        if packet.alert is None:
            packet.problems.append("alert_unknown")
        return
    packet.alert = int(sent)
    agreeing = TYPES_OF_ALERT.get(packet.alert)
    if (agreeing and code not in agreeing) or (agreeing is None and code == "NR"):
        packet.problems.append("type_alert_conflict")


def _read_time(packet: Packet, when: tuple[int, ...], fields: list[str]) -> None:
    texts = [fields[i] for i in when]
    if len(texts) == 2:
        packet.at = f.instant(texts[0], texts[1])
    elif len(texts) == 1:
        packet.at = f.merged_instant(texts[0])
    elif texts:
        packet.at = f.merged_instant("".join(text.zfill(2) for text in texts))
    if packet.at is None:
        packet.problems.append("clock_bad")


def _read_place(packet: Packet, plan: Plan, fields: list[str]) -> None:
    """Fix, coordinates, speed and heading; without a fix, the last known ones are not the vehicle's place."""
    sent = fields[plan.fix] if plan.fix >= 0 else ""
    packet.fix = sent in ("1", "2", "A")
    if not sent:
        packet.problems.append("fix_missing")
    if not packet.fix:
        return
    lat, right = plan.lat, plan.lat + (4 if plan.lettered else 2)
    ns, ew = (fields[lat + 1], fields[lat + 3]) if plan.lettered else ("", "")
    lon = fields[lat + 2] if plan.lettered else fields[lat + 1]
    packet.lat, packet.lon = f.place((fields[lat], ns, lon, ew), packet.problems)
    if packet.lat is None:
        packet.problems.append("fix_without_place")
    tail = fields[right : right + 6] + [""] * 6
    packet.speed_kmh, packet.heading = f.number(tail[0]), f.number(tail[1])
    packet.altitude_m, packet.hdop = f.number(tail[3]), f.number(tail[5])


def _read_flags(packet: Packet, plan: Plan, fields: list[str]) -> None:
    right = plan.lat + (4 if plan.lettered else 2)
    if right + 2 < len(fields):
        packet.satellites = f.whole(fields[right + 2])
    at = right + 7 + plan.shift
    if at + 4 >= len(fields):
        packet.problems.append("short")
        return
    packet.ignition, packet.main_power = f.flag(fields[at]), f.flag(fields[at + 1])
    packet.main_voltage, packet.battery_voltage = f.number(fields[at + 2]), f.number(fields[at + 3])
    packet.emergency = f.flag(fields[at + 4])
    packet.cover = fields[plan.cover] if plan.cover >= 0 else ""
    if packet.emergency and packet.type_code == "NR":
        packet.problems.append("emergency_flag_on_normal")
