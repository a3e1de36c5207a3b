"""What every way in shares: how many wrong tries there are, where one lands, in which language one goes on."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from immis.rules.posts import Post
from immis.web.shell.nav import lists_of
from immis.web.shell.request.middleware import LANGUAGE_COOKIE
from immis.web.shell.views import client_network

TRIES = 5
TRIES_AN_ADDRESS = 30
TRIES_A_NAME = 50
LOCK = timedelta(minutes=15)


def login_limits(request: HttpRequest, username: str) -> dict[str, int]:
    """How many wrong tries a name has from one network, a network with any name, and a name from everywhere."""
    network, name = client_network(request), username.casefold()
    return {
        f"login:{network}:{name}": TRIES,
        f"login:{network}": TRIES_AN_ADDRESS,
        f"login:*:{name}": TRIES_A_NAME,
    }


def landing_of(post: Post) -> str:
    """Where a post begins its day: the page that it names, else the first list of its navigation."""
    return reverse(post.begins or next((row.url_name for row in lists_of(post)), "home"))


def is_own(request: HttpRequest, url: str) -> bool:
    """Whether an address is one of this installation, as the reader sees it."""
    return url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())


def next_of(request: HttpRequest, fallback: str) -> str:
    """Where a form or link wants to lead on to, if that is here; else ``fallback``."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return wanted if is_own(request, wanted) else fallback


def keep_language(response: HttpResponse, chosen: str) -> None:
    """Let the browser remember the language for a year."""
    response.set_cookie(
        LANGUAGE_COOKIE,
        chosen,
        max_age=31_536_000,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
    )
