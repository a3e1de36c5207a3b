"""Orders on an auction: ask, confirm as the second person, withdraw; and the evidence of who had the room open."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from immis import clock
from immis.auctions import selectors
from immis.auctions.services import ask_order, confirm_order, note_reading, withdraw_order
from immis.core.errors import NotFound
from immis.reading import whole_number
from immis.rules.policy import book
from immis.web.auctions.public import lot_chip
from immis.web.auctions.public_orders import act_words
from immis.web.shell.fields import InstantField
from immis.web.shell.tables import Column, ListPage, Table, list_response
from immis.web.shell.views import page


def state_words() -> dict[str, tuple[str, str]]:
    """The states of an order: chip and word."""
    return {
        "asked": ("warn", _("Waits for a second officer")),
        "effective": ("good", _("In effect")),
        "withdrawn": ("plain", _("Withdrawn")),
    }


class OrderForm(forms.Form):
    """What is asked: the act, for which lots, why, and for a corrigendum the new times."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        when = forms.DateTimeInput(attrs={"type": "datetime-local", "step": "60"}, format="%Y-%m-%dT%H:%M")
        self.fields["act"] = forms.ChoiceField(label=_("Order"), choices=list(act_words().items()))
        self.fields["scope"] = forms.ChoiceField(
            label=_("For"), choices=[("lot", _("this auction")), ("notice", _("all auctions of the notice"))]
        )
        self.fields["reason"] = forms.CharField(
            label=_("Reason (published)"), max_length=600, widget=forms.Textarea(attrs={"rows": 2})
        )
        self.fields["opens_at"] = InstantField(label=_("New start (corrigendum)"), required=False, widget=when)
        self.fields["closes_at"] = InstantField(label=_("New end (corrigendum)"), required=False, widget=when)


@page("auction.read_orders")
def auction_orders(request: HttpRequest, code: str) -> HttpResponse:
    """The orders on one auction and its notice: those that wait, those in effect; ask, confirm, withdraw."""
    lot, at = selectors.lot_of(code), clock.now()
    if not request.actor.sees_district(lot.notice.district):
        raise NotFound(f"lot {code}")
    form = OrderForm(request.POST if request.POST.get("do") == "ask" else None)
    if request.method == "POST":
        if request.POST.get("do") in ("confirm", "withdraw"):
            return _decide(request, lot)
        if form.is_valid():
            _ask(request, lot, form.cleaned_data)
            return redirect("auction_orders", code=lot.code)
    state = selectors.lot_state(lot, at)
    asked = selectors.office_orders(request.actor, notice=lot.notice)
    rows = [_row(order, request.actor.user_id) for order in asked if order.lot_id in (None, lot.pk)]
    context = {
        "lot": lot,
        "state": state,
        "chip": lot_chip(state, selectors.outcome_of(lot, at)),
        "form": form,
        "rows": rows,
        "within": book().value("AUC-41", at)["confirm_within_minutes"],
        "at": at,
    }
    return render(request, "auctions/office_orders.html", context, status=422 if form.errors else 200)


def _row(order: Any, reader: int | None) -> dict[str, Any]:
    return {
        "order": order,
        "act": act_words()[order.act],
        "chip": state_words()[order.state],
        "may_confirm": order.state == "asked" and order.asked_by != reader,
    }


def _ask(request: HttpRequest, lot: Any, sent: dict[str, Any]) -> None:
    ask_order(
        act=sent["act"],
        notice=lot.notice,
        lot=lot if sent["scope"] == "lot" else None,
        reason=sent["reason"],
        opens_at=sent["opens_at"],
        closes_at=sent["closes_at"],
        by=request.actor,
    )
    messages.success(request, _("The order is asked for. It takes effect when a second officer confirms it."))


def _decide(request: HttpRequest, lot: Any) -> HttpResponse:
    number = request.POST.get("order", "")
    order = selectors.order_of(whole_number(number) or 0, request.actor)
    if order.notice_id != lot.notice_id:
        raise NotFound(f"order {order.pk} of {lot.code}")
    if request.POST["do"] == "confirm":
        confirm_order(order=order, by=request.actor)
        messages.success(request, _("The order is in effect. Bidders and the public can read it."))
    else:
        withdraw_order(order=order, by=request.actor)
        messages.success(request, _("The order is withdrawn."))
    return redirect("auction_orders", code=lot.code)


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
        Column(_("From"), "from_at", "at"),
        Column(_("Until"), "until_at", "at"),
        Column(_("Minutes"), lambda row: round((row.until_at - row.from_at).total_seconds() / 60), "number", on="page"),
        Column(_("Reports"), "beats", on="file"),
    ]
    nobody = (_("Nobody had the room open"), _("Devices report while a bidder has the room open."))
    secret = (_("Who is in the room is not shown to anybody before the end."), "")
    return Table(f"presence-{lot.code}", _("Presence in the auction room"), columns, nobody if over else secret)
