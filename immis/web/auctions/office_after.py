"""The office after an auction: each bidder's earnest money, and the orders that may follow."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.auctions import selectors, services
from immis.core.access.permissions import Actor
from immis.core.errors import NotFound, NotPermitted
from immis.core.grants import may
from immis.web.auctions.public import lot_chip
from immis.web.auctions.words import deposit_words
from immis.web.shell import wording
from immis.web.shell.fields import DayField
from immis.web.shell.views import page

CAUSES = (
    ("refused", gettext_lazy("The highest bidder refused")),
    ("late", gettext_lazy("Formalities not completed in time")),
    ("false_certificate", gettext_lazy("False certificate")),
)
KINDS = {
    "forfeit": gettext_lazy("Forfeiture where nobody bid"),
    "default": gettext_lazy("Default of the highest bidder"),
    "retender": gettext_lazy("Short re-tender"),
    "recommend": gettext_lazy("Recommendation to the department"),
    "approve": gettext_lazy("Approval of the department"),
    "reject": gettext_lazy("Rejection by the department"),
    "false_certificate": gettext_lazy("A bidder’s certificate is false"),
}


class OrderForm(forms.Form):
    """An order: its number, its day, its reason."""

    number = forms.CharField(label=gettext_lazy("Number of the order"), max_length=80)
    on = DayField(label=gettext_lazy("Day of the order"), widget=forms.DateInput({"type": "date"}))
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=600, required=False, widget=forms.Textarea({"rows": 2})
    )


class DefaultForm(OrderForm):
    """An order that the winner is in default, with its cause."""

    cause = forms.ChoiceField(label=gettext_lazy("Cause"), choices=CAUSES)


class FalseCertificateForm(OrderForm):
    """An order that a certificate of one bidder is false (E-031)."""

    bid = forms.ChoiceField(label=gettext_lazy("Bidder"))

    def __init__(self, *args: Any, lot: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        bids = [deposit.bid for deposit in selectors.deposits_of(lot)]
        self.fields["bid"].choices = [(str(row.pk), wording.name_of(row.bidder.party)) for row in bids]


def _form(act: str, lot: Any, *given: Any) -> OrderForm:
    """The form of an order, with what was sent."""
    if act == "false_certificate":
        return FalseCertificateForm(*given, lot=lot, auto_id=f"{act}_%s")
    return (DefaultForm if act == "default" else OrderForm)(*given, auto_id=f"{act}_%s")


def _orders_now(lot: Any, follow: selectors.FollowUp, by: Actor, bids: Any) -> list[tuple[str, str]]:
    """The orders that this post may give about a lot now: the act and its label."""
    done = set(follow.orders)
    settled = lot.result == "sold" or "approve" in done
    single = lot.result == "single_bid"
    orders = [
        ("forfeit", "lot.forfeit_unsold", lot.result == "no_bids"),
        ("default", "lot.declare_default", settled),
        ("false_certificate", "lot.declare_false_certificate", bool(bids)),
        ("retender", "lot.call_again", single and not done & {"recommend", "approve"}),
        ("recommend", "lot.recommend_single", single and follow.attempt > 1 and "retender" not in done),
        ("approve", "lot.decide_single", "recommend" in done and not done & {"approve", "reject"}),
        ("reject", "lot.decide_single", "recommend" in done and not done & {"approve", "reject"}),
    ]
    return [(act, str(KINDS[act])) for act, grant, fits in orders if fits and act not in done and may(by, grant)]


def _acts(lot: Any, sent: Mapping[str, Any], by: Any, at: datetime) -> dict[str, Callable[[], Any]]:
    order = {"lot": lot, "number": sent["number"], "on": sent["on"], "by": by, "at": at}
    reason = sent["reason"]
    return {
        "forfeit": lambda: services.forfeit_where_nobody_bid(**order),
        "default": lambda: services.declare_default(**order, cause=sent.get("cause", ""), reason=reason),
        "retender": lambda: services.call_again(**order),
        "recommend": lambda: services.recommend_single(**order, reason=reason),
        "approve": lambda: services.decide_single(**order, approved=True, reason=reason),
        "false_certificate": lambda: services.declare_false_certificate(
            bid=selectors.technical_bid_of(int(sent["bid"]), by),
            **{name: order[name] for name in ("number", "on", "by", "at")},
            reason=reason,
        ),
        "reject": lambda: services.decide_single(**order, approved=False, reason=reason),
    }


@page("lot.oversee")
def office_after(request: HttpRequest, code: str) -> HttpResponse:
    """One lot after its end: deposits, orders given, orders possible."""
    lot, at = selectors.lot_of(code), clock.now()
    if lot.mock or not request.actor.sees_district(lot.notice.district) or lot.result == "open":
        raise NotFound(f"lot {code} after its end")
    if request.method == "POST":
        return _act(request, lot, at)
    follow = selectors.follow_up_of(lot)
    deposits = selectors.deposits_of(lot)
    context = {
        "lot": lot,
        "chip": lot_chip(selectors.lot_state(lot, at), selectors.outcome_of(lot, at)),
        "deposits": [(deposit, deposit_words(deposit)) for deposit in deposits],
        "due": any(deposit.state == "to_return" for deposit in deposits) and may(request.actor, "lot.order_refunds"),
        "follow": follow,
        "orders": [(KINDS[kind], row) for kind, row in follow.orders.items()],
        "forms": [(act, label, _form(act, lot)) for act, label in _orders_now(lot, follow, request.actor, deposits)],
    }
    return render(request, "auctions/office_after.html", context)


def _act(request: HttpRequest, lot: Any, at: datetime) -> HttpResponse:
    act = request.POST.get("act", "")
    if act == "refund":
        orders = services.order_refunds(lot=lot, by=request.actor, at=at)
        messages.success(request, _("Returns ordered: %(n)d.") % {"n": len(orders)})
        return redirect("office_after", lot.code)
    if act not in KINDS:
        raise NotPermitted(f"act {act}")
    form = _form(act, lot, request.POST)
    if not form.is_valid():
        messages.error(request, _("An order needs its number and its day."))
        return redirect("office_after", lot.code)
    _acts(lot, form.cleaned_data, request.actor, at)[act]()
    messages.success(request, _("The order is kept."))
    return redirect("office_after", lot.code)
