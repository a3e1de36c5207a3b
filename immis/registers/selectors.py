"""Which entries a reader may see, and finding them: one filter of fields for list, form, export, print, map and API."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.scope import NOTHING, within
from immis.core.written import question
from immis.registers import loader, values
from immis.registers.declaration import Field, Register
from immis.registers.hooks import sight_of
from immis.registers.models import DutyPeriod, Entry, EntryAct, EntryValue
from immis.rules.calendar import end_of, start_of

MOST_COUNTED = 10_000  # a list's count stops here: more than that nobody pages through
_COMMON = 50_000  # a value that more rows have is common
NUMBER = "#"  # the field under which an entry's own number is searched
_NUMBER = re.compile(r"[A-Z]{2,6}-\d")


@dataclass(frozen=True)
class Find:
    """What of a list is wanted: a state, words in any searched field, and values of single fields.

    ``state`` is one of the register's, ``unended``, ``overdue`` (at the instant ``at``) or ``all``.
    """

    state: str = ""
    at: datetime | None = None
    text: str = ""
    fields: Mapping[str, str] | None = None  # field -> value; ``field_from`` and ``field_to`` bound numbers and days


def scope_of(viewer: Actor, register: Register) -> Q:
    """The entries that a register's scope gives to a viewer; none for who does not read it."""
    if viewer.role not in register.readers():
        return NOTHING
    if viewer.is_party:
        own = Q(party_id=viewer.party_id) if viewer.party_id else NOTHING
        return own | (Q(entered_by=viewer.user_id) if viewer.user_id else NOTHING)
    wide = viewer.post.reach in ("state", "division")
    scope = {"office": "own_office", "district": "district"}.get(register.scope, "state")
    return within(viewer, viewer.post.reach if wide and scope != "state" else scope, office="office_id")


def reach(viewer: Actor, register: Register) -> Q:
    """The entries that a viewer may see: those of the register's scope, and what a domain lets him see beyond it."""
    more = sight_of(register.name, viewer) if viewer.role in register.readers() else None
    return scope_of(viewer, register) if more is None else scope_of(viewer, register) | more


def having(register: str, field: str, values: Iterable[str]) -> QuerySet[Entry]:
    """The entries of a register whose searched field has one of some values, whoever asks: for services."""
    wanted = [value.casefold() for value in values]
    return Entry.objects.filter(valued(register, field, wanted), register=register).order_by("id")


def standing_in(register: str, state: str) -> QuerySet[Entry]:
    """The entries of a register that stand in a state, whoever asks: for what follows from an entry elsewhere."""
    return Entry.objects.filter(register=register, state=state)


@question
def standing_entries(register: str, state: str) -> QuerySet[Entry]:
    return Entry.objects.filter(register=register, state=state)


def entry_in(register: str, number: str) -> Entry | None:
    """The entry of a number in one register, whoever asks; None where the register has none of it."""
    return Entry.objects.filter(register=register, number=number).first()


def locked_entry(entry: Entry) -> Entry:
    """An entry as it stands now, held until the transaction ends: for what may be done once while it stands so."""
    return Entry.objects.select_for_update(of=("self",)).get(pk=entry.pk)


def valued(register: str, field: str, texts: Any) -> Q:
    """Entries whose searched field has one of some texts (in small letters), or of a query for them."""
    return Q(pk__in=EntryValue.objects.filter(register=register, field=field, text__in=texts).values("entry"))


def open_by(register: str, field: str) -> dict[str, int]:
    """How many entries of a register are open, by the value of a searched field (in small letters)."""
    states = loader.registers()[register][-1].open_states
    rows = EntryValue.objects.filter(register=register, field=field, entry__state__in=states)
    return dict(rows.order_by().values_list("text").annotate(n=Count("pk")))


def open_entry(register: str, open_as: str) -> Entry | None:
    """The open entry that holds what no other may have while it is open."""
    return Entry.objects.filter(open_as=f"{register}:{open_as}").first()


def registers_of(viewer: Actor, on: date) -> list[Register]:
    """The registers in which a viewer's post has an act, by their titles."""
    known = [row for row in loader.in_force(on) if viewer.role in row.readers()]
    return sorted(known, key=lambda row: (row.subject, row.name))


def register_of(name: str, viewer: Actor, on: date) -> Register:
    """A register in the version of a day. Raises NotFound where the viewer has no act in it."""
    try:
        register = loader.current(name, on)
    except LookupError as error:
        raise NotFound(f"register {name}") from error
    if viewer.role not in register.readers():
        raise NotFound(f"register {name}")
    return register


def entries(viewer: Actor, register: Register, find: Find | None = None) -> QuerySet[Entry]:
    """The entries of a register that a viewer may see and looks for, newest first."""
    wanted = find or Find()
    rows = Entry.objects.filter(reach(viewer, register), register=register.name)
    if wanted.state not in ("", "all"):
        rows = rows.filter(_of_state(register, wanted))
    for name, given in (wanted.fields or {}).items():
        rows = rows.filter(_of_field(viewer, register, name, given))
    if text := wanted.text.strip():
        rows = rows.filter(_of_text(viewer, register, text))
    return rows.order_by("-id")


