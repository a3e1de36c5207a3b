"""What the gateway is told: fences, vehicles, devices and their services."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from immis.registry import fences
from immis.rules.land.fences import FOLLOWED_AS


def snapshot_body(
    *,
    devices: Iterable[Any],
    blocks: Iterable[Any],
    places: Iterable[Any],
    drawn: Iterable[fences.StandingFence] = (),
    services: Mapping[str, tuple[datetime, datetime]] | None = None,
    phones: Mapping[str, datetime] | None = None,
) -> dict[str, Any]:
    """Devices with vehicles, announced work and phones' time; ghats as polygons, places as circles, drawn fences."""
    announced_work, standing_in = services or {}, phones or {}
    fitted = [_fitted(device, announced_work, standing_in) for device in devices if device.vehicle is not None]
    return {"devices": fitted, "fences": _polygons_and_circles(blocks, places, drawn)}


def _fitted(
    device: Any, announced_work: Mapping[str, tuple[datetime, datetime]], standing_in: Mapping[str, datetime]
) -> dict[str, Any]:
    return {
        "imei": device.imei,
        "vehicle": device.vehicle.registration,
        **({"iccid": device.iccid} if device.iccid else {}),
        **_service(announced_work.get(device.imei)),
        **({"phone": int(standing_in[device.imei].timestamp())} if device.imei in standing_in else {}),
    }


def _polygons_and_circles(
    blocks: Iterable[Any], places: Iterable[Any], drawn: Iterable[fences.StandingFence]
) -> list[dict[str, Any]]:
    ghats = [
        {
            "id": f"ghat:{block.code}",
            "kind": "source",
            "name": block.name_en,
            "polygon": [list(c) for c in block.corners],
        }
        for block in blocks
    ]
    circles = [
        {
            "id": f"place:{place.code}",
            "kind": "destination" if place.kind == "outside" else place.kind,
            "name": place.name_en,
            "centre": [place.lat, place.lon],
            "radius_m": place.radius_m,
        }
        for place in places
    ]
    areas = [
        {
            "id": device.id,
            "kind": FOLLOWED_AS[device.fence.kind],
            "name": device.fence.name_en,
            "polygon": [list(corner) for corner in device.version.ring],
        }
        for device in drawn
    ]
    return ghats + circles + areas


def _service(window: tuple[datetime, datetime] | None) -> dict[str, list[int]]:
    return {"service": [int(edge.timestamp()) for edge in window]} if window else {}
