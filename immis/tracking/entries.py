"""Faults of devices in their register: whose matter an entry is, what follows (A-30)."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.db.models.functions import Lower

from immis.core.access.permissions import Actor
from immis.core.errors import NotPermitted, Refusal
from immis.core.scope import NOTHING
from immis.core.services import emit
from immis.registers.hooks import Draft, after, before, seen_too
from immis.registers.selectors import Entry, having, open_entry, valued, version_of
from immis.registry.selectors import locked_device
from immis.rules.catalogue import find
from immis.rules.movement.devices import FaultFacts
from immis.rules.policy import book
from immis.rules.posts import chart
from immis.tracking.events import FaultOpened
from immis.tracking.selectors import own_district, seen_for

FAULTS = "device_faults"
_SEEN_BY_HAND = ("cover", "power", "damage")


@before(FAULTS, "report")
def complete_report(draft: Draft) -> None:
    """The vehicle and whose matter it is. Raises Refusal while a fault of the kind is open (DEV-16), NotPermitted."""
    device = locked_device(draft.values["device"])
    vehicle, kind = device.vehicle, draft.values["kind"]
    if draft.by.is_party and (vehicle is None or vehicle.owner_id != draft.by.party_id):
        raise NotPermitted(f"{draft.by.role} may not report on {device.imei}")
    draft.open_as = f"{device.imei}:{kind}"
    same = open_entry(FAULTS, draft.open_as)
    if findings := find(
        "device.fault", FaultFacts(device.imei, kind, same.number if same else ""), policy=book(), at=draft.at
    ):
        raise Refusal(findings)
    mark = vehicle.registration if vehicle else ""
    draft.values |= {"vehicle": mark} if mark else {}
    draft.district = device.district or draft.by.district or own_district(mark, device.imei)
    draft.party_id = vehicle.owner_id if vehicle else None


@after(FAULTS, "report")
def tell_report(fault: Entry, _by: Actor, at: datetime) -> None:
    """The district's desk and the owner hear of it (TRG-130)."""
    kinds = version_of(fault).fields["kind"].choices or {}
    payload = FaultOpened(
        number=fault.number, imei=fault.values["device"], registration=fault.values.get("vehicle", ""),
        kind=dict(kinds[fault.values["kind"]]), district=fault.district, owner_id=fault.party_id, opened_at=at,
        due_at=fault.due_at or at,
    )  # fmt: skip
    emit(payload, subject=("device_fault", fault.number), at=at)


@seen_too(FAULTS)
def of_vehicles_seen(viewer: Actor) -> Q:
    """A district reads the faults of vehicles that were seen there too."""
    if viewer.statewide or viewer.is_party:
        return NOTHING
    return valued(FAULTS, "vehicle", seen_for(viewer).annotate(mark=Lower("registration")).values("mark"))


def was_inspected(imei: str, *, at: datetime, within: timedelta) -> bool:
    """Whether an officer, with the device before him, reported its box, supply or body near an instant."""
    offices = [code for code, post in chart().posts.items() if post.is_office]
    near = having(FAULTS, "device", [imei]).filter(
        entered_at__gte=at - within, entered_at__lte=at + within, done__start="", done__role__in=offices
    )
    return any(fault.values["kind"] in _SEEN_BY_HAND for fault in near)
