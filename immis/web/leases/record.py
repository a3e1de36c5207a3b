"""A settlement as a record, before its office and its settlee: facts, reasons, tabs, links, next days."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from immis import clock
from immis.challans import selectors as challans
from immis.core.access.permissions import Actor
from immis.core.errors import NotPermitted
from immis.core.grants import may
from immis.enforcement import selectors as enforcement
from immis.leases import life, selectors
from immis.leases.selectors import clearances_of
from immis.rules.calendar import india_day
from immis.rules.leases.path import CLEARANCES
from immis.web.enforcement.words import case_chip, offence
from immis.web.leases import life_words
from immis.web.shell import wording
from immis.web.shell.components import Action
from immis.web.shell.record import Link, NextDate, Record, Tab, coming, link_to, links

_ROOM = "leases/record"
_PRESSES_DAYS = 30
_OPEN = ("done", "good")


def facts_of(lease: Any, permitted_m3: int | None) -> list[str]:
    """What a settlement is known by beside its name: settlee, area, sand a year, bid, period."""
    sand = wording.with_unit(permitted_m3 or lease.block.quantity_m3, "m3")
    period = f"{wording.day(lease.period_from)} – {wording.day(lease.period_to)}" if lease.period_from else ""
    return [
        wording.name_of(lease.party),
        wording.with_unit(lease.block.area_ha, "ha"),
        _("%(quantity)s a year") % {"quantity": sand},
        _("Bid %(sum)s") % {"sum": wording.with_crores(lease.bid_rupees * 100)},
        period,
    ]


def record_of(request: HttpRequest, lease: Any, context: dict[str, Any]) -> Record:
    """The record of a settlement from what its page has gathered (``lease_context``, ``schedule_context``)."""
    viewer, known = request.actor, _linked(request.actor, lease)
    owed = sum(row.state == "bad" for row in context["schedule"])
    counts = {"money": owed, "movement": 0, "cases": known["open_cases"], "orders": len(context["runs"])}
    side = "settlee" if viewer.is_party else "office"
    keys = ["money", "approvals", "movement", "cases", "orders", *([] if viewer.is_party else ["history"])]
    tabs = [Tab("summary", f"{_ROOM}/summary_{side}.html")]
    tabs += [Tab(key, f"{_ROOM}/{key}.html", counts.get(key, 0)) for key in keys]
    context |= {"cases": known["cases"], "by_vehicle": known["by_vehicle"], "challan_count": known["challans"]}
    return Record(
        name=wording.name_of(lease.block),
        number=lease.number,
        chip=context["state"],
        tabs=tabs,
        facts=facts_of(lease, context["permitted_m3"]),
        reasons=context["reasons"],
        main=_main_act(viewer, lease, context["reasons"]),
        links=_links(viewer, lease, known),
        dates=_dates(lease, context),
    )


def _main_act(viewer: Actor, lease: Any, reasons: Sequence[Any]) -> Action | None:
    if not (viewer.is_party and lease.permitted_at):
        return None
    link = link_to(viewer, _("Issue an e-challan"), "challan_new", lease.number)
    return Action(str(link.label), link.url, primary=not reasons) if link else None


def _linked(viewer: Actor, lease: Any) -> dict[str, Any]:
    """E-challans, vehicles and cases of a settlement that this viewer may see."""
    rows = challans.challans(viewer, lease=lease) if may(viewer, "challan.read") else None
    try:
        cases = list(enforcement.cases(viewer, lease_code=lease.number))
    except NotPermitted:
        cases = []
    return {
        "challans": rows.count() if rows is not None else 0,
        "by_vehicle": challans.by_vehicle(viewer, lease=lease) if rows is not None else [],
        "cases": [{"case": case, "chip": case_chip(case), "offence": offence(case.offence)} for case in cases],
        "open_cases": sum(case.state not in enforcement.ENDED for case in cases),
    }


def _links(viewer: Actor, lease: Any, known: dict[str, Any]) -> list[Link]:
    listed = "settlee_challans" if viewer.is_party else "office_challans"
    others = selectors.leases(viewer, party=lease.party).exclude(pk=lease.pk).count()
    party = link_to(viewer, _("Settlee and other settlements"), "office_party", lease.party.code, count=others + 1)
    mine = link_to(viewer, _("My other settlements"), "settlee_home", count=others) if viewer.is_party else None
    return links(
        link_to(viewer, _("E-challans"), listed, query=f"lease={lease.number}", count=known["challans"]),
        Link(_("Vehicles"), "#tab-movement", len(known["by_vehicle"])),
        Link(_("Open cases"), "#tab-cases", known["open_cases"]),
        party,
        mine,
        link_to(viewer, _("The ghat on the map"), "ghat", lease.block.code, count="›"),
        link_to(viewer, _("Clearances and documents"), "lease_clearances", lease.number, count="›"),
        link_to(viewer, _("Mail log"), "lease_mails", lease.number, count="›"),
    )


def _dates(lease: Any, context: dict[str, Any]) -> list[NextDate]:
    today: date = context["today"]
    clocks = [(row["label"], row["due_on"], True) for row in context["clocks"]]
    papers = [
        (_("%(paper)s ends") % {"paper": wording.name_of(CLEARANCES[kind])}, row.valid_until, False)
        for kind, row in clearances_of(lease).items()
        if row.valid_until
    ]
    dues = [(row.label, row.due_on, row.state in ("warn", "bad")) for row in context["schedule"] if not _is_done(row)]
    return coming([*clocks, *dues, *papers, (_("Period ends"), lease.period_to, False)], today=today)


def _is_done(row: Any) -> bool:
    return row.state in _OPEN


def summary_context(lease: Any, context: dict[str, Any], at: datetime) -> dict[str, Any]:
    """What the first tab shows beside the reason: the next gate, the instalments around today, the last stop."""
    rows = context["schedule"]
    coming_rows = [row for row in rows if not _is_done(row)][:3]
    done = [row for row in rows if _is_done(row)][-1:]
    gates = [step for step in [*context["to_loi"], *context["to_mining"]] if step.state in ("now", "late")]
    return {
        "around": [*done, *coming_rows],
        "gate": gates[0] if gates and not context["reasons"] else None,  # else the reason names it
        "last_stop": next((row for row in context["spells"][::-1] if row["spell"].ended_at), None),
        "runs": [row for row in life.notices_of(lease) if not row.closed_at],
        **life_words.life_context(lease, at),
        "today": india_day(clock.now()),
    }
