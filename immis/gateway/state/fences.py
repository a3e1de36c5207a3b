"""Fences: which ones a point lies in, and when a vehicle has truly crossed a border.

The border belongs to the fence. A vehicle enters when two fixes lie inside and
leaves when two fixes lie outside by a margin, so that neither drift along the
border nor one stray fix moves it; the crossing is dated by the first of the two.
"""

import logging
import math
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Any

import numpy
import shapely
from shapely import affinity

from immis.gateway.protocols.digits import Array
from immis.gateway.state.device import DeviceState
from immis.rules.land.earth import M_A_DEGREE, circle
from immis.rules.movement.readings import Readings

_CIRCLE_CORNERS = 72
_CELL_DEG = 0.01
_MOST_CELLS = 4_000_000
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fence:
    """A named area: ``kind`` is source, destination or checkpost; the polygon is in lon/lat degrees."""

    id: str
    kind: str
    name: str
    polygon: shapely.Geometry


def read_fence(body: dict[str, Any]) -> Fence:
    """A fence as the snapshot writes it; ValueError when it encloses nothing."""
    if "polygon" in body:
        corners = [(float(lon), float(lat)) for lat, lon in body["polygon"]]
        polygon = shapely.make_valid(shapely.Polygon(corners))
    else:
        lat, lon = (float(x) for x in body["centre"])
        ring = circle((lat, lon), float(body["radius_m"]), corners=_CIRCLE_CORNERS)
        polygon = shapely.Polygon([(east, north) for north, east in ring])
    if not polygon.is_valid or polygon.area == 0:
        raise ValueError(f"fence {body.get('id')} encloses no area")
    return Fence(str(body["id"]), str(body["kind"]), str(body.get("name", "")), polygon)


def _grown(polygon: shapely.Geometry, margin_m: float) -> shapely.Geometry:
    """The polygon with a margin around it, true to scale at its own latitude."""
    centre = polygon.centroid
    shrink = math.cos(math.radians(centre.y))
    flat = affinity.scale(polygon, xfact=shrink, yfact=1.0, origin=centre)
    return affinity.scale(flat.buffer(margin_m / M_A_DEGREE), xfact=1 / shrink, yfact=1.0, origin=centre)


class _Grid:
    """Squares of the country that any fence touches: most trucks are in none and need no more than this."""

    def __init__(self, boxes: Array) -> None:
        self._west, self._south = boxes[:, 0].min(), boxes[:, 1].min()
        width, height = boxes[:, 2].max() - self._west, boxes[:, 3].max() - self._south
        self._cell = max(_CELL_DEG, math.sqrt(width * height / _MOST_CELLS), max(width, height) / _MOST_CELLS)
        self._taken = numpy.zeros((int(width / self._cell) + 1, int(height / self._cell) + 1), dtype=bool)
        corners = boxes - [self._west, self._south, self._west, self._south]
        for left, low, right, top in (corners / self._cell).astype(int).tolist():
            self._taken[left : right + 1, low : top + 1] = True

    def touched(self, x: Array, y: Array) -> Array:
        """Places of the points that lie in a square with a fence."""
        column = numpy.floor((x - self._west) / self._cell).astype(numpy.int64)
        row = numpy.floor((y - self._south) / self._cell).astype(numpy.int64)
        near = (column >= 0) & (row >= 0) & (column < self._taken.shape[0]) & (row < self._taken.shape[1])
        places = numpy.flatnonzero(near)
        taken: Array = places[self._taken[column[places], row[places]]]
        return taken


