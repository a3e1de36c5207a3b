"""The registers that bar a bidder: debarments and certificate cases, read by every office, kept by who entered them."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.auctions import selectors
from immis.auctions.acts.debarments import CAUSES
from immis.core.acts import offers, record_of
from immis.core.errors import NotFound
from immis.ledger.selectors.recovery import certificate_cases
from immis.ledger.services.recovery import NewCertificateCase, close_certificate_case, enter_certificate_case
from immis.reading import whole_number
from immis.rules.calendar import india_day
from immis.rules.money import paise
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.exports import wanted_format
from immis.web.shell.fields import DayField
from immis.web.shell.tables import Column, table_response
from immis.web.shell.views import page

_A_PAGE = 50


class RegisterFilter(forms.Form):
    """Which register, and who."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Register"),
        required=False,
        choices=[("debarments", gettext_lazy("Debarments")), ("cases", gettext_lazy("Certificate cases"))],
    )
    q = forms.CharField(
        label=gettext_lazy("PAN, name or number"),
        required=False,
        max_length=60,
        widget=forms.TextInput({"type": "search"}),
    )


class CaseForm(forms.Form):
    """A certificate case against a PAN."""

    pan = forms.CharField(label="PAN", max_length=10)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=160)
    case_number = forms.CharField(label=gettext_lazy("Number of the case"), max_length=80)
    office = forms.CharField(label=gettext_lazy("Certificate officer"), max_length=160)
    amount_rupees = forms.IntegerField(label=gettext_lazy("Amount (₹)"), min_value=0, max_value=10**12)
    filed_on = DayField(label=gettext_lazy("Filed on"), widget=forms.DateInput({"type": "date"}))


@page("debarment.read")
def office_registers(request: HttpRequest) -> HttpResponse:
    """The two registers: searched, exported, entered into, and ended by a named order."""
    if request.method == "POST":
        return _enter(request)
    form = RegisterFilter(request.GET or {})
    payload = form.cleaned_data if form.is_valid() else {}
    cases = payload.get("kind") == "cases"
    result = _found(request, cases, payload.get("q") or "")
    if wanted_format(request):
        return table_response(request, columns=_columns(cases), rows=result, name="cases" if cases else "debarments")
    return render(request, "auctions/office_registers.html", _context(request, form, cases, result))


def _found(request: HttpRequest, cases: bool, text: str) -> Any:
    rows = certificate_cases(request.actor) if cases else selectors.debarments(request.actor)
    number = "case_number" if cases else "order_number"
    wanted = Q(pan__icontains=text) | Q(name__icontains=text) | Q(**{f"{number}__icontains": text})
    return rows.filter(wanted) if text else rows


def _context(request: HttpRequest, form: Any, cases: bool, found: Any, entry: Any = None) -> dict[str, Any]:
    at = clock.now()
    shown, today = Paginator(found, _A_PAGE).get_page(request.GET.get("page")), india_day(at)
    return {
        "form": form,
        "cases": cases,
        "page": shown,
        "rows": [(row, _chip(row, cases, today), _may_end(request, row, cases, at)) for row in shown],
        "entry": (entry or CaseForm()) if cases else None,
        "acts": None if cases else entry or PageActs(request, "debarment", None, place="register", at=at),
    }


def _may_end(request: HttpRequest, row: Any, cases: bool, at: datetime) -> bool:
    """Whether this reader may end an entry now."""
    if cases:
        return row.closed_on is None and bool(request.actor.sees_district(row.district))
    return any(offer.fits for offer in offers("debarment", row, by=request.actor, at=at, place="entry"))


def _chip(row: Any, cases: bool, today: Any) -> tuple[str, str]:
    if cases:
        return ("bad", _("Pending")) if row.closed_on is None else ("good", _("Closed"))
    if row.lifted_on and row.lifted_on <= today:
        return "good", _("Lifted")
    return ("bad", _("In force")) if row.from_on <= today <= row.until_on else ("plain", _("Over"))


def _enter(request: HttpRequest) -> HttpResponse:
    at, act = clock.now(), request.POST.get("act", "")
    if act in ("case", "close"):
        return _enter_case(request, at) if act == "case" else _close_case(request, at)
    if act == "lift":
        row = record_of("debarment", request.POST.get("entry", ""), request.actor)
        return PageActs(request, "debarment", row, place="entry", at=at).take_and_leave()
    acts = PageActs(request, "debarment", None, place="register", at=at, default="debar")
    if answer := acts.take():
        return answer
    context = _context(request, RegisterFilter({}), False, _found(request, False, ""), acts)
    return render(request, "auctions/office_registers.html", context, status=acts.status)


def _enter_case(request: HttpRequest, at: datetime) -> HttpResponse:
    form = CaseForm(request.POST)
    if not form.is_valid():
        context = _context(request, RegisterFilter({"kind": "cases"}), True, _found(request, True, ""), form)
        return render(request, "auctions/office_registers.html", context, status=422)
    sent = dict(form.cleaned_data)
    amount = paise(sent.pop("amount_rupees"))
    enter_certificate_case(case=NewCertificateCase(**sent, amount_paise=amount), by=request.actor, at=at)
    messages.success(request, _("The entry is kept."))
    return _back(True)


def _close_case(request: HttpRequest, at: datetime) -> HttpResponse:
    pk, order = request.POST.get("entry", ""), request.POST.get("order", "")
    number = whole_number(pk)
    row = certificate_cases(request.actor).filter(pk=number).first() if number is not None else None
    if row is None:
        raise NotFound(f"entry {pk}")
    close_certificate_case(case=row, order=order, by=request.actor, at=at)
    messages.success(request, _("The entry has ended by the order."))
    return _back(True)


def _back(cases: bool) -> HttpResponse:
    answer = redirect("office_registers")
    if cases:
        answer["Location"] += "?kind=cases"
    return answer


def _columns(cases: bool) -> list[Column]:
    if cases:
        return [
            Column("PAN", "pan"),
            Column(_("Name"), "name"),
            Column(_("Number of the case"), "case_number"),
            Column(_("Certificate officer"), "office"),
            Column(_("Amount"), "amount_paise", "paise"),
            Column(_("Filed on"), "filed_on", "day"),
            Column(_("Closed"), "closed_on", "day"),
        ]
    return [
        Column("PAN", "pan"),
        Column(_("Name"), "name"),
        Column(_("Cause"), lambda row: str(CAUSES[row.cause])),
        Column(_("Number of the order"), "order_number"),
        Column(_("Office that ordered it"), "source"),
        Column(_("From"), "from_on", "day"),
        Column(_("Until"), lambda row: wording.day(row.until_on)),
        Column(_("Lifted"), "lifted_on", "day"),
    ]
