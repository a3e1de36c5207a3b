"""A party before the office: its settlements, money, vehicles and cases in one place, each with its state."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from immis import clock
from immis.challans import selectors as challans
from immis.core.access.permissions import Actor
from immis.core.errors import NotPermitted
from immis.core.grants import may
from immis.core.selectors import history_of
from immis.enforcement import selectors as enforcement
from immis.leases import selectors, states
from immis.leases.selectors.parties import party_seen
from immis.ledger.selectors import open_demands
from immis.registry import things
from immis.rules.calendar import india_day
from immis.web.enforcement.words import case_chip, log_lines, offence
from immis.web.leases.words import lease_chip
from immis.web.ledger.words import due_chip
from immis.web.shell import wording
from immis.web.shell.record import Link, Record, Tab, link_to, links
from immis.web.shell.views import page

_ROOM = "leases/party"
_MOST = 50


@page("lease.oversee")
def detail(request: HttpRequest, code: str) -> HttpResponse:
    """One bidder or settlee with all that this post may see of it."""
    viewer, at = request.actor, clock.now()
    party = party_seen(code, viewer)
    context = {"party": party, **_holdings(viewer, party, at)}
    context["history"] = log_lines(history_of("party", party.code).order_by("-seq")[:_MOST])
    context["record"] = _record(viewer, party, context)
    return render(request, "record.html", context)


def _holdings(viewer: Actor, party: Any, at: datetime) -> dict[str, Any]:
    """The settlements, dues, vehicles and cases of a party with their states in words."""
    leases = list(selectors.leases(viewer, party=party)[:_MOST])
    stopped = states.stopped_numbers(at, among=[lease.number for lease in leases])
    owed = list(open_demands(viewer, party=party)[:_MOST]) if may(viewer, "demand.read") else []
    vehicles = list(things.vehicles_listed(viewer, owner=party)[:_MOST]) if may(viewer, "vehicle.list") else []
    try:
        cases = list(enforcement.cases(viewer, party=party)[:_MOST])
    except NotPermitted:
        cases = []
    return {
        "settlements": [
            {"lease": lease, "chip": lease_chip(lease, stopped=lease.number in stopped, at=at)} for lease in leases
        ],
        "owed": [{"demand": row, "chip": due_chip(row, at=at)} for row in owed],
        "vehicles": vehicles,
        "cases": [{"case": case, "chip": case_chip(case), "offence": offence(case.offence)} for case in cases],
        "open_cases": sum(case.state not in enforcement.ENDED for case in cases),
        "challan_count": challans.challans(viewer, party=party).count() if may(viewer, "challan.read") else 0,
        "today": india_day(at),
    }


def _record(viewer: Actor, party: Any, known: dict[str, Any]) -> Record:
    bad = [row["chip"] for row in known["settlements"] if row["chip"][0] == "bad"]
    running = [row["chip"] for row in known["settlements"]]
    tabs = [
        Tab("summary", f"{_ROOM}/summary.html"),
        Tab("money", f"{_ROOM}/money.html", sum(row["chip"][0] == "bad" for row in known["owed"])),
        Tab("movement", f"{_ROOM}/movement.html"),
        Tab("cases", "leases/record/cases.html", known["open_cases"]),
        Tab("history", "enforcement/_history.html"),
    ]
    gst = f"GST {party.gstin}" if party.gstin else ""
    return Record(
        name=wording.name_of(party),
        number=party.code,
        chip=next(iter([*bad, *running]), ("plain", _("No settlement"))),
        tabs=tabs,
        facts=[_other_name(party), wording.party_kind(party.kind), f"PAN {party.pan}", gst, party.phone],
        links=_links(viewer, known),
    )


def _other_name(party: Any) -> str:
    """The name in the other language, where it is another one."""
    other = party.name_en if wording.lang() == "hi" else party.name_hi
    return "" if other == wording.name_of(party) else other


def _links(viewer: Actor, known: dict[str, Any]) -> list[Link]:
    return links(
        Link(_("Settlements"), "#tab-summary", len(known["settlements"])),
        Link(_("Open demands"), "#tab-money", len(known["owed"])),
        Link(_("Vehicles"), "#tab-movement", len(known["vehicles"])),
        link_to(viewer, _("E-challans"), "office_challans", count=known["challan_count"]),
        Link(_("Open cases"), "#tab-cases", known["open_cases"]),
    )
