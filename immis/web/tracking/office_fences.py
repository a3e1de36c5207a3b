"""Fences beyond ghats in the browser: list, editor on the map, import of GeoJSON, versions with dates (E-151, A-07)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.adapters.geojson import GeojsonUnreadable
from immis.core.errors import NotPermitted, Refusal
from immis.core.grants import may
from immis.core.papers.reading import read_upload
from immis.registry import fences as register
from immis.registry import selectors as registry
from immis.registry.acts.fences import FENCE_KINDS
from immis.rules.calendar import india_day
from immis.rules.land.earth import in_india
from immis.rules.land.fences import FORBIDDEN, KINDS
from immis.rules.land.geometry import area_ha
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.exports import wanted_format
from immis.web.shell.fields import DayField
from immis.web.shell.tables import Column, table_response
from immis.web.shell.views import page

_MOST_FEATURES = 2000
_MOST_BYTES = 4 * 1024 * 1024


class FenceFilter(forms.Form):
    """Which fences to show."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), required=False, choices=[("", gettext_lazy("all")), *FENCE_KINDS.items()]
    )
    q = forms.CharField(label=gettext_lazy("Name"), required=False, max_length=60)


class ImportForm(forms.Form):
    """A file of fences."""

    file = forms.FileField(
        label=gettext_lazy("GeoJSON file"),
        help_text=gettext_lazy(
            "Polygons, lines or points with the properties name_hi, name_en, kind, district and, if you like, code."
        ),
    )
    valid_from = DayField(label=gettext_lazy("Valid from"))
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500)
    reference = forms.CharField(label=gettext_lazy("Order number"), max_length=120)

    def clean_file(self) -> list[dict[str, Any]]:
        file = self.cleaned_data["file"]
        if file.size > _MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than %(mb)d MB.") % {"mb": _MOST_BYTES // 1024 // 1024})
        try:
            features: list[dict[str, Any]] = read_upload("features", file.read())
        except GeojsonUnreadable:
            raise forms.ValidationError(_("This is no GeoJSON file.")) from None
        if not 0 < len(features) <= _MOST_FEATURES:
            raise forms.ValidationError(_("A file has 1 to %(n)d fences.") % {"n": _MOST_FEATURES})
        return features


@page("fence.read")
def fences(request: HttpRequest) -> HttpResponse:
    """Fences as they stand today, on the map and in a list; exported as CSV, XLSX or GeoJSON."""
    form, today = FenceFilter(request.GET), india_day(clock.now())
    payload = form.cleaned_data if form.is_valid() else {}
    result = register.fences(request.actor)
    if payload.get("kind"):
        result = result.filter(kind=payload["kind"])
    text = payload.get("q", "").strip().lower()
    rows = [
        row
        for row in register.standing(today, among=result)
        if text in f"{row.fence.name_en} {row.fence.name_hi}".lower()
    ]
    if request.GET.get("format") == "geojson":
        return _geojson(rows, attachment=True)
    if wanted_format(request):
        return table_response(request, columns=_columns(), rows=rows, name="fences")
    begun = {row.fence.pk for row in rows}
    later = [row for row in result if row.pk not in begun and not payload.get("q")]
    context = {
        "form": form, "items": [_item(row) for row in rows], "later": later,
        "source": f"{reverse('fences_geojson')}?{request.GET.urlencode()}", "editor": may(request.actor, "fence.draw"),
    }  # fmt: skip
    return render(request, "tracking/fences.html", context)


def _names(fence: Any) -> str:
    return f"{fence.name_en} {fence.name_hi}".lower()


def _item(row: register.StandingFence) -> dict[str, Any]:
    state = "bad" if row.fence.kind in FORBIDDEN else "info"
    return {"one": row, "kind": FENCE_KINDS.get(row.fence.kind, row.fence.kind), "state": state,
            "area_ha": round(area_ha(row.version.ring), 2)}  # fmt: skip


def _columns() -> list[Column]:
    return [
        Column(_("Code"), lambda row: row.fence.code),
        Column(_("Kind"), lambda row: str(FENCE_KINDS.get(row.fence.kind, row.fence.kind))),
        Column(_("Name"), "fence", "name"),
        Column(_("District"), "fence.district", "district"),
        Column(_("Version"), lambda row: row.version.version),
        Column(_("Valid from"), lambda row: row.version.valid_from),
        Column(_("Valid until"), lambda row: row.version.valid_until),
        Column(_("Area (hectares)"), lambda row: round(area_ha(row.version.ring), 3)),
        Column(_("Order number"), lambda row: row.version.reference),
    ]


@page("fence.read")
def fences_geojson(request: HttpRequest) -> HttpResponse:
    """The same fences for the map."""
    result, kind = register.fences(request.actor), request.GET.get("kind", "")
    rows = register.standing(india_day(clock.now()), among=result.filter(kind=kind) if kind in KINDS else result)
    return _geojson(rows)


def _geojson(rows: list[register.StandingFence], *, attachment: bool = False) -> HttpResponse:
    headers = {"Content-Disposition": 'attachment; filename="fences.geojson"'} if attachment else {}
    body = {"type": "FeatureCollection", "features": [_feature(row) for row in rows]}
    return JsonResponse(body, content_type="application/geo+json", headers=headers)


