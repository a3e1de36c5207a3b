"""Weighbridges in the browser: the list, the application, the record with its pairing, the coverage by district."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.grants import may
from immis.rules.calendar import india_day
from immis.web.registers import office as registers
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.uploads import paper_response
from immis.web.shell.views import page
from immis.web.weighbridges import record, words
from immis.weighbridges import selectors
from immis.weighbridges.entries import FAULTS
from immis.weighbridges.orders import BY_HAND

#: How many of the newest installations the page of coverage measures.
_INSTALLED = 50


class BridgeFilter(forms.Form):
    """Which weighbridges to show."""

    q = forms.CharField(
        label=gettext_lazy("Name or number"), required=False, max_length=60, widget=forms.TextInput({"type": "search"})
    )
    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[("", gettext_lazy("all")), *((code, label) for code, (_drawn, label) in words.STATES.items())],
    )


@page("weighbridge.read")
def weighbridges(request: HttpRequest) -> HttpResponse:
    """Weighbridges of the reach with their state, how their software does, and what each lacks."""
    form = BridgeFilter(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    rows = selectors.bridges(request.actor)
    if wanted.get("state"):
        rows = rows.filter(state=wanted["state"])
    if text := wanted.get("q", "").strip():
        rows = rows.filter(name_en__icontains=text) | rows.filter(name_hi__icontains=text) | rows.filter(number=text)
    more = {
        "new_url": reverse("weighbridge_new") if may(request.actor, "weighbridge.apply") else "",
        "new_label": _("Apply for a weighbridge"),
    }
    shown = ListPage(form=form, template="registry/things/thing_list.html", more=more, prepare=_prepared)
    return list_response(request, _table(), rows, shown)


def _prepared(rows: Any) -> list[dict[str, Any]]:
    """What each shown row needs: its fence today, its software."""
    known, at = list(rows), clock.now()
    rings, devices = selectors.rings_of(known, india_day(at)), selectors.newest_devices(known)
    return [
        {
            "bridge": row,
            "lacks": words.lacks_words(selectors.lacks_of(row, at, ring=rings.get(row.number, ()))),
            "health": words.health_chip(selectors.health_of(devices.get(row.pk), at))[1],
        }
        for row in known
    ]


def _table() -> Table:
    columns = [
        Column(_("Weighbridge"), lambda row: row["bridge"], "name", link=to("weighbridge", lambda row: _number(row))),
        Column(_("Number"), _number, under=True),
        Column(_("District"), lambda row: row["bridge"].district, "district"),
        Column(_("State"), lambda row: str(words.bridge_chip(row["bridge"])[1])),
        Column(_("Software"), lambda row: str(row["health"])),
        Column(_("Lacks"), "lacks"),
        Column(_("Stamp until"), lambda row: row["bridge"].stamp_until, "day"),
    ]
    hint = _("Apply for the weighbridge of a ghat or storage site; the district visits, fences and approves it.")
    return Table("weighbridges", _("Weighbridges"), columns, (_("No weighbridge here"), hint))


def _number(row: Any) -> str:
    return str(row["bridge"].number)


@page("weighbridge.apply")
def new(request: HttpRequest) -> HttpResponse:
    """Apply for a weighbridge."""
    acts = PageActs(request, "weighbridge", None, place="new", at=clock.now()).alone("apply")
    if request.method == "POST" and (answer := acts.take()):
        return answer
    return render(request, "weighbridges/new.html", {"acts": acts}, status=acts.status)


@page("weighbridge.read")
def weighbridge(request: HttpRequest, number: str) -> HttpResponse:
    """One weighbridge: what it lacks, its code for pairing, its software, its weighments, its steps."""
    bridge, at = selectors.bridge_of(number, request.actor), clock.now()
    acts = PageActs(request, "weighbridge", bridge, place="weighbridge", at=at)
    if request.method == "POST" and (answer := acts.take()):
        return answer
    context = record.context_of(request, bridge, at=at)
    return render(request, "record.html", {**context, "acts": acts}, status=acts.status)


@page("weighbridge.restamp")
def report_fault(request: HttpRequest, number: str) -> HttpResponse:
    """Report a fault of a weighbridge: a ticket in the register of faults."""
    bridge = selectors.bridge_of(number, request.actor)
    return registers.new(request, FAULTS, "report", preset={"bridge": bridge.number})


@page("weighbridge.approve")
def allow_by_hand(request: HttpRequest, number: str) -> HttpResponse:
    """Order weights by hand for some days while a weighbridge is broken (WB-21)."""
    bridge = selectors.bridge_of(number, request.actor)
    return registers.new(request, BY_HAND, "order", preset={"bridge": bridge.number})


@page("weighbridge.read")
def paper(request: HttpRequest, number: str, sha256: str) -> HttpResponseBase:
    """The photo of a visit or the certificate of a stamp."""
    bridge = selectors.bridge_of(number, request.actor)
    kept = {row.photo for row in selectors.visits_of(bridge)} | {row.document for row in selectors.stamps_of(bridge)}
    kept |= selectors.photos_of_bridge(bridge, sha256)
    if sha256 not in kept - {""}:
        raise Http404("no such paper")
    return paper_response(sha256, bridge.number)


@page("weighbridge.oversee")
def coverage(request: HttpRequest) -> HttpResponse:
    """The share of geofenced weighbridges by district, and the list of what lacks something (A-07)."""
    rows = selectors.covered(request.actor, at=clock.now())
    lacking = [row for row in rows if row.lacks]
    newest = sorted((row.bridge for row in rows), key=lambda bridge: bridge.number, reverse=True)[:_INSTALLED]
    installed = [_installed(bridge) for bridge in newest]
    tables = [
        _by_district().listed(selectors.by_district(rows)),
        _lacking().listed(lacking),
        _installations().listed(installed),
    ]
    return render(request, "weighbridges/coverage.html", {"tables": tables})


def _installed(bridge: Any) -> dict[str, Any]:
    """How an installation went: its steps and minutes so far."""
    steps = selectors.steps_of(bridge)
    minutes = sum(step.minutes for step in steps)
    return {"bridge": bridge, "steps": len(steps), "minutes": minutes, "own": selectors.installing_minutes(bridge)}


def _installations() -> Table:
    columns = [
        Column(_("Weighbridge"), "bridge", "name", link=to("weighbridge", "bridge.number")),
        Column(_("Number"), "bridge.number", under=True),
        Column(_("Steps"), "steps", "number", total=False),
        Column(_("Minutes in all"), "minutes", "number", total=False),
        Column(_("Minutes from pairing to the first weighment"), "own", "number", total=False),
    ]
    empty = (_("No installation yet"), _("Steps and minutes stand here from the application on."))
    return Table("weighbridge-installations", _("How installations went"), columns, empty)


def _by_district() -> Table:
    columns = [
        Column(_("District"), "district", "district"),
        Column(_("Weighbridges"), "bridges", "number"),
        Column(_("Geofenced"), "fenced", "number"),
        Column(_("Geofenced, %"), "fenced_percent", "number"),
        Column(_("May weigh for e-challans"), "ready", "number"),
        Column(_("What is lacking"), _totals),
    ]
    empty = (_("No weighbridge here"), _("Districts stand here once a weighbridge was applied for."))
    return Table("weighbridge-coverage", _("Coverage by district"), columns, empty)


def _totals(row: selectors.DistrictCoverage) -> str:
    return ", ".join(f"{words.LACKS[name]}: {wording.number(count)}" for name, count in sorted(row.lacks.items()))


def _lacking() -> Table:
    columns = [
        Column(_("Weighbridge"), "bridge", "name", link=to("weighbridge", "bridge.number")),
        Column(_("Number"), "bridge.number", under=True),
        Column(_("District"), "bridge.district", "district"),
        Column(_("Lacks"), lambda row: words.lacks_words(row.lacks)),
    ]
    empty = (_("Nothing is lacking"), _("Every weighbridge is fenced, stamped, approved and paired."))
    return Table("weighbridges-lacking", _("What each still lacks"), columns, empty)
