"""The board of weighbridges: which are heard now, what they show, whose stamp ends; it draws itself anew."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from immis import clock
from immis.registers.selectors import open_by
from immis.rules.calendar import india_day
from immis.rules.policy import book
from immis.web.shell.tables import Column, Table, to
from immis.web.shell.views import page
from immis.web.weighbridges import words
from immis.weighbridges import selectors
from immis.weighbridges.entries import FAULTS
from immis.weighbridges.orders import hand_orders

#: What needs somebody stands first, so that no more are drawn each time.
_MOST = 200


@dataclass(frozen=True)
class Shown:
    """A weighbridge on the board: how it is heard, what it shows, what else is to be seen to."""

    bridge: Any
    device: Any
    health: str
    marks: Sequence[tuple[str, Any]]

    @property
    def weight_kg(self) -> int | None:
        return self.device.beat.get("weight_kg") if self.device and self.health != "silent" else None


@page("weighbridge.oversee")
def board(request: HttpRequest) -> HttpResponse:
    """Weighbridges of the reach as they are heard now, those first that need somebody."""
    at = clock.now()
    rows = _rows(request, at)
    counts = Counter(row.health for row in rows)
    context = {
        "listed": _table().listed(rows[:_MOST]),
        "cut": _MOST if len(rows) > _MOST else 0,
        "counts": [(*words.health_chip(name), counts[name]) for name in words.HEALTH if counts[name]],
        "at": at,
    }
    part = request.headers.get("Immis-Part") == "board"
    return render(request, "weighbridges/_board.html" if part else "weighbridges/board.html", context)


def _rows(request: HttpRequest, at: datetime) -> list[Shown]:
    bridges = list(selectors.bridges(request.actor, state=selectors.Bridge.APPROVED).order_by("district", "number"))
    devices, faults, orders = selectors.newest_devices(bridges), open_by(FAULTS, "bridge"), hand_orders(at=at)
    ends_by = india_day(at) + timedelta(days=int(book().value("WB-26", at)))
    rows = []
    for bridge in bridges:
        device = devices.get(bridge.pk)
        marks = _marks(bridge, ends_by, at, by_hand=bridge.number in orders)
        if count := faults.get(bridge.number.casefold(), 0):
            marks.append(("warn", _("faults: %(count)s") % {"count": count}))
        rows.append(Shown(bridge, device, selectors.health_of(device, at), marks))
    return sorted(rows, key=lambda row: (row.health == "alive" and not row.marks, row.health == "alive"))


def _marks(bridge: Any, ends_by: date, at: datetime, *, by_hand: bool) -> list[tuple[str, Any]]:
    """What else is to be seen to: a stamp that ends or has ended, zero that stays, weights by hand."""
    marks: list[tuple[str, Any]] = []
    if bridge.stamp_until is None or bridge.stamp_until < india_day(at):
        marks.append(("bad", _("the stamp has ended")))
    elif bridge.stamp_until <= ends_by:
        marks.append(("warn", _("the stamp ends")))
    if bridge.alarm == "stuck":
        marks.append(("bad", _("stays at zero")))
    if by_hand:
        marks.append(("warn", _("weights by hand")))
    return marks


def _table() -> Table:
    columns = [
        Column(_("Weighbridge"), "bridge", "name", link=to("weighbridge", "bridge.number")),
        Column(_("Number"), "bridge.number", under=True),
        Column(_("District"), "bridge.district", "district"),
        Column(_("Software"), lambda row: words.health_chip(row.health), "chip"),
        Column(_("To be seen to"), "marks", "chips"),
        Column(_("Weight (kg)"), "weight_kg", "number", total=False),
        Column(_("Heard"), lambda row: row.device and row.device.heard_at, "since"),
        Column(_("Clock differs (seconds)"), lambda row: _drift(row.device), "number", total=False),
        Column(_("Stamp until"), "bridge.stamp_until", "day"),
    ]
    hint = _("Weighbridges stand here once the district has approved them.")
    return Table("weighbridge-board", _("Weighbridges now"), columns, (_("No weighbridge here"), hint))


def _drift(device: Any) -> int | None:
    return round(device.drift_ms / 1000) if device else None
