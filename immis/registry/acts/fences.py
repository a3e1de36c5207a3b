"""What a post may do to a fence: draw it, and draw it anew from a day on."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, declare
from immis.core.nouns import Page
from immis.registry import fences
from immis.registry.acts.common import CORNERS, districts_in_reach, read_corners, written_corners
from immis.registry.models import Fence
from immis.rules.calendar import india_day

FENCE_KINDS = {
    "storage": _("Storage site (K-licence)"),
    "weighbridge": _("Weighbridge"),
    "checkpost": _("Check post"),
    "restricted": _("Restricted road"),
    "no_go": _("No-go area"),
    "belt": _("Belt of 100 m"),
}


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
    return written_corners(newest.corners) if newest else ""


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
    Field("district", "choice", _("District"), choices=districts_in_reach, initial=_district),
    Field(
        "corners",
        "long_text",
        _("Corners, one a line: latitude, longitude"),
        help=_("Click on the map, or write. A road is a line, a belt a point, line or area; their width is added."),
        max_length=20_000,
        pattern=CORNERS,
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
