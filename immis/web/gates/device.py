"""The line of a gate's device: who is signed in, its key, the data for an outage, and its book that comes in."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token

from immis import clock
from immis.challans.offline.keys import KEYS, key_with, running_quota
from immis.challans.offline.pack import make_pack
from immis.challans.offline.taking import take_lines
from immis.core.errors import NotFound
from immis.core.grants import may, require_grant
from immis.leases.selectors import lease_of, leases
from immis.registers.selectors import Entry
from immis.registers.services import Unfit, enter
from immis.web.gates.yard import issue, yard_of
from immis.web.shell import wording
from immis.web.shell.views import PUBLIC, page

_KEY_FIELDS = ("lease", "device", "public", "proof")


@page(PUBLIC)
def gate_line(request: HttpRequest) -> HttpResponse:
    """GET: person, key, yard, and the data where ``pack`` is asked for; POST: a key, lines, or a load to be issued.

    A device at which nobody is signed in is answered that it is so; it sends nothing then.
    """
    known = may(request.actor, "challan.issue")
    if request.method != "POST":
        return _no_store(_standing(request) if known else {"name": ""})
    require_grant(request.actor, "challan.issue")
    try:
        body = json.loads(request.body)
        wanted = body["do"]
    except (ValueError, TypeError, LookupError, RecursionError):
        return _no_store({}, status=400)
    if wanted == "ask":
        return _hand_in(request, body)
    if wanted == "issue":
        status, answer = issue(body, by=request.actor)
        return _no_store(answer, status=status)
    if wanted == "send" and isinstance(body.get("lines"), list):
        return _take(request, body)
    return _no_store({}, status=400)


def _standing(request: HttpRequest) -> dict[str, Any]:
    actor, at = request.actor, clock.now()
    key = _own_key(request, request.GET.get("kid", "")[:16])
    course = clock.course()
    rows = _leases(request)
    payload: dict[str, Any] = {
        "name": actor.name,
        "token": get_token(request),
        "leases": [{"number": row.number, "name": wording.name_of(row.block)} for row in rows],
        "key": _key_row(key) if key else None,
        "course": {"shown": at.timestamp() * 1000, "rate": course.rate} if course else None,
    }
    if rows and "yard" in request.GET:
        chosen = next((row for row in rows if row.number == request.GET["yard"]), rows[0])
        payload["yard"] = yard_of(chosen, by=actor, at=at)
    if key and request.GET.get("pack"):
        payload["pack"] = make_pack(key, lease_of(key.values["lease"], actor), by=actor, at=at)
    return payload


def _leases(request: HttpRequest) -> list[Any]:
    return list(leases(request.actor).select_related("block", "party")[:50]) if request.actor.is_party else []


def _own_key(request: HttpRequest, kid: str) -> Entry | None:
    """The key of the device, where its settlement is one that this person sees."""
    key = key_with(kid) if kid else None
    if key is None:
        return None
    try:
        lease_of(key.values["lease"], request.actor)
    except NotFound:
        return None
    return key


def _key_row(key: Entry) -> dict[str, Any]:
    quota = running_quota(key)
    return {
        "number": key.number,
        "state": key.state,
        "counts_from": key.values.get("counts_from", ""),
        "quota": quota.number if quota else "",
    }


def _hand_in(request: HttpRequest, body: dict[str, Any]) -> HttpResponse:
    given = {name: str(body.get(name) or "")[:200] for name in _KEY_FIELDS}
    try:
        key = enter(KEYS, "ask", given, by=request.actor, at=clock.now())
    except Unfit as unfit:
        return _no_store({"fields": list(unfit.faults)}, status=400)
    return _no_store({"key": _key_row(key)})


def _take(request: HttpRequest, body: dict[str, Any]) -> HttpResponse:
    at = clock.now()
    taken = take_lines(body["lines"], device_now_ms=body.get("now"), by=request.actor, at=at)
    payload = {"kept": taken.kept, "refused": taken.refused, "words": taken.words, "numbers": taken.numbers}
    return _no_store(payload)


def _no_store(body: dict[str, Any], *, status: int = 200) -> JsonResponse:
    answer = JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})
    answer["Cache-Control"] = "private, no-store"
    return answer
