"""Devices and their faults as nouns: who sees one, where it lies, and the pages that show it and its acts."""

from operator import attrgetter

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.nouns import Noun, Page, declare_noun
from immis.registry.devices import faults_of
from immis.registry.models import Device, DeviceFault
from immis.tracking.devices import device_of, devices_for


def _find(imei: str, viewer: Actor) -> Device:
    return device_of(viewer, imei)


def _find_fault(number: str, viewer: Actor) -> DeviceFault:
    fault = faults_of(devices_for(viewer), number=number).first()
    if fault is None:
        raise NotFound(f"fault {number}")
    return fault


declare_noun(
    Noun(
        "device_fault",
        find=_find_fault,
        number=attrgetter("number"),
        district=lambda fault: fault.device.district or None,
        pages={"fault": ("fault",), "phone": ("fault_phone",)},
        address="device-faults",
        page=lambda number, facts: Page("fault", (number,)),
    )
)
declare_noun(
    Noun(
        "device",
        find=_find,
        number=attrgetter("imei"),
        district=lambda device: device.district or None,
        pages={"device": ("device", "device_fault"), "new": ("device_new",)},
        address="devices",
        page=lambda number, facts: Page("device", (number,)),
    )
)
