"""The register of a settlement: post-dated cheques, DMF drafts, GST proofs and income tax (E-101, E-103…E-105)."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.grants import may
from immis.leases.selectors import demands_of, lease_of
from immis.ledger import selectors, services
from immis.rules.calendar import india_day
from immis.rules.ledger.instruments import expected_tax_paise
from immis.rules.money import paise
from immis.rules.policy import book
from immis.web.ledger import words as ledger_words
from immis.web.shell import wording
from immis.web.shell.exports import wanted_format
from immis.web.shell.fields import DayField
from immis.web.shell.tables import Column, table_response
from immis.web.shell.views import page

_RUPEES = {"max_digits": 15, "decimal_places": 2, "min_value": Decimal("0.01")}


class _ForDemand(forms.Form):
    """Something that belongs to one demand of the settlement."""

    demand = forms.ChoiceField(label=gettext_lazy("For"))

    def __init__(self, *args: Any, demands: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["demand"].choices = [
            (demand.number, f"{wording.name_of(demand.label)} · {wording.paise(demand.balance_paise)}")
            for demand in demands
        ]


class Lodge(_ForDemand):
    """A cheque or draft that is handed in."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=list(ledger_words.INSTRUMENTS.items()))
    number = forms.RegexField(r"^[A-Za-z0-9/-]{1,20}$", label=gettext_lazy("Number"))
    bank = forms.CharField(label=gettext_lazy("Bank and branch"), max_length=80)
    dated_on = DayField(label=gettext_lazy("Date on it"), widget=forms.DateInput({"type": "date"}))
    amount = forms.DecimalField(label=gettext_lazy("Amount (₹)"), **_RUPEES)


