"""Correcting the record of a ghat: the district mining office's right, each time a new version (E-147)."""

import re
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.errors import NotFound
from immis.core.grants import may
from immis.registry.corrections import LAND, RecordCorrection, correct_block, versions_of
from immis.registry.selectors import block_of, users
from immis.rules.land.geometry import area_ha, parse_dms
from immis.web.shell import wording
from immis.web.shell.views import page

LAND_WORDS = {
    "circle": gettext_lazy("Circle"),
    "police_station": gettext_lazy("Police station"),
    "mauza": gettext_lazy("Mauza"),
    "khata": gettext_lazy("Khata"),
    "khesra": gettext_lazy("Khesra"),
}
FIELD_WORDS = {
    "area_ha": gettext_lazy("Area"),
    "quantity_m3": gettext_lazy("Sand a year"),
    "corners": gettext_lazy("Corners"),
    "land": gettext_lazy("Land"),
}
_MOST_CORNERS = 200


class Correction(forms.Form):
    """The record as it is to stand."""

    area_ha = forms.DecimalField(label=gettext_lazy("Area (hectares)"), min_value=0, max_digits=9, decimal_places=3)
    quantity_m3 = forms.IntegerField(label=gettext_lazy("Sand a year (cubic metres)"), min_value=1, max_value=10**9)
    circle = forms.CharField(label=LAND_WORDS["circle"], required=False, max_length=80)
    police_station = forms.CharField(label=LAND_WORDS["police_station"], required=False, max_length=80)
    mauza = forms.CharField(label=LAND_WORDS["mauza"], required=False, max_length=120)
    khata = forms.CharField(label=LAND_WORDS["khata"], required=False, max_length=120)
    khesra = forms.CharField(label=LAND_WORDS["khesra"], required=False, max_length=200)
    corners = forms.CharField(
        label=gettext_lazy("Corners, one a line: latitude, longitude"),
        help_text=gettext_lazy("Decimal degrees, or degrees, minutes and seconds, in the order of the boundary."),
        widget=forms.Textarea({"rows": 8}),
        max_length=10_000,
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500)
    reference = forms.CharField(label=gettext_lazy("Order number"), max_length=120)

    def clean_corners(self) -> list[list[float]]:
        lines = [line for line in self.cleaned_data["corners"].splitlines() if line.strip()]
        if len(lines) > _MOST_CORNERS:
            raise forms.ValidationError(_("At most %(n)d corners.") % {"n": _MOST_CORNERS})
        return [_corner(line) for line in lines]


def _corner(line: str) -> list[float]:
    parts = [part for part in re.split(r"[,;\t]", line) if part.strip()]
    try:
        lat, lon = (_degrees(part) for part in parts)
    except ValueError:
        raise forms.ValidationError(_("Not a corner: %(line)s") % {"line": line[:60]}) from None
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise forms.ValidationError(_("Not a corner: %(line)s") % {"line": line[:60]})
    return [lat, lon]


def _degrees(text: str) -> float:
    try:
        return round(float(text), 7)
    except ValueError:
        return round(parse_dms(text), 7)


@page("ghat.read", write="ghat.correct")
def correct(request: HttpRequest, code: str) -> HttpResponse:
    """A ghat's record with its versions; the district office corrects it with reason and order."""
    block = block_of(code)
    if not request.actor.sees_district(block.district):
        raise NotFound(f"block {code}")
    corrects, status = may(request.actor, "ghat.correct"), 200
    form = Correction(request.POST) if request.method == "POST" else Correction(initial=_standing(block))
    if form.is_bound:
        if form.is_valid():
            return _corrected(request, block, dict(form.cleaned_data))
        status = 422
    people = {user.pk: wording.name_of(user) for user in users()}
    context = {
        "ghat": block,
        "computed_ha": round(float(area_ha(block.corners)), 3),
        "land": [(LAND_WORDS[name], block.land.get(name, "")) for name in LAND],
        "form": form if corrects else None,
        "versions": [_version(row, people) for row in versions_of(block)],
    }
    return render(request, "leases/office_ghat.html", context, status=status)


def _standing(block: Any) -> dict[str, Any]:
    corners = "\n".join(f"{lat}, {lon}" for lat, lon in block.corners)
    return {"area_ha": block.area_ha, "quantity_m3": block.quantity_m3, "corners": corners, **block.land}


def _corrected(request: HttpRequest, block: Any, said: dict[str, Any]) -> HttpResponse:
    land = {name: said.pop(name) for name in LAND}
    land = {name: value for name, value in land.items() if value}
    version = block.version
    findings = correct_block(
        block=block, correction=RecordCorrection(land=land, **said), by=request.actor, at=clock.now()
    )
    if block_of(block.code).version == version:
        messages.warning(request, _("Nothing was changed."))
    else:
        messages.success(request, _("The record is corrected as a new version."))
    for finding in findings:
        messages.warning(request, wording.say(finding))
    return redirect("office_ghat", block.code)


def _version(row: Any, people: dict[int, str]) -> dict[str, Any]:
    changed = [str(FIELD_WORDS[name]) for name in row.changed if name in FIELD_WORDS]
    return {"row": row, "who": people.get(row.by, ""), "changed": ", ".join(changed)}
