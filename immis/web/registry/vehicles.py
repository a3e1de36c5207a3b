"""The register of vehicles with their papers: of a party, of a district, of the State (E-150)."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.grants import may
from immis.registry import things
from immis.registry.selectors import device_of
from immis.rules.calendar import india_day
from immis.rules.writing.texts import texts
from immis.web.registry.things import changes, lead, new_response
from immis.web.registry.vehicle_record import PAPER_STATES, linked_with, record_of
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.districts import district_name
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.views import page


class VehicleFilter(forms.Form):
    """Which vehicles to show."""

    q = forms.CharField(
        label=gettext_lazy("Registration mark or owner"),
        required=False,
        max_length=40,
        widget=forms.TextInput({"type": "search"}),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False)
    papers = forms.ChoiceField(
        label=gettext_lazy("Papers"),
        required=False,
        choices=[
            ("", gettext_lazy("all")),
            ("ended", gettext_lazy("one has ended")),
            ("ending", gettext_lazy("one ends soon")),
        ],
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        kinds = [(kind, wording.name_of(texts("registry/kinds")[kind])) for kind in ("truck", "tractor", "trolley")]
        self.fields["kind"].choices = [("", _("all")), *kinds]


@page("vehicle.list")
def index(request: HttpRequest) -> HttpResponse:
    """Vehicles with their papers by filters; as a page or a file."""
    form, today = VehicleFilter(request.GET), india_day(clock.now())
    wanted = form.cleaned_data if form.is_valid() else {}
    result = things.vehicles_listed(request.actor)
    if text := wanted.get("q", "").strip():
        mark = text.replace(" ", "").replace("-", "").upper()
        result = result.filter(registration__startswith=mark) | result.filter(owner_name__icontains=text)
    if wanted.get("kind"):
        result = result.filter(kind=wanted["kind"])
    if wanted.get("papers"):
        until = today - timedelta(days=1) if wanted["papers"] == "ended" else things.soon(today)
        result = things.with_ending_paper(result, until=until)
    more = lead(request, "vehicles", "vehicle.register", "vehicle_new", _("Register a vehicle"))
    shown = ListPage(form=form, template="registry/things/thing_list.html", more=more)
    return list_response(request, _table(today), result, shown)


def papers_chip(vehicle: Any, *, today: Any) -> tuple[str, Any]:
    """The papers of a vehicle in one word: that of the worst."""
    states = {paper.state for paper in things.papers_of(vehicle, today=today)}
    return PAPER_STATES[next((state for state in ("ended", "ending", "missing") if state in states), "valid")]


def _table(today: Any) -> Table:
    columns = [
        Column(_("Vehicle"), "registration", link=to("vehicle", "registration")),
        Column(
            _("Class"), lambda row: row.vehicle_class or wording.name_of(texts("registry/kinds")[row.kind]), under=True
        ),
        Column(_("Owner"), "owner_name"),
        Column(_("Party"), "owner", "name", under=True),
        Column(_("District"), "district", "district"),
        Column(_("Gross weight (kg)"), "gross_kg", "number"),
        Column(_("Capacity (cubic metres)"), "capacity_m3", "number", on="file"),
        Column(_("Unladen weight (kg)"), "unladen_kg", "number", on="file"),
        Column(_("Wheels"), "wheels", "number", on="file"),
        Column(_("Trolley"), "trolley.registration", on="file"),
        Column(_("Papers"), lambda row: papers_chip(row, today=today), "chip"),
        *(Column(_paper_word(name), name, "day", on="file") for name in things.PAPERS),
    ]
    hint = _(
        "Vehicles that a settlee, a transporter or the office registers appear here with the ends of their papers."
    )
    return Table("vehicles", _("Vehicles"), columns, (_("No vehicle here"), hint))


def _paper_word(name: str) -> str:
    return wording.name_of(texts("registry/columns")[name])


@page("vehicle.register")
def new(request: HttpRequest) -> HttpResponse:
    """Register a vehicle with its papers."""
    words = {"title": _("Register a vehicle"), "back": "vehicles", "back_title": _("Vehicles")}
    return new_response(request, "vehicle", "register", **words)


@page("vehicle.list", write="vehicle.register")
def detail(request: HttpRequest, mark: str) -> HttpResponse:
    """One vehicle: certificate, papers with their ends, engine and trolley, device, and what was changed by whom."""
    vehicle, at = things.vehicle_listed(mark, request.actor), clock.now()
    acts = PageActs(request, "vehicle", vehicle, place="vehicle", at=at)
    if request.method == "POST" and (answer := acts.take()):
        return answer
    papers = _papers(vehicle, india_day(at)).listed(things.papers_of(vehicle, today=india_day(at)))
    context = {"facts": _facts(vehicle, request), "listed": papers, "acts": acts}
    context |= {"changes": changes("vehicle", vehicle.registration), **linked_with(request.actor, vehicle)}
    context["record"] = record_of(request.actor, vehicle, context, at=at)
    return render(request, "record.html", context, status=acts.status)


def _facts(vehicle: Any, request: HttpRequest) -> list[tuple[Any, Any]]:
    kg = [wording.number(value) for value in (vehicle.unladen_kg, vehicle.gross_kg, vehicle.combination_kg) if value]
    device = device_of(vehicle)
    return [
        (
            _("Kind"),
            wording.name_of(texts("registry/kinds").get(vehicle.kind, {"en": vehicle.kind, "hi": vehicle.kind})),
        ),
        (_("Class as VAHAN prints it"), vehicle.vehicle_class),
        (_("Body"), vehicle.body),
        (_("Axles and wheels"), f"{vehicle.axles or '—'} · {vehicle.wheels}"),
        (_("Weights: unladen, gross, with trailer (kg)"), " · ".join(kg)),
        (_("Capacity (cubic metres)"), wording.number(vehicle.capacity_m3)),
        (_("Owner"), vehicle.owner_name),
        (_("Party"), wording.name_of(vehicle.owner) if vehicle.owner else ""),
        (_("District"), district_name(vehicle.district, wording.lang()) if vehicle.district else ""),
        (_("Commercial"), _("yes") if vehicle.commercial else _("no")),
        *_pair(vehicle, request),
        (_("GPS device"), device.imei if device and may(request.actor, "device.see") else ""),
    ]


def _pair(vehicle: Any, request: HttpRequest) -> list[tuple[Any, Any]]:
    """The trolley of an engine, and the engine of a trolley."""
    engine = things.vehicles_listed(request.actor, trolley=vehicle).first()
    pairs = [(_("Trolley"), vehicle.trolley), (_("Engine"), engine)]
    return [
        (label, format_html('<a href="{}">{}</a>', reverse("vehicle", args=[row.registration]), row.registration))
        for label, row in pairs
        if row
    ]


def _papers(vehicle: Any, today: Any) -> Table:
    columns = [
        Column(_("Paper"), lambda paper: _paper_word(paper.name)),
        Column(_("Number"), "number"),
        Column(_("Valid until"), "until", "day"),
        Column(_("State"), lambda paper: PAPER_STATES[paper.state], "chip"),
    ]
    return Table("papers", _("Papers"), columns)
