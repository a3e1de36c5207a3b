"""Paying a demand: to the treasury and back; only what the treasury says counts, never the browser (E-083)."""

import logging
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from immis import clock
from immis.adapters.treasury.port import NoticeForged, NoticeUnreadable
from immis.adapters.treasury.signing import HEADER
from immis.leases.selectors import due_state
from immis.ledger.selectors import demand_of, demand_state, demands
from immis.ledger.services import note_forged_notice, note_payment
from immis.ledger.treasury import payment_codes, read_notice
from immis.rules.policy import book
from immis.web.ledger import words as ledger_words
from immis.web.shell.acts import PageActs
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.views import PUBLIC, client_ip, client_network, page

log = logging.getLogger(__name__)
_MOST_BYTES = 16 * 1024


class DueFilter(forms.Form):
    """Which of one's own demands to show."""

    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[("", gettext_lazy("to be paid")), ("settled", gettext_lazy("paid")), ("all", gettext_lazy("all"))],
    )

    def query(self) -> dict[str, Any]:
        """The filter of the selector; a wrong value shows what is to be paid."""
        wanted = self.cleaned_data.get("state", "") if self.is_valid() else ""
        unsettled = {"settled_at__isnull": True, "cancelled_at__isnull": True}
        return {"all": {}, "settled": {"settled_at__isnull": False}}.get(wanted, unsettled)


@page("receipt.pay")
def index(request: HttpRequest) -> HttpResponse:
    """One's own demands in the order they fall due, with the state of each and its payment."""
    form, at = DueFilter(request.GET), clock.now()
    rows = demands(request.actor, **form.query())
    return list_response(request, _dues_table(at), rows, ListPage(form=form))


def _dues_table(at: Any) -> Table:
    columns = [
        Column(_("For"), "label", "name", link=to("pay", "number")),
        Column(_("Demand"), "number", under=True),
        Column(_("Settlement"), "subject_id", under=True),
        Column(_("Due date"), "due_on", "day"),
        Column(_("State"), lambda row: ledger_words.DUES[due_state(row, at=at)], "chip"),
        Column(_("Amount"), "amount_paise", "paise"),
        Column(_("Paid"), "applied_paise", "paise"),
        Column(_("Balance"), "balance_paise", "paise"),
    ]
    hint = _("What you owe appears here with its due date, as soon as a demand is raised.")
    return Table("payments", _("Payments"), columns, (_("Nothing to be paid"), hint))


@page("receipt.pay")
def pay(request: HttpRequest, number: str) -> HttpResponse:
    """One demand: amount in figures and words, clause, state of its payments; starts the payment."""
    demand, at = demand_of(number, request.actor), clock.now()
    acts = PageActs(request, "demand", demand, place="pay", at=at, default="pay")
    if request.method == "POST" and (answer := acts.take()):
        return answer
    state = demand_state(demand)
    receipts = [(receipt, *ledger_words.RECEIPTS[receipt.state]) for receipt in demand.receipts.order_by("id")]
    context = {
        "demand": demand,
        "state": ledger_words.due_chip(demand, at=at),
        "open": state == "open",
        "waiting": state == "waiting",
        "receipts": receipts,
        "acts": acts,
        "amount_rupees": (demand.balance_paise or demand.amount_paise) // 100,
        "balance_paise": demand.balance_paise or demand.amount_paise,
        "codes": _codes(demand) if state == "open" else None,
        "code": demand.cites[0]["code"] if demand.cites else "",
        "back": _back(demand),
    }
    return render(request, "ledger/pay.html", context, status=acts.status)


def _codes(demand: Any) -> tuple[str, str] | None:
    """UPI link and BharatQR of the payment that is open at the treasury."""
    receipt = demand.receipts.filter(state="created", grn__isnull=False).first()
    return payment_codes(receipt, purpose=f"{demand.label['en']} {demand.subject_id}") if receipt else None


def _back(demand: Any) -> str:
    if demand.subject_kind == "lease":
        return reverse("settlee_lease", args=[demand.subject_id])
    if demand.subject_kind == "istp":
        return reverse("istp_pass", args=[demand.subject_id])
    return reverse("settlee_home")


@csrf_exempt
@require_POST
@page(PUBLIC)
def notify(request: HttpRequest) -> HttpResponse:
    """The treasury's notice of a payment: signed, repeated and out of order as it may be."""
    raw = request.read(_MOST_BYTES + 1)
    try:
        standing = read_notice(raw, request.headers.get(HEADER, ""))
    except NoticeForged:
        log.warning("forged treasury notice from %s", client_ip(request))
        note_forged_notice(source=client_network(request), at=clock.now(), by=PUBLIC)
        return JsonResponse({"error": "signature", "code": "PAY-07", **book().entry("PAY-07").title}, status=403)
    except NoticeUnreadable as error:
        return JsonResponse({"error": str(error)}, status=400)
    note_payment(standing=standing, source="webhook", at=clock.now())
    return JsonResponse({"taken": standing.grn})
