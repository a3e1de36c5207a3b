"""The map of a track as SVG for a printed sheet: rivers, fences, the line, its stops."""

import json
from collections.abc import Iterable, Sequence
from functools import cache
from math import cos, radians
from typing import TYPE_CHECKING, Any

from immis.core.papers.documents import PACKAGE
from immis.late import late

if TYPE_CHECKING:
    import shapely
else:
    shapely = late("shapely")

_RIVERS = PACKAGE / "web" / "static" / "data" / "bihar_water.geojson"
_WIDTH, _HEIGHT = 1000.0, 620.0
_MARGIN = 0.12
_LEAST_DEG = 0.02
Place = tuple[float, float]  # latitude, longitude


@cache
def _rivers() -> list[Any]:
    payload = json.loads(_RIVERS.read_text(encoding="utf8"))
    return [shapely.make_valid(shapely.geometry.shape(row["geometry"])) for row in payload["features"]]


class _Frame:
    """The part of the world that is drawn, and where each place stands on the sheet."""

    def __init__(self, places: Sequence[Place]) -> None:
        lats, lons = [lat for lat, _ in places], [lon for _, lon in places]
        self.lat, self.lon = (min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2
        self.squeeze = cos(radians(self.lat))
        tall = max(max(lats) - min(lats), _LEAST_DEG)
        wide = max((max(lons) - min(lons)) * self.squeeze, _LEAST_DEG)
        self.a_degree = min(_WIDTH / (wide * (1 + 2 * _MARGIN)), _HEIGHT / (tall * (1 + 2 * _MARGIN)))

    def at(self, lat: float, lon: float) -> str:
        x = _WIDTH / 2 + (lon - self.lon) * self.squeeze * self.a_degree
        y = _HEIGHT / 2 - (lat - self.lat) * self.a_degree
        return f"{x:.1f},{y:.1f}"

    @property
    def km_wide(self) -> float:
        return _WIDTH / self.a_degree * 111.32

    def window(self) -> Any:
        half_w, half_h = _WIDTH / 2 / self.a_degree / self.squeeze, _HEIGHT / 2 / self.a_degree
        return shapely.box(self.lon - half_w, self.lat - half_h, self.lon + half_w, self.lat + half_h)


def track_svg(
    points: Sequence[Place], *, areas: Iterable[Sequence[Place]], stops: Iterable[Place]
) -> tuple[str, float]:
    """The drawing and how many kilometres its width shows; areas are rings of (latitude, longitude)."""
    frame = _Frame(points)
    body = [f'<rect width="{_WIDTH:.0f}" height="{_HEIGHT:.0f}" fill="#f6f4ef"/>']
    window = frame.window()
    for river in _rivers():
        for part in _rings(shapely.intersection(river, window)):
            body.append(f'<polygon points="{_path(frame, part)}" fill="#bcd9e6"/>')
    for ring in areas:
        body.append(f'<polygon points="{_path(frame, ring)}" fill="#c8963e" fill-opacity="0.4" stroke="#0b4f6c"/>')
    body.append(f'<polyline points="{_path(frame, points)}" fill="none" stroke="#0b4f6c" stroke-width="4"/>')
    body += [_dot(frame, place, "#2a5db0", 7) for place in stops]
    body += [_dot(frame, points[0], "#1e7145", 9), _dot(frame, points[-1], "#b3261e", 9)]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:.0f} {_HEIGHT:.0f}">'
    return head + "".join(body) + "</svg>", frame.km_wide


def _path(frame: _Frame, places: Iterable[Place]) -> str:
    return " ".join(frame.at(lat, lon) for lat, lon in places)


def _dot(frame: _Frame, place: Place, colour: str, radius: int) -> str:
    x, y = frame.at(*place).split(",")
    return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{colour}" stroke="#fff" stroke-width="2"/>'


def _rings(found: Any) -> Iterable[list[Place]]:
    for part in getattr(found, "geoms", [found]):
        if part.geom_type == "Polygon" and not part.is_empty:
            yield [(lat, lon) for lon, lat in part.exterior.coords]
