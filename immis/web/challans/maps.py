"""The map of an e-challan: ghat, destination, the way that is expected, and where it was issued (A-24, E-159)."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _

from immis.challans import selectors
from immis.challans.roads import line_of
from immis.web.shell import wording
from immis.web.shell.views import page


def _point(key: str, name: str, lat: float, lon: float, *, state: str = "", kind: str = "place") -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": {"id": key, "kind": kind, "name": name, "state": state},
    }


def _ghat(block: Any) -> dict[str, Any]:
    ring = [[lon, lat] for lat, lon in block.corners]
    geometry = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    return {
        "type": "Feature",
        "geometry": geometry,
        "properties": {"id": "ghat", "kind": "ghat", "name": wording.name_of(block)},
    }


def _way(challan: Any) -> list[dict[str, Any]]:
    line = line_of(challan.road)
    if not line:
        return []
    geometry = {"type": "LineString", "coordinates": [[lon, lat] for lat, lon in line]}
    return [
        {
            "type": "Feature",
            "geometry": geometry,
            "properties": {"id": "way", "kind": "trail", "name": _("Expected way")},
        }
    ]


def map_rows(challan: Any) -> list[dict[str, str]]:
    """The same places as a list, beside the map."""
    rows = [
        {"id": "ghat", "name": wording.name_of(challan.lease.block), "what": _("Ghat")},
        {"id": "place", "name": wording.name_of(challan.place), "what": _("Destination")},
        {"id": "issue", "name": wording.clock_time(challan.issue_fix_at), "what": _("Vehicle at issue")},
    ]
    return rows


@page("challan.read")
def challan_way(request: HttpRequest, number: str) -> JsonResponse:
    """Ghat, destination, expected way and the vehicle's position at issue, for the map of the page."""
    row = selectors.challan_of(number, request.actor)
    features = [
        _ghat(row.lease.block),
        *_way(row),
        _point("place", wording.name_of(row.place), row.place.lat, row.place.lon, state="info"),
        _point("issue", _("Vehicle at issue"), row.issue_lat, row.issue_lon, state="good"),
    ]
    return JsonResponse({"type": "FeatureCollection", "features": features}, headers={"Cache-Control": "no-store"})
