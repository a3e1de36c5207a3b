"""The way in and out, and the choice of language."""

from typing import Any

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.internal.flows.logout import logout
from allauth.account.models import Login
from allauth.account.views import LoginView
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from immis.registry.selectors import actor_of, users
from immis.rules.posts import chart
from immis.web.shell.views import PUBLIC, page
from immis.web.signin.answers import Answered
from immis.web.signin.entering import keep_language, next_of
from immis.web.signin.forms import LoginForm
from immis.web.signin.oidc import service_name


class _Login(Answered, LoginView):
    form_class = LoginForm
    template_name = "signin/login.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "next": next_of(self.request, ""),
            "demo_users": _demo_users(),
            "service": service_name(),
        }


_login = _Login.as_view()


@sensitive_post_parameters("password")
@page(PUBLIC)
def log_in(request: HttpRequest) -> HttpResponse:
    """Name and password; five wrong tries from one network close the name there for a quarter of an hour."""
    return _login(request)


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
    record_authentication(request, user, method="demo")
    return perform_login(request, Login(user=user, redirect_url=next_of(request, "") or None))


@page(PUBLIC)
def closed(request: HttpRequest) -> HttpResponse:
    """Who knows the password of a log-in that is disabled reads whom to ask."""
    return render(request, "signin/closed.html", status=403)


@require_POST
@page(PUBLIC)
def log_out(request: HttpRequest) -> HttpResponse:
    """End this session, or a log-in that is half done."""
    logout(request)
    request.session.flush()
    return redirect("home")


@page(PUBLIC)
def language(request: HttpRequest) -> HttpResponse:
    """Hindi or English from the next page on; works as a link and as a form."""
    chosen = request.POST.get("to") or request.GET.get("to") or ""
    response = HttpResponseRedirect(next_of(request, reverse("home")))
    if chosen in {"hi", "en"}:
        keep_language(response, chosen)
    return response
