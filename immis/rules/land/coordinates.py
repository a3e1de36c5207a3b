"""Co-ordinates as offices type them: ``25°16'49.54"N``, ``N25o16'49.54"``, ``86 deg 36 min 31.41 sec East``.

A text becomes signs (degree, minute, second, a direction, a number), each with its place; the signs become
co-ordinates. What fits no pattern is refused, not guessed.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from immis.rules.writing.offices import even, western_digits, words_of

_AXIS = {"N": "latitude", "S": "latitude", "E": "longitude", "W": "longitude"}
_MARKS = ("degree", "minute", "second")
_SIGN = re.compile(r"(?P<number>\d+(?:\.\d+)?)|(?P<word>[A-Za-z]+|[\u0900-\u0963]+)|(?P<mark>\S)")


@dataclass(frozen=True)
class Sign:
    """One sign of a co-ordinate: what it is, its text, and where it stands in the text."""

    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Coordinate:
    """One co-ordinate in a text: its degrees, its direction ("" where none is named), and where it stands."""

    degrees: float
    direction: str
    start: int
    end: int

    @property
    def axis(self) -> str:
        """latitude, longitude, or "" where no direction says."""
        return _AXIS.get(self.direction, "")


@cache
def _kind_of_word() -> dict[str, str]:
    return {even(word): kind for kind, words in words_of("places")["words"].items() for word in words}


@cache
def _kind_of_mark() -> dict[str, str]:
    return {mark: kind for kind, marks in words_of("places")["signs"].items() for mark in marks}


def _same_length(text: str) -> str:
    """Digits as 0-9 and Hindi abbreviations with a point for their ring, every letter where it stood."""
    composed = unicodedata.normalize("NFC", text)
    return western_digits(re.sub("(?<=[\u0900-\u0963])[\u0966\u09700](?![0-9\u0966-\u096f])", ".", composed))


def signs_of(text: str) -> list[Sign]:
    """The signs of a text in order. Raises ValueError for a word or mark that no co-ordinate has."""
    signs: list[Sign] = []
    for match in _SIGN.finditer(_same_length(text)):
        if match["number"]:
            signs.append(Sign("number", match["number"], *match.span()))
        elif match["word"]:
            signs += _word_signs(match["word"], match.start())
        else:
            signs += _mark_sign(match["mark"], match.start(), signs)
    return _doubled(signs)


def _word_signs(word: str, start: int) -> list[Sign]:
    kind = _kind_of_word().get(even(word))
    if kind is None and len(word) > 1 and word[-1].upper() in _AXIS:  # "49.54sN": a mark and a direction in one
        mark = {"S": "second"}.get(word[:-1].upper()) or _kind_of_word().get(even(word[:-1]))
        if mark in _MARKS:
            cut = start + len(word) - 1
            return [Sign(mark, word[:-1], start, cut), *_word_signs(word[-1], cut)]
    if kind is None:
        raise ValueError(f"{word!r} belongs to no co-ordinate")
    return [Sign(kind, word, start, start + len(word))]


def _mark_sign(mark: str, start: int, before: Sequence[Sign]) -> list[Sign]:
    kind = _kind_of_mark().get(mark)
    if kind is None and mark in "-+\u2212\u2013":
        kind = "gap" if before and before[-1].kind == "number" else "minus" if mark != "+" else "gap"
    if kind is None and mark in ",;/|()[]{}":
        kind = "comma"
    if kind is None and mark in ":.=\u0964":
        kind = "gap"
    if kind is None:
        raise ValueError(f"{mark!r} belongs to no co-ordinate")
    return [Sign(kind, mark, start, start + 1)]


def _doubled(signs: list[Sign]) -> list[Sign]:
    """Two marks of minutes, one behind the other, are a mark of seconds."""
    joined: list[Sign] = []
    for sign in signs:
        last = joined[-1] if joined else None
        if last and sign.kind == last.kind == "minute" and sign.start == last.end:
            joined[-1] = Sign("second", last.text + sign.text, last.start, sign.end)
        else:
            joined.append(sign)
    return joined


def coordinates_in(text: str) -> list[Coordinate]:
    """All co-ordinates of a text in order. Raises ValueError where any of it is no co-ordinate."""
    signs = signs_of(text)
    leading = _leads(signs)
    results, at = [], 0
    while at < len(signs):
        if signs[at].kind in ("comma", "gap", "latitude", "longitude"):
            at += 1
            continue
        row, at = _one(signs, at, text, leading=leading)
        results.append(row)
    return results


def _leads(signs: Sequence[Sign]) -> bool:
    """Whether directions stand before their numbers."""
    first = next((sign.kind for sign in signs if sign.kind == "number" or sign.kind in _AXIS), "")
    return first in _AXIS


def _one(signs: Sequence[Sign], at: int, text: str, *, leading: bool) -> tuple[Coordinate, int]:
    start, direction, negative = signs[at].start, "", False
    if leading and signs[at].kind in _AXIS:
        direction, at = signs[at].kind, _past(signs, at + 1, ("gap", "comma"))
    if at < len(signs) and signs[at].kind == "minus":
        negative, at = True, at + 1
    values, at = _values(signs, at, text)
    if not leading and (after := _past(signs, at, ("gap", "comma"))) < len(signs) and signs[after].kind in _AXIS:
        direction, at = signs[after].kind, after + 1
    if negative and direction:
        raise ValueError(f"{text!r} has a minus and a direction")
    degrees = _degrees(values, direction, text)
    end = signs[at - 1].end
    return Coordinate(-degrees if negative or direction in ("S", "W") else degrees, direction, start, end), at


def _past(signs: Sequence[Sign], at: int, kinds: Sequence[str]) -> int:
    while at < len(signs) and signs[at].kind in kinds:
        at += 1
    return at


def _values(signs: Sequence[Sign], at: int, text: str) -> tuple[dict[str, str], int]:
    """Degrees, minutes and seconds by their marks, or by their order where gaps stand for marks."""
    values: dict[str, str] = {}
    while at < len(signs) and signs[at].kind == "number":
        if "." in "".join(values.values()):  # after a fraction comes another co-ordinate, never a smaller unit
            break
        number, at = signs[at].text, at + 1
        mark = signs[at].kind if at < len(signs) and signs[at].kind in _MARKS else ""
        if not mark and at < len(signs) and signs[at].kind == "S" and _letters_mark(signs, at):
            mark = "second"
        slot = mark or (_MARKS[len(values)] if len(values) < len(_MARKS) else "")
        if not slot or slot in values or (values and _MARKS.index(slot) <= _MARKS.index(list(values)[-1])):
            at -= 1
            break
        values[slot] = number
        at = at + 1 if mark else at
        at = _past(signs, at, ("gap",)) if slot != "second" else at
    if "degree" not in values:
        raise ValueError(f"{text!r} is no coordinate in degrees, minutes and seconds")
    return values, at


def _letters_mark(signs: Sequence[Sign], at: int) -> bool:
    """Whether an S stands for seconds: behind minutes that are marked by a letter or word, or before a direction."""
    marked = any(sign.kind == "minute" and sign.text.isalpha() for sign in signs[max(at - 3, 0) : at])
    return marked or (at + 1 < len(signs) and signs[at + 1].kind in _AXIS and signs[at].end == signs[at + 1].start)


def _degrees(values: dict[str, str], direction: str, text: str) -> float:
    whole = [values.get(name, "0") for name in _MARKS]
    if any(len(part.partition(".")[0]) > most for part, most in zip(whole, (3, 2, 2), strict=True)):
        raise ValueError(f"{text!r} is no coordinate in degrees, minutes and seconds")
    degrees, minutes, seconds = (float(part) for part in whole)
    if minutes >= 60 or seconds >= 60:
        raise ValueError(f"{text!r} has 60 or more minutes or seconds")
    total = degrees + minutes / 60 + seconds / 3600
    if total > (90 if direction in ("N", "S") else 180):
        raise ValueError(f"{text!r} lies beyond the globe")
    return total


def parse_dms(text: str) -> float:
    """Degrees of one printed co-ordinate; south and west are negative.

    Raises ValueError for what is none, for minutes or seconds of 60 and more, and for degrees beyond the globe.
    """
    coordinates = coordinates_in(text)
    if len(coordinates) != 1:
        raise ValueError(f"{text!r} is no coordinate in degrees, minutes and seconds")
    return coordinates[0].degrees
