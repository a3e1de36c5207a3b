"""The hour of a written time of day: an hour with a word of day, ``11:00 A.M.``; never a guess."""

import re
from collections.abc import Iterable
from functools import cache

from immis.rules.writing.offices import even, pattern_of, words_in, words_of

_NEAR = 6  # words to each side of an hour that may say in what part of the day it lies
_HALF_DAY = re.compile(r"(?<![a-z])([ap])\s*\.?\s*m(?![a-z])\.?")
_COLONS = re.compile("(?<=\\d)\\s*[\u0903\u2236\ua789\uff1a]\\s*(?=\\d)")  # a visarga and others, typed for a colon
_SIGN = r"[^\s\da-z]"
#: Not the second half of a number with an unknown sign in it, and not its first.
_ALONE = rf"(?<![\d.:/-])(?<!\d{_SIGN})(?<!\d{_SIGN}{{2}})"
_ENDS = rf"(?![\d/]|[.:-]\d|{_SIGN}{{1,2}}\d)"
_CLOCK = re.compile(rf"{_ALONE}(\d{{1,2}})\s*[:.]\s*(\d{{2}})(?:\s*:\s*\d{{2}})?{_ENDS}")
_WHOLE = re.compile(rf"{_ALONE}(\d{{1,2}})(?:(\d{{2}}))?{_ENDS}")


@cache
def _part_of_word() -> dict[str, str]:
    parts = words_of("hours")["parts"].items()
    return {_in_one(even(word).rstrip(". ")): name for name, part in parts for word in part["words"]}


def _in_one(phrase: str) -> str:
    return re.sub(r"[.\s]", "", phrase) if " " in phrase else phrase


@cache
def _phrases() -> re.Pattern[str]:
    parts = words_of("hours")["parts"].values()
    return pattern_of(word for part in parts for word in part["words"] if " " in word)


@cache
def _known(name: str) -> frozenset[str]:
    return frozenset(even(word).rstrip(". ") for word in words_of("hours")[name])


def clock_in(text: str) -> tuple[int, int] | None:
    """Hour (0 to 23) and minute of the first time of day in a text without its dates.

    None where there is none, where the word beside it is unknown or does not go with the hour, and where an hour
    without a word could be of the day or of the night.
    """
    plain = _phrases().sub(lambda phrase: _in_one(phrase[0]), _HALF_DAY.sub(r" \1m ", _COLONS.sub(":", even(text))))
    match = _CLOCK.search(plain) or _marked(plain)
    if match is None:
        return None
    hour, minute = int(match[1]), int(match[2] or 0)
    if hour > 23 or minute > 59:
        return None
    before, unsure_before = _word_near(reversed(words_in(plain[: match.start()])))
    after, unsure_after = _word_near(words_in(plain[match.end() :]))
    if not (before or after):
        plain_hour = hour in words_of("hours")["unsaid"] and (not 0 < hour <= 12 or not (unsure_before or unsure_after))
        return (hour, minute) if plain_hour else None
    readings = {_hour_by(part, hour, minute) for part in (before, after) if part}
    read = readings.pop()
    return None if readings or read is None else (read, minute)


def _marked(plain: str) -> re.Match[str] | None:
    """A whole hour (``5 pm``, ``1700 hrs``): a number with a mark of hours or a word of day beside it."""
    for match in _WHOLE.finditer(plain):
        after, before = words_in(plain[match.end() :])[:1], words_in(plain[: match.start()])[-1:]
        marked = any(word in _known("hour_marks") or word in _part_of_word() for word in after)
        if marked or any(word in _part_of_word() for word in before):
            return match
    return None


def _word_near(words: Iterable[str]) -> tuple[str, bool]:
    """The part of day that stands next to an hour ("" when none), and whether an unknown word stands there instead."""
    linked = True
    for count, word in enumerate(words):
        part = _part_of_word().get(word.rstrip("."), "")
        if part:
            return part, False
        if word in _known("links"):
            continue
        if word not in _known("ends"):
            return "", linked
        linked = False
        if count >= _NEAR:
            break
    return "", False


def _hour_by(part: str, hour: int, minute: int) -> int | None:
    how = words_of("hours")["parts"][part]
    if hour in how.get("as_said", ()):
        return None if part == "noon" and minute else hour
    if hour in how.get("plus_12", ()):
        return hour + 12
    return 0 if hour in how.get("zero", ()) else None
