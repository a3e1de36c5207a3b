"""The tree of offices: list, one office with its charges, what may be done there (A-27, A-28)."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.grants import may
from immis.registry import offices as register
from immis.registry.people import charges
from immis.rules.posts import OFFICE_KINDS
from immis.rules.writing.texts import texts
from immis.web.registry.words import charge_chip, charge_table, office_kind
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.views import page

_STATES = (("open", gettext_lazy("open")), ("closed", gettext_lazy("closed")))


class OfficeFilter(forms.Form):
    """Which offices to show."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False)
    state = forms.ChoiceField(
        label=gettext_lazy("State"), required=False, choices=[("", gettext_lazy("all")), *_STATES]
    )
    q = forms.CharField(
        label=gettext_lazy("Search"), required=False, max_length=60, widget=forms.TextInput({"type": "search"})
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        words = texts("registry/office_kinds")
        self.fields["kind"].choices = [("", _("all")), *((kind, wording.name_of(words[kind])) for kind in OFFICE_KINDS)]

    def filters(self) -> dict[str, Any]:
        """The filters of the selector."""
        wanted = self.cleaned_data if self.is_valid() else {}
        chosen = {"kind": wanted.get("kind")}
        result = {name: value for name, value in chosen.items() if value}
        if wanted.get("state"):
            result["closed_at__isnull"] = wanted["state"] == "open"
        return result


@page("office.read")
def index(request: HttpRequest) -> HttpResponse:
    """The offices of the jurisdiction; filter and export."""
    form = OfficeFilter(request.GET)
    rows = register.seen_offices(request.actor, **form.filters())
    text = (form.cleaned_data.get("q") or "").strip() if form.is_valid() else ""
    if text:
        rows = register.named_like(rows, text)
    more = {"may_import": may(request.actor, "office.import")}
    shown = ListPage(form=form, template="registry/offices.html", more=more)
    return list_response(request, _table(), rows, shown)


def _table() -> Table:
    columns = [
        Column(_("Office"), lambda row: wording.name_of(row), link=to("office_office", "code")),
        Column(_("Code"), "code", under=True),
        Column(_("Kind"), lambda row: office_kind(row.kind)),
        Column(_("District"), "district", "district"),
        Column(_("Under"), lambda row: wording.name_of(row.parent) if row.parent else ""),
        Column(_("LGD number"), "lgd_code"),
        Column(_("State"), _chip, "chip"),
        Column(_("Closed at"), "closed_at", "at", on="file"),
    ]
    hint = _("Offices come by file, or are created under the office above them.")
    return Table("offices", _("Offices"), columns, (_("No office here"), hint))


def _chip(office: Any) -> tuple[str, str]:
    return ("plain", _("closed")) if office.closed_at else ("good", _("open"))


@page("office.read")
def detail(request: HttpRequest, code: str) -> HttpResponse:
    """One office: who holds which charge, what stands under it, what may be done."""
    office, at = register.seen_office(request.actor, code), clock.now()
    acts = PageActs(request, "office", office, place="office", at=at)
    if request.method == "POST" and (answer := acts.take()):
        return answer
    rows = charges.charges(request.actor, office=office)
    context = {
        "office": office,
        "kind": office_kind(office.kind),
        "chip": _chip(office),
        "charges": charge_table(at, with_office=False).listed(sorted(rows, key=lambda row: charge_chip(row, at)[0])),
        "below": register.seen_offices(request.actor, parent=office),
        "acts": acts,
    }
    return render(request, "registry/office.html", context, status=acts.status)
