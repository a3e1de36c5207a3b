"""Where an officer's phone asks whom it records for, and hands over the checks that it kept with no network."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token

from immis import clock
from immis.challans import selectors, services
from immis.web.challans import words as challan_words
from immis.web.shell import wording
from immis.web.shell.views import page

_UNUSABLE = {"kept": [], "refused": {}}


@page("checkpost.work")
def checkpost_phone(request: HttpRequest) -> HttpResponse:
    """GET: the officer and a token; POST: rows that a phone kept, answered with those that the office has now."""
    if request.method != "POST":
        return _no_store({"user": request.actor.user_id, "name": _shown_name(request), "token": get_token(request)})
    rows, phone_now = _sent(request)
    if rows is None:
        return JsonResponse(_UNUSABLE, status=400)
    taken = services.take_phone_rows(rows, phone_now_ms=phone_now, by=request.actor, at=clock.now())
    said = said_of(taken.last) if taken.last else ""
    return _no_store({"kept": taken.kept, "refused": taken.refused, "said": said})


def _sent(request: HttpRequest) -> tuple[list[Any] | None, Any]:
    try:
        body = json.loads(request.body)
        rows = body["rows"]
    except (ValueError, TypeError, LookupError, RecursionError):
        return None, None
    return (rows, body.get("now")) if isinstance(rows, list) else (None, None)


def _no_store(body: dict[str, Any]) -> JsonResponse:
    answer = JsonResponse(body, json_dumps_params={"ensure_ascii": False})
    answer["Cache-Control"] = "private, no-store"
    return answer


def _shown_name(request: HttpRequest) -> str:
    actor = request.actor
    office = actor.office_en if wording.lang() == "en" else actor.office_hi
    return f"{actor.name} · {office}" if office else str(actor.name)


def said_of(scan: Any) -> str:
    """What the office adds to a phone's own verdict: why to look again, else when and where it was seen before."""
    if scan.facts.get("warning"):
        return wording.say((scan.facts["warning"], scan.facts["seen"]))
    before = selectors.seen_before(scan)
    return challan_words.seen_line(before[0]) if before else ""
