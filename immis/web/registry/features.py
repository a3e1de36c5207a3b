"""Things with a place as GeoJSON, for maps and open data."""

from typing import Any

from django.urls import reverse

from immis.web.shell import wording


def block_feature(block: Any, *, language: str = "") -> dict[str, Any]:
    """A block as a GeoJSON feature: a closed ring in longitude, latitude; figures of the notice."""
    ring = [[lon, lat] for lat, lon in block.corners]
    names = {"name_hi": block.name_hi, "name_en": block.name_en}
    return {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
        "properties": {
            "id": block.code,
            "kind": "ghat",
            "name": f"{block.serial}. {wording.name_of(names | {'hi': block.name_hi, 'en': block.name_en})}",
            **names,
            "block_no": block.block_no,
            "district": block.district,
            "area_ha": float(block.area_ha),
            "quantity_m3": block.quantity_m3,
            "version": block.version,
            "url": reverse("ghat", args=[block.code]),
        },
    }
