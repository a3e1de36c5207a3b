"""Quotas of gates for an outage: what was granted, and what became of each number."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from immis import clock
from immis.challans.offline.closing import others, slots
from immis.challans.offline.deciding import decisions
from immis.challans.offline.keys import FINDINGS, KEYS, QUOTAS, good_from, instant
from immis.core.errors import NotFound
from immis.registers.declaration import Register
from immis.registers.selectors import entries, entry_in, entry_of, registers_of
from immis.rules.calendar import india_day
from immis.web.registers.words import state_chip
from immis.web.shell import wording
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.views import page


def _table() -> Table:
    def state(row: Any) -> Any:
        return state_chip(row)

    columns = [
        Column(_("Quota"), "number", link=to("offline_quota", "number")),
        Column(_("State"), state, "chip"),
        Column(_("Settlement"), lambda row: row.values["lease"]),
        Column(_("Order"), lambda row: row.values["order_no"]),
        Column(_("Numbers"), _range),
        Column(_("Good from"), lambda row: instant(row.values["starts_at"]), "at"),
        Column(_("Good until"), lambda row: instant(row.values["ends_at"]), "at"),
    ]
    empty = (_("No quota"), _("A quota is granted by order of the district, for a key of a gate that it approved."))
    return Table("offline-quotas", _("Outages: gates"), columns, empty)


def _range(row: Any) -> str:
    series, first, last = (row.values[name] for name in ("series", "first", "last"))
    return f"{series}-{int(first):06d}–{int(last):06d}"


@page("challan.list")
def offline_quotas(request: HttpRequest) -> HttpResponse:
    """The quotas of the reach, with the registers of keys and findings beside them."""
    shown = _registers(request)
    rows = entries(request.actor, shown[QUOTAS]) if QUOTAS in shown else []
    more = {"registers": [(row.name, row.title) for row in shown.values()], "lang": wording.lang()}
    return list_response(request, _table(), rows, ListPage(template="gates/quotas.html", more=more))


def _registers(request: HttpRequest) -> dict[str, Register]:
    """The registers of outages that this post reads."""
    known = {row.name: row for row in registers_of(request.actor, india_day(clock.now()))}
    return {name: known[name] for name in (KEYS, QUOTAS, FINDINGS) if name in known}


@page("challan.list")
def offline_quota(request: HttpRequest, number: str) -> HttpResponse:
    """One quota: each of its numbers with the e-challan that has it, or that it went back."""
    quota, _register = entry_of(number, request.actor)
    if quota.register != QUOTAS:
        raise NotFound(f"quota {number}")
    key, result = entry_in(KEYS, quota.values["key"]), decisions(quota)
    context = {
        "good_from": good_from(quota, key, at=clock.now()) if key else None,
        "quota": quota,
        "range": _range(quota),
        "chip": state_chip(quota),
        "ends_at": instant(quota.values["ends_at"]),
        "slots": [(slot, result.get(slot.row.digest) if slot.row else None) for slot in slots(quota)],
        "others": [(row, result.get(row.digest)) for row in others(quota)],
        "closed": quota.state == "closed",
    }
    return render(request, "gates/quota.html", context)
