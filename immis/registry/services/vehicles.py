"""Registering vehicles, and fitting them with tracking devices."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from immis.core.access.permissions import Actor
from immis.core.errors import NotPermitted, Refusal
from immis.core.grants import require_grant
from immis.core.services import log_action
from immis.registry.models import Device, DeviceFitting, Party, Vehicle
from immis.registry.services.common import changed, log_changes
from immis.rules.catalogue import Finding

#: Fields of a vehicle by which others' rights and quantities go: changing one needs a reason.
_OF_WEIGHT = {"owner", "owner_name", "capacity_m3", "active"}
_OF_DEVICE = ("iccid", "vendor", "model", "msisdn", "certificate_no", "certificate_until", "district")
_PLATE = re.compile(r"[A-Z]{2}\d{2}[A-Z]{1,3}\d{4}")


@dataclass(frozen=True, kw_only=True)
class NewVehicle:
    """A vehicle as its registration certificate shows it.

    ``active`` is False for one whose registration was ended: it carries nothing (CH-02).
    """

    registration: str
    capacity_m3: Decimal
    owner_name: str
    kind: str = "truck"
    wheels: int = 10
    owner: Party | None = None
    commercial: bool = True
    registered_until: date | None = None
    active: bool = True


@transaction.atomic
def register_vehicle(*, vehicle: NewVehicle, by: Actor, at: datetime, reason: str = "") -> Vehicle:
    """Register a vehicle for minerals (E-150), or change its record with what it was before in the log.

    Raises Refusal: REG-02 for no Indian registration mark, REG-10 for another owner, capacity or standing without a
    reason. Raises NotPermitted for a vehicle with a device of another district.
    """
    require_grant(by, "vehicle.register")
    mark = re.sub(r"[\s-]", "", vehicle.registration).upper()
    if not _PLATE.fullmatch(mark):
        raise Refusal(Finding("REG-02", {"registration": vehicle.registration}))
    fields = {**vars(vehicle), "registration": mark}
    row = Vehicle.objects.select_for_update(of=("self",)).filter(registration=mark).first()
    if row is None:
        row = Vehicle.objects.create(**fields)
        log_action("vehicle.registered", subject=("vehicle", mark), by=by, at=at, facts={"owner": row.owner_name})
        return row
    for device in row.devices.filter(active=True):
        require_own(by, device)
    before = changed(row, fields)
    if (weighty := sorted(set(before) & _OF_WEIGHT)) and not reason.strip():
        raise Refusal(Finding("REG-10", {"registration": mark, "fields": ", ".join(weighty)}))
    log_changes("vehicle", mark, before, row, by=by, at=at, reason=reason)
    return row


def require_own(by: Actor, device: Device) -> None:
    """Raises NotPermitted for a device that another district entered; who merely sees its vehicle changes nothing."""
    if by.is_officer and device.district and not by.sees_district(device.district):
        raise NotPermitted(f"device {device.imei} was entered by another district's office")


@transaction.atomic
def fit_device(
    *,
    imei: str,
    vehicle: Vehicle,
    by: Actor,
    at: datetime,
    iccid: str = "",
    vendor: str = "",
    reason: str = "",
    **more: Any,
) -> Device:
    """Fit a tracking device to a vehicle; the one that was in it before is taken out, and the history kept.

    ``more`` are further fields of the device (model, msisdn, certificate_no, certificate_until, district). Raises
    Refusal for a bad IMEI, NotPermitted for a device, or a vehicle with one, of another district.
    """
    require_grant(by, "device.fit")
    if not re.fullmatch(r"\d{15}", imei):
        raise Refusal(Finding("REG-03", {"imei": imei}))
    before = Device.objects.filter(vehicle=vehicle, active=True).exclude(imei=imei)
    moved = Device.objects.filter(imei=imei, active=True).exclude(vehicle=vehicle)
    for touched in (*before, *Device.objects.filter(imei=imei)):
        require_own(by, touched)
    leaving = DeviceFitting.objects.filter(removed_at__isnull=True, device__in=[*before, *moved])
    leaving.update(removed_at=at, removed_by=by.user_id, reason=reason)
    before.update(active=False)
    fields = {"vehicle": vehicle, "iccid": iccid, "vendor": vendor, "fitted_at": at, "active": True, **more}
    known = Device.objects.filter(imei=imei).values(*_OF_DEVICE).first() or {}
    was = {name: value for name, value in known.items() if name in fields and value != fields[name]}
    device, _ = Device.objects.update_or_create(imei=imei, defaults=fields)
    if not DeviceFitting.objects.filter(device=device, vehicle=vehicle, removed_at__isnull=True).exists():
        DeviceFitting.objects.create(device=device, vehicle=vehicle, fitted_at=at, fitted_by=by.user_id)
    payload = {"imei": imei, **({"reason": reason} if reason else {}), **({"before": was} if was else {})}
    log_action("device.fitted", subject=("vehicle", vehicle.registration), by=by, at=at, facts=payload)
    return device
