"""Single cells of a notice: numbers, names, coordinates and Indian dates as they are printed."""

import re
import unicodedata
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from immis.rules.land.coordinates import coordinates_in
from immis.rules.money import PAISE
from immis.rules.writing.days import days_in, without_days
from immis.rules.writing.hours import clock_in
from immis.rules.writing.money import MoneyUnreadable, plain_number, read_money
from immis.rules.writing.offices import even, pattern_of, western_digits, words_of
from immis.rules.writing.units import UnitUnknown, plain_units, unit_in

INDIA = ZoneInfo("Asia/Kolkata")
LATITUDE_EXAMPLE = "25°16'49.54\"N"
LONGITUDE_EXAMPLE = "86°36'31.41\"E"

_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060\u00ad"))
_UNITS = re.compile(words_of("notices")["beside_figures"])
_BLOCK = re.compile(r"(?i)\bBLOCK\s*[-–—:. ]*\s*(\d{1,3})\s*[-–—. ]*\s*([A-Z]?)(?![A-Z])")
_NUMBER = re.compile(r"(?P<before>\D*)(?P<number>\d(?:[\d,. ]*\d)?)(?P<after>\D.*|)")
_LABEL = re.compile(r"(?P<letters>[a-z]{0,3})(?P<gap>[\s./-]*)(?P<number>\d{1,3})|(?P<letter>[a-z]{1,2})")
_CONVERTED = Decimal("0.0001")


def tidy(text: str) -> str:
    """Text composed (NFC), without invisible characters, each run of spaces as one."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_INVISIBLE).split())


def number_in(text: str) -> Decimal | None:
    """A printed number (``91800``, ``1,71,250``, ``₹ 5,000/-``, ``15,3``), or None when it is none."""
    plain = _UNITS.sub("", western_digits(text)).replace(" ", "").replace("\u00a0", "")
    if re.fullmatch(r"\d+,\d{1,2}", plain):  # a decimal comma: Indian grouping always ends on three digits
        plain = plain.replace(",", ".")
    return plain_number(plain)


def figure_in(text: str, kind: str, *, unit: Decimal = Decimal(1)) -> Decimal | None:
    """An area or quantity in the column's own unit (``units.yaml``): ``15 Ha.``, ``37.8 acres``; None when unsure.

    ``unit`` is the heading's; a unit in the cell itself goes before it.
    """
    match = _NUMBER.fullmatch(plain_units(text))
    number = number_in(match["number"]) if match else None
    if match is None or number is None or re.search(r"[-\u2212\u2013]", match["before"]):
        return None
    try:
        own, rest = unit_in(f"{match['before']} {match['after']}", kind)
    except UnitUnknown:
        return None
    if rest.strip(" .:=-/()[]"):
        return None
    factor = unit if own is None else own
    return number if factor == 1 else (number * factor).quantize(_CONVERTED).normalize()


def rupees_in(text: str, *, unit: int = 1) -> Decimal | None:
    """A printed sum in rupees, one unit of its heading being ``unit`` of them; None when it cannot be read surely."""
    try:
        return Decimal(read_money(text, unit=unit)) / PAISE
    except MoneyUnreadable:
        return None


def block_code(name: str) -> tuple[str, str]:
    """Code and block of a ghat by its printed name: ``(BLOCK- 1 B)`` is ``1-B`` of block ``1``; else empty."""
    result = _BLOCK.search(western_digits(name))
    if not result:
        return "", ""
    block, part = result[1].lstrip("0") or "0", result[2].upper()
    return (f"{block}-{part}" if part else block), block


def split_pair(text: str) -> tuple[str, str]:
    """Latitude and longitude as printed in one cell, in whatever order they stand; the missing one is empty."""
    plain = tidy(text)
    try:
        coordinates = coordinates_in(plain)
    except ValueError:
        return _split_at_letter(plain)
    if len(coordinates) == 2:
        halves = plain[: coordinates[1].start].strip(" ,;"), plain[coordinates[1].start :].strip(" ,;")
        turned = coordinates[0].axis == "longitude" or coordinates[1].axis == "latitude"
        return halves[::-1] if turned else halves
    if len(coordinates) > 2:
        return _split_at_letter(plain)
    return ("", plain) if coordinates and coordinates[0].axis == "longitude" else (plain, "")


def _split_at_letter(plain: str) -> tuple[str, str]:
    """The halves of a pair that cannot be read, so that the one at fault is named."""
    first = re.match(r"[^NSEWnsew]*[NSEWnsew]", plain)
    if first and (rest := plain[first.end() :].strip(" ,;")):
        return first[0].strip(" ,;"), rest
    return ("", plain) if re.search(r"[EWew]$", plain) else (plain, "")


def label_in(text: str) -> str:
    """The letter or number of a corner: ``A``, ``BP-1``, ``Corner A`` as A, ``Pillar No. 3`` as 3; "" for none."""
    plain = pattern_of(words_of("places")["label_words"]).sub(" ", even(text)).strip(" .:=-()[]/,")
    match = _LABEL.fullmatch(plain)
    if match is None:
        return ""
    if match["letter"]:
        return match["letter"].upper()
    gap = "-" if match["letters"] and match["gap"] else ""
    return f"{match['letters'].upper()}{gap}{match['number'].lstrip('0') or '0'}"


def day_in(text: str) -> datetime | None:
    """The first date in a text (``12.05.2026``, ``12 May 2026``) as midnight in India, or None."""
    day = next(days_in(text), None)
    return day and datetime(day.year, day.month, day.day, tzinfo=INDIA)


def instant_in(text: str) -> datetime | None:
    """The first date with its time (``05.06.2026 01:00 p.m.``) as an instant in India, or None.

    None too where the word of day beside the hour is unknown or does not go with it: an hour is never guessed.
    """
    day, hour_minute = day_in(text), clock_in(without_days(text))
    if day is None or hour_minute is None:
        return None
    return day.replace(hour=hour_minute[0], minute=hour_minute[1])
