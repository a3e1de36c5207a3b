"""What the transport registers say of a vehicle or driver, and the office's look at papers that a party entered."""

from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction

from immis.adapters.sarathi.http_client import HttpSarathi
from immis.adapters.sarathi.port import LicenceUnknown, Sarathi, SarathiUnreachable
from immis.adapters.vahan.http_client import HttpVahan
from immis.adapters.vahan.port import Vahan, VahanUnreachable, VehicleRecord, VehicleUnknown
from immis.core.access.outside import asking_outside
from immis.core.access.permissions import Actor
from immis.core.errors import Refusal
from immis.core.grants import require_grant
from immis.core.services import log_action
from immis.registry.changes import shown
from immis.registry.models import Driver, Vehicle
from immis.rules.catalogue import Finding, find
from immis.rules.policy import book
from immis.rules.registry.looks import LookFacts
from immis.rules.registry.places import LICENCE_ACTIVE
from immis.rules.registry.vehicles import RegistrationFacts

#: What of a record VAHAN fills; what it does not say stays as it is.
FILLED = (
    "vehicle_class", "body", "owner_name", "unladen_kg", "gross_kg", "combination_kg", "registered_until",
    "fitness_until", "permit_no", "permit_until", "insurance_no", "insurance_until", "pollution_no", "pollution_until",
)  # fmt: skip
#: What the rules on weight, wheels and body are asked about, and those of them that a look warns of.
_OF_WEIGHT = (
    "kind", "vehicle_class", "body", "unladen_kg", "gross_kg", "combination_kg", "capacity_m3", "wheels", "axles",
)  # fmt: skip
_PLAUSIBLE = ("REG-24", "REG-25", "REG-35", "REG-36")


def vahan() -> Vahan | None:
    """The register of vehicles of this installation; None where none is named (``IMMIS_VAHAN_URL``)."""
    return HttpVahan(settings.VAHAN_URL, settings.VAHAN_KEY) if settings.VAHAN_URL else None


def sarathi() -> Sarathi | None:
    """The register of licences of this installation; None where none is named (``IMMIS_SARATHI_URL``)."""
    return HttpSarathi(settings.SARATHI_URL, settings.SARATHI_KEY) if settings.SARATHI_URL else None


def _refusal(number: str, why: str) -> Refusal:
    words = book().words("REG-37", why)
    return Refusal(Finding("REG-37", {"number": number, "because": words, "why": why}))


def fill_from_vahan(*, vehicle: Vehicle, by: Actor, at: datetime) -> tuple[Vehicle, list[Finding]]:
    """Ask VAHAN for a vehicle and take over what it says, with what stood before in the log.

    Answers warnings of what it contradicts. One that is not active there, or blacklisted, is no longer active here.
    Raises Refusal (REG-37) where VAHAN is not set, silent, or knows no such vehicle.
    """
    require_grant(by, "vehicle.look")
    port = vahan()
    if port is None:
        raise _refusal(vehicle.registration, "not_set")
    try:
        with asking_outside():
            record = port.vehicle(vehicle.registration)
    except VahanUnreachable as fault:
        raise _refusal(vehicle.registration, "silent") from fault
    except VehicleUnknown as fault:
        raise _refusal(vehicle.registration, "unknown") from fault
    return _take_over(vehicle.pk, record, by=by, at=at)


@transaction.atomic
def _take_over(pk: int, record: VehicleRecord, *, by: Actor, at: datetime) -> tuple[Vehicle, list[Finding]]:
    row = Vehicle.objects.select_for_update(of=("self",)).get(pk=pk)
    fields: dict[str, Any] = {name: value for name in FILLED if (value := getattr(record, name))}
    facts = LookFacts(row.registration, record.status, record.blacklisted, row.vehicle_class, record.vehicle_class)
    findings = [*find("vehicle.looked", facts, policy=book(), at=at), *_implausible(row, fields, at=at)]
    if facts.is_stopped:
        fields["active"] = False
    before = {name: getattr(row, name) for name, value in fields.items() if getattr(row, name) != value}
    for name, value in {**fields, "checked_how": "vahan", "checked_at": at, "checked_by": by.user_id}.items():
        setattr(row, name, value)
    row.save()
    after = {name: fields[name] for name in before}
    payload = {"before": shown(before), "after": shown(after), "reason": "VAHAN", "status": record.status}
    payload |= {"codes": [finding.code for finding in findings]} if findings else {}
    log_action("vehicle.looked_up", subject=("vehicle", row.registration), by=by, at=at, facts=payload)
    return row, findings


def _implausible(row: Vehicle, fields: dict[str, Any], *, at: datetime) -> list[Finding]:
    """What of a record as VAHAN fills it could not be entered by hand: told before it is kept, and refused at issue."""
    values = {name: fields.get(name) or getattr(row, name) for name in _OF_WEIGHT}
    facts = RegistrationFacts(row.registration, trolley="", **values)
    findings = find("vehicle.register", facts, policy=book(), at=at)
    return [replace(finding, severity="warning") for finding in findings if finding.code in _PLAUSIBLE]


@transaction.atomic
def confirm_vehicle(*, vehicle: Vehicle, reason: str, by: Actor, at: datetime, document: str = "") -> Vehicle:
    """The office has seen the papers of a vehicle that its party entered; they count from now on (REG-37).

    Raises Refusal where they count already, NotPermitted beyond the office's reach.
    """
    require_grant(by, "vehicle.confirm", district=vehicle.district or None)
    row = Vehicle.objects.select_for_update(of=("self",)).get(pk=vehicle.pk)
    if row.checked_how:
        raise _refusal(row.registration, "seen")
    row.checked_how, row.checked_at, row.checked_by, row.checked_document = "office", at, by.user_id, document
    row.save(update_fields=["checked_how", "checked_at", "checked_by", "checked_document"])
    payload = {"reason": reason[:300], "document": document}
    log_action("vehicle.confirmed", subject=("vehicle", row.registration), by=by, at=at, facts=payload)
    return row


def fill_from_sarathi(*, driver: Driver, born_on: date, by: Actor, at: datetime) -> Driver:
    """Ask SARATHI for a driver's licence and take over classes, end and standing. Raises Refusal (REG-37).

    One that is not active there drives no more here, until it is again, or an office sees the paper (REG-39).
    """
    require_grant(by, "driver.enter")
    port, refuse = sarathi(), partial(_refusal, driver.licence_no)
    if port is None:
        raise refuse("not_set")
    try:
        with asking_outside():
            record = port.licence(driver.licence_no, born_on)
    except SarathiUnreachable as fault:
        raise refuse("silent") from fault
    except LicenceUnknown as fault:
        raise refuse("unknown") from fault
    with transaction.atomic():
        row = Driver.objects.select_for_update(of=("self",)).get(pk=driver.pk)
        after = {"classes": record.classes or row.classes, "transport_until": record.transport_until}
        after["looked_as"] = record.status[:40] or LICENCE_ACTIVE
        if after["looked_as"] != LICENCE_ACTIVE:
            after["active"] = False
        elif row.is_stopped:
            after["active"] = True  # what it stopped it sets going again
        before = {name: getattr(row, name) for name in after}
        for name, value in after.items():
            setattr(row, name, value)
        row.save()
        payload = {"before": shown(before), "after": shown(after), "reason": "SARATHI", "status": record.status}
        log_action("driver.looked_up", subject=("driver", row.licence_no), by=by, at=at, facts=payload)
    return row
