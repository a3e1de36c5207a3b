"""Words of offices, charges and log-ins, in the reader's language; the lists that several pages show."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import NoReverseMatch, resolve, reverse
from django.utils.translation import gettext as _

from immis.core.access.permissions import Actor
from immis.core.grants import may
from immis.core.nouns import page_of
from immis.rules.writing.texts import texts
from immis.web.shell import wording
from immis.web.shell.tables import Column, Table, to


def record_url(reader: Actor, kind: str, number: str, facts: Mapping[str, Any] | None = None) -> str:
    """The address of a record's page; nothing where it has none that is open to the reader's post."""
    where = page_of(kind, number, facts)
    try:
        url = reverse(where.name, args=where.args) if where else ""
    except NoReverseMatch:
        return ""
    grant = getattr(resolve(url).func, "page_grant", None) if url else None
    if where is None or (grant is not None and not may(reader, grant)):
        return ""
    return url + (f"?{where.query}" if where.query else "")


def office_kind(kind: str) -> str:
    """A kind of office in words."""
    return wording.name_of(texts("registry/office_kinds")[kind])


def office_chip(office: Any) -> tuple[str, str]:
    """Whether an office is at work."""
    return ("plain", _("closed")) if office.closed_at else ("good", _("at work"))


def charge_chip(charge: Any, at: datetime) -> tuple[str, str]:
    """The state of a charge at an instant."""
    if not charge.active or (charge.ends_at and charge.ends_at <= at):
        return "plain", _("over")
    if charge.begins_at and charge.begins_at > at:
        return "info", _("begins later")
    return ("warn", _("additional charge")) if charge.additional else ("good", _("holds it"))


def login_chip(user: Any) -> tuple[str, str]:
    """Whether a log-in works."""
    return ("good", _("active")) if user.is_active else ("bad", _("disabled"))


def charge_table(at: datetime, *, with_office: bool = True, with_person: bool = True) -> Table:
    """Charges: who, what, where, from when until when, by what order."""
    person = [
        Column(_("Person"), lambda row: wording.name_of(row.user), link=to("office_person", "user.username")),
        Column(_("User name"), "user.username", under=True),
    ]
    office = [Column(_("Office"), lambda row: wording.name_of(row.office), link=to("office_office", "office.code"))]
    columns = [
        Column(_("Post"), lambda row: wording.role_name(row.role), link=to("office_charge", "pk")),
        *(person if with_person else []),
        *(office if with_office else []),
        Column(_("Since"), "begins_at", "at"),
        Column(_("Until"), lambda row: row.ended_at or row.ends_at, "at"),
        Column(_("Order number"), "reference"),
        Column(_("State"), lambda row: charge_chip(row, at), "chip"),
    ]
    return Table("charges", _("Charges"), columns, (_("No charge here"), ""))
