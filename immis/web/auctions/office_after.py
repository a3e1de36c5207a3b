"""The office after an auction: each bidder's earnest money, the orders that may follow, and all refunds."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.auctions import selectors
from immis.auctions.acts.after import KINDS
from immis.core.errors import NotFound
from immis.core.grants import may
from immis.ledger.selectors.refunds import refund_of, refunds
from immis.ledger.services.refunds import failure_words, resend_refund
from immis.web.auctions.public import lot_chip
from immis.web.auctions.words import STATES, deposit_words
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.tables import Column, ListPage, Table, list_response, row_form
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
        "acts": acts,
    }
    return render(request, "auctions/office_after.html", context, status=acts.status)


class RefundFilter(forms.Form):
    """Which refunds to show."""

    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[("", gettext_lazy("All")), *((row, STATES[row][1]) for row in ("ordered", "sent", "failed", "paid"))],
    )


@page("claim.oversee")
def office_refunds(request: HttpRequest) -> HttpResponse:
    """Every refund order of the office with its state; one that came back is sent again to the right account."""
    if request.method == "POST":
        return _resend(request)
    form = RefundFilter(request.GET or {})
    state = form.cleaned_data["state"] if form.is_valid() else ""
    result = refunds(request.actor, **({"state": state} if state else {}))
    return list_response(request, _refunds(request), result, ListPage(form=form))


def _why(failure: str) -> str:
    words = failure_words(failure)
    return words if isinstance(words, str) else wording.name_of(words)


def _proposed(order: Any) -> str:
    return _("Proposed account: %(account)s") % {"account": order.proposed_account} if order.proposed_account else ""


def _resend(request: HttpRequest) -> HttpResponse:
    order = refund_of(request.POST.get("order", ""), request.actor)
    account, reason = request.POST.get("account", "").strip(), request.POST.get("reason", "").strip()
    order = resend_refund(order=order, account=account, reason=reason[:300], by=request.actor, at=clock.now())
    if order.proposed_account:
        messages.success(request, _("Proposed. An officer of another post confirms the account; the party is told."))
    else:
        messages.success(request, _("The return goes to the treasury again."))
    return redirect("office_refunds")


def _refunds(request: HttpRequest) -> Table:
    may_act = may(request.actor, "refund.resend")

    def again(order: Any) -> str:
        shown = order.state == "failed" and may_act
        return row_form(request, "auctions/_refund_again.html", order=order) if shown else ""

    columns = [
        Column(_("Number"), "number"),
        Column(_("For"), "label", "name", under=True),
        Column(_("Party"), "party", "name"),
        Column(_("Account"), "account", under=True),
        Column(_("Amount"), "amount_paise", "paise"),
        Column(_("Due on"), "due_on", "day"),
        Column(_("State"), lambda order: STATES[order.state][:2], "chip"),
        Column(_("Bank reference"), "bank_ref", under=True),
        Column("", lambda order: _why(order.failure) if order.state == "failed" else "", under=True, on="page"),
        Column("", _proposed, under=True, on="page"),
        Column(_("Send again"), again, "html", on="page"),
    ]
    hint = _(
        "Returns are ordered on the page of a lot after its end, of a settlement after its period, and by a decided"
        " claim."
    )
    return Table("refunds", _("Returns"), columns, (_("No return yet"), hint))
