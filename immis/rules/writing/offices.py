"""Words of other offices: what readers look for in notices and tables, from ``immis/policy/words/*.yaml``."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from immis.rules.policy import POLICY_DIR, read_yaml

_DIGITS = {point: str(unicodedata.decimal(chr(point))) for point in range(0x10000) if chr(point).isdecimal()}
_NUKTA = "\u093c"
_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060\u00ad"))
#: A Hindi letter with the ring of an abbreviation, which half of all writers type as a zero or a point.
_SHORT = re.compile("(?<=[\u0900-\u0963])(?:[\u0966\u0970]|0(?![0-9\u0966-\u096f]))\\.?")
#: A visarga typed as a colon: a Hindi letter and a colon before a blank.
_COLON = re.compile("(?<=[\u0900-\u0963]):(?=\\s|$)")
_WORD = re.compile("[\u0900-\u0963\u0971-\u097f]+|[A-Za-z]+(?:['.][A-Za-z]+)*")


def western_digits(text: str) -> str:
    """The same text with every decimal digit (Devanagari or other) as 0-9."""
    return text.translate(_DIGITS)


@cache
def words_of(topic: str) -> Mapping[str, Any]:
    """The word lists of one topic (``hours``, ``places``, ``units``, ``notices``) as they stand in the rule book."""
    body: Mapping[str, Any] = read_yaml(POLICY_DIR / "words" / f"{topic}.yaml")
    return body


def even(text: str) -> str:
    """A text as word lists are compared with: composed, small letters, no dots under letters, digits 0-9, one blank."""
    plain = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).translate(_INVISIBLE))
    plain = unicodedata.normalize("NFD", plain).replace(_NUKTA, "")
    plain = _SHORT.sub(". ", unicodedata.normalize("NFC", plain))
    plain = _COLON.sub("\u0903", plain)
    return " ".join(western_digits(plain).lower().replace("\u0964", " ").split())


def words_in(text: str) -> list[str]:
    """The words of an evened text in order, without the marks around them."""
    return _WORD.findall(text)


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    longest = sorted((even(word).rstrip(". ") for word in words), key=len, reverse=True)
    parts = (re.escape(word).replace(r"\ ", r"[.\s]*") for word in longest if word)
    letter = "A-Za-z0-9\u0900-\u0963\u0971-\u097f"
    return re.compile(rf"(?<![{letter}])(?:{'|'.join(parts)})(?![{letter}])")


def pattern_of(words: Iterable[str]) -> re.Pattern[str]:
    """A pattern that finds any of these words, whole, in an evened text; blanks in a word may be points."""
    return _pattern(tuple(words))
