"""Dues before headquarters and districts: the board with its heat, defaulters, forecast, and every figure's entries."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.events import words_of
from immis.ledger import selectors
from immis.rules.calendar import india_day
from immis.web.ledger import words as ledger_words
from immis.web.ledger.demand_record import record_of
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.districts import TILES, district_name
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.views import page

_A_PAGE = 50
_DISTRICTS = 100  # more than the State has: all on one page


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


@page("dues.oversee")
def board(request: HttpRequest) -> HttpResponse:
    """Dues of each district with their heat, the highest first, and what the coming months bring (A-11)."""
    at = clock.now()
    rows = selectors.dues_by_district(request.actor, at=at)
    heat = ledger_words.heats([row.overdue_paise for row in rows])
    months = selectors.forecast_by_month(request.actor, at=at)
    shown = [{"dues": row, "heat": item} for row, item in zip(rows, heat, strict=True)]
    more = {
        "tiles": _tiles(rows, heat) if request.actor.statewide else [],
        "total": _total(rows),
        "soon_words": ledger_words.STATES["soon"],
        "months": _months(months),
        "at": at,
        "all_url": reverse("office_demands"),
    }
    page_of_all = ListPage(template="ledger/dues.html", rows_a_page=_DISTRICTS, more=more)
    return list_response(request, _board_table(), shown, page_of_all)


def _tiles(rows: list[Any], heat: list[int]) -> list[list[dict[str, Any]]]:
    """Every district in its place on the map of equal tiles, with its overdue sum and its heat."""
    known = {row.district.title(): (row, item) for row, item in zip(rows, heat, strict=True)}
    return [[_tile(name, *known.get(name, (None, 0))) for name in line] for line in TILES]


def _tile(name: str, row: Any, heat: int) -> dict[str, Any]:
    query = urlencode({"state": "overdue", "district": row.district if row else name})
    sum_ = row.overdue_paise if row else 0
    return {"name": name, "heat": heat, "overdue_paise": sum_, "url": f"{reverse('office_demands')}?{query}"}


def _total(rows: list[Any]) -> dict[str, int]:
    names = ("overdue_paise", "overdue_count", "subjects", "soon_paise", "received_paise", "waiting_paise")
    return {name: sum(getattr(row, name) for row in rows) for name in names}


def _months(months: list[Any]) -> list[dict[str, Any]]:
    highest = max((month.paise for month in months), default=0)
    return [{"dues": month, "percent": round(100 * month.paise / highest) if highest else 0} for month in months]


def _board_table() -> Table:
    def demands(state: str) -> Any:
        """The address of the demands of a row's district that stand so."""
        return lambda row: (
            f"{reverse('office_demands')}?{urlencode({'district': row['dues'].district, 'state': state})}"
        )

    def defaulters_url(row: dict[str, Any]) -> str:
        return f"{reverse('office_defaulters')}?{urlencode({'district': row['dues'].district})}"

    soon = str(ledger_words.STATES["soon"])
    columns = [
        Column(_("District"), "dues.district", "district", link=defaulters_url),
        Column(_("Overdue"), "dues.overdue_paise", "paise", link=demands("overdue"), css="hot"),
        Column(_("Overdue demands"), "dues.overdue_count", "number", under=True),
        Column(_("Most of it"), lambda row: ledger_words.most_of(row["dues"])),
        Column(_("Settlements with dues"), "dues.subjects", "number"),
        Column(_("Oldest due day"), "dues.oldest_on", "day"),
        Column("", "dues.oldest_on", "late", under=True, on="page"),
        Column(soon, "dues.soon_paise", "paise", link=demands("soon")),
        Column(_("Waiting for verification"), "dues.waiting_paise", "paise"),
        Column(_("Received since 1 April"), "dues.received_paise", "paise"),
    ]
    empty = (_("Nothing is owed"), _("Demands appear here as soon as a settlement opens."))
    title = _("Dues by district")
    return Table("dues-by-district", title, columns, empty, row_attrs=lambda row: {"class": f"heat-{row['heat']}"})


