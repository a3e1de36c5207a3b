"""The offices' side of transit passes: list, parties, report, and the switch with its readiness."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.rules.calendar import india_day
from immis.rules.writing.texts import texts
from immis.transit import selectors
from immis.transit.ready import readiness
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.fields import DayField
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.views import page
from immis.web.transit import words
from immis.web.transit.party import PassFilter, pass_table

_REPORTED_DAYS = 30


class OfficeFilter(PassFilter):
    """Which passes of the jurisdiction to show."""

    origin = forms.ChoiceField(label=gettext_lazy("State of origin"), required=False)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        named = [(code, wording.name_of(names)) for code, names in texts("transit/states").items()]
        self.fields["origin"].choices = [("", _("all")), *named]

    def apply(self, rows: Any) -> Any:
        rows = super().apply(rows)
        wanted = self.cleaned_data.get("origin") if self.is_valid() else ""
        return rows.filter(origin_state=wanted) if wanted else rows


@page("istp.oversee")
def office_istp(request: HttpRequest) -> HttpResponse:
    """Passes of the jurisdiction: filter, export."""
    form, at = OfficeFilter(request.GET), clock.now()
    hint = _("Passes of loads that come to your jurisdiction appear here as soon as somebody asks for one.")
    table = pass_table(_("Transit passes (ISTP)"), (_("No transit pass by these filters"), hint), at)
    more = {"switch": words.switch_words(selectors.switch_now(at))}
    shown = ListPage(form=form, template="transit/office_list.html", more=more)
    return list_response(request, table, form.apply(selectors.passes(request.actor)), shown)


@page("istp.oversee")
def office_istp_parties(request: HttpRequest) -> HttpResponse:
    """Parties of other States that registered, with their proofs."""
    columns = [
        Column(_("Number"), "number", link=to("istp_party", "number")),
        Column(_("Party"), "party", "name"),
        Column(_("State of origin"), lambda row: words.state_name(row.state_code), under=True),
        Column(_("What it is there"), lambda row: words.kind(row.kind)),
        Column(_("Licence"), "licence_no", under=True),
        Column(_("District"), "district", "district"),
        Column(_("Registered on"), "at", "at"),
        Column(_("State"), lambda row: words.PARTIES[row.state], "chip"),
    ]
    hint = _("Who registers on the page of transit passes appears here at once; nobody is asked first.")
    table = Table("transit-parties", _("Parties of other States"), columns, (_("No party of another State"), hint))
    return list_response(request, table, selectors.registrations(request.actor))


class SpanForm(forms.Form):
    """The days of a report."""

    from_on = DayField(label=gettext_lazy("From day"), required=False)
    to_on = DayField(label=gettext_lazy("Up to day"), required=False)


@page("istp.oversee")
def office_istp_report(request: HttpRequest) -> HttpResponse:
    """Issued passes of a span by State and unit: loads, quantity, fee, entries, those late and those never seen."""
    form, at = SpanForm(request.GET), clock.now()
    sent, today = form.cleaned_data if form.is_valid() else {}, india_day(at)
    from_on = sent.get("from_on") or today - timedelta(days=_REPORTED_DAYS - 1)
    rows = selectors.summary(request.actor, from_on=from_on, to_on=sent.get("to_on") or today, at=at)
    columns = [
        Column(_("State of origin"), lambda row: words.state_name(row["origin_state"])),
        Column(_("Unit"), lambda row: words.unit(row["unit"])),
        Column(_("Passes"), lambda row: row["count"], "number"),
        Column(_("Quantity"), lambda row: row["quantity"], "number"),
        Column(_("Fee"), lambda row: row["fee_paise"], "paise"),
        Column(_("Entered the State"), lambda row: row["entered"], "number"),
        Column(_("Entered late"), lambda row: row["late"], "number"),
        Column(_("Never seen at a check post"), lambda row: row["never"], "number"),
    ]
    hint = _("Passes count from the day on which they were issued; those withdrawn do not.")
    table = Table("transit-report", _("Transit passes by State"), columns, (_("No pass in these days"), hint))
    return list_response(request, table, rows, ListPage(form=form))


@page("istp.oversee", write="istp.switch")
def office_istp_status(request: HttpRequest) -> HttpResponse:
    """The switch, what is ready and what is missing, the orders; headquarters switches by a date and a number."""
    at = clock.now()
    acts = PageActs(request, "istp_order", None, place="status", at=at)
    if request.method == "POST" and (answer := acts.take()):
        return answer
    now = selectors.switch_now(at)
    columns = [
        Column(_("What is needed"), "title"),
        Column(_("Now"), "now", under=True),
        Column(_("State"), lambda row: words.READINESS[row.state], "chip"),
        Column(_("Mended by"), "mend"),
    ]
    more = {
        "acts": acts,
        "chip": words.SWITCH[now.state],
        "switch": words.switch_words(now),
        "orders": [(row, words.order_words(row)) for row in selectors.orders()[:20]],
    }
    table = Table("transit-readiness", _("Switch and readiness (ISTP)"), columns)
    shown = ListPage(template="transit/status.html", more=more, status=acts.status)
    return list_response(request, table, readiness(at), shown)
