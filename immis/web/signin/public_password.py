"""The own password, changed by who knows the old one."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from immis import clock
from immis.core.access.throttling import give_back, take
from immis.registry.passwords import change_password
from immis.web.shell.views import page
from immis.web.signin.public_login import LOCK, TRIES


class PasswordForm(forms.Form):
    """The old password, and the new one twice."""

    old = forms.CharField(
        label=gettext_lazy("Your password until now"), max_length=200, strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )  # fmt: skip
    new = forms.CharField(
        label=gettext_lazy("New password"), max_length=200, strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=gettext_lazy("At least ten characters."),
    )  # fmt: skip
    again = forms.CharField(
        label=gettext_lazy("New password once more"), max_length=200, strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )  # fmt: skip

    def __init__(self, *args: Any, user: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_new(self) -> str:
        """A password that the settings find strong enough."""
        given = str(self.cleaned_data["new"])
        validate_password(given, self.user)
        return given

    def clean(self) -> dict[str, Any]:
        sent = super().clean() or {}
        if sent.get("new") and sent.get("again") != sent["new"]:
            self.add_error("again", _("The two new passwords differ."))
        return sent


@sensitive_post_parameters("old", "new", "again")
@page("password.change")
def own_password(request: HttpRequest) -> HttpResponse:
    """Change the own password; the other sessions of this person end."""
    form, status = PasswordForm(request.POST or None, user=request.user), 200
    if request.method == "POST":
        status = 422
        limits = {f"password:{request.user.pk}": TRIES}
        if not take(limits, within=LOCK, at=clock.now()):
            form.add_error(
                None, _("Too many wrong tries. Try again in %(n)s minutes.") % {"n": LOCK // timedelta(minutes=1)}
            )
            status = 429
        elif form.is_valid():
            if request.user.check_password(form.cleaned_data["old"]):
                give_back(limits)
                return _change(request, form.cleaned_data["new"])
            form.add_error("old", _("This is not your password."))
        else:
            give_back(limits)
    return render(request, "signin/password.html", {"form": form}, status=status)


def _change(request: HttpRequest, new: str) -> HttpResponse:
    user = change_password(username=request.user.username, new=new, by=request.actor, at=clock.now())
    update_session_auth_hash(request, user)
    messages.success(request, _("Your password is changed; your other sessions have ended."))
    return redirect("home")
