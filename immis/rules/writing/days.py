"""Days as offices write them, by numbers (``12.05.2026``) or with the month as a word (``12 May 2026``); no guesses."""

import re
from collections.abc import Iterator
from datetime import date
from functools import cache

from immis.rules.writing.offices import even, words_of

_NUMBERED = re.compile(r"(?<!\d)(\d{1,2})\s*[./-]\s*(\d{1,2})\s*[./-]\s*(\d{4})(?!\d)")


@cache
def _month_of() -> dict[str, int]:
    rows = enumerate(words_of("dates")["months"], start=1)
    return {even(word).rstrip(". "): number for number, words in rows for word in words}


@cache
def _worded() -> re.Pattern[str]:
    longest = "|".join(map(re.escape, sorted(_month_of(), key=len, reverse=True)))
    return re.compile(rf"(?<!\d)(\d{{1,2}})\s*(?:st|nd|rd|th)?[\s,./-]*({longest})[\s,./-]*(\d{{4}})(?!\d)")


def _numbered(text: str) -> str:
    """An evened text in which every month between a day and a year is its number."""
    return _worded().sub(lambda day: f"{day[1]}.{_month_of()[day[2]]}.{day[3]}", even(text))


def days_in(text: str) -> Iterator[date]:
    """The days of a text in order; what has the shape of a day and is none (31.02.2026) is left out."""
    for day, month, year in _NUMBERED.findall(_numbered(text)):
        try:
            yield date(int(year), int(month), int(day))
        except ValueError:
            continue


def without_days(text: str) -> str:
    """The evened text with a blank for each day, so that what is left can be looked at for an hour."""
    return _NUMBERED.sub(" ", _numbered(text))
