"""The public check of an e-challan: by number, or by what its QR says (E-118)."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from immis import clock
from immis.challans import selectors
from immis.challans.passes import MAX_TEXT_CHARS
from immis.web import challan_words
from immis.web.views import PUBLIC, page


class CheckForm(forms.Form):
    """One box: the number of a challan, or the text of its QR."""

    q = forms.CharField(
        label=_("Number of the e-challan"),
        help_text=_("As printed, for example MUN/26/000001; or the text that a scanner reads from the QR"),
        max_length=MAX_TEXT_CHARS,
    )


@page(PUBLIC)
def verify(request: HttpRequest) -> HttpResponse:
    """Three answers for anybody: is it genuine, is it in time, how old is the list; no personal data is shown.

    A number may come in the address; the text of a QR comes by POST, so that it stands in no server log.
    """
    said = request.POST if request.method == "POST" else request.GET
    form = CheckForm(said if "q" in said else None)
    verdict = answer = None
    if form.is_valid():
        answer = selectors.check_challan(form.cleaned_data["q"], clock.now())
        verdict = challan_words.verdict_of(answer)
    context = {"form": form, "verdict": verdict, "challan": answer.challan if answer else None}
    response = render(request, "challans/verify.html", context)
    response["Cache-Control"] = "no-store"
    return response
