"""How answers of the transport registers are read: weights as text, days in several spellings, blanks that say NA."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

_NOTHING = {"", "NA", "N/A", "NOTAVAILABLE", "NULL", "NONE", "-", "--"}
_DAYS = ("%d-%b-%Y", "%d/%m/%Y", "%d-%m-%Y", "%Y-%m-%d", "%d-%B-%Y")
_MOST_CHARS = 160


def text_of(answer: Mapping[str, Any], *names: str) -> str:
    """The first of some fields that says anything; what stands for nothing in one of the services is nothing."""
    for name in names:
        value = answer.get(name)
        text = re.sub(r"\s+", " ", str(value)).strip() if isinstance(value, str | int | float) else ""
        if re.sub(r"[^A-Z/-]", "", text.upper()) not in _NOTHING or re.search(r"\d", text):
            return text[:_MOST_CHARS]
    return ""


def day(answer: Mapping[str, Any], *names: str) -> date | None:
    """A day as one of the services writes it; None for anything else."""
    text = text_of(answer, *names)
    for layout in _DAYS:
        try:
            return datetime.strptime(text[:11].strip(), layout).date()  # noqa: DTZ007 (a day has no zone)
        except ValueError:
            continue
    return None


def kilograms(answer: Mapping[str, Any], *names: str) -> int | None:
    """A weight in kilograms; None where it says nothing, or what no vehicle weighs."""
    text = text_of(answer, *names)
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0
    return number if 0 < number <= 200_000 else None
