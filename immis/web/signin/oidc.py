"""Sign-in by the service of another department (OpenID Connect, as Parichay): it shows who comes, never who may."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.openid_connect import views
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from immis.core.access.outside import asking_outside, hand_on
from immis.registry.selectors import actor_of, users
from immis.web.shell.views import PUBLIC, page


class IdentityAdapter(DefaultSocialAccountAdapter):
    """Nobody gets an account by it: an officer is known by his proved address, others connect it when signed in."""

    def get_requests_session(self) -> Any:
        """Questions to the service; others work while it thinks."""
        session = super().get_requests_session()
        session.request = asking_outside()(session.request)
        return session

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: Any) -> str:
        return reverse("account")

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find the officer of the service's proved address; refuse who is nobody here."""
        if sociallogin.is_existing or sociallogin.state.get("process") == "connect":
            return
        officer = _officer_of(sociallogin)
        if officer is None:
            words = str(_("This identity belongs to no account here. Log in by password and connect it there."))
            get_adapter().add_message(request, messages.ERROR, message=words)
            raise ImmediateHttpResponse(redirect("login"))
        sociallogin.connect(request, officer)

    def on_authentication_error(self, request: HttpRequest, provider: Any, **_more: Any) -> None:
        """Whatever went wrong over there: back to the log-in, with a word of it."""
        words = str(_("The sign-in service did not answer as it should. Try again, or log in by password."))
        get_adapter().add_message(request, messages.ERROR, message=words)
        raise ImmediateHttpResponse(redirect("login"))


def _officer_of(sociallogin: SocialLogin) -> Any:
    """The one officer who has an address that the service proved; None for no one, and for more than one."""
    proved = [row.email for row in sociallogin.email_addresses if row.verified]
    known = [user for email in proved for user in users(email__iexact=email) if actor_of(user).is_officer]
    return known[0] if len(known) == 1 else None


@require_POST
@page(PUBLIC)
def start(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Go to the service; signed in, with ``process=connect``, to connect it with the own account."""
    hand_on()
    return views.login(request, provider_id)


@page(PUBLIC)
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Come back from the service."""
    hand_on()
    return views.callback(request, provider_id)


def service_name() -> str:
    """The service by which one may log in; empty where none is connected."""
    apps = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    return str(apps[0]["name"]) if apps else ""


@page(PUBLIC)
def cancelled(request: HttpRequest) -> HttpResponse:
    """Who turned round over there is at the log-in again."""
    return redirect("login")
