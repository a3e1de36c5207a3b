"""What a reference may name: each noun says how its number is found and how it is shown.

Nouns above this layer register themselves (``register_noun``) when their app starts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from immis.core.errors import NotFound
from immis.core.permissions import Actor
from immis.registers.declaration import Field
from immis.registers.models import Entry
from immis.registers.values import NotThis
from immis.registry.models import Block, Office, Party, User, Vehicle


@dataclass(frozen=True)
class Noun:
    """How a noun is found by what was typed (None: there is none for this reader), named, and where its page is."""

    find: Callable[[str, Actor], str | None]
    name: Callable[[str], Mapping[str, str]]
    page: Callable[[str], tuple[str, str]] | None = None  # name of the address, its argument


NOUNS: dict[str, Noun] = {}


def register_noun(kind: str, noun: Noun) -> None:
    """Say how a noun is found and shown."""
    NOUNS[kind] = noun


def resolved(field: Field, given: Any, by: Actor) -> str:
    """The number of what a reference names. Raises NotThis where the reader knows no such thing."""
    noun = NOUNS.get(field.refers)
    if noun is None:
        raise NotThis("reference", field.refers)
    try:
        found = noun.find(str(given), by)
    except NotFound:
        found = None
    if found is None or (field.register and not Entry.objects.filter(number=found, register=field.register).exists()):
        raise NotThis("reference", field.refers)
    return found


def name_of(kind: str, number: str) -> Mapping[str, str]:
    """What a reference names, in both languages; its number where nothing of it is known."""
    noun = NOUNS.get(kind)
    return (noun.name(number) if noun else None) or {"en": number, "hi": number}


def _by(model: Any, field: str) -> tuple[Callable[[str, Actor], str | None], Callable[[str], Mapping[str, str]]]:
    def find(given: str, _by: Actor) -> str | None:
        found: str | None = (
            model.objects.filter(**{f"{field}__iexact": given.strip()}).values_list(field, flat=True).first()
        )
        return found

    def name(number: str) -> Mapping[str, str]:
        row = model.objects.filter(**{field: number}).first()
        return {"en": getattr(row, "name_en", number), "hi": getattr(row, "name_hi", number)} if row else {}

    return find, name


register_noun("office", Noun(*_by(Office, "code")))
register_noun("user", Noun(*_by(User, "username")))
register_noun("party", Noun(*_by(Party, "code")))
register_noun("ghat", Noun(*_by(Block, "code"), page=lambda number: ("ghat", number)))
register_noun("vehicle", Noun(*_by(Vehicle, "registration")))
register_noun("entry", Noun(*_by(Entry, "number"), page=lambda number: ("entry", number)))
