"""Units as headings and cells name them (``words/units.yaml``): acres are not hectares, lakh are not rupees."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from immis.rules.writing.offices import even, pattern_of, words_in, words_of

#: What a figure can be of: the columns of a table of ghats.
KINDS = ("area_ha", "quantity_m3", "money")
_POWERS = str.maketrans({"\u00b2": "2", "\u00b3": "3"})
_POWER = re.compile(r"(?<![a-z])(m|ft)\.?\s*\^?\s*([23])(?!\d)")
_BRACKETS = re.compile(r"[(\[{]([^)\]}]*)(?:[)\]}]|$)")
_IN = re.compile(words_of("units")["in"])


class UnitUnknown(ValueError):
    """A heading or cell names a unit that is not known, or more than one."""


@cache
def _units(kind: str) -> tuple[tuple[str, Decimal], ...]:
    """Words of a kind with what one unit is of the column's own, longest first; 0 marks a unit that is not known."""
    listed: Mapping[str, Any] = words_of("units")[kind]
    pairs = [(word, Decimal(1)) for word in listed["own"]]
    pairs += [(word, Decimal(str(other["is"]))) for other in listed["others"] for word in other["words"]]
    pairs += [(word, Decimal(0)) for word in listed["unknown"]]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


@cache
def _scales() -> tuple[tuple[str, Decimal], ...]:
    pairs = [(word, Decimal(scale["is"])) for scale in words_of("units")["scales"] for word in scale["words"]]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


def plain_units(text: str) -> str:
    """A text evened, with its powers as digits: ``M \u00b3`` is ``m3``."""
    return _POWER.sub(r"\1\2", even(text.translate(_POWERS).replace("_", " ")))


def unit_in(text: str, kind: str) -> tuple[Decimal | None, str]:
    """The unit that a plain text names, as a factor of the column's own (None: none), and the text without it.

    Raises UnitUnknown for a unit that is not known and for two different ones.
    """
    unit, rest = _found(text, _units(kind))
    scale, rest = _found(rest, _scales())
    if unit is None and scale is None:
        return None, rest
    return (unit or Decimal(1)) * (scale or Decimal(1)), rest


def _found(text: str, pairs: Iterable[tuple[str, Decimal]]) -> tuple[Decimal | None, str]:
    factors = set()
    for word, factor in pairs:
        text, count = pattern_of((word,)).subn(" ", text)
        if count:
            factors.add(factor)
    if len(factors) > 1 or Decimal(0) in factors:
        raise UnitUnknown(text)
    return (factors.pop() if factors else None), text


def heading_unit(heading: str, kind: str) -> Decimal:
    """What one unit of a column is by its heading: ``Area (Acre)`` is 0.40468564224 hectares; 1 where none is named.

    Raises UnitUnknown for what stands where a unit stands and is none that is known.
    """
    text = plain_units(heading)
    unit, rest = unit_in(text, kind)
    if unit is not None:
        return unit
    named = {even(word) for word in words_of("units")[kind]["named"]}
    places = [match[1] for match in _BRACKETS.finditer(rest)]
    places += [match[1] or match[2] for match in _IN.finditer(_BRACKETS.sub(" ", rest))]
    strange = [word for place in places for word in words_in(place) if word.rstrip(".") not in named]
    if strange:
        raise UnitUnknown(heading)
    return Decimal(1)
