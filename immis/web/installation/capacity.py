"""The sizing proposal: the load of this installation, what each year needs, three ways to stand (A-29)."""

from dataclasses import asdict, replace
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.analytics.capacity import load_of
from immis.analytics.capacity_paper import proposal_pdf
from immis.core.papers.documents import words_of_paper
from immis.rules.capacity import Load, Option, options_of, years_of
from immis.rules.policy import book
from immis.web.shell import wording
from immis.web.shell.tables import Column, ListPage, Table, list_response
from immis.web.shell.views import page


class LoadForm(forms.Form):
    """A load to reckon with in place of the one that is measured."""

    challans = forms.IntegerField(
        label=gettext_lazy("E-challans of the busiest day"), required=False, min_value=0, max_value=10**8
    )
    devices = forms.IntegerField(
        label=gettext_lazy("Devices that report"), required=False, min_value=0, max_value=10**8
    )


def _load(form: LoadForm, at: Any) -> Load:
    load, sent = load_of(at), form.cleaned_data if form.is_valid() else {}
    if sent.get("challans") is not None:
        load = replace(load, challans_a_day=sent["challans"])
    return replace(load, devices=sent["devices"]) if sent.get("devices") is not None else load


def _table() -> Table:
    columns = [
        Column(_("Year"), "year", "number"),
        Column(_("E-challans of the busiest day"), "challans_a_day", "number"),
        Column(_("Devices that report"), "devices", "number"),
        Column(_("Processor cores"), "cores", "number"),
        Column(_("Memory (GB)"), "memory_gb", "number"),
        Column(_("Storage (GB)"), "storage_gb", "number"),
    ]
    return Table("capacity", _("Sizing proposal"), columns)


def _option(row: Option) -> dict[str, Any]:
    return {**asdict(row), "name": wording.name_of(asdict(words_of_paper("capacity")[row.code]))}


@page("capacity.read")
def office_capacity(request: HttpRequest) -> HttpResponse:
    """What each year needs in machines and storage, and three options, for a load measured or typed."""
    form, at = LoadForm(request.GET), clock.now()
    load, terms = _load(form, at), book().value("CAP-01", at)
    rows = years_of(load, terms)
    options = options_of(rows, terms)
    if request.GET.get("paper"):
        named = {"Content-Disposition": 'inline; filename="capacity.pdf"'}
        return HttpResponse(proposal_pdf(load, rows, options, at=at), content_type="application/pdf", headers=named)
    more = {"load": load, "options": [_option(row) for row in options], "query": request.GET.urlencode()}
    shown = ListPage(form=form, template="installation/capacity.html", more=more)
    return list_response(request, _table(), rows, shown)