class FenceMap:
    """All fences of one snapshot, searched by bounding box first and exactly after; and what counts as crossing one."""

    def __init__(self, said: list[dict[str, Any]], readings: Readings) -> None:
        self.readings = readings
        self.fences: dict[str, Fence] = {}
        for row in said:
            try:
                fence = read_fence(row)
            except (ValueError, TypeError, KeyError, shapely.errors.ShapelyError) as fault:
                log.error("fence refused: %s", fault)
                continue
            self.fences[fence.id] = fence
        self._ids = list(self.fences)
        self._exact = numpy.array([fence.polygon for fence in self.fences.values()], dtype=object)
        self._wide = numpy.array(
            [_grown(fence.polygon, readings.leave_margin_m) for fence in self.fences.values()], dtype=object
        )
        shapely.prepare(self._exact)
        shapely.prepare(self._wide)
        self._tree = shapely.STRtree(self._wide)
        self._open_country = _Grid(shapely.bounds(self._wide)) if self._ids else None

    def locate(
        self, lats: Sequence[float] | Array, lons: Sequence[float] | Array
    ) -> tuple[dict[int, set[str]], dict[int, set[str]]]:
        """For each point (by its place in the lists): the fences it lies in, and those it lies in or near.

        Points in the open are in neither answer.
        """
        inside: dict[int, set[str]] = {}
        near: dict[int, set[str]] = {}
        if not self._ids or not len(lats):
            return inside, near
        x, y = numpy.asarray(lons, dtype=float), numpy.asarray(lats, dtype=float)
        maybe = self._open_country.touched(x, y) if self._open_country else numpy.arange(len(x))
        places, fences = self._tree.query(shapely.points(x[maybe], y[maybe]))
        points = maybe[places]
        is_near = shapely.intersects_xy(self._wide[fences], x[points], y[points])
        points, fences = points[is_near], fences[is_near]
        is_inside = shapely.intersects_xy(self._exact[fences], x[points], y[points])
        for point, fence, within in zip(points.tolist(), fences.tolist(), is_inside.tolist(), strict=True):
            near.setdefault(point, set()).add(self._ids[fence])
            if within:
                inside.setdefault(point, set()).add(self._ids[fence])
        return inside, near


@dataclass(frozen=True)
class Fix:
    """A believed fix of one vehicle, in the order of device time (``at_s`` seconds since 1970 UTC)."""

    at_s: float
    lat: float
    lon: float
    speed_kmh: float
    odometer_km: float
    odometer_before_km: float


@dataclass(frozen=True)
class Crossing:
    """A confirmed crossing: dated, placed and measured at its first fix on the new side."""

    entered: bool
    fence_id: str
    at_s: float
    lat: float
    lon: float
    odometer_km: float
    odometer_before_km: float
    max_speed_kmh: float


def cross_fences(
    state: DeviceState, fix: Fix, inside: set[str], near: set[str], known: Container[str], *, confirm_fixes: int
) -> list[Crossing]:
    """Move a device's fence flags (``state.inside``, ``state.pending``) on by one fix.

    The first fix ever is taken as it is; later changes need confirming (``confirm_fixes``, MOV-20). Fences
    that left the snapshot are forgotten without a crossing. Exits come first.
    """
    state.inside = [x for x in state.inside if x in known]
    within = set(state.inside)
    changed = sorted(x for x in within if x not in near) + sorted(inside - within)
    state.pending = {x: state.pending[x] for x in changed if x in state.pending}
    needed = confirm_fixes if state.at_s is not None else 1
    crossings = []
    for fence_id in changed:
        seen = state.pending.setdefault(fence_id, _first_seen(fix))
        seen["fixes"] += 1
        seen["max_speed_kmh"] = max(seen["max_speed_kmh"], fix.speed_kmh)
        if seen["fixes"] < needed:
            continue
        del state.pending[fence_id]
        entered = fence_id not in within
        state.inside = sorted(within | {fence_id}) if entered else sorted(within - {fence_id})
        within = set(state.inside)
        crossings.append(_crossing(entered, fence_id, seen))
    return crossings


def _first_seen(fix: Fix) -> dict[str, Any]:
    return {
        "fixes": 0,
        "at_s": fix.at_s,
        "lat": fix.lat,
        "lon": fix.lon,
        "odometer_km": fix.odometer_km,
        "odometer_before_km": fix.odometer_before_km,
        "max_speed_kmh": 0.0,
    }


def _crossing(entered: bool, fence_id: str, seen: dict[str, Any]) -> Crossing:
    return Crossing(
        entered, fence_id, seen["at_s"], seen["lat"], seen["lon"],
        seen["odometer_km"], seen["odometer_before_km"], seen["max_speed_kmh"],
    )  # fmt: skip
