"""What the records of the house are called, how one is found by its number, and where it is shown: each noun once.

A domain declares its nouns beside its events or acts; registers name them in references, acts are done to their
records, events are about them, desks and messages lead to their pages.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound

Names = Mapping[str, str]


@dataclass(frozen=True)
class Page:
    """The address of a page: its name, its arguments, what is asked of it."""

    name: str
    args: tuple[str, ...] = ()
    query: str = ""


def _own_district(record: Any) -> str | None:
    return getattr(record, "district", None)


PageOf = Callable[[str, Mapping[str, Any]], Page | None]


@dataclass(frozen=True)
class Noun:
    """How a record is found by what was typed, numbered and named, and which pages show it.

    ``find`` raises NotFound unless this viewer may see the record; ``title`` takes a number on record and answers
    its name in both languages, for whoever may read that number. ``pages`` are names of addresses that take the
    number, by the place of acts on them; ``address`` is the noun's in the API. ``page`` is where an officer sees the
    record, by its number and the facts that name it; ``is_public``: everybody may open that page. ``district`` is
    where the record lies, for the reach of grants; None: they reach it wherever it is seen. ``is_for`` says whose hands
    a record is in, where not everybody may act on it whose grant reaches it.
    """

    name: str
    find: Callable[[str, Actor], Any] | None = None
    number: Callable[[Any], str] = str
    district: Callable[[Any], str | None] = _own_district
    title: Callable[[str], Names] | None = None
    pages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    address: str = ""
    page: PageOf | None = None
    is_public: bool = False
    is_for: Callable[[Actor, Any], bool] | None = None


NOUNS: dict[str, Noun] = {}


def declare_noun(noun: Noun) -> Noun:
    """Make a noun known to registers, acts and events. Raises ValueError for a name that another noun has."""
    if NOUNS.setdefault(noun.name, noun) != noun:
        raise ValueError(f"noun {noun.name} is declared twice")
    return noun


def page_of(name: str, number: str, facts: Mapping[str, Any] | None = None) -> Page | None:
    """The page of a record by its noun and number; None where there is none."""
    noun = NOUNS.get(name)
    return noun.page(number, facts or {}) if noun and noun.page else None


def kept_as(name: str, model: Any, by: str, *, page: PageOf | None = None, is_public: bool = False) -> Noun:
    """A noun that is found by one field of a model, whatever the case, and named by ``name_en`` and ``name_hi``."""

    def find(given: str, _viewer: Actor) -> Any:
        record = model.objects.filter(**{f"{by}__iexact": given.strip()}).first()
        if record is None:
            raise NotFound(f"{name} {given}")
        return record

    def title(number: str) -> Names:
        row = model.objects.filter(**{by: number}).first()
        return {"en": getattr(row, "name_en", number), "hi": getattr(row, "name_hi", number)} if row else {}

    return Noun(name, find, number=attrgetter(by), title=title, page=page, is_public=is_public)
