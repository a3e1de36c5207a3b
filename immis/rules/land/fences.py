"""Fences beyond ghats: storage sites, weighbridges, check posts, restricted roads, no-go areas, belts; their shapes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import cos, radians
from typing import TYPE_CHECKING

from immis.late import late
from immis.rules.catalogue import Finding, rule
from immis.rules.land.earth import M_A_DEGREE
from immis.rules.land.geometry import M2_PER_HA, area_ha, contains, is_simple
from immis.rules.policy import PolicyBook

if TYPE_CHECKING:
    import shapely
    from shapely import affinity
    from shapely.geometry.base import BaseGeometry
else:
    shapely, affinity = late("shapely"), late("shapely.affinity")

Place = tuple[float, float]  # latitude, longitude
KINDS = ("storage", "weighbridge", "checkpost", "restricted", "no_go", "belt")
#: Areas in which no vehicle with sand may be (E-151).
FORBIDDEN = ("restricted", "no_go", "belt")
#: As which kind the gateway follows a fence: a trip ends at a storage site as at any destination.
FOLLOWED_AS: Mapping[str, str] = {**{kind: kind for kind in KINDS}, "storage": "destination"}


@dataclass(frozen=True)
class FenceFacts:
    """A fence as it is to stand: its corners (a line or a point where ``width_m`` makes an area of it) and dates."""

    kind: str
    corners: Sequence[Place]
    width_m: float
    valid_from: date
    valid_until: date | None
    reason: str
    reference: str
    newest_from: date | None = None  # of the version before


@dataclass(frozen=True)
class BridgeFacts:
    """A weighbridge, where it stands, and the border of the fence that is drawn for it."""

    bridge: str
    fence: str
    ring: Sequence[Place]
    place: Place


def width_of(kind: str, *, policy: PolicyBook, on: date | datetime) -> float:
    """How wide a fence of a kind is drawn round what was given: belts, roads; nothing for the others (DEV-13)."""
    widths = policy.value("DEV-13", on)
    return float({"belt": widths["belt_m"], "restricted": widths["road_m"]}.get(kind, 0))


def ring_of(corners: Sequence[Place], width_m: float) -> list[Place]:
    """The border of a fence: the corners themselves, or what lies within a width of the point, line or area.

    Raises ValueError where nothing is enclosed.
    """
    closed = list(corners[:-1]) if len(corners) > 3 and corners[0] == corners[-1] else list(corners)
    if width_m <= 0:
        if len(closed) < 3:
            raise ValueError("an area needs three corners")
        return closed
    lat, lon = closed[0]
    squeeze = cos(radians(lat))
    flat = affinity.scale(
        _shape(closed, open_line=closed == list(corners)), xfact=squeeze, yfact=1.0, origin=(lon, lat)
    )
    grown = flat.buffer(width_m / M_A_DEGREE, quad_segs=4)
    if not isinstance(grown, shapely.Polygon) or grown.is_empty:
        raise ValueError("nothing is enclosed")
    back = affinity.scale(grown, xfact=1 / squeeze, yfact=1.0, origin=(lon, lat))
    return [(round(y, 6), round(x, 6)) for x, y in back.exterior.coords[:-1]]


def _shape(corners: Sequence[Place], *, open_line: bool) -> "BaseGeometry":
    places = [(lon, lat) for lat, lon in corners]
    if len(places) == 1:
        return shapely.Point(places[0])
    return shapely.LineString(places) if open_line or len(places) < 3 else shapely.Polygon(places)


@rule("DEV-12", on="fence.save")
def fence_unsound(facts: FenceFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause: review of 13.01.2026, point ii (geofences); tender 42(xxii) (restricted roads).

    Our reading: a fence is one area without crossing lines, of a size that such a place has, with reason and order; a
    new version begins after the one before. Who may settle a doubt: AD (HQ).
    """
    limits = policy.value("DEV-12", at)
    most_corners, most_km2 = int(limits["most_corners"]), float(limits["most_km2"])
    why = _fault(facts, most_corners, most_km2)
    if why is None:
        return None
    return Finding("DEV-12", {"because": policy.words("DEV-12", why, most_corners=most_corners, most_km2=most_km2)})


def _fault(facts: FenceFacts, most_corners: int, most_km2: float) -> str | None:
    if facts.kind not in KINDS:
        return "unknown_kind"
    if not facts.reason.strip() or not facts.reference.strip():
        return "no_order"
    if facts.valid_until and facts.valid_until < facts.valid_from:
        return "ends_before"
    if facts.newest_from and facts.valid_from <= facts.newest_from:
        return "not_newer"
    if len(facts.corners) > most_corners:
        return "many_corners"
    return _shape_fault(facts, most_km2)


def _shape_fault(facts: FenceFacts, most_km2: float) -> str | None:
    try:
        ring = ring_of(facts.corners, facts.width_m)
    except (ValueError, IndexError):
        return "few_corners"
    if not is_simple(ring):
        return "crossed"
    if area_ha(ring) * M2_PER_HA > most_km2 * 1e6:
        return "too_large"
    return None


@rule("DEV-40", on="weighbridge.geofence")
def not_its_fence(facts: BridgeFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause: review of 13.01.2026, point ii (A-07): a weighbridge is geofenced.

    Our reading: its coordinates lie within the fence that is drawn for it. Who may settle a doubt: AD (HQ).
    """
    if not policy.value("DEV-40", at) or contains(facts.ring, *facts.place):
        return None
    place = f"{facts.place[0]}, {facts.place[1]}"
    return Finding("DEV-40", {"bridge": facts.bridge, "fence": facts.fence, "place": place})
