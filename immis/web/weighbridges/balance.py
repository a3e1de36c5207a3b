"""The daily balance of ghats: weighbridge, e-challans and trips in tonnes, drawn beside a table that says the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.challans.weighing.balance import DayBalance, balances
from immis.rules.calendar import india_day
from immis.web.shell import wording
from immis.web.shell.fields import DayField
from immis.web.shell.tables import Column, Table, to
from immis.web.shell.views import page
from immis.weighbridges.selectors import balanced_leases

_DAYS, _WIDE, _TALL, _LEFT, _FOOT, _HEAD = 14, 700, 220, 46, 26, 16


class OfDay(forms.Form):
    """Which day to show."""

    day = DayField(label=gettext_lazy("Day"), required=False)


@dataclass(frozen=True)
class Bar:
    """One bar of the drawing: where it stands, how high, what it is, what it says."""

    x: str
    y: str
    wide: str
    tall: str
    kind: str
    title: str


@page("weighbridge.oversee")
def balance(request: HttpRequest) -> HttpResponse:
    """The ghats with a weighbridge on one day, those that part the most first."""
    form = OfDay(request.GET or None)
    typed = form.cleaned_data.get("day") if form.is_bound and form.is_valid() else None
    day = typed or india_day(clock.now()) - timedelta(days=1)
    rows = balances(balanced_leases(request.actor), first=day, last=day)
    rows.sort(key=lambda row: (-row.apart_percent, row.lease.number))
    context = {"form": form, "day": day, "listed": _table(named=True).listed(rows)}
    return render(request, "weighbridges/balance.html", context)


@page("weighbridge.oversee")
def balance_of(request: HttpRequest, number: str) -> HttpResponse:
    """A ghat's last fourteen days, drawn and in a table."""
    lease = next((row for row in balanced_leases(request.actor) if row.number == number), None)
    if lease is None:
        raise Http404("no ghat with a weighbridge of this number")
    today = india_day(clock.now())
    rows = balances([lease], first=today - timedelta(days=_DAYS - 1), last=today)
    context = {
        "lease": lease,
        "crumb_name": wording.name_of(lease.block),
        "chart": chart_of(rows),
        "listed": _table(named=False).listed([row for row in rows[::-1] if row.challans or row.weighed]),
    }
    return render(request, "weighbridges/balance_of.html", context)


def chart_of(rows: Sequence[DayBalance]) -> dict[str, Any]:
    """The drawing: three bars a day, the days beneath, a mark over each day that parts."""
    at = clock.now()
    most_t = max((max(row.bridge_kg, row.challan_kg, row.trip_kg) for row in rows), default=0) / 1000 or 1
    group = (_WIDE - _LEFT) / max(len(rows), 1)
    high = _TALL - _FOOT - _HEAD
    bars, days = [], []
    for n, row in enumerate(rows):
        left = _LEFT + n * group
        for place, (kind, words, kg) in enumerate(_measured(row)):
            tall = high * kg / 1000 / most_t
            title = f"{wording.day(row.day)} · {words}: {wording.number(round(kg / 1000, 1))} t"
            wide = group * 0.24
            corner = (left + group * 0.12 + place * wide, _TALL - _FOOT - tall, wide * 0.9, tall)
            bars.append(Bar(*(f"{value:.1f}" for value in corner), kind, title))
        days.append({"x": f"{left + group / 2:.1f}", "label": f"{row.day:%d}", "parted": row.finding(at) is not None})
    return {"bars": bars, "days": days, "most": round(most_t, 1), "wide": _WIDE, "tall": _TALL, "base": _TALL - _FOOT,
            "left": _LEFT, "head": _HEAD}  # fmt: skip


def _measured(row: DayBalance) -> tuple[tuple[str, str, int], ...]:
    return (
        ("bridge", _("Weighbridge"), row.bridge_kg),
        ("challan", _("E-challans"), row.challan_kg),
        ("trip", _("Trips"), row.trip_kg),
    )


def _table(*, named: bool) -> Table:
    first = [
        Column(_("Ghat"), "lease.block", "name", link=to("weighbridge_balance_of", "lease.number")),
        Column(_("Settlement"), "lease.number", under=True),
        Column(_("District"), "lease.district", "district"),
    ]
    at = clock.now()
    columns = [
        *(first if named else [Column(_("Day"), "day", "day")]),
        Column(_("Weighbridge (t)"), lambda row: _tonnes(row.bridge_kg), "number", total=False),
        Column(_("Loads weighed"), "weighed", "number", total=False),
        Column(_("E-challans (t)"), lambda row: _tonnes(row.challan_kg), "number", total=False),
        Column(_("E-challans"), "challans", "number", total=False),
        Column(_("Trips (t)"), lambda row: _tonnes(row.trip_kg), "number", total=False),
        Column(_("Trips"), "trips", "number", total=False),
        Column(_("Apart, %"), "apart_percent", "number", total=False),
        Column(_("What it says"), lambda row: _chips(row, at), "chips"),
    ]
    empty = (_("No ghat with a weighbridge here"), _("Ghats stand here once their weighbridge is approved."))
    return Table("weighbridge-balance", _("Balance of the day"), columns, empty)


def _tonnes(kg: int) -> float:
    return round(kg / 1000, 1)


def _chips(row: DayBalance, at: datetime) -> list[tuple[str, Any]]:
    if row.finding(at):
        return [("bad", _("they part"))]
    return [("good", _("they agree"))] if row.challans or row.weighed else []
