"""The way in and out, and the choice of language."""

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from immis import clock
from immis.core.access.permissions import SYSTEM
from immis.core.access.throttling import give_back, take
from immis.core.services import log_action
from immis.registry.selectors import actor_of, users
from immis.rules.posts import Post, chart
from immis.web.shell.middleware import LANGUAGE_COOKIE
from immis.web.shell.nav import items_of
from immis.web.shell.views import PUBLIC, client_ip, client_network, page

TRIES = 5
TRIES_AN_ADDRESS = 30
TRIES_A_NAME = 50
LOCK = timedelta(minutes=15)


class LoginForm(forms.Form):
    """Name and password."""

    username = forms.CharField(label=_("User name"), max_length=150)
    password = forms.CharField(label=_("Password"), max_length=200, strip=False, widget=forms.PasswordInput)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["username"].widget.attrs.update(autocomplete="username", autocapitalize="none", spellcheck="false")
        self.fields["password"].widget.attrs.update(autocomplete="current-password")


def _limits(request: HttpRequest, username: str) -> dict[str, int]:
    """How many wrong tries a name has from one network, a network with any name, and a name from everywhere."""
    network, name = client_network(request), username.casefold()
    return {
        f"login:{network}:{name}": TRIES,
        f"login:{network}": TRIES_AN_ADDRESS,
        f"login:*:{name}": TRIES_A_NAME,
    }


def landing_of(post: Post) -> str:
    """Where a post begins its day: the page that it names, else the first entry of its navigation."""
    return reverse(post.begins or next((item.url_name for item in items_of(post)), "home"))


def _next(request: HttpRequest, fallback: str) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return fallback


def _enter(request: HttpRequest, user: Any) -> HttpResponse:
    login(request, user)
    actor = actor_of(user)
    with transaction.atomic():
        log_action(
            "login", subject=("user", user.username), facts={"address": client_ip(request)}, by=actor, at=clock.now()
        )
    response = redirect(_next(request, landing_of(actor.post)))
    if LANGUAGE_COOKIE not in request.COOKIES and user.language in {"hi", "en"}:
        _keep_language(response, user.language)
    return response


@sensitive_post_parameters("password")
@page(PUBLIC)
def log_in(request: HttpRequest) -> HttpResponse:
    """Name and password; five wrong tries from one network close the name there for a quarter of an hour."""
    form = LoginForm(request.POST or None)
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["username"]
        limits = _limits(request, name)
        if not take(limits, within=LOCK, at=clock.now()):
            form.add_error(
                None, _("Too many wrong tries. Try again in %(n)s minutes.") % {"n": LOCK // timedelta(minutes=1)}
            )
            status = 429
        elif user := authenticate(request, **form.cleaned_data):
            give_back(limits)
            return _enter(request, user)
        else:
            _log_failure(request, name)
            form.add_error(None, _("User name or password is not right."))
            status = 422
    return render(
        request,
        "signin/login.html",
        {"form": form, "next": _next(request, ""), "demo_users": _demo_users()},
        status=status,
    )


def _log_failure(request: HttpRequest, name: str) -> None:
    """Names only those that exist: what else stands in that box may be somebody's password."""
    known = users(username=name).first()
    with transaction.atomic():
        log_action(
            "login.failed",
            subject=("user", known.username[:60] if known else ""),
            facts={"address": client_ip(request)},
            by=SYSTEM,
            at=clock.now(),
        )


def _demo_users() -> list[dict[str, Any]]:
    """Whom one click logs in as, in a demonstration only: one row a person, in the order of the posts."""
    if not settings.DEMO:
        return []
    rows = [{"user": user, "actor": actor_of(user)} for user in users()[:40]]
    order = list(chart().posts)
    return sorted(rows, key=lambda row: order.index(row["actor"].role))


@require_POST
@page(PUBLIC)
def demo_login(request: HttpRequest) -> HttpResponse:
    """One click in, where the installation is a demonstration (``IMMIS_DEMO``); elsewhere there is no such page."""
    user = users(username=request.POST.get("username", "")).first() if settings.DEMO else None
    if user is None:
        raise Http404("no demonstration user")
    user.backend = settings.AUTHENTICATION_BACKENDS[0]
    return _enter(request, user)


@require_POST
@page(PUBLIC)
def log_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("home")


def _keep_language(response: HttpResponse, chosen: str) -> None:
    response.set_cookie(
        LANGUAGE_COOKIE,
        chosen,
        max_age=31_536_000,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
    )


@page(PUBLIC)
def language(request: HttpRequest) -> HttpResponse:
    """Hindi or English from the next page on; works as a link and as a form."""
    chosen = request.POST.get("to") or request.GET.get("to") or ""
    response = HttpResponseRedirect(_next(request, reverse("home")))
    if chosen in {"hi", "en"}:
        _keep_language(response, chosen)
    return response
