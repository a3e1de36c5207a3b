"""The nouns of the house: how a number of each is found and named, and where the page of its record is.

A domain declares its nouns beside its events and acts; registers refer to them, desks and messages lead to them, acts
are done to their records.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from immis.core.permissions import Actor

Names = Mapping[str, str]


@dataclass(frozen=True)
class Page:
    """The address of a page: its name, its arguments, what is asked of it."""

    name: str
    args: tuple[str, ...] = ()
    query: str = ""


PageOf = Callable[[str, Mapping[str, Any]], Page | None]


@dataclass(frozen=True)
class Noun:
    """A kind of record.

    ``find`` answers the number of what was typed (None: this reader knows no such thing); ``name`` words it in both
    languages; ``page`` is where an officer sees it, by its number and the facts that name it. ``is_public``: everybody
    may open that page.

    For acts: ``record`` is the record itself and raises NotFound unless this viewer may see it; ``number`` is its
    number in addresses; ``places`` are names of the pages that draw acts, by the place that acts name; ``address`` is
    the noun's in the API.
    """

    find: Callable[[str, Actor], str | None] | None = None
    name: Callable[[str], Names] | None = None
    page: PageOf | None = None
    is_public: bool = False
    record: Callable[[str, Actor], Any] | None = None
    number: Callable[[Any], str] = attrgetter("number")
    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    address: str = ""


NOUNS: dict[str, Noun] = {}


def register_noun(kind: str, noun: Noun) -> None:
    """Say how a noun is found and shown, once. Raises ValueError where it is declared otherwise already."""
    if NOUNS.setdefault(kind, noun) is not noun:
        raise ValueError(f"the noun {kind} is declared already")


def page_of(kind: str, number: str, facts: Mapping[str, Any] | None = None) -> Page | None:
    """The page of a record by its noun and number; None where there is none."""
    noun = NOUNS.get(kind)
    return noun.page(number, facts or {}) if noun and noun.page else None


def kept_as(
    model: Any,
    field: str,
    *,
    page: Callable[[str, Mapping[str, Any]], Page | None] | None = None,
    is_public: bool = False,
) -> Noun:
    """A noun that is found by one field of a model, whatever the case, and named by ``name_en`` and ``name_hi``."""

    def find(given: str, _by: Actor) -> str | None:
        rows = model.objects.filter(**{f"{field}__iexact": given.strip()})
        number: str | None = rows.values_list(field, flat=True).first()
        return number

    def name(number: str) -> Names:
        row = model.objects.filter(**{field: number}).first()
        return {"en": getattr(row, "name_en", number), "hi": getattr(row, "name_hi", number)} if row else {}

    return Noun(find, name, page, is_public)
