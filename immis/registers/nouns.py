"""What a reference may name, and how entries are found by typing."""

from collections.abc import Mapping, Sequence
from typing import Any

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.nouns import NOUNS
from immis.registers import loader
from immis.registers.declaration import Field, Register
from immis.registers.models import Entry
from immis.registers.selectors import entry_of, version_of
from immis.registers.values import NotThis
from immis.search.declared import Handles, Searched, declare_search, district_key


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


def _handles(entry: Entry) -> Handles:
    """An entry is found by its number and by what its register searches and keeps from nobody who reads it."""
    register, names, numbers = version_of(entry), [], []
    for name, field in register.fields.items():
        value = entry.values.get(name)
        if field.find and not field.private and isinstance(value, str):
            (numbers if field.type == "reference" else names).append(value)
    return Handles(names, (entry.number,), numbers, reach=_reach_keys(entry))


def _key(register: str, within: str = "") -> str:
    """Entries of a register within a reach, as the index keeps it."""
    return f"r{register.replace('_', '')}\ue004{within}"


def _reach_keys(entry: Entry) -> list[str]:
    within = [district_key(entry.district) if entry.district else ""]
    within += [f"o{entry.office_id}" if entry.office_id else "", f"p{entry.party_id}" if entry.party_id else ""]
    within += [f"u{entry.entered_by}" if entry.entered_by else ""]
    return [_key(entry.register), *(_key(entry.register, each) for each in within if each)]


def _reach(viewer: Actor) -> Sequence[str]:
    rows = [versions[-1] for versions in loader.registers().values()]
    return [key for row in rows if viewer.role in row.readers() for key in _within(viewer, row)]


def _within(viewer: Actor, register: Register) -> list[str]:
    """The keys of the entries of one register that its scope gives to a viewer (``selectors.scope_of``)."""
    reach = viewer.post.reach
    if viewer.is_party:
        keys = [f"p{viewer.party_id}" if viewer.party_id else "", f"u{viewer.user_id}" if viewer.user_id else ""]
    elif register.scope not in ("office", "district") or reach == "state":
        return [_key(register.name)]
    elif reach == "division":
        keys = [district_key(name) for name in sorted(viewer.districts)]
    elif register.scope == "office":
        keys = [f"o{viewer.office_id}" if viewer.office_id else ""]
    else:
        keys = [district_key(viewer.district) if viewer.district else ""]
    return [_key(register.name, key) for key in keys if key]


declare_search(
    Searched(
        "entry",
        "en",
        records=lambda: Entry.objects.all(),
        by="number",
        handles=_handles,
        reach=_reach,
        find=lambda number, viewer: entry_of(number, viewer)[0],
        follows={"device_fault": lambda number: [number]},
    )
)