def _of_state(register: Register, wanted: Find) -> Q:
    if wanted.state == "unended":
        return Q(state__in=register.open_states)
    if wanted.state == "overdue":
        return Q(state__in=register.open_states, due_at__lt=wanted.at)
    return Q(state=wanted.state)


def _searchable(viewer: Actor, register: Register) -> list[Field]:
    """The fields by which a viewer may search: what he may not read tells him nothing by being found either."""
    return [field for field in register.fields.values() if field.find and may_read(viewer, field)]


def _of_text(viewer: Actor, register: Register, text: str) -> Q:
    names = [field.name for field in _searchable(viewer, register)]
    numbered = [NUMBER] if _NUMBER.match(text.upper()) else []
    return _matching(register, _begins(text) & Q(field__in=[*numbered, *names]))


def _matching(register: Register, wanted: Q) -> Q:
    """The entries of some rows of the side table: by their numbers where they are few, else entry by entry.

    What is common is met soon along the entries, newest first; gathering all of it first would cost the most. Entry by
    entry the register is not asked again: its index alone answers then.
    """
    rows = EntryValue.objects.filter(wanted, register=register.name)
    if rows[: _COMMON + 1].count() > _COMMON:
        return Q(Exists(EntryValue.objects.filter(wanted, entry=OuterRef("pk"))))
    return Q(pk__in=rows.values("entry"))


def _begins(text: str) -> Q:
    """Text that begins so, by the index: SQLite's needs a range, PostgreSQL's a pattern."""
    text = " ".join(text.casefold().split())[:200]
    if connection.vendor == "sqlite":
        return Q(text__gte=text, text__lt=f"{text}\U0010ffff")
    return Q(text__startswith=text)


def _of_field(viewer: Actor, register: Register, name: str, given: str) -> Q:
    base, _, bound = name.rpartition("_")
    bound, base = (bound, base) if bound in ("from", "to") and base in register.fields else ("", name)
    field = next((each for each in _searchable(viewer, register) if each.name == base), None)
    if field is None:
        return NOTHING
    try:
        return _matching(register, Q(field=base) & _wanted(field, bound, given))
    except (ValueError, InvalidOperation, values.NotThis):
        return NOTHING


def _wanted(field: Field, bound: str, given: str) -> Q:
    if field.type in ("day", "instant"):
        day = date.fromisoformat(given)
        until = Q(instant__lt=end_of(day))
        return (
            Q(instant__gte=start_of(day))
            if bound == "from"
            else until
            if bound == "to"
            else until & Q(instant__gte=start_of(day))
        )
    if field.type in ("number", "money"):
        number = Decimal(given) * (100 if field.type == "money" else 1)
        return Q(**{{"from": "number__gte", "to": "number__lte"}.get(bound, "number"): number})
    if field.type in ("choice", "yes_no", "reference"):
        return Q(text=given.casefold())
    return _begins(given)


def count_of(rows: QuerySet[Entry]) -> tuple[int, bool]:
    """How many there are, and whether there are more than were counted."""
    result = rows.order_by()[: MOST_COUNTED + 1].count()
    return min(result, MOST_COUNTED), result > MOST_COUNTED


def entry_of(number: str, viewer: Actor) -> tuple[Entry, Register]:
    """One entry with the version that it was made by. Raises NotFound where the viewer may not see it."""
    row = Entry.objects.select_related("office").filter(number=number).first()
    if row is None:
        raise NotFound(f"entry {number}")
    register = version_of(row)
    if not Entry.objects.filter(reach(viewer, register), pk=row.pk).exists():
        raise NotFound(f"entry {number}")
    return row, register


def version_of(entry: Entry) -> Register:
    """The declaration that an entry was made by."""
    return loader.version(entry.register, entry.version)


def may_read(viewer: Actor, field: Field, entry: Entry | None = None) -> bool:
    """Whether a viewer may see a field: the one question that every door asks."""
    if not field.private:
        return True
    if entry is not None and viewer.user_id is not None and entry.entered_by == viewer.user_id:
        return True
    return viewer.role in field.seen_by


def shown_values(viewer: Actor, entry: Entry, register: Register) -> dict[str, Any]:
    """What of an entry a viewer may see, by field; what stands for no value is left out."""
    return {
        name: entry.values[name]
        for name, field in register.fields.items()
        if name in entry.values and may_read(viewer, field, entry)
    }


def acts_of(entry: Entry) -> QuerySet[EntryAct]:
    """What was done to an entry, oldest first. The caller has checked that the viewer may see it."""
    return entry.done.all()


def public_entries(register: Register) -> QuerySet[Entry]:
    """What anybody may see of a register; nothing where it declares no public view."""
    if register.public is None:
        return Entry.objects.none()
    return Entry.objects.filter(register=register.name, state__in=register.public.states).order_by("-id")


def overdue(at: datetime, *, most: int) -> list[Entry]:
    """Entries whose next rung has come, the oldest first."""
    return list(Entry.objects.filter(next_rung_at__lte=at).order_by("next_rung_at")[:most])


def duties(viewer: Actor, register: Register) -> QuerySet[DutyPeriod]:
    """What the offices within a viewer's reach owe, the newest period first."""
    rows = DutyPeriod.objects.filter(register=register.name).select_related("office")
    return rows.filter(within(viewer, viewer.post.reach, district="office__district"))
