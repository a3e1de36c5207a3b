"""A user ID for who wants to bid and has none (clause 2(iv), E-018)."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from immis import clock
from immis.registry.accounts import KINDS, Applicant, PanCard, ask_user_id
from immis.web.shell import wording
from immis.web.shell.views import PUBLIC, client_network, page
from immis.web.signin import robot
from immis.web.signin.cards import CardForm


class SignUpForm(forms.Form):
    """Who asks for a user ID, where it is sent, and the password that goes with it."""

    kind = forms.ChoiceField(label=gettext_lazy("I bid as"))
    name_hi = forms.CharField(label=gettext_lazy("Name in Hindi"), max_length=160)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=160)
    pan = forms.CharField(label="PAN", max_length=10, widget=forms.TextInput({"autocapitalize": "characters"}))
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        max_length=200,
        help_text=gettext_lazy("Your user ID is sent there, and only there."),
    )
    phone = forms.RegexField(r"^[+0-9 -]{10,15}$", label=gettext_lazy("Mobile number"))
    password = forms.CharField(
        label=gettext_lazy("Password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=gettext_lazy("At least ten characters."),
    )
    sum = forms.IntegerField(min_value=0, max_value=99)
    sum_token = forms.CharField(widget=forms.HiddenInput, max_length=200)

    def __init__(self, *args: Any, place: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.place = place
        self.fields["kind"].choices = [(kind, wording.party_kind(kind)) for kind in KINDS]
        asked = robot.question(self.data.get("sum_token", "") if self.is_bound else "", place=place)
        self.fields["sum"].label = asked.label
        self.initial["sum_token"] = asked.token

    def clean_password(self) -> str:
        """A password that the settings find strong enough."""
        given = str(self.cleaned_data["password"])
        validate_password(given)
        return given

    def clean(self) -> dict[str, Any]:
        """The answer to the small sum, against machines."""
        sent = super().clean() or {}
        if not robot.answers(sent.get("sum_token", ""), sent.get("sum"), place=self.place, spend=not self.errors):
            self.add_error("sum", wording.say(("AUC-83", {})))
            robot.ask_anew(self, place=self.place)
        return sent

    def applicant(self) -> Applicant:
        """Who asked, once the form is valid."""
        return Applicant(**{name: self.cleaned_data[name] for name in Applicant.__dataclass_fields__})


class RecoverForm(CardForm, SignUpForm):
    """A new user ID with the PAN card at once, for who cannot reach the account of his PAN any more."""

    field_order = (*SignUpForm.base_fields, *CardForm.base_fields)


@sensitive_post_parameters("password")
@page(PUBLIC)
def sign_up(request: HttpRequest) -> HttpResponse:
    """Ask for a user ID: who, where to send it, and a password. The page says the same whether the PAN is known."""
    form = SignUpForm(request.POST or None, place=robot.place_of(request, "sign-up"))
    if request.method == "POST" and form.is_valid():
        applicant = form.applicant()
        ask_user_id(applicant, network=client_network(request), at=clock.now())
        return render(request, "signin/sign_up_done.html", {"email": applicant.email})
    return render(request, "signin/sign_up.html", {"form": form}, status=422 if form.is_bound else 200)


@sensitive_post_parameters("password")
@page(PUBLIC)
def recover(request: HttpRequest) -> HttpResponse:
    """Ask for the account of one's PAN back: a new user ID at once, the account when the office accepts the card.

    The page says the same whether there is an account.
    """
    form = RecoverForm(request.POST or None, request.FILES or None, place=robot.place_of(request, "recover"))
    if request.method == "POST" and form.is_valid():
        applicant = form.applicant()
        card = PanCard(form.cleaned_data["card"].read(), form.cleaned_data["district"])
        ask_user_id(applicant, network=client_network(request), at=clock.now(), card=card)
        return render(request, "signin/sign_up_done.html", {"email": applicant.email, "card": True})
    return render(request, "signin/recover.html", {"form": form}, status=422 if form.is_bound else 200)
