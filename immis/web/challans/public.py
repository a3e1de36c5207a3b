"""The public check of an e-challan: by number and vehicle, or by what its QR says (E-118)."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from immis import clock
from immis.challans import selectors
from immis.challans.signed.photos import read_photo
from immis.challans.signed.text import MAX_TEXT_CHARS
from immis.core.access.throttling import take
from immis.core.errors import TooMany, Unreadable
from immis.rules.catalogue import Finding
from immis.rules.policy import book
from immis.web.challans import words as challan_words
from immis.web.shell.views import PUBLIC, client_network, page


class CheckForm(forms.Form):
    """The number of a challan with the number of its vehicle, or the text of its QR."""

    photo = forms.FileField(
        label=_("Photo of the QR"),
        help_text=_("Needs no number: the camera opens"),
        required=False,
        widget=forms.FileInput({"accept": "image/*", "capture": "environment", "data-qr": ""}),
    )
    q = forms.CharField(
        label=_("Number of the e-challan"),
        help_text=_("As printed, for example MUN-26-000135; its last digits are enough: 135"),
        required=False,
        max_length=MAX_TEXT_CHARS,
    )
    vehicle = forms.CharField(
        label=_("Number of the vehicle"),
        help_text=_("As on its plate, for example BR08G1234"),
        required=False,
        max_length=20,
        widget=forms.TextInput({"autocapitalize": "characters", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():  # the code alone, or the two numbers
            field.needed = True  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        sent = self.cleaned_data
        if not any(sent.get(name) for name in ("q", "vehicle", "photo")) and not self.errors:
            self.add_error("q", _("Enter the number, or take a photo of the QR."))
        return sent

    @property
    def asked(self) -> tuple[str, str]:
        """What is to be checked, and the vehicle's mark: a mark alone is asked for itself."""
        sent = self.cleaned_data
        return (sent["q"], sent["vehicle"]) if sent["q"] else (sent["vehicle"], "")


def answer_to(request: HttpRequest, text: str, mark: str) -> selectors.CheckAnswer:
    """The check of a number with a mark, or of a QR, for anybody; an officer needs no mark.

    Raises TooMany (CH-17) after too many numbers from one network.
    """
    at = clock.now()
    if request.actor.is_officer or selectors.looks_like_pass(text.strip()):
        return selectors.check_challan(text, at)
    if selectors.number_and_mark(text, mark)[1]:
        _count(request, at)
    return selectors.check_in_public(text, mark, at)


def _count(request: HttpRequest, at: Any) -> None:
    terms = book().value("CH-17", at)
    within = timedelta(minutes=int(terms["within_minutes"]))
    if not take({f"check:{client_network(request)}": int(terms["most"])}, within=within, at=at):
        raise TooMany(Finding("CH-17", dict(terms)), again_in_s=int(within.total_seconds()))


def _asked(request: HttpRequest, form: CheckForm) -> tuple[str, str] | None:
    """What is to be checked; None where the photo shows no QR, which the form then says."""
    photo = form.cleaned_data["photo"]
    if not photo:
        return form.asked
    _count(request, clock.now())
    try:
        return read_photo(photo), ""
    except Unreadable as unreadable:
        form.add_error("photo", str(unreadable))
        return None


def _kept(answer: selectors.CheckAnswer, form: CheckForm) -> dict[str, str]:
    """What stays in the form beside an answer that asks for more."""
    number, mark = form.asked
    if answer.reason == "number_needed":
        return {"vehicle": number}
    return {"q": number, "vehicle": mark} if answer.reason in selectors.UNCLEAR else {}


@page(PUBLIC)
def verify(request: HttpRequest) -> HttpResponse:
    """Three answers for anybody: is it genuine, is it in time, how old is the list; no personal data is shown.

    A number and a vehicle may come in the address; the text of a QR comes by POST, so that it stands in no server log.
    """
    payload = request.POST if request.method == "POST" else request.GET
    form = CheckForm(payload if "q" in payload else None, request.FILES or None)
    verdict = answer = None
    if form.is_valid() and (asked := _asked(request, form)):
        answer = answer_to(request, *asked)
        verdict = challan_words.verdict_of(answer)
        form = CheckForm(initial=_kept(answer, form))
    context = {"form": form, "verdict": verdict, "challan": answer.challan if answer else None}
    response = render(request, "challans/verify.html", context)
    response["Cache-Control"] = "no-store"
    return response
