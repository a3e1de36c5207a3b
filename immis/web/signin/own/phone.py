"""The own mobile number, proved by a code that comes to it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.errors import Refusal
from immis.registry.phones import ask_phone_code, prove_phone
from immis.web.shell import wording
from immis.web.shell.views import client_network, page


class PhoneForm(forms.Form):
    """The number that a code is sent to."""

    phone = forms.RegexField(
        r"^[6-9][0-9]{9}$",
        label=gettext_lazy("Mobile number"),
        help_text=gettext_lazy("Ten digits, without 0 or +91."),
        max_length=10,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "tel-national"}),
    )


class PhoneCodeForm(PhoneForm):
    """The code that came to it."""

    phone = forms.RegexField(r"^[6-9][0-9]{9}$", max_length=10, widget=forms.HiddenInput)
    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=12,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )


@page("password.change")
def phone(request: HttpRequest) -> HttpResponse:
    """The own number: a code is sent to it, and taken."""
    if request.method != "POST":
        return _shown(request, PhoneForm())
    if "code" in request.POST:
        return _prove(request, PhoneCodeForm(request.POST))
    form = PhoneForm(request.POST)
    if form.is_valid() and _is_done(form, lambda sent: ask_phone_code(**sent, **_asked(request))):
        asked = PhoneCodeForm(initial=form.cleaned_data)
        return _shown(request, asked, sent_to=form.cleaned_data["phone"])
    return _shown(request, form, status=422)


def _asked(request: HttpRequest) -> dict[str, Any]:
    return {"by": request.actor, "network": client_network(request), "at": clock.now()}


def _prove(request: HttpRequest, form: PhoneCodeForm) -> HttpResponse:
    done = {"by": request.actor, "at": clock.now()}
    if form.is_valid() and _is_done(form, lambda sent: prove_phone(**sent, **done)):
        messages.success(request, _("The number is proved."))
        return redirect("account")
    return _shown(request, form, sent_to=form.cleaned_data.get("phone", ""), status=422)


def _is_done(form: forms.Form, do: Any) -> bool:
    """Do it with what was sent; a refusal is worded on the form."""
    try:
        do(form.cleaned_data)
    except Refusal as refusal:
        form.add_error(None, " ".join(map(wording.say, refusal.findings)))
        return False
    return True


def _shown(request: HttpRequest, form: forms.Form, *, sent_to: str = "", status: int = 200) -> HttpResponse:
    return render(request, "signin/phone.html", {"form": form, "sent_to": sent_to}, status=status)
