"""Who reads, in which language, and which headers guard the page."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, RawPostDataException
from django.utils import translation
from django.utils.cache import patch_vary_headers

from immis import clock
from immis.core.access.outside import HandOn
from immis.core.installation.kind import first_language
from immis.registry.api_keys import actor_of_key
from immis.registry.selectors import actor_of
from immis.web.shell.request.errors import bad_request

LANGUAGE_COOKIE = "immis_language"
#: Read by machines, and answered whatever the records do.
_WITHOUT_WORDS = ("/healthz", "/readyz", "/metrics", "/api/")
Respond = Callable[[HttpRequest], HttpResponse]


def origin_of(url: str) -> str:
    """Scheme and host of an address, for a content security policy; empty for an empty or relative one."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme and parts.netloc else ""


def content_security_policy() -> str:
    """No inline script or style, nothing from elsewhere but map tiles; forms may lead on to the treasury."""
    tiles = origin_of(settings.TILES_URL.replace("{s}", "a"))
    rules = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "font-src": "'self'",
        "img-src": f"'self' data: blob: {tiles}",
        "connect-src": f"'self' {tiles}",
        "worker-src": "'self'",
        "manifest-src": "'self'",
        "form-action": f"'self' {origin_of(settings.TREASURY_URL)} {origin_of(settings.OIDC_URL)}",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value.strip()}" for name, value in rules.items())


class SecurityHeadersMiddleware:
    """Every answer carries the headers of OWASP ASVS level 2 (V14.4)."""

    def __init__(self, get_response: Respond):
        self.get_response = get_response
        self.headers = {
            "Content-Security-Policy": content_security_policy(),
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "geolocation=(self), camera=(self), serial=(self), microphone=(), payment=()",
        }
        if seconds := getattr(settings, "SECURE_HSTS_SECONDS", 0):
            self.headers["Strict-Transport-Security"] = f"max-age={seconds}; includeSubDomains"

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "Access-Control-Allow-Origin" in response.headers:  # open data
            response.headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin")
        kept = "private, no-store" if _signed_in(request) else "private, no-cache"
        response.headers.setdefault("Cache-Control", kept)
        for name, value in self.headers.items():
            response.headers.setdefault(name, value)
        _hear_out(request)
        return response


class HandOnMiddleware:
    """What waits for a file or another system goes on whole to the process that may wait; nothing is done of it."""

    def __init__(self, get_response: Respond):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, fault: Exception) -> HttpResponse | None:
        """The front's word for it, where that is what happened."""
        return HttpResponse(headers={"X-Accel-Redirect": "@files"}) if isinstance(fault, HandOn) else None


def _hear_out(request: HttpRequest) -> None:
    """Read what no view read of a body; else the front loses its line while sending and shows its own error."""
    try:
        while request.method not in {"GET", "HEAD"} and request.read(65536):
            pass
    except (OSError, RawPostDataException):  # the sender is gone, or it was read already
        pass


def _signed_in(request: HttpRequest) -> bool:
    """Whether a person's own page was asked for: at a check post or a shop many people use one computer."""
    actor = getattr(request, "actor", None)
    return actor is not None and actor.user_id is not None


class LanguageMiddleware:
    """The language that the reader chose, else that of the department's first run, else Hindi."""

    def __init__(self, get_response: Respond):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = _language_of(request)
        with translation.override(chosen):
            request.LANGUAGE_CODE = chosen
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", chosen)
        patch_vary_headers(response, ["Cookie"])
        return response


def _language_of(request: HttpRequest) -> str:
    wanted = request.COOKIES.get(LANGUAGE_COOKIE, "")
    if wanted in {"hi", "en"}:
        return wanted
    unworded = request.path.startswith(_WITHOUT_WORDS)
    return settings.LANGUAGE_CODE if unworded else first_language(settings.LANGUAGE_CODE)


class ActorMiddleware:
    """``request.actor``: the person in the post or for the party that they act for; at the API also by a key."""

    def __init__(self, get_response: Respond):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        kind, _blank, key = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if kind == "Bearer" and request.path.startswith("/api/"):
            request.user = AnonymousUser()  # the key alone says who calls, whatever cookies come with it
            request.actor = actor_of_key(key.strip(), at=clock.now())
            request.by_key = request.actor.user_id is not None
        else:
            request.actor = actor_of(request.user)
        response = self.get_response(request)
        return _worded(request, response) if response.status_code == 405 and not response.content else response


def _worded(request: HttpRequest, refused: HttpResponse) -> HttpResponse:
    """A page opened in a way that it does not know (the address of a button, typed in) says so in words."""
    page = bad_request(request)
    page.status_code = refused.status_code
    page.headers.setdefault("Allow", refused.headers.get("Allow", ""))
    return page
