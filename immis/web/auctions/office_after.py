"""The office after an auction: each bidder's earnest money, the orders that may follow, and all refunds."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.auctions import selectors
from immis.auctions.acts.after import KINDS
from immis.core.errors import NotFound
from immis.core.grants import may
from immis.ledger.refund_selectors import refund_of, refunds
from immis.ledger.services.deposits import failure_words, resend_refund
from immis.web.auctions.public import lot_chip
from immis.web.auctions.words import STATES, deposit_words
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.exports import wanted_format
from immis.web.shell.tables import Column, table_response
from immis.web.shell.views import page

_A_PAGE = 50


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
    if wanted_format(request):
        return table_response(request, columns=_columns(), rows=result, name="refunds")
    shown = Paginator(result, _A_PAGE).get_page(request.GET.get("page"))
    rows = [(order, *STATES[order.state][:2], _why(order.failure)) for order in shown]
    may_act = may(request.actor, "refund.resend")
    context = {"form": form, "page": shown, "rows": rows, "may_act": may_act}
    return render(request, "auctions/office_refunds.html", context)


def _why(failure: str) -> str:
    words = failure_words(failure)
    return words if isinstance(words, str) else wording.name_of(words)


def _resend(request: HttpRequest) -> HttpResponse:
    order = refund_of(request.POST.get("order", ""), request.actor)
    account, reason = request.POST.get("account", "").strip(), request.POST.get("reason", "").strip()
    order = resend_refund(order=order, account=account, reason=reason[:300], by=request.actor, at=clock.now())
    if order.proposed_account:
        messages.success(request, _("Proposed. An officer of another post confirms the account; the party is told."))
    else:
        messages.success(request, _("The return goes to the treasury again."))
    return redirect("office_refunds")


def _columns() -> list[Column]:
    return [
        Column(_("Number"), "number"),
        Column(_("Party"), "party", "name"),
        Column(_("For"), "label", "name"),
        Column(_("Amount"), "amount_paise", "paise"),
        Column(_("Account"), "account"),
        Column(_("Due on"), "due_on", "day"),
        Column(_("State"), lambda order: str(STATES[order.state][1])),
        Column(_("Bank reference"), "bank_ref"),
    ]
