"""Dues before headquarters and districts: the board with its heat, defaulters, forecast, and every figure's entries."""

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.permissions import Role
from immis.ledger import selectors, services
from immis.rules.calendar import india_day
from immis.rules.money import PAISE
from immis.web.leases import words as lease_words
from immis.web.ledger import words as ledger_words
from immis.web.shell import wording
from immis.web.shell.districts import TILES, district_name
from immis.web.shell.exports import table_response, wanted_format
from immis.web.shell.views import page

READERS = (Role.HQ, Role.MONITORING, Role.DISTRICT, Role.COLLECTOR)
ACTORS = (Role.DISTRICT, Role.COLLECTOR)
_A_PAGE = 50


class DemandFilter(forms.Form):
    """Which demands to show."""

    state = forms.ChoiceField(
        label=gettext_lazy("State"), required=False, choices=[("", gettext_lazy("all")), *ledger_words.STATES.items()]
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), required=False, choices=[("", gettext_lazy("all")), *ledger_words.KINDS.items()]
    )
    district = forms.CharField(label=gettext_lazy("District"), required=False, max_length=40)

    def chosen(self) -> dict[str, str]:
        return self.cleaned_data if self.is_valid() else {}


@page(READERS)
def board(request: HttpRequest) -> HttpResponse:
    """Dues of each district with their heat, the highest first, and what the coming months bring (A-11)."""
    at = clock.now()
    rows = selectors.dues_by_district(request.actor, at=at)
    if wanted_format(request):
        return table_response(request, columns=_board_columns(), rows=rows, name="dues-by-district")
    heat = ledger_words.heats([row.overdue_paise for row in rows])
    months = selectors.forecast_by_month(request.actor, at=at)
    context = {
        "rows": [_board_row(row, one) for row, one in zip(rows, heat, strict=True)],
        "tiles": _tiles(rows, heat) if request.actor.statewide else [],
        "total": _total(rows),
        "months": _months(months),
        "at": at,
        "all_url": reverse("office_demands"),
    }
    return render(request, "ledger/dues.html", context)


def _board_row(row: Any, heat: int) -> dict[str, Any]:
    def url(name: str, **more: str) -> str:
        return f"{reverse(name)}?{urlencode({'district': row.district, **more})}"

    return {
        "dues": row,
        "heat": heat,
        "overdue_url": url("office_demands", state="overdue"),
        "soon_url": url("office_demands", state="soon"),
        "defaulters_url": url("office_defaulters"),
    }


def _tiles(rows: list[Any], heat: list[int]) -> list[list[dict[str, Any]]]:
    """Every district in its place on the map of equal tiles, with its overdue sum and its heat."""
    known = {row.district.title(): (row, one) for row, one in zip(rows, heat, strict=True)}
    return [[_tile(name, *known.get(name, (None, 0))) for name in line] for line in TILES]


def _tile(name: str, row: Any, heat: int) -> dict[str, Any]:
    query = urlencode({"state": "overdue", "district": row.district if row else name})
    sum_ = row.overdue_paise if row else 0
    return {"name": name, "heat": heat, "overdue_paise": sum_, "url": f"{reverse('office_demands')}?{query}"}


def _total(rows: list[Any]) -> dict[str, int]:
    names = ("overdue_paise", "overdue_count", "subjects", "soon_paise", "received_paise", "waiting_paise")
    return {name: sum(getattr(row, name) for row in rows) for name in names}


def _months(months: list[Any]) -> list[dict[str, Any]]:
    highest = max((one.paise for one in months), default=0)
    return [{"one": one, "percent": round(100 * one.paise / highest) if highest else 0} for one in months]


def _board_columns() -> list[tuple[str, Any]]:
    def rupees(name: str) -> Any:
        return lambda row: Decimal(getattr(row, name)) / PAISE

    return [
        (_("District"), lambda row: district_name(row.district, wording.lang())),
        (_("Overdue (₹)"), rupees("overdue_paise")),
        (_("Overdue demands"), "overdue_count"),
        (_("Settlements with dues"), "subjects"),
        (_("Oldest due day"), "oldest_on"),
        (_("Due within 30 days (₹)"), rupees("soon_paise")),
        (_("Waiting for verification (₹)"), rupees("waiting_paise")),
        (_("Received since 1 April (₹)"), rupees("received_paise")),
    ]


