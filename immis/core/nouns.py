"""What the records of the house are called, and how one of them is found by its number: each noun is told once.

A domain declares its nouns in its ``acts.py``; registers name them in references, acts are done to their records.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from immis.core.permissions import Actor


@dataclass(frozen=True)
class Noun:
    """How a record is found by what was typed, numbered and named, and which pages show it.

    ``find`` raises NotFound unless this viewer may see the record; ``title`` takes a number on record and answers
    its name in both languages, for whoever may read that number. ``pages`` are names of addresses that take the
    number, by the place of acts on them; ``address`` is the noun's in the API.
    """

    name: str
    find: Callable[[str, Actor], Any]
    number: Callable[[Any], str]
    title: Callable[[str], Mapping[str, str]]
    pages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    address: str = ""

    @property
    def page(self) -> str:
        """The name of the address of a record's own page; empty where it has none."""
        return next((names[0] for names in self.pages.values()), "")


NOUNS: dict[str, Noun] = {}


def declare_noun(noun: Noun) -> Noun:
    """Make a noun known to registers and acts. Raises ValueError for a name that another noun has."""
    if NOUNS.setdefault(noun.name, noun) != noun:
        raise ValueError(f"noun {noun.name} is declared twice")
    return noun
