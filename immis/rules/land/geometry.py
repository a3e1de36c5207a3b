"""Places as notices print them and the law measures them: areas and distances on the WGS84 ellipsoid."""

import math
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from immis.late import late
from immis.rules.land.coordinates import parse_dms as parse_dms

if TYPE_CHECKING:
    import pyproj
    import shapely
    from shapely import affinity, ops
    from shapely.geometry.base import BaseGeometry
else:
    pyproj, shapely, affinity, ops = map(late, ("pyproj", "shapely", "shapely.affinity", "shapely.ops"))

M2_PER_HA = 10_000


@cache
def _wgs84() -> "pyproj.Geod":
    return pyproj.Geod(ellps="WGS84")


def format_dms(degrees: float, *, axis: str) -> str:
    """A coordinate as the notices print it, to a hundredth of a second; ``axis`` is ``lat`` or ``lon``."""
    letter = {"lat": "NS", "lon": "EW"}[axis][degrees < 0]
    hundredths = round(abs(degrees) * 360_000)
    whole, rest = divmod(hundredths, 360_000)
    minutes, seconds = divmod(rest, 6_000)
    return f"{whole}°{minutes}'{seconds / 100:.2f}\"{letter}"


def _pairs(corners: Iterable[Any]) -> list[tuple[float, float]]:
    """Corners (anything with ``lat`` and ``lon``, or pairs) as (lat, lon)."""
    return [(c.lat, c.lon) if hasattr(c, "lat") else (float(c[0]), float(c[1])) for c in corners]


def area_ha(corners: Iterable[Any]) -> float:
    """Area inside the corners on the WGS84 ellipsoid, in hectares; 0 for fewer than three corners."""
    pairs = _pairs(corners)
    if len(pairs) < 3:
        return 0.0
    area_m2, _ = _wgs84().polygon_area_perimeter([lon for _, lon in pairs], [lat for lat, _ in pairs])
    return abs(area_m2) / M2_PER_HA


def distance_m(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Distance between two places on the ellipsoid, in metres."""
    return float(_wgs84().inv(lon1, lat1, lon2, lat2)[2])


def polygon_of(corners: Iterable[Any]) -> "shapely.Polygon":
    """The polygon through the corners in shapely's order of axes (lon, lat).

    Raises ValueError for fewer than three corners.
    """
    pairs = _pairs(corners)
    if len(pairs) < 3:
        raise ValueError(f"a polygon needs three corners; there are {len(pairs)}")
    return _polygon(tuple(pairs))


@lru_cache(maxsize=1024)
def _polygon(pairs: tuple[tuple[float, float], ...]) -> "shapely.Polygon":
    """A ghat's border is asked for with every load: it is drawn once; nobody can change what was drawn."""
    return shapely.Polygon([(lon, lat) for lat, lon in pairs])


def is_simple(corners: Iterable[Any]) -> bool:
    """Whether the border neither crosses nor touches itself and encloses an area."""
    pairs = _pairs(corners)
    return len(pairs) >= 3 and bool(shapely.is_valid(polygon_of(pairs)))


def contains(corners: Iterable[Any], lat: float, lon: float) -> bool:
    """Whether a place lies inside the corners or on their border."""
    return bool(polygon_of(corners).covers(shapely.Point(lon, lat)))


def distance_to_polygon_m(corners: Iterable[Any], lat: float, lon: float) -> float:
    """Distance in metres from a place to the nearest point of the polygon; 0 inside and on the border."""
    polygon, place = polygon_of(corners), shapely.Point(lon, lat)
    if polygon.covers(place):
        return 0.0
    # Degrees of longitude are shorter than those of latitude: squeeze them before asking for the nearest point.
    squeeze = math.cos(math.radians(lat))
    flat = affinity.scale(polygon, xfact=squeeze, origin=(lon, lat))
    nearest = ops.nearest_points(flat, place)[0]
    return distance_m(lat, lon, nearest.y, lon + (nearest.x - lon) / squeeze)


def overlap_m2(first: Sequence[Any], second: Sequence[Any]) -> float:
    """Area that two polygons share, in square metres on the ellipsoid; borders in common count nothing."""
    shared = shapely.intersection(_sound(first), _sound(second))
    return sum(abs(_wgs84().geometry_area_perimeter(part)[0]) for part in _polygons(shared))


def _sound(corners: Sequence[Any]) -> "BaseGeometry":
    polygon = polygon_of(corners)
    return polygon if shapely.is_valid(polygon) else shapely.make_valid(polygon)


def _polygons(shape: "BaseGeometry") -> list["shapely.Polygon"]:
    parts = getattr(shape, "geoms", [shape])
    return [part for part in parts if isinstance(part, shapely.Polygon) and not part.is_empty]
