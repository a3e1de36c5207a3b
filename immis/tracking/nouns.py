"""Devices and their faults as nouns: who sees one, where it lies, and the pages that show it and its acts.

How vehicles and devices are found by typing stands here as well: an office finds the vehicles of its district's
register, and those that were seen at one of its fences or whose device it keeps; a party its own.
"""

from collections.abc import Sequence
from operator import attrgetter

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound, NotPermitted
from immis.core.nouns import Names, Noun, Page, declare_noun
from immis.registers.selectors import Entry, entry_of
from immis.registry.selectors import Device, Vehicle, devices, vehicle_of, vehicles
from immis.registry.things import vehicle_listed
from immis.search.declared import Handles, Searched, declare_search, district_key, granted
from immis.tracking.devices import device_of, knows_vehicle
from immis.tracking.models import Sighting


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


def _seen_in(registration: str) -> list[str]:
    """The districts in which a vehicle was seen at a fence."""
    return list(Sighting.objects.filter(registration=registration).values_list("district", flat=True))


def _vehicle(vehicle: Vehicle) -> Handles:
    owner = (vehicle.owner.name_en, vehicle.owner.name_hi) if vehicle.owner else ()
    seen = {*_seen_in(vehicle.registration), *(device.district for device in vehicle.devices.all())} - {""}
    return Handles(
        (vehicle.owner_name, *owner),
        (vehicle.registration,),
        districts=[vehicle.district] if vehicle.district else (),
        party_id=vehicle.owner_id,
        reach=[f"s{district_key(district)}" for district in sorted(seen)],
    )


def _vehicle_reach(viewer: Actor) -> Sequence[str] | None:
    listed, seen = granted(viewer, "vehicle.list"), granted(viewer, "device.see")
    if listed is None or seen is None:
        return None
    return [*listed, *(f"s{key}" for key in seen if not key.startswith("p"))]


def _vehicle_for(mark: str, viewer: Actor) -> Vehicle:
    """A vehicle of the register, else one that this post has seen: that one it opens on the map only."""
    try:
        return vehicle_listed(mark, viewer)
    except (NotFound, NotPermitted):
        vehicle = vehicle_of(mark)
        if vehicle is None or not knows_vehicle(viewer, vehicle):
            raise NotFound(f"vehicle {mark}") from None
        vehicle.is_only_seen = True
        return vehicle


def _device(device: Device) -> Handles | None:
    """A device that is in a vehicle, as the register shows it."""
    if device.vehicle is None:
        return None
    mark = device.vehicle.registration
    districts = {device.district, *_seen_in(mark)} - {""}
    reach = {"districts": sorted(districts), "party_id": device.vehicle.owner_id}
    return Handles((device.vendor,), (device.imei,), (mark,), **reach)


declare_search(
    Searched(
        "vehicle",
        "ve",
        records=lambda: vehicles().select_related("owner").prefetch_related("devices"),
        by="registration",
        handles=_vehicle,
        reach=_vehicle_reach,
        find=_vehicle_for,
        follows={
            "party": lambda code: vehicles(owner__code=code).values_list("registration", flat=True),
            "device": lambda imei: vehicles(devices__imei=imei).values_list("registration", flat=True),
        },
    )
)
declare_search(
    Searched(
        "device",
        "de",
        records=lambda: devices(),
        by="imei",
        handles=_device,
        grant="device.see",
        follows={"vehicle": lambda mark: devices(vehicle__registration=mark).values_list("imei", flat=True)},
    )
)
