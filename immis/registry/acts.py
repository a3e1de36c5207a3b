"""What a post may do to a fence: draw it, and draw it anew from a day on."""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, declare
from immis.core.nouns import Page
from immis.registry import events as events
from immis.registry import fences
from immis.registry.models import Fence
from immis.registry.people import acts as people_acts
from immis.registry.selectors import blocks
from immis.rules.calendar import india_day
from immis.rules.districts import NAMES_HI

__all__ = ["FENCE_KINDS", "people_acts", "read_corners"]

FENCE_KINDS = {
    "storage": _("Storage site (K-licence)"),
    "weighbridge": _("Weighbridge"),
    "checkpost": _("Check post"),
    "restricted": _("Restricted road"),
    "no_go": _("No-go area"),
    "belt": _("Belt of 100 m"),
}
_LAT, _LON = "-?[0-8]?[0-9]([.][0-9]{1,9})?", "-?(1[0-7][0-9]|[0-9]{1,2})([.][0-9]{1,9})?"
_CORNER = f"{_LAT}[,;] ?{_LON}"


def read_corners(text: str) -> list[tuple[float, float]]:
    """Corners as they are written, one a line: latitude, longitude. Raises ValueError in words."""
    return [_corner(line) for line in text.splitlines() if line.strip()]


def _corner(line: str) -> tuple[float, float]:
    try:
        lat, lon = (round(float(part), 6) for part in re.split(r"[,;\s]+", line.strip()))
    except ValueError:
        lat, lon = 100.0, 0.0
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise ValueError(gettext("Not a corner: %(line)s") % {"line": line[:60]})
    return lat, lon


def _districts(fence: Fence | None, by: Actor, at: datetime) -> list[tuple[str, Any]]:
    """The districts of the post's reach, those of its ghats among them."""
    every = {*NAMES_HI, *(block.district for block in blocks())}
    known = {name for name in every if by.sees_district(name)} or {by.district}
    return [(name, {"en": name, "hi": NAMES_HI.get(name, name)}) for name in sorted(known)]


def _kinds(fence: Fence | None, by: Actor, at: datetime) -> list[tuple[str, Any]]:
    """Every kind for a new fence; a fence keeps the kind that it has."""
    return [(kind, words) for kind, words in FENCE_KINDS.items() if fence is None or kind == fence.kind]


def _of_fence(name: str) -> Callable[[Fence | None, Actor, datetime], str]:
    """What the fence on record says; nothing for one that is drawn for the first time."""
    return lambda fence, by, at: getattr(fence, name) if fence else ""


def _district(fence: Fence | None, by: Actor, at: datetime) -> str:
    return fence.district if fence else by.district


def _corners(fence: Fence | None, by: Actor, at: datetime) -> str:
    newest = fences.versions_of(fence)[0] if fence else None
    return "\n".join(f"{lat}, {lon}" for lat, lon in newest.corners) if newest else ""


def _from_today(fence: Fence | None, by: Actor, at: datetime) -> date:
    return india_day(at)


def _draw(*, kind: str, name_en: str, by: Actor, at: datetime, **drawn: Any) -> Fence:
    code = fences.new_code(kind, name_en)
    return fences.save_fence(fences.DrawnFence(code=code, kind=kind, name_en=name_en, **drawn), by=by, at=at).fence


def _redraw(*, fence: Fence, by: Actor, at: datetime, **drawn: Any) -> Fence:
    return fences.save_fence(fences.DrawnFence(code=fence.code, **drawn), by=by, at=at).fence


_FIELDS = (
    Field("name_hi", "text", _("Name in Hindi"), max_length=120, initial=_of_fence("name_hi")),
    Field("name_en", "text", _("Name in English"), max_length=120, initial=_of_fence("name_en")),
    Field("kind", "choice", _("Kind"), choices=_kinds, initial=_of_fence("kind")),
    Field("district", "choice", _("District"), choices=_districts, initial=_district),
    Field(
        "corners",
        "long_text",
        _("Corners, one a line: latitude, longitude"),
        help=_("Click on the map, or write. A road is a line, a belt a point, line or area; their width is added."),
        max_length=20_000,
        pattern=f"{_CORNER}(\\n{_CORNER})*",
        mark="corners",
        initial=_corners,
        read=read_corners,
    ),
    Field("valid_from", "day", _("Valid from"), initial=_from_today),
    Field("valid_until", "day", _("Valid until"), required=False),
    Field("reason", "text", _("Reason"), max_length=500),
    Field("reference", "text", _("Order number"), max_length=120),
)
_SAVED = _("The fence is saved; vehicles are watched by it from the day it is valid.")


def _to_fence(fence: Fence) -> Page:
    return Page("fence", (fence.code,))


declare(
    Act("fence.draw", _("Draw a fence"), "DEV-12", _draw, _FIELDS, done=_SAVED, leads_to=_to_fence, opens=True),
    place="new",
)
declare(
    Act(
        "fence.redraw",
        _("Save as a new version"),
        "DEV-12",
        _redraw,
        _FIELDS,
        done=_SAVED,
        leads_to=_to_fence,
        shared_grant="fence.draw",
    ),
    place="fence",
)
