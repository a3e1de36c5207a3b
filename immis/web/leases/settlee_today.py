"""A settlee's day: what is stopped and why, what is to be paid now, and where an e-challan can be issued."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from immis import clock
from immis.auctions.selectors import lot_state, my_position, my_technical_bids, outcomes_of
from immis.core.grants import may
from immis.leases import selectors
from immis.ledger.selectors import open_demands
from immis.rules.calendar import india_day
from immis.web.auctions.next_step import next_step
from immis.web.auctions.public import own_chip
from immis.web.leases import words as lease_words
from immis.web.ledger.words import DUES
from immis.web.shell.views import page

#: How many results the day shows; all stand under the own bids.
_RESULTS = 4
_NOW = ("overdue", "due", "due_soon", "open", "waiting")


@page("lease.own")
def today(request: HttpRequest) -> HttpResponse:
    """What the day asks of a settlee, stops before payments before e-challans."""
    at = clock.now()
    leases = list(selectors.leases(request.actor))
    standing = {lease.number: selectors.standing_holds(lease, at) for lease in leases}
    context = {
        "today": india_day(at),
        "leases": leases,
        "stops": [card for lease in leases for card in _stops(request, lease, standing[lease.number])],
        "dues": _dues(request, at) if may(request.actor, "receipt.pay") else [],
        "results": _results(request, at) if may(request.actor, "bidder.register") else [],
        "open": [row for row in leases if row.permitted_at and not standing[row.number]],
    }
    return render(request, "leases/settlee_today.html", context)


def _stops(request: HttpRequest, lease: Any, holds: Any) -> list[Any]:
    return list(lease_words.reason_cards(lease, [h for h in holds if h.rule_code != "HLD-02"], viewer=request.actor))


def _dues(request: HttpRequest, at: Any) -> list[dict[str, Any]]:
    """What is to be paid now or soon, or was paid and waits; what falls due later has its page."""
    states = ((demand, selectors.due_state(demand, at=at)) for demand in open_demands(request.actor))
    return [
        {"demand": demand, "chip": DUES[state], "pays": state != "waiting", "bad": state == "overdue"}
        for demand, state in states
        if state in _NOW
    ]


def _results(request: HttpRequest, at: Any) -> list[dict[str, Any]]:
    """The newest bids whose lots are over: whether they won, and what is next."""
    bids = list(my_technical_bids(request.actor).filter(lot__ends_at__lt=at).order_by("-lot__ends_at", "lot__code"))
    ended = [bid for bid in bids if lot_state(bid.lot, at).phase == "closed"][:_RESULTS]
    outcomes, rows = outcomes_of([bid.lot for bid in ended], at), []
    for bid in ended:
        position = my_position(bid.lot, request.actor.party_id, at)
        chip = own_chip(lot_state(bid.lot, at), outcomes[bid.lot_id], position)
        rows.append({"lot": bid.lot, "chip": chip, "next": next_step(bid, request.actor, at)})
    return rows
