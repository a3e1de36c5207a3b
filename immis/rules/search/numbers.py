"""Numbers of records however they are typed: ``MUN/2026/13``, ``mun-2026-13``, ``mun 13``, in Devanagari digits."""

import re
import unicodedata
from collections.abc import Sequence

from immis.rules.writing.offices import western_digits

_YEAR = re.compile(r"(?:19|20)\d\d")
#: A year that stands before the running number without a mark between them.
_RUN_TOGETHER = re.compile(r"((?:19|20)\d\d)(\d+)")


def even_text(text: str) -> str:
    """A text in small letters, composed, with digits 0-9 and without marks on Latin letters."""
    plain = western_digits(unicodedata.normalize("NFKC", text)).casefold()
    bare = "".join(letter for letter in unicodedata.normalize("NFD", plain) if not "\u0300" <= letter <= "\u036f")
    return unicodedata.normalize("NFC", bare)


def parts_of(text: str) -> list[str]:
    """The letters and the numbers of a number, in order, without leading zeros; a short year in its middle is whole.

    ``MUN-26-000001`` and ``mun 2026 1`` are ``mun``, ``2026``, ``1``.
    """
    rows: list[str] = []
    for part in re.findall(r"[a-z]+|\d+", even_text(text)):
        joined = _RUN_TOGETHER.fullmatch(part) if len(part) in range(5, 13) and rows and rows[-1].isalpha() else None
        rows += joined.groups() if joined else [part]
    return [_part(rows, place) for place in range(len(rows))]


def _part(rows: Sequence[str], place: int) -> str:
    part = rows[place]
    if not part.isdigit():
        return part
    between = 0 < place < len(rows) - 1 and rows[place - 1].isalpha() and rows[place + 1].isdigit()
    return f"20{part}" if between and len(part) == 2 else part.lstrip("0") or "0"


def keys_of(text: str) -> tuple[str, ...]:
    """What a number is looked up by: all of it run together, and without its year; empty where it has no digit."""
    parts = parts_of(text)
    if not any(part.isdigit() for part in parts):
        return ()
    bare = [part for part in parts if not is_year(part)]
    return tuple(dict.fromkeys(filter(None, ("".join(parts), "".join(bare) if len(bare) > 1 else ""))))


def is_year(word: str) -> bool:
    """Whether a word is a year and so, alone, says nothing of which record is meant."""
    return _YEAR.fullmatch(word) is not None


def phone_of(text: str) -> str:
    """The ten digits of an Indian phone number; empty for anything else."""
    digits = re.sub(r"[\s()+.-]", "", western_digits(text))
    match = re.fullmatch(r"(?:0|91|0091)?([6-9]\d{9})", digits)
    return match[1] if match else ""


def pan_of(text: str) -> str:
    """A PAN in capitals; empty for anything else."""
    plain = even_text(text).strip().upper()
    return plain if re.fullmatch(r"[A-Z]{5}\d{4}[A-Z]", plain) else ""
