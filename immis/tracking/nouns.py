"""Devices and their faults as nouns: who sees one, where it lies, and the pages that show it and its acts."""

from operator import attrgetter

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.nouns import Names, Noun, Page, declare_noun
from immis.registers.selectors import Entry, entry_of
from immis.registry.selectors import Device, devices
from immis.tracking.devices import device_of


def _find(imei: str, viewer: Actor) -> Device:
    return device_of(viewer, imei.strip())


def _find_fault(number: str, viewer: Actor) -> Entry:
    fault, register = entry_of(number, viewer)
    if register.name != "device_faults":
        raise NotFound(f"fault {number}")
    return fault


def _title(imei: str) -> Names:
    device = devices(imei=imei).first()
    text = f"{imei} · {device.vendor} {device.model}".strip(" ·") if device else imei
    return {"en": text, "hi": text}


declare_noun(
    Noun(
        "device_fault",
        find=_find_fault,
        number=attrgetter("number"),
        district=lambda fault: fault.district or None,
        pages={"phone": ("fault_phone",)},
        address="device-faults",
        page=lambda number, facts: Page("fault", (number,)),
    )
)
declare_noun(
    Noun(
        "device",
        find=_find,
        number=attrgetter("imei"),
        title=_title,
        district=lambda device: device.district or None,
        pages={"device": ("device", "device_fault"), "new": ("device_new",)},
        address="devices",
        page=lambda number, facts: Page("device", (number,)),
    )
)
