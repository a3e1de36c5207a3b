"""The inbox of a party or office: what was sent, when, by which clause, and how it was delivered (E-062, A-19)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from immis import clock
from immis.messaging import selectors, services
from immis.rules.policy import book
from immis.web.enforcement import words
from immis.web.messaging.words import state_of
from immis.web.shell import wording
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.tags import clause
from immis.web.shell.views import page


def title_of(message: Any) -> str:
    """The subject line of a message in the reader's language."""
    return wording.name_of(book().entry(message.template).title)


def delivery_chips(message: Any) -> list[tuple[str, str]]:
    """How a message was delivered, as (state, words)."""
    rows = message.deliveries.all()
    return [(drawn, f"{wording.CHANNELS[row.channel]}: {word}") for row in rows for drawn, word in [state_of(row)]]


def _shown(message: Any) -> dict[str, Any]:
    """A message as the list shows it; one that cannot be worded still stands there, with its day."""
    unshown = {"row": message, "text": "", "deliveries": []}
    return wording.guarded(_item, message, code=message.template, instead=lambda words: {**unshown, "title": words})


def _item(message: Any) -> dict[str, Any]:
    return {
        "row": message,
        "title": title_of(message),
        "text": wording.say((message.template, message.facts)),
        "deliveries": delivery_chips(message),
    }


def _table() -> Table:
    columns = [
        Column(_("At"), "at", "at", on="file"),
        Column(
            _("Subject"),
            lambda row: f"{'' if row.read_at else '● '}{title_of(row)}",
            link=to("message", "pk"),
            on="page",
        ),
        Column(_("At"), "at", "at", under=True, on="page"),
        Column(_("Subject"), title_of, on="file"),
        Column(_("Message"), lambda row: wording.say((row.template, row.facts))),
        Column(_("Clause"), lambda row: clause(row.template), "html", on="page"),
        Column(_("Clause"), "template", on="file"),
        Column(_("Read at"), "read_at", "at", on="file"),
        Column(_("Delivery"), delivery_chips, "chips", on="page"),
        Column(_("Delivery"), lambda row: "; ".join(text for _state, text in delivery_chips(row)), on="file"),
    ]
    hint = _(
        "What the department tells you stands here: due amounts, stops and their end, results, notices. E-mail goes out"
        " at the same time."
    )
    return Table("messages", _("Messages"), columns, (_("No message yet"), hint))


@page("message.read")
def inbox(request: HttpRequest) -> HttpResponse:
    """Messages to this party or office, newest first, unread ones marked (E-062)."""
    rows = selectors.inbox(request.actor)
    if request.GET.get("unread"):
        rows = rows.filter(read_at__isnull=True)
    more = {"unread": selectors.unread_count(request.actor)}
    return list_response(
        request, _table(), rows, ListPage(template="messaging/messages.html", rows_a_page=30, more=more)
    )


def _about(request: HttpRequest, message: Any) -> str:
    """Where the record that a message is about is shown to this reader."""
    return wording.guarded(
        lambda row: _address(request, row), message, code=message.template, instead=lambda _words: ""
    )


def _address(request: HttpRequest, message: Any) -> str:
    if not request.actor.is_party:
        return words.subject_link(message.subject_kind, message.subject_id, message.facts)
    if message.facts.get("demand") and message.template in ("MSG-01", "MSG-02", "MSG-06"):
        return words.link("pay", message.facts["demand"])
    if message.facts.get("challan"):
        return words.link("challan", message.facts["challan"])
    code = message.facts.get("lease") or (message.subject_id if message.subject_kind == "lease" else "")
    return words.link("settlee_lease", code) if code else ""


@page("message.read")
def message(request: HttpRequest, message_id: int) -> HttpResponse:
    """One message with its clause and deliveries; opening it notes that it was read."""
    row = selectors.message_of(request.actor, message_id)
    services.mark_read(row, by=request.actor, at=clock.now())
    return render(request, "messaging/message.html", {**_shown(row), "about": _about(request, row)})