@page(READERS)
def defaulters(request: HttpRequest) -> HttpResponse:
    """Parties with overdue sums, the highest first; filters and export."""
    at = clock.now()
    district = request.GET.get("district", "")[:40]
    found = selectors.defaulters(request.actor, at=at, district=district)
    if wanted_format(request):
        return table_response(request, columns=_defaulter_columns(at), rows=found, name="defaulters")
    shown = Paginator(found, _A_PAGE).get_page(request.GET.get("page"))
    items = [_defaulter(row, at) for row in shown]
    context = {"page": shown, "items": items, "district": district}
    return render(request, "ledger/defaulters.html", context)


def _defaulter(row: dict[str, Any], at: Any) -> dict[str, Any]:
    code = row["subject_id"]
    url = reverse("office_lease", args=[code]) if row["subject_kind"] == "lease" else ""
    days = (india_day(at) - row["oldest_on"]).days
    return {**row, "party": _party(row), "url": url, "days": days}


def _party(row: dict[str, Any]) -> str:
    return wording.name_of({"en": row["party__name_en"], "hi": row["party__name_hi"]})


def _defaulter_columns(at: Any) -> list[tuple[str, Any]]:
    return [
        (_("Party"), _party),
        (_("Settlement"), "subject_id"),
        (_("District"), lambda row: district_name(row["district"], wording.lang())),
        (_("Overdue (₹)"), lambda row: Decimal(row["paise"]) / PAISE),
        (_("Overdue demands"), "count"),
        (_("Oldest due day"), "oldest_on"),
        (_("Days overdue"), lambda row: (india_day(at) - row["oldest_on"]).days),
        (_("Phone"), "party__phone"),
    ]


@page(READERS)
def demands(request: HttpRequest) -> HttpResponse:
    """The demands behind a figure of the board."""
    at = clock.now()
    form = DemandFilter(request.GET)
    found = selectors.demands_for(request.actor, at=at, **form.chosen())
    if wanted_format(request):
        return table_response(request, columns=_demand_columns(), rows=found, name="demands")
    shown = Paginator(found, _A_PAGE).get_page(request.GET.get("page"))
    return render(request, "ledger/demands.html", {"form": form, "page": shown})


def _demand_columns() -> list[tuple[str, Any]]:
    return [
        (_("Demand"), "number"),
        (_("Party"), lambda one: wording.name_of(one.party)),
        (_("For"), lambda one: wording.name_of(one.label)),
        (_("Settlement"), "subject_id"),
        (_("District"), lambda one: district_name(one.district, wording.lang())),
        (_("Due date"), "due_on"),
        (_("Amount (₹)"), lambda one: Decimal(one.amount_paise) / PAISE),
        (_("Paid (₹)"), lambda one: Decimal(one.applied_paise) / PAISE),
        (_("Balance (₹)"), lambda one: Decimal(one.balance_paise) / PAISE),
        (_("Verified at"), "settled_at"),
    ]


@page(READERS)
def demand(request: HttpRequest, number: str) -> HttpResponse:
    """One demand with its receipts and the journal entries that pay it; credit on account can be used here."""
    one = selectors.demand_of(number, request.actor)
    if request.method == "POST":
        if request.actor.role in ACTORS:
            used = services.apply_credit(demand=one, by=request.actor, at=clock.now())
            messages.success(request, _("%(sum)s of the credit was used.") % {"sum": wording.paise(used)})
        return redirect("office_demand", number)
    entries = [
        {"entry": entry, "what": ledger_words.ENTRIES.get(entry.kind, entry.kind), "lines": entry.lines.all()}
        for entry in selectors.entries_of_demand(one)
    ]
    credit = selectors.credit_on((one.subject_kind, one.subject_id))
    is_open = one.settled_at is None and one.cancelled_at is None
    context = {
        "demand": one,
        "balance_paise": one.balance_paise,
        "receipts": [(row, *lease_words.RECEIPTS[row.state]) for row in one.receipts.order_by("id")],
        "entries": entries,
        "credit_paise": credit,
        "may_use": credit > 0 and is_open and request.actor.role in ACTORS,
        "code": one.cites[0]["code"] if one.cites else "",
        "lease_code": one.subject_id if one.subject_kind == "lease" else "",
    }
    return render(request, "ledger/demand.html", context)
