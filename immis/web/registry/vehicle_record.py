"""A vehicle as a record: what stops it, its papers, its e-challans by settlement, its cases, its owner."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis.challans import selectors as challans
from immis.core.access.permissions import Actor
from immis.core.errors import NotPermitted
from immis.core.grants import may
from immis.enforcement import selectors as enforcement
from immis.holds.selectors import ordered_holds
from immis.registry import things
from immis.registry.selectors import device_of
from immis.rules.calendar import india_day
from immis.rules.holds.stops import StandingHold
from immis.rules.writing.texts import texts
from immis.web.enforcement.words import case_chip, offence
from immis.web.shell import wording
from immis.web.shell.components import ReasonCard
from immis.web.shell.record import Link, Record, Tab, coming, link_to, links

PAPER_STATES = {
    "missing": ("plain", gettext_lazy("not entered")),
    "ended": ("bad", gettext_lazy("ended")),
    "ending": ("warn", gettext_lazy("ends soon")),
    "valid": ("good", gettext_lazy("valid")),
}
_ROOM = "registry/vehicle"


def vehicle_chip(vehicle: Any) -> tuple[str, Any]:
    """Whether a vehicle stands in the register, in words, the same on every page."""
    return ("good", _("registered")) if vehicle.active else ("bad", _("registration ended"))


def linked_with(viewer: Actor, vehicle: Any) -> dict[str, Any]:
    """The e-challans of a vehicle by settlement, and its cases, as far as this viewer sees them."""
    mark = vehicle.registration
    loads = challans.by_lease(viewer, vehicle__registration=mark) if may(viewer, "challan.read") else []
    try:
        cases = list(enforcement.cases(viewer, vehicle__registration=mark))
    except NotPermitted:
        cases = []
    return {
        "loads": loads,
        "cases": [{"case": case, "chip": case_chip(case), "offence": offence(case.offence)} for case in cases],
        "open_cases": sum(case.state not in enforcement.ENDED for case in cases),
    }


def record_of(viewer: Actor, vehicle: Any, known: dict[str, Any], *, at: datetime) -> Record:
    """The record of a vehicle from what its page has gathered."""
    papers = things.papers_of(vehicle, today=india_day(at))
    tabs = [
        Tab("summary", f"{_ROOM}/summary.html"),
        Tab("approvals", f"{_ROOM}/papers.html", sum(paper.state == "ended" for paper in papers)),
        Tab("movement", f"{_ROOM}/loads.html"),
        Tab("cases", "leases/record/cases.html", known["open_cases"]),
        Tab("history", "registry/things/_changes.html"),
    ]
    return Record(
        name=vehicle.registration,
        number=vehicle.registration,
        chip=vehicle_chip(vehicle),
        tabs=tabs if known["changes"] else tabs[:-1],
        facts=_facts(vehicle),
        reasons=[*map(_stopped, ordered_holds(("vehicle", vehicle.registration), at=at)), *_ended(papers)],
        links=_links(viewer, vehicle, known),
        dates=coming(((_word(row.name), row.until, row.state == "ending") for row in papers), today=india_day(at)),
    )


def _facts(vehicle: Any) -> list[str]:
    kind = vehicle.vehicle_class or wording.name_of(texts("registry/kinds").get(vehicle.kind, {"en": vehicle.kind}))
    return [
        kind,
        wording.name_of(vehicle.owner) or vehicle.owner_name,
        wording.with_unit(vehicle.capacity_m3, "m3") if vehicle.capacity_m3 else "",
    ]


def _word(name: str) -> str:
    return wording.name_of(texts("registry/columns")[name])


def _stopped(hold: StandingHold) -> ReasonCard:
    return ReasonCard(
        state="bad",
        title=_("Stopped by order"),
        what=_("E-challans are stopped by order %(reference)s") % {"reference": hold.facts.get("reference", "—")},
        why_code=hold.law_code,
        why_text=wording.say(hold.finding),
        since=hold.since,
        lifts=wording.name_of(hold.lifts_when),
    )


def _ended(papers: Any) -> list[ReasonCard]:
    """The papers that have ended, as the reason why no e-challan is issued."""
    ended = [paper for paper in papers if paper.state == "ended"]
    if not ended:
        return []
    what = ", ".join(f"{_word(paper.name)} {wording.day(paper.until)}" for paper in ended)
    lifts = _("Enter the renewed paper below; then the vehicle can have an e-challan again.")
    return [ReasonCard("bad", _("A paper has ended"), what, "CH-02", lifts=lifts)]


def _links(viewer: Actor, vehicle: Any, known: dict[str, Any]) -> list[Link]:
    mark, device = vehicle.registration, device_of(vehicle)
    owner = vehicle.owner
    return links(
        link_to(viewer, wording.name_of(owner), "office_party", owner.code, count="›") if owner else None,
        Link(_("Settlements it loaded at"), "#tab-movement", len(known["loads"])),
        link_to(
            viewer,
            _("E-challans"),
            "office_challans",
            query=f"q={mark}",
            count=sum(r["challans"] for r in known["loads"]),
        ),
        Link(_("Open cases"), "#tab-cases", known["open_cases"]),
        link_to(viewer, _("Where it is now"), "monitoring_vehicle", mark, count="›"),
        link_to(viewer, _("GPS device"), "device", device.imei, count="›") if device else None,
    )