class Tax(_ForDemand):
    """GST proof or income tax that came with an instalment."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=list(ledger_words.TAXES.items()))
    reference = forms.CharField(label=gettext_lazy("Challan number"), max_length=60)
    paid_on = DayField(label=gettext_lazy("Paid on"), widget=forms.DateInput({"type": "date"}))
    amount = forms.DecimalField(label=gettext_lazy("Amount (₹)"), **_RUPEES)


class Move(forms.Form):
    """A cheque or draft that moves on, or income tax that is deposited."""

    pk = forms.IntegerField(widget=forms.HiddenInput)
    to = forms.ChoiceField(choices=[(name, name) for name in ("presented", "honoured", "bounced", "returned")])
    on = DayField(label=gettext_lazy("Date"), widget=forms.DateInput({"type": "date"}))
    said = forms.CharField(
        label=gettext_lazy("Bank's reference or reason"),
        help_text=gettext_lazy("Credit reference when honoured; the bank's reason when bounced."),
        max_length=60,
        required=False,
    )


class Deposit(forms.Form):
    """Collected income tax that the office has deposited."""

    pk = forms.IntegerField(widget=forms.HiddenInput)
    on = DayField(label=gettext_lazy("Deposited on"), widget=forms.DateInput({"type": "date"}))
    reference = forms.CharField(label=gettext_lazy("Challan number"), max_length=60)


@page("instrument.oversee", write="instrument.keep")
def index(request: HttpRequest, code: str) -> HttpResponse:
    """The register of one settlement, and the acts on it."""
    lease = lease_of(code, request.actor)
    subject = ("lease", lease.number)
    if wanted_format(request):
        rows = selectors.instruments_on(subject)
        return table_response(request, columns=_columns(), rows=rows, name=f"cheques-{lease.number}")
    bound, status = None, 200
    if request.method == "POST":
        bound = _form(request.POST.get("act", ""), lease, request.POST)
        if bound is not None and bound.is_valid():
            _ACTS[request.POST["act"]](request, lease, bound.cleaned_data)
            return redirect("office_register", code)
        status = 422
    return render(request, "ledger/register.html", _context(request, lease, bound), status=status)


def register_context(lease: Any) -> dict[str, Any]:
    """What the pages of a settlement show of its register, to settlee and office alike."""
    subject = ("lease", lease.number)
    return {
        "instruments": ledger_words.instrument_rows(selectors.instruments_on(subject)),
        "taxes": ledger_words.tax_rows(selectors.tax_items_on(subject)),
        "credit_paise": selectors.credit_on(subject),
    }


def _context(request: HttpRequest, lease: Any, bound: forms.Form | None) -> dict[str, Any]:
    at, known = clock.now(), register_context(lease)
    today = {"on": india_day(at)}
    for row in known["instruments"]:
        row["moves"] = _MOVES.get(row["one"].state, [])
        row["form"] = Move(initial={"pk": row["one"].pk, **today}, auto_id=f"i{row['one'].pk}_%s")
    for row in known["taxes"]:
        base = row["one"].demand.amount_paise
        row["expected_paise"] = expected_tax_paise(row["one"].kind, base, policy=book(), at=lease.auction_closed_at)
        if row["one"].kind == "income_tax" and row["one"].deposited_on is None:
            row["form"] = Deposit(initial={"pk": row["one"].pk, **today}, auto_id=f"t{row['one'].pk}_%s")
    return {
        **known,
        "lease": lease,
        "lodge": bound if isinstance(bound, Lodge) else _form("lodge", lease, None),
        "tax": bound if isinstance(bound, Tax) else _form("tax", lease, None),
        "may_act": may(request.actor, "instrument.keep"),
    }


_MOVES = {
    "lodged": [("presented", gettext_lazy("Presented at the bank")), ("returned", gettext_lazy("Given back"))],
    "presented": [("honoured", gettext_lazy("Honoured")), ("bounced", gettext_lazy("Bounced"))],
}


def _form(act: str, lease: Any, data: Any) -> forms.Form | None:
    if act == "lodge":
        unpaid = demands_of(lease, settled_at__isnull=True, cancelled_at__isnull=True, kind__in=["instalment", "dmf"])
        return Lodge(data, demands=unpaid, auto_id="l_%s")
    if act == "tax":
        return Tax(data, demands=demands_of(lease, kind="instalment"), auto_id="x_%s")
    return {"move": Move, "deposit": Deposit}[act](data) if act in {"move", "deposit"} else None


def _lodge(request: HttpRequest, lease: Any, said: dict[str, Any]) -> None:
    demand = selectors.demand_of(said["demand"], request.actor)
    fields = {name: said[name] for name in ("kind", "number", "bank", "dated_on")}
    instrument = services.NewInstrument(amount_paise=paise(said["amount"]), **fields)
    _row, findings = services.lodge_instrument(demand=demand, instrument=instrument, by=request.actor, at=clock.now())
    messages.success(request, _("%(number)s is entered in the register.") % {"number": said["number"]})
    for finding in findings:
        messages.warning(request, wording.say(finding))


def _move(request: HttpRequest, lease: Any, said: dict[str, Any]) -> None:
    row = selectors.instrument_on(("lease", lease.number), said["pk"])
    words = {"reference": said["said"]} if said["to"] == "honoured" else {"reason": said["said"]}
    services.move_instrument(instrument=row, to=said["to"], on=said["on"], by=request.actor, at=clock.now(), **words)
    messages.success(request, _("%(number)s is entered in the register.") % {"number": row.number})


def _tax(request: HttpRequest, lease: Any, said: dict[str, Any]) -> None:
    demand = selectors.demand_of(said["demand"], request.actor)
    fields = {name: said[name] for name in ("kind", "reference", "paid_on")}
    services.record_tax(demand=demand, amount_paise=paise(said["amount"]), by=request.actor, at=clock.now(), **fields)
    messages.success(request, _("%(number)s is entered in the register.") % {"number": said["reference"]})


def _deposit(request: HttpRequest, lease: Any, said: dict[str, Any]) -> None:
    item = selectors.tax_item_on(("lease", lease.number), said["pk"])
    services.deposit_tax(item=item, on=said["on"], reference=said["reference"], by=request.actor, at=clock.now())
    messages.success(request, _("%(number)s is entered in the register.") % {"number": item.reference})


_ACTS: dict[str, Callable[[HttpRequest, Any, dict[str, Any]], None]] = {
    "lodge": _lodge,
    "move": _move,
    "tax": _tax,
    "deposit": _deposit,
}


def _columns() -> list[Column]:
    return [
        Column(_("Kind"), lambda row: str(ledger_words.INSTRUMENTS[row.kind])),
        Column(_("Number"), "number"),
        Column(_("Bank and branch"), "bank"),
        Column(_("Date on it"), "dated_on", "day"),
        Column(_("Amount (₹)"), lambda row: paise_text(row.amount_paise)),
        Column(_("For"), "demand.label", "name"),
        Column(_("State"), lambda row: ledger_words.instrument_rows([row])[0]["word"]),
        Column(_("Bank's reference"), "bank_ref"),
        Column(_("Reason"), "reason"),
    ]


def paise_text(amount_paise: int) -> Decimal:
    return Decimal(amount_paise) / 100
