"""What a reference may name: how a register finds and shows the nouns that ``core.nouns`` knows."""

from collections.abc import Mapping
from typing import Any

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.nouns import NOUNS
from immis.registers.declaration import Field
from immis.registers.models import Entry
from immis.registers.values import NotThis


def resolved(field: Field, given: Any, by: Actor) -> str:
    """The number of what a reference names. Raises NotThis where the reader knows no such thing."""
    noun = NOUNS.get(field.refers)
    if noun is None or noun.find is None:
        raise NotThis("reference", field.refers)
    try:
        number = noun.number(noun.find(str(given), by))
    except NotFound:
        raise NotThis("reference", field.refers) from None
    if field.register and not Entry.objects.filter(number=number, register=field.register).exists():
        raise NotThis("reference", field.refers)
    return number


def name_of(kind: str, number: str) -> Mapping[str, str]:
    """What a reference names, in both languages; its number where nothing of it is known."""
    noun = NOUNS.get(kind)
    return (noun.title(number) if noun and noun.title else None) or {"en": number, "hi": number}
