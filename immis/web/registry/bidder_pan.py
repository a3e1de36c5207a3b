"""The PAN card of a party: whether its PAN is proved, and handing the card in."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.registry.pans import own_proofs, owner_of, send_proof
from immis.registry.selectors import party_of
from immis.web.shell.views import page
from immis.web.signin.cards import CardForm

STATES = {
    "sent": ("info", gettext_lazy("With the office")),
    "accepted": ("good", gettext_lazy("Accepted")),
    "refused": ("bad", gettext_lazy("Not accepted")),
}


def standing_of(party: Any) -> tuple[str, str]:
    """Whether a party's PAN is proved: chip state and word."""
    if party.pan_proved_at:
        return "good", _("PAN proved")
    owner = owner_of(party.pan)
    return ("bad", _("PAN proved by another account")) if owner else ("warn", _("PAN not proved"))


@page("pan.prove")
def pan_card(request: HttpRequest) -> HttpResponse:
    """My PAN: proved or not, what I handed in and what was decided; handing the card in."""
    party = party_of(request.actor.party_id)
    form = CardForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data
        content = sent["card"].read()
        send_proof(party=party, district=sent["district"], content=content, by=request.actor, at=clock.now())
        messages.success(request, _("The PAN card is with the office."))
        return redirect("pan_card")
    rows = [{"row": own_proof, "chip": STATES[own_proof.state]} for own_proof in own_proofs(request.actor)]
    context = {"party": party, "chip": standing_of(party), "rows": rows, "form": form}
    return render(request, "registry/pan_card.html", context, status=422 if form.is_bound else 200)
