"""Single cells of a notice: numbers, names, coordinates and Indian dates as they are printed."""

import re
import unicodedata
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from immis.rules.geometry import western_digits
from immis.rules.money import PAISE
from immis.rules.money_text import MoneyUnreadable, plain_number, read_money

INDIA = ZoneInfo("Asia/Kolkata")
LATITUDE_EXAMPLE = "25°16'49.54\"N"
LONGITUDE_EXAMPLE = "86°36'31.41\"E"

_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060\u00ad"))
_UNITS = re.compile(r"(?i)₹|\brs\.?|/\s*-|\bha\b|\bhectares?\b|हे०|हेक्टेयर")
_BLOCK = re.compile(r"(?i)\bBLOCK\s*[-–—:. ]*\s*(\d{1,3})\s*[-–—. ]*\s*([A-Z]?)(?![A-Z])")
_DATE = re.compile(r"(?<!\d)(\d{1,2})\s*[./-]\s*(\d{1,2})\s*[./-]\s*(\d{4})(?!\d)")
_TIME = re.compile(r"(?<![\d.])(\d{1,2}):(\d{2})(?!\d)")
_AFTERNOON = re.compile(r"(?i)अपराह्?न|\bp\.?m\b")
_FORENOON = re.compile(r"(?i)पूर्वाह्?न|\ba\.?m\b")


def tidy(text: str) -> str:
    """Text composed (NFC), without invisible characters, each run of spaces as one."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_INVISIBLE).split())


def number_in(text: str) -> Decimal | None:
    """A printed number (``91800``, ``1,71,250``, ``₹ 5,000/-``, ``१५.३``, ``15,3``), or None when it is none."""
    plain = _UNITS.sub("", western_digits(text)).replace(" ", "").replace("\u00a0", "")
    if re.fullmatch(r"\d+,\d{1,2}", plain):  # a decimal comma: Indian grouping always ends on three digits
        plain = plain.replace(",", ".")
    return plain_number(plain)


def rupees_in(text: str, *, unit: int = 1) -> Decimal | None:
    """A printed sum in rupees, one unit of its heading being ``unit`` of them; None when it cannot be read surely."""
    try:
        return Decimal(read_money(text, unit=unit)) / PAISE
    except MoneyUnreadable:
        return None


def block_code(name: str) -> tuple[str, str]:
    """Code and block of a ghat by its printed name: ``(BLOCK- 1 B)`` is ``1-B`` of block ``1``; else empty."""
    found = _BLOCK.search(western_digits(name))
    if not found:
        return "", ""
    block, part = found[1].lstrip("0") or "0", found[2].upper()
    return (f"{block}-{part}" if part else block), block


def split_pair(text: str) -> tuple[str, str]:
    """Latitude and longitude as printed in one cell; the missing one is empty."""
    parts = re.findall(r"[^NSEWnsew]*[NSEWnsew]", text)
    if len(parts) >= 2:
        return tidy(parts[0]).strip(" ,;"), tidy(text[len(parts[0]) :]).strip(" ,;")
    only = tidy(text).strip(" ,;")
    if re.search(r"[EWew]$", only):
        return "", only
    halves = re.split(r"\s*[,;]\s*|\s+(?=\d{1,3}°)|(?<=\d)\s+(?=\d{1,3}\.\d+$)", only, maxsplit=1)
    return (halves[0], halves[1]) if len(halves) == 2 else (only, "")


def day_in(text: str) -> datetime | None:
    """The first date in a text (``12.05.2026``) as midnight in India, or None."""
    for day, month, year in _DATE.findall(western_digits(text)):
        try:
            return datetime(int(year), int(month), int(day), tzinfo=INDIA)
        except ValueError:
            continue
    return None


def instant_in(text: str) -> datetime | None:
    """The first date with its time (``05.06.2026 को 01:00 अपराह्न``) as an instant in India, or None."""
    day, clock = day_in(text), _TIME.search(_DATE.sub(" ", western_digits(text)))
    if day is None or clock is None:
        return None
    hour, minute = int(clock[1]), int(clock[2])
    plain = unicodedata.normalize("NFC", text)
    if _AFTERNOON.search(plain) and hour < 12:
        hour += 12
    if _FORENOON.search(plain) and not _AFTERNOON.search(plain) and hour == 12:
        hour = 0
    try:
        return day.replace(hour=hour, minute=minute)
    except ValueError:
        return None
