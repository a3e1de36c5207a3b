"""Payments before the district: one key opens a receipt, one verifies it against the treasury itself (A-18, E-083)."""

from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.errors import Refusal
from immis.ledger import selectors, services
from immis.ledger.selectors.refunds import claim_on_receipt
from immis.web.ledger import words as ledger_words
from immis.web.shell.acts import PageActs
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.views import page

_A_PAGE = 50


class PaymentFilter(forms.Form):
    """Which receipts to show."""

    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[
            *((name, word) for name, (_drawn, word) in ledger_words.RECEIPTS.items()),
            ("all", gettext_lazy("all")),
        ],
        initial="paid_unverified",
    )
    q = forms.CharField(
        label=gettext_lazy("Search"), required=False, max_length=60, widget=forms.TextInput({"type": "search"})
    )

    def query(self) -> Q:
        payload = self.cleaned_data if self.is_valid() else {}
        state = payload.get("state") or "paid_unverified"
        chosen = Q() if state == "all" else Q(state=state)
        if text := payload.get("q"):
            subject = Q(demand__subject_id__icontains=text.replace("/", "-"))
            party = Q(demand__party__name_hi__icontains=text) | Q(demand__party__name_en__icontains=text)
            chosen &= Q(number__icontains=text) | Q(grn__icontains=text) | subject | party
        return chosen


@page("receipt.verify")
def index(request: HttpRequest) -> HttpResponse:
    """Receipts that wait for verification, oldest first; filters and export."""
    data = request.GET.copy()
    data.setdefault("state", "paid_unverified")
    form = PaymentFilter(data)
    result = selectors.receipts(request.actor).filter(form.query()).order_by("paid_at", "id")
    return list_response(request, _table(), result, ListPage(form=form, template="ledger/office_payments.html"))


def _state(receipt: Any) -> list[tuple[str, Any]]:
    """The state of a receipt and what is out of the ordinary about it, as chips."""
    return [ledger_words.RECEIPTS[receipt.state], *(("bad", ledger_words.FLAGS[flag]) for flag in receipt.flags)]


def _act(receipt: Any) -> str:
    return _("Verify") if receipt.state == "paid_unverified" else _("Open")


def _table() -> Table:
    page_of = to("office_payment", "number")
    columns = [
        Column(_("Receipt"), "number", link=page_of),
        Column("GRN", "grn", under=True),
        Column(_("Party"), "demand.party", "name"),
        Column(_("For"), "demand.label", "name"),
        Column(_("Settlement"), "demand.subject_id", under=True),
        Column(_("Amount"), "amount_paise", "paise"),
        Column(_("Payer's account"), "payer_account", on="file"),
        Column(_("Paid at"), "paid_at", "at"),
        Column(_("State"), _state, "chips", on="page"),
        Column(_("State"), lambda receipt: ledger_words.RECEIPTS[receipt.state][1], on="file"),
        Column("", _act, "act", link=page_of, decide=True, on="page"),
    ]
    empty = (_("Nothing waits for verification"), _("A payment appears here as soon as the treasury reports it."))
    return Table("payments", _("Payments"), columns, empty)


@page("receipt.verify")
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One receipt beside what the treasury says of it now; verify or refuse."""
    receipt = selectors.receipt_of(number, request.actor)
    acts = PageActs(request, "receipt", receipt, place="office", at=clock.now())
    if request.method == "POST" and (answer := acts.take()):
        return answer
    drawn, word = ledger_words.RECEIPTS[receipt.state]
    says, silence = _treasury_says(receipt)
    context = {
        "receipt": receipt,
        "drawn": drawn,
        "word": word,
        "flags": [ledger_words.FLAGS[flag] for flag in receipt.flags],
        "says": says,
        "silence": silence,
        "agrees": says is not None and says.status == "paid" and says.amount_paise == receipt.amount_paise,
        "notices": [(notice.at, ledger_words.notice_line(notice)) for notice in selectors.notices_on(receipt)],
        "acts": acts,
        "claim": claim_on_receipt(receipt),
        "code": receipt.demand.cites[0]["code"] if receipt.demand.cites else "",
        "own_accounts": selectors.own_accounts(receipt.demand.party),
    }
    return render(request, "ledger/office_payment.html", context, status=acts.status)


def _treasury_says(receipt: Any) -> tuple[Any, list[Any]]:
    if receipt.state != "paid_unverified":
        return None, []
    try:
        return services.ask_treasury(receipt), []
    except Refusal as refusal:
        return None, refusal.findings
