"""The register of destinations and other places."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.errors import NotFound
from immis.registry import things
from immis.registry.services.places import KINDS
from immis.rules.writing.texts import texts
from immis.web.registry.things import Thing, lead, new_response, thing_response
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.districts import district_name
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.views import page


def kind_word(kind: str) -> str:
    """A kind of place in words."""
    return wording.name_of(texts("registry/kinds").get(kind, {"en": kind, "hi": kind}))


class PlaceFilter(forms.Form):
    """Which places to show."""

    q = forms.CharField(
        label=gettext_lazy("Name or code"), required=False, max_length=60, widget=forms.TextInput({"type": "search"})
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("all")), *((kind, kind_word(kind)) for kind in KINDS)]


@page("place.list")
def index(request: HttpRequest) -> HttpResponse:
    """Destinations and other places by filters; as a page or a file."""
    form = PlaceFilter(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    result = things.places_listed(request.actor)
    if wanted.get("kind"):
        result = result.filter(kind=wanted["kind"])
    if text := wanted.get("q", "").strip():
        result = (
            result.filter(name_en__icontains=text) | result.filter(name_hi__icontains=text) | result.filter(code=text)
        )
    more = lead(request, "places", "place.enter", "place_new", _("Enter a destination"))
    shown = ListPage(form=form, template="registry/things/thing_list.html", more=more)
    return list_response(request, _table(), result, shown)


def _table() -> Table:
    columns = [
        Column(_("Place"), lambda row: row, "name", link=to("place", "code")),
        Column(_("Code"), "code", under=True),
        Column(_("Kind"), lambda row: kind_word(row.kind)),
        Column(_("District"), "district", "district"),
        Column(_("Latitude (degrees)"), "lat", "number"),
        Column(_("Longitude (degrees)"), "lon", "number"),
        Column(_("Circle round it (metres)"), "radius_m", "number"),
    ]
    hint = _("Destinations that settlees or offices enter appear here.")
    return Table("places", _("Destinations and places"), columns, (_("No place here"), hint))


@page("place.enter")
def new(request: HttpRequest) -> HttpResponse:
    """Enter a destination or another place."""
    words = {"title": _("Enter a destination"), "back": "places", "back_title": _("Destinations and places")}
    return new_response(request, "place", "enter", **words)


@page("place.list", write="place.change")
def detail(request: HttpRequest, code: str) -> HttpResponse:
    """One place with its circle, and what was changed by whom."""
    place = things.places_listed(request.actor, code=code).first()
    if place is None:
        raise NotFound(f"place {code}")
    acts = PageActs(request, "place", place, place="place", at=clock.now())
    if request.method == "POST" and (answer := acts.take()):
        return answer
    thing = Thing(
        noun="place",
        number=place.code,
        title=wording.name_of(place),
        chip=("info", kind_word(place.kind)),
        facts=[
            (_("Code"), place.code),
            (_("District"), district_name(place.district, wording.lang()) if place.district else ""),
            (_("Latitude, longitude"), f"{place.lat}, {place.lon}"),
            (_("Circle round it (metres)"), wording.number(place.radius_m)),
        ],
    )
    return thing_response(request, thing, acts)
