"""The districts of Bihar (``policy/districts.yaml``): names in both languages and the letters of their numbers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from immis.rules.policy import POLICY_DIR, read_yaml

_LISTED: Mapping[str, Mapping[str, Any]] = read_yaml(POLICY_DIR / "districts.yaml")
NAMES_HI: Mapping[str, str] = {name: row["hi"] for name, row in _LISTED.items()}


def district_name(name: str, language: str) -> str:
    """A district's name in the reader's language."""
    return NAMES_HI.get(name.title(), name) if language == "hi" else name.title()


def named_districts(names: Iterable[str]) -> list[tuple[str, dict[str, str]]]:
    """Districts with their names in both languages, to choose from."""
    return [(name, {"en": name, "hi": NAMES_HI.get(name, name)}) for name in names]


@dataclass(frozen=True)
class DistrictCode:
    """A district as the Local Government Directory numbers it, and its letters: no two districts share them."""

    lgd: int
    letters: str


CODES: Mapping[str, DistrictCode] = {name: DistrictCode(row["lgd"], row["letters"]) for name, row in _LISTED.items()}
_ALSO_KNOWN_AS = {other: name for name, row in _LISTED.items() for other in row.get("also", ())}
#: What numbers bear for a place that is no district of the State.
_ELSEWHERE = "XXX"


def letters_of(district: str) -> str:
    """Three letters that stand for a district in numbers, never the same for two districts of the State.

    A place that is on no list gets letters that stand for none; a series of numbers is kept for letters, not for
    names, so that no number is given twice.
    """
    name = " ".join(district.split()).title()
    known = CODES.get(_ALSO_KNOWN_AS.get(name, name))
    return known.letters if known else _ELSEWHERE