@page("dues.oversee")
def defaulters(request: HttpRequest) -> HttpResponse:
    """Parties with overdue sums, the highest first; filters and export."""
    at = clock.now()
    district = request.GET.get("district", "")[:40]
    result = selectors.defaulters(request.actor, at=at, district=district)
    return list_response(request, _defaulters(district, at), result, ListPage(template="ledger/demands.html"))


def _defaulters(district: str, at: Any) -> Table:
    def lease_url(row: dict[str, Any]) -> str:
        return reverse("office_lease", args=[row["subject_id"]]) if row["subject_kind"] == "lease" else ""

    columns = [
        Column(_("Party"), lambda row: {"en": row["party__name_en"], "hi": row["party__name_hi"]}, "name"),
        Column(_("Phone"), "party__phone", under=True),
        Column(_("Settlement"), "subject_id", link=lease_url),
        Column(_("District"), "district", "district"),
        Column(_("Overdue"), "paise", "paise"),
        Column(_("Overdue demands"), "count", "number", under=True),
        Column(_("Oldest due day"), "oldest_on", "day", on="file"),
        Column(_("Days overdue"), lambda row: (india_day(at) - row["oldest_on"]).days, "number", on="file"),
        Column(_("Oldest due day"), "oldest_on", "day", on="page"),
        Column("", "oldest_on", "late", under=True, on="page"),
    ]
    title = f"{_('Defaulters')}: {district_name(district, wording.lang())}" if district else _("Defaulters")
    empty = (_("Nothing is overdue"), _("A party appears here from the day after an unpaid due date."))
    return Table("defaulters", title, columns, empty)


@page("dues.oversee")
def demands(request: HttpRequest) -> HttpResponse:
    """The demands behind a figure of the board."""
    at = clock.now()
    form = DemandFilter(request.GET)
    result = selectors.demands_for(request.actor, at=at, **form.chosen())
    return list_response(request, _demands(), result, ListPage(form=form, template="ledger/demands.html"))


def _demands() -> Table:
    columns = [
        Column(_("For"), "label", "name", link=to("office_demand", "number")),
        Column(_("Demand"), "number", under=True),
        Column(_("Settlement"), "subject_id", under=True),
        Column(_("Party"), "party", "name"),
        Column(_("District"), "district", "district", under=True),
        Column(_("Due date"), "due_on", "day"),
        Column("", lambda row: None if row.settled_at else row.due_on, "late", under=True, on="page"),
        Column(_("Amount"), "amount_paise", "paise"),
        Column(_("Paid"), "applied_paise", "paise"),
        Column(_("Balance"), "balance_paise", "paise", on="file"),
        Column(_("Verified at"), "settled_at", "at", on="file"),
    ]
    return Table("demands", _("Demands"), columns, (_("No demand here"), _("Choose another state, kind or district.")))


@page("dues.oversee", write="credit.use")
def demand(request: HttpRequest, number: str) -> HttpResponse:
    """One demand with its receipts and the journal entries that pay it; credit on account can be used here."""
    item = selectors.demand_of(number, request.actor)
    acts = PageActs(request, "demand", item, place="office", at=clock.now(), default="use_credit")
    if request.method == "POST" and (answer := acts.take()):
        return answer
    entries = [
        {"entry": entry, "what": words_of(entry.kind), "lines": entry.lines.all()}
        for entry in selectors.entries_of_demand(item)
    ]
    code, at = item.cites[0]["code"] if item.cites else "", clock.now()
    context = {
        "record": record_of(request.actor, item, entries=len(entries), code=code, at=at),
        "demand": item,
        "balance_paise": item.balance_paise,
        "receipts": [(row, *ledger_words.RECEIPTS[row.state]) for row in item.receipts.order_by("id")],
        "entries": entries,
        "credit_paise": selectors.credit_on((item.subject_kind, item.subject_id)),
        "acts": acts,
        "code": code,
    }
    return render(request, "record.html", context, status=acts.status)
