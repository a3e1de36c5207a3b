"""A weighbridge as a record: what stops it, its code for pairing, software, weighments and steps of installation."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext as _

from immis.core.events import words_of
from immis.core.grants import may
from immis.registers.selectors import version_of
from immis.registry.selectors import users
from immis.rules.calendar import india_day
from immis.rules.catalogue import find
from immis.rules.policy import book
from immis.web.registers.words import state_chip
from immis.web.shell import wording
from immis.web.shell.components import ReasonCard
from immis.web.shell.record import Record, Tab, coming, link_to, links
from immis.web.shell.tables import Column, Table, to
from immis.web.weighbridges import words
from immis.weighbridges import selectors
from immis.weighbridges.acts import SITES
from immis.weighbridges.services.readings import findings_of


def context_of(request: HttpRequest, bridge: Any, *, at: datetime) -> dict[str, Any]:
    """What the page of a weighbridge draws."""
    ring = selectors.ring_of(bridge, india_day(at))
    readings, devices = selectors.readings_of(bridge), selectors.devices_of(bridge)
    steps = selectors.steps_of(bridge)
    tabs = [
        Tab("summary", "weighbridges/summary.html"),
        Tab("movement", "weighbridges/readings.html", sum(row.stops for row in readings)),
        Tab("history", "weighbridges/steps.html"),
    ]
    return {
        "record": _record(request, bridge, ring, tabs, at=at),
        "facts": _facts(bridge),
        "visits": selectors.visits_of(bridge),
        "stamps": selectors.stamps_of(bridge),
        "bridge": bridge,
        "entries": _entries().listed(selectors.entries_of(bridge)),
        "may_report": may(request.actor, "weighbridge.restamp"),
        "may_allow": bridge.state == "approved" and may(request.actor, "weighbridge.approve"),
        "pairing": _pairing(request, bridge, at=at),
        "software": _software().listed(devices) if devices else None,
        "readings": _readings(bridge, selectors.cells_of(readings), selectors.photos_of(readings)).listed(readings),
        "steps": [{"row": row, "words": words_of(row.code)} for row in steps],
        "total_minutes": sum(row.minutes for row in steps),
        "installing_minutes": selectors.installing_minutes(bridge),
    }


def _record(request: HttpRequest, bridge: Any, ring: Any, tabs: list[Tab], *, at: datetime) -> Record:
    viewer, rows = request.actor, []
    if bridge.lease:
        name = "settlee_lease" if viewer.is_party else "office_lease"
        rows.append(link_to(viewer, _("Settlement"), name, bridge.lease.number, count="›"))
    if bridge.fence:
        rows.append(link_to(viewer, _("Fence"), "fence", bridge.fence, count="›"))
    return Record(
        name=wording.name_of(bridge),
        number=bridge.number,
        chip=words.bridge_chip(bridge),
        tabs=tabs,
        facts=[SITES[bridge.site], wording.name_of(bridge.party) if bridge.party else ""],
        reasons=_reasons(bridge, ring, at=at),
        links=links(*rows),
        dates=coming([(_("Stamp until"), bridge.stamp_until, True)], today=india_day(at)),
    )


def _reasons(bridge: Any, ring: Any, *, at: datetime) -> list[ReasonCard]:
    """Why it may not weigh for an e-challan now (WB-04)."""
    findings = find("weighbridge.weigh", selectors.standing_facts(bridge, at, ring=ring), policy=book(), at=at)
    title = _("It may not weigh for an e-challan")
    return [
        ReasonCard("warn", title, wording.say(row), row.code, lifts=wording.name_of(book().entry(row.code).lifts))
        for row in findings
    ]


def _facts(bridge: Any) -> list[tuple[Any, Any]]:
    officer = users(pk=bridge.geofenced_by).first() if bridge.geofenced_by else None
    return [
        (_("Latitude, longitude"), f"{bridge.lat:.5f}, {bridge.lon:.5f}"),
        (_("Settlement"), bridge.lease.number if bridge.lease else ""),
        (_("Number of the K-licence"), bridge.licence),
        (_("Indicator"), bridge.indicator),
        (_("Capacity (kg)"), wording.number(bridge.capacity_kg)),
        (_("One division (kg)"), wording.number(bridge.division_kg)),
        (_("Geofenced on"), wording.day(bridge.geofenced_on) if bridge.geofenced_on else ""),
        (_("Geofenced by"), wording.name_of(officer) if officer else ""),
        (_("Approved by order"), bridge.reference),
    ]


def _pairing(request: HttpRequest, bridge: Any, *, at: datetime) -> dict[str, Any] | None:
    """The code that is in force, with what the QR holds; only for who may pair."""
    if not bridge.pair_code or bridge.pair_until is None or bridge.pair_until <= at:
        return None
    if not may(request.actor, "weighbridge.pair"):
        return None
    here = settings.PUBLIC_URL.rstrip("/") if settings.PRODUCTION else f"{request.scheme}://{request.get_host()}"
    code, station = bridge.pair_code, reverse("weighbridge_station")
    return {"code": f"{code[:3]} {code[3:]}", "until": bridge.pair_until, "qr": f"{here}{station}#{code}"}


def _entries() -> Table:
    columns = [
        Column(_("Number"), "number", link=to("entry", "number")),
        Column(_("What"), lambda row: wording.name_of(version_of(row).entry)),
        Column(_("State"), state_chip, "chip"),
        Column(_("Entered at"), "entered_at", "at"),
    ]
    hint = _("A fault is reported here; while it is mended the district may order weights by hand.")
    return Table("weighbridge-entries", _("Faults and orders"), columns, (_("No fault and no order"), hint))


def _photos(bridge: Any, documents: Sequence[str]) -> Any:
    """A link to each picture of a weighment."""
    links = ((reverse("weighbridge_paper", args=[bridge.number, row]), n) for n, row in enumerate(documents, 1))
    return format_html_join(" ", '<a href="{}">{}</a>', links)


def _software() -> Table:
    columns = [
        Column(_("Device"), "number"),
        Column(_("Software"), lambda row: f"{row.software.get('name', '')} {row.software.get('version', '')}".strip()),
        Column(_("Paired"), "paired_at", "at"),
        Column(_("Heard"), "heard_at", "at"),
        Column(_("Clock differs (seconds)"), lambda row: round(row.drift_ms / 1000), "number"),
        Column(_("Cut off"), "revoked_at", "at"),
    ]
    return Table("weighbridge-software", _("Paired software"), columns)


def _readings(bridge: Any, cells: Mapping[int, int], photos: Mapping[int, Sequence[str]]) -> Table:
    columns = [
        Column(_("Weighed"), "weighed_at", "at"),
        Column(_("Truck"), "plate"),
        Column(_("What"), lambda row: str(words.KINDS.get(row.kind, row.kind))),
        Column(_("Weight (kg)"), "weight_kg", "number", total=False),
        Column(_("By its load cells (kg)"), lambda row: cells.get(row.pk), "number", total=False),
        Column(_("Photos"), lambda row: _photos(bridge, photos.get(row.pk, ())), "html"),
        Column(_("What speaks against it"), lambda row: " ".join(wording.say(finding) for finding in findings_of(row))),
    ]
    empty = (_("No weighment yet"), _("Weighments appear here once software is paired and sends them."))
    return Table("weighments", _("Weighments"), columns, empty)
