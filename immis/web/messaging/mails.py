"""The mail log of a settlement: what was sent to its settlee, and what came from him (E-127)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from immis.core.grants import may
from immis.leases import selectors as leases
from immis.leases.entries import mails_from_settlee
from immis.messaging.selectors import mails_about_lease
from immis.messaging.texts import ending
from immis.web.messaging.inbox import title_of
from immis.web.messaging.words import reason_of, state_of
from immis.web.registers.words import state_chip
from immis.web.shell import wording
from immis.web.shell.tables import Column, ListPage, Table, list_response
from immis.web.shell.views import page


@dataclass(frozen=True)
class Mail:
    """One e-mail of the log, whichever way it went."""

    at: datetime
    way: str
    subject: str
    words: str
    address: str
    chip: tuple[str, str]
    sent_at: datetime | None = None
    reason: str = ""
    url: str = ""


@page("lease.read")
def lease_mails(request: HttpRequest, code: str) -> HttpResponse:
    """Every e-mail of one settlement, newest first, with when it was sent and what became of it."""
    lease = leases.lease_of(code, request.actor)
    mails = [_sent(row) for row in mails_about_lease(lease.number, lease.party_id)]
    mails += [_received(row, linked=may(request.actor, "lease.oversee")) for row in mails_from_settlee(lease.number)]
    shown = ListPage(template="messaging/mails.html", more={"lease": lease})
    return list_response(request, _table(lease), sorted(mails, key=lambda mail: mail.at, reverse=True), shown)


def _sent(row: Any) -> Mail:
    message = row.message
    return Mail(
        at=message.at,
        way=_("to the settlee"),
        subject=title_of(message),
        words=wording.say((message.template, message.facts)),
        address=ending(row.address),
        chip=state_of(row),
        sent_at=row.sent_at,
        reason=reason_of(row),
    )


def _received(entry: Any, *, linked: bool) -> Mail:
    values, at = entry.values, datetime.fromisoformat(entry.values["sent_at"])
    return Mail(
        at=at,
        way=_("from the settlee"),
        subject=values["subject"],
        words=values.get("answer") or values.get("words", ""),
        address=ending(values["sender"]),
        chip=state_chip(entry),
        sent_at=at,
        url=reverse("entry", args=[entry.number]) if linked else "",
    )


def _table(lease: Any) -> Table:
    columns = [
        Column(_("At"), "at", "at", link=lambda mail: mail.url),
        Column(_("Way"), "way", under=True),
        Column(_("Subject"), "subject"),
        Column(_("Message"), "words", under=True),
        Column(_("Address"), "address"),
        Column(_("State"), "chip", "chip"),
        Column(_("Reason"), "reason", under=True),
        Column(_("Sent at"), "sent_at", "at"),
    ]
    hint = _("E-mails of this settlement stand here from the moment a message is written.")
    return Table(f"mails-{lease.number}", _("Mail log"), columns, (_("No e-mail yet"), hint))