def _feature(row: register.StandingFence) -> dict[str, Any]:
    ring = [[lon, lat] for lat, lon in row.version.ring]
    return {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
        "properties": {
            "id": row.fence.code, "code": row.fence.code, "kind": row.fence.kind,
            "name": wording.name_of(row.fence), "name_hi": row.fence.name_hi, "name_en": row.fence.name_en,
            "district": row.fence.district, "state": "bad" if row.fence.kind in FORBIDDEN else "info",
            "url": reverse("fence", args=[row.fence.code]), "valid_from": row.version.valid_from.isoformat(),
        },
    }  # fmt: skip


@page("fence.read", write="fence.draw")
def fence(request: HttpRequest, code: str) -> HttpResponse:
    """One fence with its versions; the office draws a new one with reason and order."""
    row = register.fence_of(request.actor, code)
    acts = PageActs(request, "fence", row, place="fence", at=clock.now()).alone("redraw")
    if request.method == "POST" and (answer := acts.take()):
        return answer
    people = {user.pk: wording.name_of(user) for user in registry.users()}
    context = {
        "fence": row,
        "kind": FENCE_KINDS.get(row.kind, row.kind),
        "acts": acts,
        "versions": [
            {"row": version, "who": people.get(version.by, ""), "area_ha": round(area_ha(version.ring), 2)}
            for version in register.versions_of(row)
        ],
    }
    return render(request, "tracking/fence.html", context, status=acts.status)


@page("fence.draw")
def fence_new(request: HttpRequest) -> HttpResponse:
    """Draw a new fence on the map."""
    acts = PageActs(request, "fence", None, place="new", at=clock.now()).alone("draw")
    if request.method == "POST" and (answer := acts.take()):
        return answer
    return render(request, "tracking/fence_new.html", {"acts": acts}, status=acts.status)


@page("fence.draw")
def fences_import(request: HttpRequest) -> HttpResponse:
    """Take in a GeoJSON file: each fence that is sound is saved, each other named with its fault."""
    form = ImportForm(request.POST or None, request.FILES or None, initial={"valid_from": india_day(clock.now())})
    faults: list[tuple[str, str]] = []
    if request.method == "POST" and form.is_valid():
        form_data = dict(form.cleaned_data)
        features = form_data.pop("file")
        faults = [fault for n, feature in enumerate(features, 1) if (fault := _take(request, n, feature, form_data))]
        if saved := len(features) - len(faults):
            messages.success(request, _("%(n)d fences were saved.") % {"n": saved})
        if not faults:
            return redirect("fences")
    context = {"form": form, "faults": faults}
    return render(request, "tracking/fences_import.html", context, status=422 if form.errors or faults else 200)


def _take(request: HttpRequest, n: int, feature: Any, said: dict[str, Any]) -> tuple[str, str] | None:
    """Save one feature of a file; answers which one failed and why."""
    label = f"{n}"
    try:
        words = feature["properties"] or {}
        label = f"{n} · {words.get('name_hi') or words.get('name_en') or words.get('name') or ''}"[:80]
        corners = _corners_of(feature["geometry"])
        names = _words_of(words, request.actor.district)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        return label, _("needs name, kind and one polygon, line or point of this country")
    try:
        drawn = register.DrawnFence(corners=corners, **names, **said)
        register.save_fence(drawn, by=request.actor, at=clock.now())
    except Refusal as refusal:
        return label, " ".join(wording.say(finding) for finding in refusal.findings)
    except NotPermitted:
        return label, _("belongs to another district or is of another kind")
    return None


def _words_of(words: dict[str, Any], district: str) -> dict[str, Any]:
    name = str(words.get("name_en") or words.get("name") or words.get("name_hi") or "").strip()[:120]
    kind = str(words["kind"])
    if not name or kind not in KINDS:
        raise ValueError("no name or kind")
    code = slugify(str(words.get("code") or ""))[:40] or register.new_code(kind, name)
    return {
        "code": code, "kind": kind, "name_en": name, "name_hi": str(words.get("name_hi") or name).strip()[:120],
        "district": str(words.get("district") or district)[:40],
    }  # fmt: skip


def _corners_of(geometry: dict[str, Any]) -> list[tuple[float, float]]:
    """The outer border of a polygon, the places of a line, or a point; GeoJSON writes longitude first."""
    kind, coordinates = geometry["type"], geometry["coordinates"]
    if kind.startswith("Multi"):
        if len(coordinates) != 1:
            raise ValueError("one part only")
        kind, coordinates = kind.removeprefix("Multi"), coordinates[0]
    places = {"Polygon": lambda: coordinates[0], "LineString": lambda: coordinates, "Point": lambda: [coordinates]}[
        kind
    ]()
    corners = [(round(float(lat), 6), round(float(lon), 6)) for lon, lat, *_height in places]
    if not all(in_india(lat, lon) for lat, lon in corners):
        raise ValueError("outside the country")
    return corners
