"""The tree of offices: list, one office with its charges, what may be done there (A-27, A-28)."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.access.permissions import Actor
from immis.core.grants import may
from immis.registry import offices as register
from immis.registry.people import charges
from immis.rules.posts import OFFICE_KINDS, chart
from immis.rules.writing.texts import texts
from immis.web.registry.words import charge_table, office_chip, office_kind
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.views import page

_SHOWN = 100  # charges on the page of an office
_STATES = (("open", gettext_lazy("at work")), ("closed", gettext_lazy("closed")))


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
    more = {"sheets": _sheets(request.actor)}
    shown = ListPage(form=form, template="registry/people/offices.html", more=more)
    return list_response(request, _table(), rows, shown)


def _sheets(viewer: Actor) -> list[tuple[str, str]]:
    """Where many offices, or charges, are entered at once, for who may."""
    kinds = (
        ("offices", "office.import", _("Offices from a sheet")),
        ("charges", "charge.give", _("Charges from a sheet")),
    )
    return [(reverse("sheets", args=[kind]), label) for kind, grant, label in kinds if may(viewer, grant)]


def _table() -> Table:
    columns = [
        Column(_("Office"), lambda row: wording.name_of(row), link=to("office_office", "code")),
        Column(_("Code"), "code", under=True),
        Column(_("Kind"), lambda row: office_kind(row.kind)),
        Column(_("District"), "district", "district"),
        Column(_("Under"), lambda row: wording.name_of(row.parent) if row.parent else ""),
        Column(_("LGD number"), "lgd_code"),
        Column(_("State"), office_chip, "chip"),
        Column(_("Closed at"), "closed_at", "at", on="file"),
    ]
    hint = _("Offices come by file, or are created under the office above them.")
    return Table("offices", _("Offices"), columns, (_("No office here"), hint))


def _in_order(rows: Any, at: Any) -> list[Any]:
    """Charges in the order of the posts, those that are over last."""
    posts = list(chart().posts)
    return sorted(rows, key=lambda row: (not charges.is_standing(row, at), posts.index(row.role), -row.pk))


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
        "chip": office_chip(office),
        "charges": charge_table(at, with_office=False).listed(_in_order(rows, at)[:_SHOWN]),
        "charges_more": max(0, len(rows) - _SHOWN),
        "below": register.seen_offices(request.actor, parent=office),
        "acts": acts,
    }
    return render(request, "registry/people/office.html", context, status=acts.status)
