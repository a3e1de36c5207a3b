"""The own account: what guards it, where it is signed in, by which address it is reached."""

from typing import Any

from allauth.account import views
from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.adapter import get_adapter as sessions_adapter
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from immis import clock
from immis.core.errors import NotFound
from immis.core.services import log_action
from immis.registry.api_keys import own_keys
from immis.registry.selectors import actor_of
from immis.web.shell.views import PUBLIC, page
from immis.web.signin import must
from immis.web.signin.answers import Answered
from immis.web.signin.forms import EmailForm
from immis.web.signin.letters import send_change
from immis.web.signin.oidc import service_name

#: What browsers and systems are known by in what they call themselves; the first that fits, since each names others.
_BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("UCBrowser", "UC Browser"),
    ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)  # fmt: skip


@page("password.change")
def account(request: HttpRequest) -> HttpResponse:
    """What guards the own account, on one page."""
    user = request.user
    kinds = list(Authenticator.objects.filter(user_id=user.pk).values_list("type", flat=True))
    context = {
        "has_password": user.has_usable_password(),
        "has_app": Authenticator.Type.TOTP in kinds,
        "key_count": kinds.count(Authenticator.Type.WEBAUTHN),
        "must": must.is_missing(request),
        "session_count": len(_sessions(request)),
        "api_key_count": sum(key.is_open(clock.now()) for key in own_keys(request.actor)),
        "email": user.email,
        "email_proved": EmailAddress.objects.filter(user_id=user.pk, email=user.email.lower(), verified=True).exists(),
        "service": service_name(),
        "connected": SocialAccount.objects.filter(user_id=user.pk).exists(),
    }
    return render(request, "signin/account.html", context)


def _sessions(request: HttpRequest) -> list[UserSession]:
    rows = UserSession.objects.purge_and_list(request.user)
    return sorted(rows, key=lambda row: row.last_seen_at, reverse=True)


@page("password.change")
def sessions(request: HttpRequest) -> HttpResponse:
    """Where this account is signed in, and an end to one of them or to all others."""
    rows = _sessions(request)
    if request.method == "POST":
        return _end(request, rows)
    named = [(row, device_name(row.user_agent)) for row in rows]
    return render(request, "signin/sessions.html", {"rows": named, "own_key": request.session.session_key})


def device_name(user_agent: str) -> str:
    """Browser and system out of what a browser calls itself; its own words where neither is known."""
    named = [next((name for mark, name in marks if mark in user_agent), "") for marks in (_BROWSERS, _SYSTEMS)]
    return " · ".join(filter(None, named)) or user_agent[:120]


def _end(request: HttpRequest, rows: list[UserSession]) -> HttpResponse:
    others = [row for row in rows if row.session_key != request.session.session_key]
    if "all" not in request.POST:
        others = [row for row in others if str(row.pk) == request.POST.get("session")]
        if not others:
            raise NotFound("no such session of this account")
    sessions_adapter().end_sessions(others)
    payload = {"sessions": len(others)}
    by, at = request.actor, clock.now()
    with transaction.atomic():
        log_action("session.ended", subject=("user", request.user.username), by=by, at=at, facts=payload)
    messages.success(request, _("Ended: %(n)d.") % {"n": len(others)})
    return redirect("sessions")


class _Email(Answered, views.EmailView):
    form_class = EmailForm
    template_name = "signin/email.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Send a link; who would have a new password sent to it shows first that it is he."""
        raise_if_reauthentication_required(request, app="allauth.account")
        if "action_add" in request.POST:
            pending = EmailAddress.objects.filter(user=request.user, verified=False)
            pending.exclude(email=request.user.email.lower()).delete()
        return super().post(request, *args, **kwargs)


@receiver(email_confirmed)
def _take_over(sender: Any, request: HttpRequest, email_address: EmailAddress, **_more: Any) -> None:
    """The address whose link was followed takes the place of the old one, which is told."""
    others = EmailAddress.objects.filter(user=email_address.user).exclude(pk=email_address.pk)
    old = [row.email for row in others]
    others.delete()
    email_address.set_as_primary()
    for email in old:
        send_change("email_changed", email_address.user, email, at=clock.now())
    payload = {"proved": True, "changed": bool(old)}
    with transaction.atomic():
        by = actor_of(email_address.user)
        log_action("email.proved", subject=("user", email_address.user.username), by=by, at=clock.now(), facts=payload)


class _Prove(views.ConfirmEmailView):
    template_name = "signin/email_proof.html"


_email, _prove = _Email.as_view(), _Prove.as_view()


@page("password.change")
def email(request: HttpRequest) -> HttpResponse:
    """The own e-mail address: proved or not, and another one, which counts once its link was followed."""
    return _email(request)


@page(PUBLIC)
def prove_email(request: HttpRequest, key: str) -> HttpResponse:
    """The link of a mail: one button, so that no program that looks at mails proves an address."""
    return _prove(request, key=key)
