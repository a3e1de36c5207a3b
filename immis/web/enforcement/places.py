"""The places of a task on a map: where the vehicle was, the ghat that was claimed, how far apart they are (A-24)."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _

from immis.enforcement import selectors
from immis.registry import selectors as registry
from immis.rules.land.geometry import polygon_of
from immis.web.shell import wording
from immis.web.shell.views import page


def _block(facts: Mapping[str, Any]) -> Any:
    return registry.blocks().filter(code=facts.get("block") or "").first()


def places_of(facts: Mapping[str, Any]) -> list[dict[str, str]]:
    """The places that a task names, as the list beside its map; empty where it names no position."""
    if facts.get("lat") is None or facts.get("lon") is None:
        return []
    what = f"{_('Vehicle')} {facts.get('registration', '')}".strip()
    rows = [{"id": "vehicle", "what": what, "name": wording.clock_time(facts["fix_at"]) if facts.get("fix_at") else ""}]
    if block := _block(facts):
        rows.append({"id": "ghat", "what": _("Claimed ghat"), "name": wording.name_of(block)})
    if facts.get("distance_m"):
        rows.append({"id": "apart", "what": _("Distance"), "name": wording.distance(facts["distance_m"])})
    return rows


@page("task.read")
def task_map(request: HttpRequest, task_id: int) -> JsonResponse:
    """The places of one task as GeoJSON: the vehicle, the ghat's border, and the line between them."""
    facts = selectors.task_of(request.actor, task_id).facts
    return JsonResponse(
        {"type": "FeatureCollection", "features": _features(facts)},
        content_type="application/geo+json",
        headers={"Cache-Control": "no-store"},
    )


def _features(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    if facts.get("lat") is None or facts.get("lon") is None:
        return []
    here = [facts["lon"], facts["lat"]]
    named = {"id": "vehicle", "kind": "vehicle", "state": "bad", "name": facts.get("registration", "")}
    features = [{"type": "Feature", "geometry": {"type": "Point", "coordinates": here}, "properties": named}]
    if block := _block(facts):
        ring = [[lon, lat] for lat, lon in block.corners]
        middle = polygon_of(block.corners).representative_point()
        ghat = {"id": "ghat", "kind": "ghat", "name": wording.name_of(block)}
        line = {"type": "LineString", "coordinates": [here, [middle.x, middle.y]]}
        features += [
            {
                "type": "Feature",
                "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
                "properties": ghat,
            },
            {"type": "Feature", "geometry": line, "properties": {"id": "apart", "kind": "trail"}},
        ]
    return features
