"""Drivers' phones that stand in for devices under repair: for how long, by whom, and back to the device (DEV-17)."""

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from immis.core.access.permissions import SYSTEM, Actor
from immis.core.batches import each
from immis.core.errors import NotFound, Refusal
from immis.core.grants import require_grant
from immis.core.services import log_action
from immis.registers.selectors import Entry, locked_entry
from immis.registry.devices import end_fitting, left_at
from immis.registry.selectors import Device, Vehicle, devices, vehicles
from immis.registry.services import fit_device, require_own
from immis.rules.catalogue import find
from immis.rules.movement.device_orders import PhoneFacts
from immis.rules.movement.devices import luhn
from immis.rules.policy import book
from immis.tracking.models import PhoneStandIn

#: What the app for it is called where it is written down as a model.
APP = "Traccar Client"
_MONTH = timedelta(days=30)
_BEGINS = "99"  # of an identifier: no IMEI of a type approved in India begins so


@transaction.atomic
def stand_in(
    *, fault: Entry, holder: str, msisdn: str, days: int, reason: str, by: Actor, at: datetime
) -> PhoneStandIn:
    """Let a driver's phone report for the vehicle of a faulty device, ``days`` whole days from now.

    The phone gets an identifier that nobody can guess; the device stays in the register and takes its place again
    when the time is over or the fault closed. Raises Refusal (DEV-17).
    """
    require_grant(by, "phone.stand_in")
    fault = locked_entry(fault)
    device, vehicle = _device_of(fault)
    require_own(by, device)
    if findings := find("device.phone", phone_of(fault, days, at), policy=book(), at=at):
        raise Refusal(findings)
    if vehicle is None:
        raise NotFound("vehicle of this fault")
    phone = fit_device(
        imei=new_identifier(), vehicle=vehicle, by=by, at=at, vendor=APP, msisdn=msisdn, kind=Device.PHONE,
        district=fault.district, reason=reason,
    )  # fmt: skip
    made = PhoneStandIn.objects.create(
        phone=phone, fault=fault, device=device, vehicle=vehicle, holder=holder, reason=reason, begins_at=at,
        until=at + timedelta(days=days), ordered_by=by.user_id,
    )  # fmt: skip
    payload = {"imei": phone.imei, "fault": fault.number, "until": made.until, "reason": reason}
    log_action("device.phone_stands_in", subject=("vehicle", vehicle.registration), by=by, at=at, facts=payload)
    return made


def _device_of(fault: Entry) -> tuple[Device, Vehicle | None]:
    device = devices().get(imei=fault.values["device"])
    return device, vehicles(registration=fault.values.get("vehicle", "")).first()


def phone_of(fault: Entry, days: int, at: datetime) -> PhoneFacts:
    """What stands before a phone that is to stand in for so many days."""
    device, vehicle = _device_of(fault)
    mark = vehicle.registration if vehicle else ""
    spans = PhoneStandIn.objects.filter(vehicle=vehicle).exclude(ended_at__lt=at - _MONTH)
    used = sum(((span.ended_at or at) - max(span.begins_at, at - _MONTH)).total_seconds() for span in spans) / 86_400
    is_open = fault.open_as is not None and vehicle is not None and device.vehicle_id == vehicle.pk
    standing_in = any(span.ended_at is None for span in spans)
    return PhoneFacts(mark, fault.number if is_open else "", days, round(used, 2), standing_in)


def new_identifier() -> str:
    """Fifteen digits for a phone: hard to guess, and by their last digit the IMEI of no device."""
    while True:
        digits = _BEGINS + "".join(secrets.choice("0123456789") for _ in range(13))
        if not luhn(digits) and not devices(imei=digits).exists():
            return digits


@transaction.atomic
def end_stand_in(phone_stand_in: PhoneStandIn, *, by: Actor, at: datetime) -> None:
    """The phone reports no more, and the device is in its vehicle again unless another has taken its place."""
    require_grant(by, "phone.stand_in")
    require_own(by, phone_stand_in.device)
    if not PhoneStandIn.objects.filter(pk=phone_stand_in.pk, ended_at__isnull=True).update(ended_at=at):
        return
    still = end_fitting(phone_stand_in.phone, reason=phone_stand_in.fault.number, by=by, at=at)
    device, vehicle = phone_stand_in.device, phone_stand_in.vehicle
    payload = {"imei": phone_stand_in.phone.imei, "fault": phone_stand_in.fault.number}
    log_action("device.phone_ended", subject=("vehicle", vehicle.registration), by=by, at=at, facts=payload)
    gave_way = left_at(device, vehicle, phone_stand_in.begins_at)
    if still and gave_way and not device.active and device.vehicle_id == vehicle.pk:
        kept = {"iccid": device.iccid, "vendor": device.vendor}
        fit_device(imei=device.imei, vehicle=vehicle, by=by, at=at, reason=phone_stand_in.fault.number, **kept)


def end_overdue_phones(*, at: datetime) -> int:
    """End what is over: time up, fault closed, or another device fitted meanwhile; answers how many."""
    running = PhoneStandIn.objects.filter(ended_at__isnull=True)
    over = running.filter(Q(until__lte=at) | Q(fault__open_as__isnull=True) | Q(phone__active=False))

    def end(order: PhoneStandIn) -> bool:
        end_stand_in(order, by=SYSTEM, at=min(at, order.until))
        return True

    rows = over.select_related("phone", "fault", "device", "vehicle")
    return each("tracking.phones", list(rows), end, name=lambda order: f"stand-in {order.pk}")


def phones_until() -> dict[str, datetime]:
    """Until when each phone that stands in now may report, by its identifier."""
    return dict(PhoneStandIn.objects.filter(ended_at__isnull=True).values_list("phone__imei", "until"))


def running_on(fault: Entry) -> PhoneStandIn | None:
    """The order by which a phone stands in now because of a fault."""
    return stand_ins(fault=fault, ended_at__isnull=True).first()


def stand_in_of(phone: Device) -> PhoneStandIn | None:
    """The order by which a phone stands in, or stood in last."""
    return stand_ins(phone=phone).first()


def stand_ins(**filters: object) -> QuerySet[PhoneStandIn]:
    """Phones that stand in or stood in, newest first. The caller has checked that the viewer may see the device."""
    return PhoneStandIn.objects.filter(**filters).select_related("phone", "fault")
