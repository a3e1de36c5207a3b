"""Distances in sentences: a fact in metres with the unit that fits its size."""

from collections.abc import Mapping
from string import Formatter
from typing import Any

_A_KILOMETRE_M = 1000
_SHORT = {"metre": "m", "kilometre": "km"}


def length_text(metres: float, lang: str, units: Mapping[str, Mapping[str, str]]) -> str:
    """A distance as people say it: whole metres below a kilometre, then kilometres with one decimal."""
    unit = "metre" if abs(metres) < _A_KILOMETRE_M else "kilometre"
    word = _SHORT[unit] if lang == "en" else units.get(unit, {}).get(lang, unit)
    figure = f"{metres:.0f}" if unit == "metre" else f"{metres / _A_KILOMETRE_M:.1f}".removesuffix(".0")
    return f"{figure}\u00a0{word}"


class Sentence(Formatter):
    """Fills a message in one language; ``{distance_m:length}`` is a fact in metres."""

    def __init__(self, lang: str, units: Mapping[str, Mapping[str, str]]):
        self._lang, self._units = lang, units

    def format_field(self, value: Any, format_spec: str) -> Any:
        if format_spec != "length":
            return super().format_field(value, format_spec)
        try:
            return length_text(float(str(value).replace(",", "")), self._lang, self._units)
        except ValueError:  # a fact that is not given
            return str(value)
