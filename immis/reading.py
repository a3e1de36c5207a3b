"""What strangers write, read in one place: whole numbers, days, texts, JSON. Needs no Django."""

import json
import re
from datetime import date
from typing import Any

#: The years that a record of the department can mean; what lies outside is a slip of the hand.
FIRST_YEAR, LAST_YEAR = 1900, 2200
_MOST_DIGITS = 18  # as a database keeps them


def whole_number(text: str, *, most_digits: int = _MOST_DIGITS) -> int | None:
    """A number of the digits 0 to 9 and no more of them than a database keeps; None for any other text."""
    fits = text.isascii() and text.isdigit() and len(text) <= most_digits
    return int(text) if fits else None


def in_years(day: date) -> bool:
    """Whether a day (or an instant) lies in the years that a record can mean."""
    return FIRST_YEAR <= day.year <= LAST_YEAR


def written_day(text: str) -> date | None:
    """A day as ``2026-10-16`` in the years that a record can mean; None for any other text."""
    try:
        day = date.fromisoformat(text) if len(text) == len("2026-10-16") else None
    except ValueError:
        return None
    return day if day is not None and in_years(day) else None


_DAY_WRITTEN = re.compile(r"(\d{1,2})[./\- ](\d{1,2})[./\- ](\d{4})|(\d{2})(\d{2})(\d{4})")


def iso_day(text: str) -> str:
    """A day written as here, ``16.10.2026`` (or with strokes, blanks or nothing between), as ``2026-10-16``.

    Any other text is answered as it stands.
    """
    parts = _DAY_WRITTEN.fullmatch(text.strip()) if text.isascii() else None
    if parts is None:
        return text
    day, month, year = (parts[n] or parts[n + 3] for n in (1, 2, 3))
    return f"{year}-{int(month):02d}-{int(day):02d}"


def is_kept_text(text: str) -> bool:
    """Whether the records can keep a text: no NUL, and no half of a pair of code units."""
    return "\0" not in text and (text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text))


def read_json(data: bytes | str) -> Any:
    """JSON that a stranger sent. Raises ValueError for anything else, also for what is nested too deep to be read."""
    try:
        return json.loads(data)
    except RecursionError:
        raise ValueError("nested too deep") from None
