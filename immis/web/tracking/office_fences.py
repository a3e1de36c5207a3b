"""Fences beyond ghats in the browser: list, editor on the map, import of GeoJSON, versions with dates (E-151, A-07)."""

import re
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
from immis.rules.calendar import india_day
from immis.rules.land.earth import in_india
from immis.rules.land.fences import FORBIDDEN, KINDS
from immis.rules.land.geometry import area_ha
from immis.web.shell import wording
from immis.web.shell.districts import NAMES_HI, district_name
from immis.web.shell.exports import wanted_format
from immis.web.shell.fields import DayField
from immis.web.shell.tables import Column, table_response
from immis.web.shell.views import page

KIND_WORDS = {
    "storage": gettext_lazy("Storage site (K-licence)"),
    "weighbridge": gettext_lazy("Weighbridge"),
    "checkpost": gettext_lazy("Check post"),
    "restricted": gettext_lazy("Restricted road"),
    "no_go": gettext_lazy("No-go area"),
    "belt": gettext_lazy("Belt of 100 m"),
}
_MOST_FEATURES = 2000
_MOST_BYTES = 4 * 1024 * 1024


class FenceFilter(forms.Form):
    """Which fences to show."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), required=False, choices=[("", gettext_lazy("all")), *KIND_WORDS.items()]
    )
    q = forms.CharField(label=gettext_lazy("Name"), required=False, max_length=60)


class FenceForm(forms.Form):
    """A fence, or a new version of one."""

    name_hi = forms.CharField(label=gettext_lazy("Name in Hindi"), max_length=120)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=120)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=list(KIND_WORDS.items()))
    district = forms.ChoiceField(label=gettext_lazy("District"))
    corners = forms.CharField(
        label=gettext_lazy("Corners, one a line: latitude, longitude"),
        help_text=gettext_lazy(
            "Click on the map, or write. A road is a line, a belt a point, line or area; their width is added."
        ),
        widget=forms.Textarea({"rows": 6, "data-corners": "", "spellcheck": "false"}),
        max_length=20_000,
    )
    valid_from = DayField(label=gettext_lazy("Valid from"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    valid_until = DayField(
        label=gettext_lazy("Valid until"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500)
    reference = forms.CharField(label=gettext_lazy("Order number"), max_length=120)

    def __init__(self, *args: Any, viewer: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        every = {*NAMES_HI, *(block.district for block in registry.blocks())}
        known = {row for row in every if viewer.sees_district(row)} or {viewer.district}
        self.fields["district"].choices = [(row, district_name(row, wording.lang())) for row in sorted(known)]

    def clean_corners(self) -> list[tuple[float, float]]:
        lines = [line for line in self.cleaned_data["corners"].splitlines() if line.strip()]
        return [_corner(line) for line in lines]


def _corner(line: str) -> tuple[float, float]:
    try:
        lat, lon = (round(float(part), 6) for part in re.split(r"[,;\s]+", line.strip()))
    except ValueError:
        raise forms.ValidationError(_("Not a corner: %(line)s") % {"line": line[:60]}) from None
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise forms.ValidationError(_("Not a corner: %(line)s") % {"line": line[:60]})
    return lat, lon


class ImportForm(forms.Form):
    """A file of fences."""

    file = forms.FileField(
        label=gettext_lazy("GeoJSON file"),
        help_text=gettext_lazy(
            "Polygons, lines or points with the properties name_hi, name_en, kind, district and, if you like, code."
        ),
    )
    valid_from = DayField(label=gettext_lazy("Valid from"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
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
    return {"one": row, "kind": KIND_WORDS.get(row.fence.kind, row.fence.kind), "state": state,
            "area_ha": round(area_ha(row.version.ring), 2)}  # fmt: skip


def _columns() -> list[Column]:
    return [
        Column(_("Code"), lambda row: row.fence.code),
        Column(_("Kind"), lambda row: str(KIND_WORDS.get(row.fence.kind, row.fence.kind))),
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
    versions = register.versions_of(row)
    newest, draws = versions[0], may(request.actor, "fence.draw")
    start = {
        "name_hi": row.name_hi, "name_en": row.name_en, "kind": row.kind, "district": row.district,
        "corners": "\n".join(f"{lat}, {lon}" for lat, lon in newest.corners), "valid_from": india_day(clock.now()),
    }  # fmt: skip
    form = FenceForm(request.POST or None, initial=start, viewer=request.actor)
    if request.method == "POST" and form.is_valid():
        return _saved(request, form, code) or _shown(request, row, versions, form, 422)
    return _shown(request, row, versions, form if draws else None, 422 if form.is_bound else 200)


def _shown(request: HttpRequest, item: Any, versions: Any, form: Any, status: int) -> HttpResponse:
    people = {user.pk: wording.name_of(user) for user in registry.users()}
    context = {
        "fence": item, "kind": KIND_WORDS.get(item.kind, item.kind), "form": form,
        "versions": [
            {"row": row, "who": people.get(row.by, ""), "area_ha": round(area_ha(row.ring), 2)} for row in versions
        ],
    }  # fmt: skip
    return render(request, "tracking/fence.html", context, status=status)


@page("fence.draw")
def fence_new(request: HttpRequest) -> HttpResponse:
    """Draw a new fence on the map."""
    start = {"valid_from": india_day(clock.now()), "district": request.actor.district}
    form = FenceForm(request.POST or None, initial=start, viewer=request.actor)
    if request.method == "POST" and form.is_valid() and (done := _saved(request, form, "")):
        return done
    return render(request, "tracking/fence_new.html", {"form": form}, status=422 if form.is_bound else 200)


def _saved(request: HttpRequest, form: FenceForm, code: str) -> HttpResponse | None:
    """Save what the form says; a refusal is put beside the field of the corners."""
    form_data = dict(form.cleaned_data)
    code = code or _new_code(form_data["kind"], form_data["name_en"])
    try:
        register.save_fence(register.DrawnFence(code=code, **form_data), by=request.actor, at=clock.now())
    except Refusal as refusal:
        for finding in refusal.findings:
            form.add_error(None, wording.say(finding))
        return None
    messages.success(request, _("The fence is saved; vehicles are watched by it from the day it is valid."))
    return redirect("fence", code)


def _new_code(kind: str, name: str) -> str:
    stem = slugify(f"{kind.replace('_', '-')}-{name}")[:34] or kind
    taken = set(register.codes_like(stem))
    return stem if stem not in taken else next(f"{stem}-{n}" for n in range(2, 10_000) if f"{stem}-{n}" not in taken)


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
    code = slugify(str(words.get("code") or ""))[:40] or _new_code(kind, name)
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
