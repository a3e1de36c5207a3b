"""The office after an auction: each bidder's earnest money, and the orders that may follow."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from immis import clock
from immis.auctions import selectors
from immis.auctions.acts.after import KINDS
from immis.auctions.gates import against_settling
from immis.core.errors import NotFound
from immis.web.auctions.public import lot_chip
from immis.web.auctions.words import deposit_words
from immis.web.shell.acts import PageActs
from immis.web.shell.views import page


@page("lot.oversee")
def office_after(request: HttpRequest, code: str) -> HttpResponse:
    """One lot after its end: deposits, orders given, orders possible."""
    lot, at = selectors.lot_of(code), clock.now()
    if lot.mock or not request.actor.sees_district(lot.district) or lot.result == "open":
        raise NotFound(f"lot {code} after its end")
    acts = PageActs(request, "lot", lot, place="after", at=at)
    if request.method == "POST" and (answer := acts.take()):
        return answer
    follow = selectors.follow_up_of(lot)
    context = {
        "lot": lot,
        "chip": lot_chip(selectors.lot_state(lot, at), selectors.outcome_of(lot, at)),
        "deposits": [(deposit, deposit_words(deposit)) for deposit in selectors.deposits_of(lot)],
        "follow": follow,
        "orders": [(KINDS[kind], row) for kind, row in follow.orders.items()],
        "unsettled": against_settling(lot, approved="approve" in follow.orders, at=at),
        "acts": acts,
    }
    return render(request, "auctions/office_after.html", context, status=acts.status)
