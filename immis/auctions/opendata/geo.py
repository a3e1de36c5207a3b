"""Lots and ghats on the map as GeoJSON (RFC 7946): longitude before latitude, closed rings, WGS 84."""

from collections.abc import Iterable
from datetime import datetime

from immis.auctions.models import Lot
from immis.auctions.opendata.parts import Json, instant, url
from immis.auctions.selectors.lots import phase_of
from immis.registry.selectors import Block


def ghat_feature(block: Block) -> Json:
    """A mineral block as a feature, with the figures of the notice and both names."""
    return {
        "type": "Feature",
        "id": block.code,
        "geometry": polygon(block),
        "properties": {
            "id": block.code,
            "serial": block.serial,
            "block_no": block.block_no,
            "name_hi": block.name_hi,
            "name_en": block.name_en,
            "district": block.district,
            "area_ha": float(block.area_ha),
            "quantity_m3": block.quantity_m3,
            "version": block.version,
            "url": url(f"ghats/{block.code}/"),
        },
    }


def lot_feature(lot: Lot, at: datetime) -> Json:
    """A lot as a feature: its ghat, its auction's times and prices; a result only once it is announced."""
    feature = ghat_feature(lot.block)
    announced = lot.result_announced_at is not None
    feature["id"] = lot.code
    feature["properties"] |= {
        "id": lot.code,
        "ghat": lot.block.code,
        "notice": lot.notice.number,
        "phase": phase_of(lot, at),
        "opens_at": instant(lot.opens_at),
        "ends_at": instant(lot.ends_at),
        "reserve_rupees": lot.reserve_rupees,
        "emd_rupees": lot.emd_rupees,
        "result": lot.result if announced else None,
        "highest_rupees": lot.highest_rupees if announced else None,
        "url": url(f"auctions/{lot.code}/"),
        "ocds": url(f"data/ocds/{lot.code}.json"),
    }
    return feature


def polygon(block: Block) -> Json | None:
    """The closed ring of the block's corners, counter-clockwise as the standard asks; None without an area."""
    ring = [[lon, lat] for lat, lon in block.corners]
    if len(ring) < 3:
        return None
    twice = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, [*ring[1:], ring[0]], strict=True))
    ring = ring if twice > 0 else ring[::-1]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def feature_collection(features: Iterable[Json]) -> Json:
    return {"type": "FeatureCollection", "features": list(features)}
