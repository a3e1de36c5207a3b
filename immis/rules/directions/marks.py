"""Patterns and small readings of minutes: days, districts, memo numbers (``policy/words/minutes.yaml``)."""

import re
from collections.abc import Iterator
from datetime import date
from functools import cache

from immis.rules.districts import NAMES_HI
from immis.rules.writing.offices import words_of

_DATE = re.compile(r"(?<!\d)(\d{1,2})\s*[./-]\s*(\d{1,2})\s*[./-]\s*(\d{4}|\d{2})(?!\d)")
_CENTURY = 2000
_DOTS = re.compile(r"\.{3,}")


@cache
def mark(name: str) -> re.Pattern[str]:
    """One pattern of the word list, whatever the case of its letters."""
    text = str(words_of("minutes")[name])
    if "{months}" in text:
        text = text.replace("{months}", "|".join(sorted(_month_of(), key=len, reverse=True)))
    return re.compile(text, re.IGNORECASE)


@cache
def _month_of() -> dict[str, int]:
    rows = enumerate(words_of("dates")["months"], start=1)
    return {word: number for number, words in rows for word in words}


def first_group(found: re.Match[str] | None) -> str:
    """The first group that a pattern filled; empty without a match."""
    return next((group for group in found.groups() if group), "").strip() if found else ""


def days_of(text: str) -> Iterator[date]:
    """The days of a text in order, years of two digits as this century's; what is no day is left out."""
    for day, month, year in _DATE.findall(text):
        try:
            yield date(int(year) + (_CENTURY if len(year) == 2 else 0), int(month), int(day))
        except ValueError:
            continue


def days_within(text: str) -> int | None:
    """The number of days within which something is to be done."""
    result = first_group(mark("within").search(text))
    return int(result) if result else None


def by_day(text: str, held_on: date | None) -> date | None:
    """The day by which something is to be done; without a year the first such day from the meeting on."""
    if dated := first_group(mark("by_date").search(text)):
        return next(days_of(dated), None)
    result = mark("by_day").search(text)
    if result is None:
        return None
    day, month, year = result.groups()[:3] if result[1] else result.groups()[3:6]
    return _soonest(int(day), _month_of()[month.lower()], int(year) if year else None, held_on)


def _soonest(day: int, month: int, year: int | None, held_on: date | None) -> date | None:
    years = [year] if year else [held_on.year, held_on.year + 1] if held_on else []
    for each in years:
        try:
            on = date(each, month, day)
        except ValueError:
            continue
        if year or held_on is None or on >= held_on:
            return on
    return None


@cache
def _districts() -> list[tuple[str, str]]:
    known = {hi: name for name, hi in NAMES_HI.items()} | dict(words_of("minutes")["districts"])
    known |= {name: name for name in NAMES_HI}
    return sorted(known.items(), key=lambda row: -len(row[0]))


def districts_in(text: str) -> list[str]:
    """The districts that a text names; the longer name first, so that none is half another."""
    result = set()
    for word, name in _districts():
        pattern = re.compile(rf"(?<![A-Za-z\u0900-\u0963]){re.escape(word)}(?![A-Za-z\u0900-\u0963])")
        if pattern.search(text):
            result.add(name)
            text = pattern.sub(" ", text)
    doubtful = set(words_of("minutes")["also_a_word"])
    return sorted(result if result - doubtful else ())


def memo_of(line: str) -> tuple[str, date | None]:
    """The number and the day of a memo line; an empty number where the paper left its dots empty."""
    number, _, dated = _split_dated(line)
    number = _DOTS.sub("", number).strip(" ,.:-")
    number = number.split(",")[0].strip()
    return (number if re.search(r"\d", number) else ""), next(days_of(_DOTS.sub(" ", dated)), None)


def _split_dated(line: str) -> tuple[str, str, str]:
    result = mark("dated").search(line)
    return (line[: result.start()], result[0], line[result.end() :]) if result else (line, "", "")


@cache
def _figures() -> list[tuple[str, re.Pattern[str]]]:
    return [(key, re.compile(text, re.IGNORECASE)) for key, text in words_of("minutes")["figures"].items()]


def figure_named(text: str) -> str:
    """The key of the figure that a point asks for, by its words; empty where it asks for none."""
    return next((key for key, pattern in _figures() if pattern.search(text)), "")
