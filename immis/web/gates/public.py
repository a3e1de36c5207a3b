"""How well the service runs, for anybody: uptime by month and each outage, counted from the log."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from immis import clock
from immis.challans.offline.outages import months
from immis.challans.selectors.outages import outages
from immis.web.shell.tables import Column, ListPage, Table, list_response
from immis.web.shell.views import PUBLIC, page


def _table() -> Table:
    def how(row: Any) -> str:
        return _("the pulse of the service") if row.how == "log" else _("an order of the department")

    columns = [
        Column(_("Began"), "begins_at", "at"),
        Column(_("Ended"), "ends_at", "at"),
        Column(_("Minutes"), "minutes", "number"),
        Column(_("Known from"), how),
        Column(_("What happened"), "words"),
    ]
    empty = (_("No outage on record"), _("An outage of the service is written down by itself when it is over."))
    return Table("outages", _("Uptime and outages"), columns, empty)


@page(PUBLIC)
def uptime(request: HttpRequest) -> HttpResponse:
    """Uptime by month and each outage, as a page or a file."""
    at = clock.now()
    shown = ListPage(template="gates/uptime.html", more={"months": months(at=at)})
    return list_response(request, _table(), outages(), shown)
