"""Cases against a party, as the owner of a truck reads them: offence, clause, until when to reply, what to pay."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from immis.enforcement import selectors
from immis.rules.movement.offences import offence
from immis.web.enforcement import case_words, words
from immis.web.shell import wording
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.views import page


def _clause(case: Any) -> str:
    return wording.citation(offence(case.offence).clause)


def _table() -> Table:
    columns = [
        Column(_("Case"), "number", link=to("own_case", "number")),
        Column(_("Offence"), lambda case: words.offence(case.offence)),
        Column(_("Clause"), _clause, under=True),
        Column(_("Vehicle"), "vehicle.registration"),
        Column(_("Seen at"), "occurred_at", "at"),
        Column(_("Reply until"), case_words.reply_until, "day"),
        Column(_("Ordered"), "ordered_paise", "paise", link=to("pay", "demand_number")),
        Column(_("State"), words.case_chip, "chip"),
    ]
    hint = _("A case against you appears here when its notice is sent.")
    return Table("own-cases", _("Cases against me"), columns, (_("No case here"), hint))


@page("case.read")
def own_cases(request: HttpRequest) -> HttpResponse:
    """Cases in which the reader got a notice, newest first (A-15)."""
    return list_response(request, _table(), selectors.cases(request.actor), ListPage())
