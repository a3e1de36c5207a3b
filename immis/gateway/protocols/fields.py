"""Reading single fields: numbers, dates, coordinates, registrations, frame ends."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

from immis.gateway.tolerances import LATEST_YEAR, OLDEST_YEAR
from immis.rules.land.earth import in_india

IST = timezone(timedelta(hours=5, minutes=30))
IMEI = re.compile(r"\d{15}")
NUMBER = re.compile(r"[+-]?\d{1,12}(?:\.\d{0,12})?|[+-]?\.\d{1,12}")
PLATE = re.compile(r"[A-Z]{2}\d{1,2}[A-Z]{0,3}\d{3,4}", re.IGNORECASE)
_TRAILER = re.compile(r",?([0-9A-Fa-f]{0,8})")
_COMMA_OUTSIDE_PARENTHESES = re.compile(r",(?![^()]*\))")
_PLACEHOLDERS = {"", "N.A", "NA", "N.A.", "N/A", "NIL", "NULL", "NONE", "UNKNOWN", "UNKNOW", "DEFAULT", "-"}


def split_end(text: str) -> tuple[str, str]:
    """A frame without its end mark, and the checksum text that followed the mark."""
    star = text.rfind("*")
    result = _TRAILER.fullmatch(text, star + 1) if star >= 0 else None
    return (text[:star], result.group(1)) if result else (text, "")


def split_fields(body: str) -> list[str]:
    """Comma-separated fields, stripped; an envelope in parentheses counts as one (section 3)."""
    envelope = body.find("(")
    if envelope < 0:
        parts = body.split(",")
    else:
        *parts, last = body[:envelope].split(",")
        parts += _COMMA_OUTSIDE_PARENTHESES.split(last + body[envelope:])
    return [part.strip() for part in parts] if " " in body else parts


def number(text: str) -> float | None:
    """The number a field holds, or None."""
    return float(text) if NUMBER.fullmatch(text) else None


def whole(text: str) -> int | None:
    """The whole number a field holds, or None."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 12 else None


def flag(text: str) -> bool | None:
    """A field of ``0`` or ``1``."""
    return True if text == "1" else False if text == "0" else None


def is_imei(text: str) -> bool:
    return len(text) == 15 and text.isascii() and text.isdecimal()


def find_imei(fields: list[str], *, start: int = 0) -> int | None:
    """Place of the first 15-digit field from ``start`` on."""
    return next((i for i in range(start, len(fields)) if is_imei(fields[i])), None)


def vehicle(text: str, *, imei: str | None = None) -> str | None:
    """A registration as sent, without padding; None for the placeholders units ship with."""
    plain = text.strip().lstrip("0")
    if plain.rstrip("0").upper() in _PLACEHOLDERS or plain == imei or set(plain.upper()) <= {"X", "."}:
        return None
    return plain


def instant(date: str, time: str, *, zone: timezone = UTC) -> datetime | None:
    """The instant of a DDMMYYYY or DDMMYY date and an hhmmss time; None for unset or impossible ones."""
    if len(time) > 6:
        time = time.partition(".")[0]
    if len(time) != 6 or not (date.isascii() and time.isascii() and date.isdecimal() and time.isdecimal()):
        return None
    year = int(date[4:]) if len(date) == 8 else 2000 + int(date[4:]) if len(date) == 6 else 0
    if not OLDEST_YEAR <= year <= LATEST_YEAR:
        return None
    try:
        return datetime(year, int(date[2:4]), int(date[:2]), int(time[:2]), int(time[2:4]), int(time[4:]), tzinfo=zone)
    except ValueError:
        return None


def merged_instant(digits: str, *, zone: timezone = UTC) -> datetime | None:
    """The instant of date and time run together: 14 digits or 12."""
    return instant(digits[:-6], digits[-6:], zone=zone) if len(digits) in (12, 14) else None


def _degrees(value: float) -> float:
    whole_degrees = int(value / 100)
    return round(whole_degrees + (value - whole_degrees * 100) / 60, 7)


def place(texts: Sequence[str], problems: list[str]) -> tuple[float | None, float | None]:
    """Latitude and longitude in decimal degrees; zeros are no place (section 12).

    ``texts`` is latitude, N or S, longitude, E or W; the letters may be empty.
    DDMM.MMMM is recognised by its size; a place outside India is kept and flagged.
    """
    lat, ns, lon, ew = texts
    north, east = number(lat), number(lon)
    if north is None or east is None:
        problems.append("coordinates_unreadable")
        return None, None
    if abs(north) > 90 or abs(east) > 180:
        north, east = _degrees(north), _degrees(east)
    if north == 0 and east == 0:
        return None, None
    if ew not in ("E", "W", ""):
        problems.append("longitude_direction")
    if abs(north) > 90 or abs(east) > 180:
        problems.append("coordinates_impossible")
        return None, None
    north = -abs(north) if ns == "S" else north
    east = -abs(east) if ew == "W" else east
    if not in_india(north, east):
        problems.append("outside_india")
    return north, east


def find_place(fields: list[str], start: int) -> int | None:
    """Index of the latitude in the pattern *number, N|S, number, E|W* (one firmware writes N for E)."""
    for i in range(start + 1, len(fields) - 2):
        if (
            fields[i] in ("N", "S")
            and fields[i + 2] in ("E", "W", "N", "S")
            and NUMBER.fullmatch(fields[i - 1])
            and NUMBER.fullmatch(fields[i + 1])
        ):
            return i - 1
    return None
