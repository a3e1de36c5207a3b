"""The records of ghats before the office: a list with their rivers, and the correction of one (E-147)."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.errors import NotFound
from immis.core.scope import visible
from immis.registry.acts.ghats import LAND_WORDS
from immis.registry.corrections import LAND, versions_of
from immis.registry.rivers import known_rivers
from immis.registry.selectors import block_of, blocks, users
from immis.rules.land.geometry import area_ha
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.views import page

FIELD_WORDS = {
    "river": gettext_lazy("River"),
    "area_ha": gettext_lazy("Area"),
    "quantity_m3": gettext_lazy("Sand a year"),
    "corners": gettext_lazy("Corners"),
    "land": gettext_lazy("Land"),
}
_NO_RIVER = "-"


class GhatFilter(forms.Form):
    """Which ghats to show."""

    q = forms.CharField(
        label=gettext_lazy("Number or name"), required=False, max_length=60, widget=forms.TextInput({"type": "search"})
    )
    river = forms.ChoiceField(label=gettext_lazy("River"), required=False)

    def __init__(self, *args: Any, rivers: list[Any], **kwargs: Any):
        super().__init__(*args, **kwargs)
        named = [(row.name_en, wording.name_of(row)) for row in rivers]
        self.fields["river"].choices = [("", _("all")), (_NO_RIVER, _("not entered")), *named]


@page("ghat.read")
def index(request: HttpRequest) -> HttpResponse:
    """The ghats of the jurisdiction with river, area and quantity; also those alone whose river is not entered."""
    rivers = known_rivers(clock.now())
    form = GhatFilter(request.GET, rivers=rivers)
    wanted = form.cleaned_data if form.is_valid() else {}
    result = blocks().filter(visible(request.actor, "ghat.read"))
    if river := wanted.get("river"):
        result = result.filter(river="" if river == _NO_RIVER else river)
    if text := wanted.get("q", "").strip():
        result = result.filter(code__icontains=text) | result.filter(name_en__icontains=text)
    return list_response(request, _table({row.name_en: row for row in rivers}), result, ListPage(form=form))


def _table(rivers: dict[str, Any]) -> Table:
    def capped(row: Any) -> tuple[str, str] | None:
        if not row.river:
            return "warn", _("river not entered")
        return ("info", _("cap holds")) if row.river in rivers and rivers[row.river].is_capped else None

    columns = [
        Column(_("Ghat"), lambda row: wording.name_of(row), link=to("office_ghat", "code"), decide=True),
        Column(_("Number"), "code", under=True),
        Column(_("District"), "district", "district"),
        Column(_("River"), lambda row: wording.name_of(rivers[row.river]) if row.river in rivers else row.river),
        Column(_("Cap of clause 3(ii)"), capped, "chip", under=True),
        Column(_("Area (hectares)"), "area_ha", "number"),
        Column(_("Sand a year (cubic metres)"), "quantity_m3", "number"),
        Column(_("Version"), "version", "number"),
    ]
    hint = _("Ghats come in with the notice that lists them.")
    return Table("ghats", _("Records of ghats"), columns, (_("No ghat here"), hint))


@page("ghat.read", write="ghat.correct")
def correct(request: HttpRequest, code: str) -> HttpResponse:
    """A ghat's record with its versions; the district office corrects it with reason and order."""
    block = block_of(code)
    if not request.actor.sees_district(block.district):
        raise NotFound(f"block {code}")
    acts = PageActs(request, "ghat", block, place="record", at=clock.now()).alone("correct")
    if request.method == "POST" and (answer := acts.take()):
        return answer
    people = {user.pk: wording.name_of(user) for user in users()}
    context = {
        "ghat": block,
        "river": next((row for row in known_rivers(clock.now()) if row.name_en == block.river), None),
        "computed_ha": round(float(area_ha(block.corners)), 3),
        "land": [(LAND_WORDS[name], block.land.get(name, "")) for name in LAND],
        "acts": acts,
        "versions": [_version(row, people) for row in versions_of(block)],
    }
    return render(request, "leases/office_ghat.html", context, status=acts.status)


def _version(row: Any, people: dict[int, str]) -> dict[str, Any]:
    changed = [str(FIELD_WORDS[name]) for name in row.changed if name in FIELD_WORDS]
    return {"row": row, "who": people.get(row.by, ""), "changed": ", ".join(changed)}
