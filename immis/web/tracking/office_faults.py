"""Faults of devices as their register shows them, with the phone that stands in while one is mended (A-30)."""

from typing import Any

from django.http import HttpRequest

from immis import clock
from immis.core.errors import NotFound
from immis.core.grants import may
from immis.registers import selectors as registers
from immis.tracking.entries import FAULTS
from immis.tracking.services import phones
from immis.web.registers import office as pages
from immis.web.registers.more import beside
from immis.web.registers.words import state_chip
from immis.web.shell import wording
from immis.web.shell.acts import PageActs


def fault_items(request: HttpRequest, imei: str) -> list[dict[str, Any]]:
    """The tickets of a device as its page shows them, newest first."""
    if not may(request.actor, "device.read_faults"):
        return []
    register = registers.register_of(FAULTS, request.actor, pages.today())
    find = registers.Find(fields={"device": imei})
    return [fault_item(fault) for fault in registers.entries(request.actor, register, find)]


def fault_item(fault: Any) -> dict[str, Any]:
    """A ticket as other pages name it."""
    kinds = registers.version_of(fault).fields["kind"].choices or {}
    kind = wording.name_of(kinds[fault.values["kind"]])
    return {"fault": fault, "code": fault.number, "kind": kind, "chip": state_chip(fault)}


def fault_of(request: HttpRequest, code: str) -> Any:
    """The ticket of an address, if this person may see it. Raises NotFound."""
    fault, register = registers.entry_of(code, request.actor)
    if register.name != FAULTS:
        raise NotFound(f"fault {code}")
    return fault


@beside(FAULTS)
def phones_of_fault(request: HttpRequest, fault: Any) -> dict[str, Any]:
    """The phones that stood in while it was mended, and whether one may now."""
    acts = PageActs(request, "device_fault", fault, place="phone", at=clock.now())
    return {
        "imei": fault.values["device"],
        "phones": [] if request.actor.is_party else list(phones.stand_ins(fault=fault)),
        "may_phone": any(act.word == "let_phone_in" for act in acts.fitting),
    }
