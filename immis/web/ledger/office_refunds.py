"""Returns on their way to a party: the list with its states, and one that came back and is sent again (A-19)."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.ledger.selectors.refunds import refund_of, refunds
from immis.ledger.services.refunds import failure_words
from immis.web.ledger.words import RETURN_ORDERS
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.views import page


class RefundFilter(forms.Form):
    """Which returns to show."""

    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[("", gettext_lazy("all")), *((state, word) for state, (_drawn, word) in RETURN_ORDERS.items())],
    )


@page("claim.oversee")
def index(request: HttpRequest) -> HttpResponse:
    """Every return of the office with its state; a form with the number of one sends that one again."""
    if request.method == "POST":
        return _one(request, request.POST.get("order", ""))
    form = RefundFilter(request.GET)
    state = form.cleaned_data["state"] if form.is_valid() else ""
    result = refunds(request.actor, **({"state": state} if state else {}))
    return list_response(request, _table(), result, ListPage(form=form))


@page("claim.oversee")
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One return: where it goes, how far it has come, and why it came back."""
    return _one(request, number)


def _one(request: HttpRequest, number: str) -> HttpResponse:
    order = refund_of(number, request.actor)
    acts = PageActs(request, "refund", order, place="office", at=clock.now(), default="resend")
    if request.method == "POST" and (answer := acts.take()):
        return answer
    chip = RETURN_ORDERS[order.state]
    context = {"order": order, "chip": chip, "why": _why(order), "acts": acts}
    return render(request, "ledger/office_refund.html", context, status=acts.status)


def _why(order: Any) -> str:
    """Why a return came back; empty where it did not."""
    words = failure_words(order.failure) if order.state == "failed" else ""
    return words if isinstance(words, str) else wording.name_of(words)


def _proposed(order: Any) -> str:
    account = order.proposed_account
    return _("Proposed account: %(account)s") % {"account": account} if account else ""


def _table() -> Table:
    columns = [
        Column(_("Number"), "number", link=to("office_refund", "number")),
        Column(_("For"), "label", "name", under=True),
        Column(_("Party"), "party", "name"),
        Column(_("Account"), "account", under=True),
        Column(_("Amount"), "amount_paise", "paise"),
        Column(_("State"), lambda order: RETURN_ORDERS[order.state], "chip"),
        Column(_("Bank reference"), "bank_ref", under=True),
        Column("", _why, under=True, on="page"),
        Column("", _proposed, under=True, on="page"),
        Column(_("Due on"), "due_on", "day"),
        Column("", lambda order: None if order.state == "paid" else order.due_on, "late", under=True, on="page"),
    ]
    hint = _(
        "Returns are ordered on the page of a lot after its end, of a settlement after its period, and by a decided"
        " claim."
    )
    return Table("refunds", _("Returns"), columns, (_("No return yet"), hint))
