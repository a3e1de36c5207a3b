"""A device as a record: whether it reports, its papers, its scorecard, faults, orders to it, the vehicles it was in."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from immis.core.access.permissions import Actor
from immis.core.grants import may
from immis.rules.calendar import india_day
from immis.web.shell import wording
from immis.web.shell.components import ReasonCard
from immis.web.shell.record import Link, Record, Tab, coming, link_to, links
from immis.web.tracking import words as device_words

_ROOM = "tracking/device"


def device_chip(row: Any) -> tuple[str, str]:
    """Whether a device reports, in words, the same on every page."""
    return device_words.silence_chip(row.silent_days, row.heard_at is not None)


def record_of(viewer: Actor, device: Any, known: dict[str, Any], *, at: datetime) -> Record:
    """The record of a device from what its page has gathered; a phone that stands in for one has no papers."""
    today, row = india_day(at), known["row"]
    mark = device.vehicle.registration if device.vehicle else ""
    further = [] if known["phone"] else _further(viewer, known)
    return Record(
        name=f"{_('GPS device')} {mark or device.imei}",
        number=device.imei,
        chip=device_chip(row) if device.active else ("plain", _("out of the vehicle")),
        tabs=[Tab("summary", f"{_ROOM}/summary.html"), *further, Tab("history", f"{_ROOM}/history.html")],
        facts=[" ".join(filter(None, (device.vendor, device.model))), device.iccid],
        reasons=_reasons(device, row, today),
        links=_links(viewer, device, mark, known),
        dates=coming([(_("Certificate"), device.certificate_until, True)], today=today),
    )


def _further(viewer: Actor, known: dict[str, Any]) -> list[Tab]:
    orders = [Tab("orders", f"{_ROOM}/orders.html")] if may(viewer, "device.oversee") else []
    faults = Tab("cases", f"{_ROOM}/faults.html", known["row"].open_faults)
    return [Tab("movement", f"{_ROOM}/score.html"), faults, *orders]


def _reasons(device: Any, row: Any, today: Any) -> list[ReasonCard]:
    """Why a device is not to be relied on: it is silent, or its certificate is over."""
    if not device.active:
        return []
    cards = []
    if not row.heard_at or row.silent_days:
        _drawn, title, hint = device_words.OUTCOMES["silent" if row.heard_at else "never"]
        state, word = device_chip(row)
        cards.append(ReasonCard(state, word, str(title), "DEV-09", since=row.heard_at, lifts=str(hint)))
    if device.certificate_until and device.certificate_until < today:
        what = f"{_('Certificate')} {wording.day(device.certificate_until)}"
        cards.append(ReasonCard("bad", _("A paper has ended"), what, "DEV-03"))
    return cards


def _links(viewer: Actor, device: Any, mark: str, known: dict[str, Any]) -> list[Link]:
    owner = device.vehicle.owner if device.vehicle else None
    return links(
        link_to(viewer, mark, "vehicle", mark, count="›") if mark else None,
        link_to(viewer, wording.name_of(owner), "office_party", owner.code, count="›") if owner else None,
        link_to(viewer, _("Vehicle on the map"), "monitoring_vehicle", mark, count="›") if mark else None,
        None if known["phone"] else Link(_("Faults"), "#tab-cases", len(known["faults"])),
    )
