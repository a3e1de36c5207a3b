"""How a settlee wants to be told: SMS yes or no, and the language of it (A-09)."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.messaging import selectors, services
from immis.messaging.acts import LANGUAGES
from immis.web.shell.views import page

_SMS = {"yes": True, "no": False}


class WishForm(forms.Form):
    """What a reader chooses."""

    sms = forms.ChoiceField(
        label=gettext_lazy("SMS"),
        widget=forms.RadioSelect,
        choices=[("yes", gettext_lazy("Yes, by SMS too")), ("no", gettext_lazy("No SMS; portal and e-mail only"))],
    )
    lang = forms.ChoiceField(
        label=gettext_lazy("Language of SMS"), widget=forms.RadioSelect, choices=list(LANGUAGES.items())
    )


@page("message.choose")
def wish(request: HttpRequest) -> HttpResponse:
    """Choose how to be told; kept with its day."""
    row = selectors.wish_of("party", str(request.actor.party_id))
    now = {"sms": "no" if row and row.sms is False else "yes", "lang": (row.lang if row else "") or "hi"}
    form = WishForm(request.POST or None, initial=now)
    if request.method == "POST" and form.is_valid():
        payload = form.cleaned_data
        services.note_wish(sms=_SMS[payload["sms"]], lang=payload["lang"], by=request.actor, at=clock.now())
        messages.success(request, _("Your choice is kept."))
        return redirect("message_wish")
    return render(request, "messaging/wish.html", {"form": form, "row": row}, status=422 if form.errors else 200)
