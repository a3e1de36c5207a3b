"""Orders on an auction: ask, confirm as the second person, withdraw; and the evidence of who had the room open."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from immis import clock
from immis.auctions import selectors
from immis.auctions.services import note_reading
from immis.core.access.permissions import Actor
from immis.core.acts import offers
from immis.core.errors import NotFound
from immis.reading import whole_number
from immis.rules.policy import book
from immis.web.auctions.public import lot_chip
from immis.web.auctions.public_orders import act_words
from immis.web.shell.acts import PageActs
from immis.web.shell.tables import Column, ListPage, Table, list_response
from immis.web.shell.views import page


def state_words() -> dict[str, tuple[str, str]]:
    """The states of an order: chip and word."""
    return {
        "asked": ("warn", _("Waits for a second officer")),
        "effective": ("good", _("In effect")),
        "withdrawn": ("plain", _("Withdrawn")),
    }


@page("auction.read_orders")
def auction_orders(request: HttpRequest, code: str) -> HttpResponse:
    """The orders on one auction and its notice: those that wait, those in effect; ask, confirm, withdraw."""
    lot, at = selectors.lot_of(code), clock.now()
    if not request.actor.sees_district(lot.district):
        raise NotFound(f"lot {code}")
    if request.method == "POST" and (word := request.POST.get("do")) in ("confirm", "withdraw"):
        return _decide(request, lot, word, at)
    acts = PageActs(request, "lot", lot, place="orders", at=at)
    unknown = request.method == "POST" and not acts.knows(request.POST.get("act", ""))
    if request.method == "POST" and not unknown and (answer := acts.take()):
        return answer
    state = selectors.lot_state(lot, at)
    asked = selectors.office_orders(request.actor, notice=lot.notice)
    context = {
        "lot": lot,
        "state": state,
        "chip": lot_chip(state, selectors.outcome_of(lot, at)),
        "acts": acts,
        "rows": [_row(order, request.actor, at) for order in asked if order.lot_id in (None, lot.pk)],
        "within": book().value("AUC-41", at)["confirm_within_minutes"],
        "at": at,
    }
    return render(request, "auctions/office_orders.html", context, status=422 if unknown else acts.status)


def _row(order: Any, by: Actor, at: datetime) -> dict[str, Any]:
    """An order with the acts that this reader has on it, while it waits."""
    waiting = offers("auction_order", order, by=by, at=at) if order.state == "asked" else []
    return {
        "order": order,
        "act": act_words()[order.act],
        "chip": state_words()[order.state],
        "open": [offer for offer in waiting if offer.fits],
        "against": [finding for offer in waiting for finding in offer.findings],
    }


def _decide(request: HttpRequest, lot: Any, word: str, at: datetime) -> HttpResponse:
    order = selectors.order_of(whole_number(request.POST.get("order", "")) or 0, request.actor)
    if order.notice_id != lot.notice_id:
        raise NotFound(f"order {order.pk} of {lot.code}")
    return PageActs(request, "auction_order", order, place="order", at=at, default=word).take_and_leave()


@page("lot.read_presence")
def auction_presence(request: HttpRequest, code: str) -> HttpResponse:
    """After the end: which bidder's device had the room open, from when until when (evidence, clause 14)."""
    lot, at = selectors.lot_of(code), clock.now()
    if not request.actor.sees_district(lot.notice.district):
        raise NotFound(f"lot {code}")
    rows = selectors.presences(lot, request.actor, at)
    note_reading("presence", lot=lot, by=request.actor, at=at)
    over = selectors.lot_state(lot, at).phase == "closed"
    shown = ListPage(template="auctions/office_presence.html", more={"lot": lot, "over": over})
    return list_response(request, _presence(lot, over), rows, shown)


def _presence(lot: Any, over: bool) -> Table:
    columns = [
        Column(_("Bidder"), "party", "name", on="page"),
        Column(_("Alias"), "alias", under=True),
        Column(_("Bidder"), "party.name_en", on="file"),
        Column(_("Device"), "device"),
        Column(_("Since"), "from_at", "at"),
        Column(_("Until"), "until_at", "at"),
        Column(_("Minutes"), lambda row: round((row.until_at - row.from_at).total_seconds() / 60), "number", on="page"),
        Column(_("Reports"), "beats", on="file"),
    ]
    nobody = (_("Nobody had the room open"), _("Devices report while a bidder has the room open."))
    secret = (_("Who is in the room is not shown to anybody before the end."), "")
    return Table(f"presence-{lot.code}", _("Presence in the auction room"), columns, nobody if over else secret)
