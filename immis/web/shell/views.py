"""What every page is wrapped in: who may see it, and lawful refusals in words.

``@page("lease.oversee")`` or ``@page(PUBLIC)`` stands on every view. ``PAGES``
knows each view's grant, so that a test can walk every address with every post.
"""

import logging
from collections.abc import Callable
from functools import wraps
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.db import DataError, IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render

from immis.core.access.permissions import PUBLIC, Actor
from immis.core.clashes import refusal_of
from immis.core.errors import NotFound, NotPermitted, Refusal, TooMany, Unavailable
from immis.core.grants import may
from immis.web.shell import wording

__all__ = [
    "PAGES",
    "PUBLIC",
    "client_ip",
    "client_network",
    "page",
    "refusal_response",
    "wants_json",
]

View = Callable[..., HttpResponseBase]
log = logging.getLogger(__name__)

#: Every page's view (dotted name) and the grant that opens it; None is everybody.
PAGES: dict[str, str | None] = {}


def page(grant: str | Actor = PUBLIC, *, write: str | None = None) -> Callable[[View], View]:
    """Wrap a view: the grant, or login, or 403; ``Refusal`` becomes 409 in words, ``NotFound`` 404.

    ``request.actor`` is the reader. ``grant`` is one of ``posts.yaml``, or ``PUBLIC`` for everybody. ``write`` is the
    grant of those readers who may send a form to the page; what others send is refused, not shown as if taken.
    """
    needed = grant if isinstance(grant, str) else None

    def wrap(view: View) -> View:
        @wraps(view)
        def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if needed is not None and not may(request.actor, needed):
                return _not_for(request)
            if write is not None and request.method == "POST" and not may(request.actor, write):
                return _not_for(request)
            try:
                return view(request, *args, **kwargs)
            except TooMany as refusal:
                return _too_many(request, refusal)
            except Refusal as refusal:
                return refusal_response(request, refusal)
            except NotPermitted:
                return _not_for(request)
            except Unavailable as fault:
                return _unavailable(request, fault)
            except DataError as fault:
                return _unfit(request, fault)
            except IntegrityError as fault:
                return _not_kept(request, fault)
            except NotFound as missing:
                raise Http404(str(missing)) from missing

        shown.page_grant, shown.page_write_grant = needed, write
        PAGES[f"{view.__module__}.{view.__qualname__}"] = needed
        return shown

    return wrap


def wants_json(request: HttpRequest) -> bool:
    """Whether the caller is a script that reads JSON rather than a person who reads a page."""
    return "application/json" in request.headers.get("Accept", "") or request.path.endswith(".json")


def client_ip(request: HttpRequest) -> str:
    """The reader's address: the front on this machine puts it in ``X-Real-IP``; nobody else's word for it counts."""
    peer, address = _address(request.META.get("REMOTE_ADDR", "")), _address(request.headers.get("X-Real-IP", ""))
    if address and (peer is None or peer.is_loopback):  # a socket file has no address
        return str(address)
    return str(peer or "")


def client_network(request: HttpRequest) -> str:
    """What one subscriber has: an IPv4 address, or the /64 of an IPv6 address, whose lower half is free to choose."""
    address = _address(client_ip(request))
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Network((address, 64), strict=False))
    return str(address or "")


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text.strip())
    except ValueError:
        return None


def refusal_response(request: HttpRequest, refusal: Refusal, *, status: int = 409) -> HttpResponse:
    """A lawful refusal as a page (or JSON): what was tried, which clause refuses it, what is allowed now."""
    if wants_json(request):
        findings = [{"code": f.code, "message": wording.say(f), "facts": dict(f.facts)} for f in refusal.findings]
        return JsonResponse({"findings": findings}, status=status, json_dumps_params={"default": str})
    back = request.headers.get("Referer", "")
    own = back.startswith((f"http://{request.get_host()}/", f"https://{request.get_host()}/"))
    context = {"findings": refusal.findings, "back": back if own else ""}
    return render(request, "errors/refusal.html", context, status=status)


def _too_many(request: HttpRequest, refusal: TooMany) -> HttpResponse:
    """429 in words, with the time after which it is answered."""
    answer = refusal_response(request, refusal, status=429)
    answer["Retry-After"] = str(refusal.again_in_s)
    return answer


def _unfit(request: HttpRequest, fault: DataError) -> HttpResponse:
    """400 in words: the database cannot hold what was sent, and keeps none of it."""
    log.warning("not held by the database: %s", str(fault)[:200])
    if wants_json(request):
        return JsonResponse({"error": "bad request"}, status=400)
    return render(request, "errors/400.html", status=400)


def _not_kept(request: HttpRequest, fault: IntegrityError) -> HttpResponse:
    """409 in words: somebody else recorded it meanwhile, or it does not fit together; a fault of ours is raised."""
    refusal = refusal_of(fault)
    if refusal is None:
        raise fault
    log.warning("not kept by the database: %s", str(fault)[:200])
    return refusal_response(request, refusal)


def _unavailable(request: HttpRequest, fault: Unavailable) -> HttpResponse:
    """503 in words: what is kept elsewhere cannot be read now."""
    log.warning("%s: %s", fault, fault.__cause__)
    if wants_json(request):
        return JsonResponse({"error": "unavailable", "what": str(fault)}, status=503)
    return render(request, "errors/unavailable.html", status=503)


def _not_for(request: HttpRequest) -> HttpResponse:
    """Login for who is not signed in; 403 in words for who is."""
    if wants_json(request):
        return JsonResponse({"error": "not permitted"}, status=403 if request.actor.user_id else 401)
    if request.actor.user_id is None:
        return redirect_to_login(request.get_full_path(), "login")
    return render(request, "errors/403.html", status=403)
