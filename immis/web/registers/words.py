"""How a register's fields, faults and values read on a page, in the reader's language."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from immis import clock
from immis.core.access.permissions import Actor
from immis.core.nouns import NOUNS, Page, page_of
from immis.registers import nouns
from immis.registers.declaration import Field, Register
from immis.registers.selectors import may_read, shown_values, version_of
from immis.web.shell import wording
from immis.web.shell.tables import Column, Table, to


def fault_text(code: str, allowed: Any) -> str:
    """What is wrong with a value, and what is allowed."""
    names = ", ".join(map(str, allowed)) if isinstance(allowed, list | tuple) else str(allowed)
    words = {
        "required": _("This is needed."),
        "long": _("At most %(most)s letters.") % {"most": allowed},
        "letters": _("This holds signs that cannot be kept."),
        "number": _("A number, as 12 or 12.5."),
        "small": _("At least %(least)s.") % {"least": allowed},
        "great": _("At most %(most)s.") % {"most": allowed},
        "money": _("An amount in rupees, as 22,37,625.00."),
        "day": _("A day, as 15.10.2026."),
        "instant": _("A day and time, as 15.10.2026 10:30."),
        "choice": _("One of: %(names)s.") % {"names": names},
        "yes_no": _("Yes, no or not applicable."),
        "point": _("Latitude and longitude, as 25.28, 86.61."),
        "rows": _("At most %(most)s rows.") % {"most": allowed},
        "file": _("A file that was handed in."),
        "reference": _("There is no such record within your reach."),
        "column": _("No column of this name; there are: %(names)s.") % {"names": names},
        "missing": _("This column is missing."),
    }
    return words.get(code, code)


def shown(field: Field, value: Any) -> Any:
    """A value as a page shows it: words, money, days and instants of India; a table as rows of such."""
    if value in (None, "", [], {}):
        return ""
    if field.type == "choice":
        return wording.name_of((field.choices or {}).get(value, {"en": value, "hi": value}))
    if field.type == "yes_no":
        answer = {"yes": _("yes"), "no": _("no"), "na": _("not applicable")}[value["answer"]]
        return f"{answer}: {value['remark']}" if value["remark"] else answer
    if field.type == "money":
        return wording.paise(value)
    if field.type == "number":
        return f"{wording.number(Decimal(value))} {wording.name_of(field.unit)}".strip() if field.unit else value
    if field.type == "day":
        return wording.day(date.fromisoformat(value))
    if field.type == "instant":
        return wording.clock_time(datetime.fromisoformat(value))
    if field.type == "reference":
        return wording.name_of(nouns.name_of(field.refers, value))
    if field.type == "point":
        return f"{value[0]:.5f}, {value[1]:.5f}"
    if field.type in ("photo", "file"):
        return value.get("name", "")
    return value


def rows_of(viewer: Actor, entry: Any, register: Register) -> list[dict[str, Any]]:
    """The fields of an entry that a viewer may see, each with its title and what stands in it."""
    values = shown_values(viewer, entry, register)
    return [
        {
            "field": field,
            "title": wording.name_of(field.title),
            "value": shown(field, values[name]),
            "rows": table_rows(field, values[name]) if field.type == "table" else None,
            "page": _page(field, values[name]),
            "file": values[name].get("sha256", "") if field.type in ("photo", "file") else "",
        }
        for name, field in register.fields.items()
        if name in values
    ]


def _page(field: Field, value: Any) -> Page | None:
    """Where the record that a field names is shown, if everybody may see it there."""
    noun = NOUNS.get(field.refers)
    return page_of(field.refers, value) if noun and noun.is_public else None


def table_rows(field: Field, rows: Any) -> list[list[Any]]:
    """A table's rows, cell by cell in the order of its columns."""
    return [[shown(column, row.get(column.name)) for column in field.columns] for row in rows or ()]


def cell(viewer: Actor, entry: Any, field: Field) -> Any:
    """What a list or an export shows of one field; nothing of what the viewer may not see."""
    values: Mapping[str, Any] = shown_values(viewer, entry, version_of(entry))
    if field.type == "money":
        return values.get(field.name)
    return shown(field, values.get(field.name))


def state_chip(entry: Any) -> tuple[str, str]:
    """The state of an entry as chip and word; an overdue one is red."""
    state = version_of(entry).states[entry.state]
    label = wording.name_of(state.title)
    late = not state.ends and entry.due_at is not None and entry.due_at < clock.now()
    return ("bad", f"{label}, {_('overdue')}") if late else (state.drawn, label)


def _open_until(entry: Any) -> Any:
    """By when an entry is to be closed; None once it is."""
    return None if version_of(entry).states[entry.state].ends else entry.due_at


def table(viewer: Actor, register: Register) -> Table:
    """The list of a register: what is searched stands on the page, all that the viewer may see in the file."""
    listed = [field for field in register.listed if may_read(viewer, field)]
    fields = [field for field in register.fields.values() if field.type not in ("table", "photo", "file")]
    on = "" if register.falls_due else "file"
    columns = [
        Column(_("Number"), "number", link=to("entry", "number")),
        Column(_("State"), state_chip, "chip"),
        Column(_("Entered at"), "entered_at", "at", on=on),
        *(
            [Column(_("Due by"), "due_at", "at"), Column("", _open_until, "late", under=True, on="page")]
            if not on
            else []
        ),
        *[_column(viewer, field, "" if field in listed else "file") for field in fields],
    ]
    empty = (_("No entry here"), _("Entries that your post may see appear here, the newest first."))
    on_map = bool(places(viewer, register))
    attrs = (lambda entry: {"data-feature": entry.number}) if on_map else (lambda _entry: {})
    return Table(register.name, wording.name_of(register.title), columns, empty, row_attrs=attrs)


def places(viewer: Actor, register: Register) -> list[str]:
    """The fields of a register that stand on a map for a viewer."""
    fields = register.fields.values()
    return [field.name for field in fields if field.type == "point" and may_read(viewer, field)]


def features(viewer: Actor, register: Register, entries: Iterable[Any]) -> list[dict[str, Any]]:
    """The entries that have a place, as GeoJSON."""
    made = []
    for entry in entries:
        values = shown_values(viewer, entry, version_of(entry))
        for name in places(viewer, register):
            if name in values:
                lat, lon = values[name]
                properties = {"id": entry.number, "name": entry.number, "url": reverse("entry", args=[entry.number])}
                geometry = {"type": "Point", "coordinates": [lon, lat]}
                made.append({"type": "Feature", "geometry": geometry, "properties": properties})
    return made


def _column(viewer: Actor, field: Field, on: str) -> Column:
    kind = "paise" if field.type == "money" else "text"
    return Column(wording.name_of(field.title), lambda entry: cell(viewer, entry, field), kind, on=on)
