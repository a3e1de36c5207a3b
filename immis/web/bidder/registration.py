"""A bidder's first page: registration with the terms, own bids, and where bidding is possible."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.auctions import selectors
from immis.auctions.services import register_bidder
from immis.registry.selectors import party_of
from immis.rules.policy import book
from immis.web.public.auctions import lot_chip
from immis.web.views import Role, page


class RegistrationForm(forms.Form):
    """Acceptance of the terms."""

    accept_terms = forms.BooleanField(
        label=gettext_lazy(
            "We have read the terms of the tender and accept them; own computers and lines are our own risk."
        ),
        required=False,
    )


def technical_chip(bid: Any, money: selectors.EmdState) -> tuple[str, str]:
    """Where a technical bid stands: chip state and word."""
    if bid.state == "passed":
        return "good", _("Technically successful")
    if bid.state == "failed":
        return "bad", _("Technically not successful")
    if not money.paid:
        return "warn", _("Payment due")
    missing = [paper for paper in selectors.papers_of(bid) if paper.required and not paper.document]
    return ("warn", _("Papers missing")) if missing else ("info", _("Under scrutiny"))


def _my_rows(request: HttpRequest, at: datetime) -> list[dict[str, Any]]:
    rows = []
    for bid in selectors.my_technical_bids(request.actor):
        state, money = selectors.lot_state(bid.lot, at), selectors.emd_state(bid)
        rows.append(
            {
                "bid": bid,
                "state": state,
                "money": money,
                "chip": technical_chip(bid, money),
                "lot_chip": lot_chip(state, selectors.outcome_of(bid.lot, at)),
                "position": selectors.my_position(bid.lot, request.actor.party_id, at),
            }
        )
    return rows


@page((Role.PARTY,))
def bidder_home(request: HttpRequest) -> HttpResponse:
    """My bids: what is registered, what is missing, when and where to bid."""
    at = clock.now()
    party = party_of(request.actor.party_id)
    if request.method == "POST":
        form = RegistrationForm(request.POST)
        form.is_valid()
        register_bidder(party=party, accept_terms=form.cleaned_data["accept_terms"], by=request.actor, at=at)
        messages.success(request, _("You are registered for e-auctions."))
        return redirect("bidder_home")
    mine = _my_rows(request, at)
    known = {row["bid"].lot_id for row in mine}
    lots = selectors.lots(request.actor, opens_at__gt=at).exclude(pk__in=known)
    bidder = selectors.bidder_of(party.pk)
    context = {
        "party": party,
        "bidder": bidder,
        "valid": bidder is not None and bidder.valid_until >= at.astimezone(clock.INDIA).date(),
        "form": RegistrationForm(),
        "mine": mine,
        "open_lots": [{"lot": lot, "last": selectors.programme_of(lot)} for lot in lots],
        "months": book().value("AUC-13", at),
        "at": at,
    }
    return render(request, "auctions/bidder_home.html", context)
