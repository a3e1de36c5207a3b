"""What every page shows: who reads, the navigation, the other language, the demo's clock."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.html import format_html

from immis import __version__, clock
from immis.core.access.permissions import PUBLIC, Actor
from immis.messaging.selectors import unread_count
from immis.web.shell import nav
from immis.web.shell.wording import clock_time, lang


def map_settings() -> dict[str, str]:
    """Tiles under the rivers where the installation names some (``IMMIS_TILES_URL``)."""
    return {"tiles_url": settings.TILES_URL, "tiles_attribution": "© OpenStreetMap" if settings.TILES_URL else ""}


def _demo_clock() -> dict[str, Any]:
    """The instant that a demonstration shows, how fast its clock runs, and the instant as the page first writes it."""
    course = clock.course()
    if course is None:
        return {"shown_now": None}
    now = clock.now()
    place = format_html("<time>{}</time>", clock_time(now))
    return {"shown_now": now, "clock_rate": course.rate, "clock_place": place}


def _ways(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    """The navigation of a page: groups, the lists beside it, the way to it, and the bottom bar of a phone."""
    place = nav.place_of(actor, request.resolver_match)
    groups = nav.groups_for(actor, place)
    unread = unread_count(actor) if actor.user_id is not None else 0
    return {
        "nav_groups": groups,
        "nav_beside": nav.beside(groups),
        "nav_bar": nav.bar_for(actor, groups, place, unread),
        "nav_mark": "page" if place.row and place.name == place.row.url_name else "true",
        "crumbs": nav.crumbs_of(place),
        "unread_messages": unread,
        "can_begin": nav.may_begin(actor),
    }


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor of the frame round every page."""
    actor = getattr(request, "actor", PUBLIC)
    chosen = lang()
    return {
        "actor": actor,
        "lang": chosen,
        "other_lang": "en" if chosen == "hi" else "hi",
        "own_name": (actor.name_en if chosen == "en" else "") or actor.name,
        "office_name": actor.office_en if chosen == "en" else actor.office_hi,
        **_ways(request, actor),
        "signed_in": actor.user_id is not None,
        "version": __version__,
        "demo": settings.DEMO,
        "training": settings.TRAINING,
        **_demo_clock(),
    }
