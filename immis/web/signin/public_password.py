"""Passwords: the own one changed by who knows it, a forgotten one set anew by a link in a mail."""

from typing import Any

from allauth.account import views
from allauth.account.adapter import get_adapter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters

from immis import clock
from immis.core.access.throttling import give_back, take
from immis.web.shell.views import PUBLIC, page
from immis.web.signin import must
from immis.web.signin.answers import Answered
from immis.web.signin.entering import LOCK, TRIES, landing_of
from immis.web.signin.forms import AgainForm, ForgottenForm, NewPasswordForm, PasswordForm, ResetForm


class _Change(Answered, views.PasswordChangeView):
    form_class = PasswordForm
    template_name = "signin/password.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Five wrong tries; the old password is not found out by trying."""
        limits, form = {f"password:{request.user.pk}": TRIES}, self.get_form()
        if not take(limits, within=LOCK, at=clock.now()):
            form.full_clean()
            form.errors.clear()
            form.add_error(None, get_adapter().validation_error("too_many_login_attempts"))
            return self.form_invalid(form)
        led = must.has_given_password(request)
        response: HttpResponse = super().post(request, *args, **kwargs)
        if "oldpassword" not in form.errors:
            give_back(limits)
        if led and response.status_code == 302:  # where the log-in would have led
            return redirect(landing_of(request.actor.post))
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Whether the person was led here by a password that somebody else made."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"given": must.has_given_password(self.request)}


class _First(Answered, views.PasswordSetView):
    form_class = NewPasswordForm
    template_name = "signin/password.html"


class _Forgotten(Answered, views.PasswordResetView):
    form_class = ForgottenForm
    template_name = "signin/forgotten.html"


class _Reset(Answered, views.PasswordResetFromKeyView):
    form_class = ResetForm
    template_name = "signin/reset.html"


class _Again(Answered, views.ReauthenticateView):
    form_class = AgainForm
    template_name = "signin/again.html"


_change, _first, _forgotten, _reset, _again = (view.as_view() for view in (_Change, _First, _Forgotten, _Reset, _Again))


@sensitive_post_parameters("oldpassword", "password1", "password2")
@page("password.change")
def own_password(request: HttpRequest) -> HttpResponse:
    """Change the own password; the other sessions of this person end."""
    return _change(request)


@sensitive_post_parameters("password1", "password2")
@page("password.change")
def first_password(request: HttpRequest) -> HttpResponse:
    """Set a password, for who came in by another service until now."""
    return _first(request)


@page(PUBLIC)
def forgotten(request: HttpRequest) -> HttpResponse:
    """Ask for a link by mail; the page says the same whether anybody has the address."""
    return _forgotten(request)


@page(PUBLIC)
def link_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "signin/link_sent.html")


@sensitive_post_parameters("password1", "password2")
@page(PUBLIC)
def reset(request: HttpRequest, uidb36: str, key: str) -> HttpResponse:
    """Set a new password by the link of a mail, once and for an hour."""
    return _reset(request, uidb36=uidb36, key=key)


@page(PUBLIC)
def reset_done(request: HttpRequest) -> HttpResponse:
    return render(request, "signin/reset_done.html")


@sensitive_post_parameters("password")
@page("password.change")
def again(request: HttpRequest) -> HttpResponse:
    """The password once more, before something that matters is changed."""
    return _again(request)
