"""What every page shows: who reads, the navigation, the other language, the demo's clock."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.html import format_html

from immis import __version__, clock
from immis.core.access.permissions import PUBLIC
from immis.web.shell.nav import entries_for
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


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor of the frame round every page."""
    actor, match = getattr(request, "actor", PUBLIC), request.resolver_match
    chosen = lang()
    return {
        "actor": actor,
        "lang": chosen,
        "other_lang": "en" if chosen == "hi" else "hi",
        "office_name": actor.office_en if chosen == "en" else actor.office_hi,
        "nav_entries": entries_for(actor, request.path, match.func.__module__ if match else ""),
        "signed_in": actor.user_id is not None,
        "version": __version__,
        "demo": settings.DEMO,
        "training": settings.TRAINING,
        **_demo_clock(),
    }
