"""Entering and changing parties, blocks, vehicles, devices, places, users and posts."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from stdnum.exceptions import ValidationError
from stdnum.in_ import pan as pan_number

from immis import clock
from immis.core.access.permissions import SYSTEM, Actor
from immis.core.errors import NotPermitted, Refusal
from immis.core.grants import require_grant
from immis.core.services import log_action
from immis.registry.events import BlockCorrected
from immis.registry.models import Block, Device, DeviceFitting, Office, Party, Place, Post, User, Vehicle
from immis.rules.catalogue import Finding
from immis.rules.policy import book
from immis.rules.posts import chart

#: Fields of a vehicle by which others' rights and quantities go: changing one needs a reason.
_OF_WEIGHT = {"owner", "owner_name", "capacity_m3", "active"}
_OF_DEVICE = ("iccid", "vendor", "model", "msisdn", "certificate_no", "certificate_until", "district")
_PLATE = re.compile(r"[A-Z]{2}\d{2}[A-Z]{1,3}\d{4}")


def checked_pan(pan: str) -> str:
    """A PAN as it is kept: capitals, no blanks. Raises Refusal (REG-01) for what is none (E-026)."""
    try:
        return str(pan_number.validate(pan))
    except ValidationError:
        raise Refusal(Finding("REG-01", {"pan": pan[:20] or "—"})) from None


def pan_refusal(problem: str, *, pan: str, at: datetime) -> Refusal:
    """Why something about the ownership of a PAN cannot be done (REG-13)."""
    words = book().value("REG-13", at)["problems"][problem]
    return Refusal(Finding("REG-13", {"pan": pan, "problem": dict(words)}))


def _changed(row: Any, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Set the fields of a record and save it; answers what those that changed were before."""
    before = {name: getattr(row, name) for name, value in fields.items() if getattr(row, name) != value}
    for name in before:
        setattr(row, name, fields[name])
    if before:
        row.save(update_fields=list(before))
    return before


def _log_changes(
    kind: str, code: str, before: Mapping[str, Any], row: Any, *, by: Actor, at: datetime, reason: str = ""
) -> None:
    """Write what a record was and is now into the action log; nothing where nothing changed."""
    if before:
        facts = {"before": _shown(before), "after": _shown({name: getattr(row, name) for name in before})}
        log_action(f"{kind}.changed", subject=(kind, code), by=by, at=at, facts={**facts, "reason": reason})


def _shown(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.code if isinstance(value, Party) else value for name, value in fields.items()}


def _entered(
    model: Any, code: str, fields: Mapping[str, Any], kind: str, *, by: Actor, at: datetime | None
) -> tuple[Any, bool]:
    """A record by its code, made or changed, its changes in the log; answers it and whether it is new."""
    row = model.objects.select_for_update(of=("self",)).filter(code=code).first()
    if row is None:
        return model.objects.create(code=code, **fields), True
    _log_changes(kind, code, _changed(row, fields), row, by=by, at=at or clock.now())
    return row, False


@transaction.atomic
def open_office(
    *,
    code: str,
    kind: str,
    name_en: str,
    name_hi: str,
    district: str = "",
    by: Actor = SYSTEM,
    at: datetime | None = None,
) -> Office:
    """Enter an office; entering it again changes it, with what it was before in the log."""
    fields = {"kind": kind, "name_en": name_en, "name_hi": name_hi, "district": district}
    return _entered(Office, code, fields, "office", by=by, at=at)[0]


@transaction.atomic
def add_user(*, username: str, name_en: str, name_hi: str, password: str | None = None, email: str = "") -> User:
    """Enter a person; without a password they cannot log in by password."""
    user, new = User.objects.get_or_create(username=username)
    user.name_en, user.name_hi, user.email = name_en, name_hi, email
    if password:
        user.set_password(password)
    elif new:
        user.set_unusable_password()
    user.save()
    return user


def appoint(*, user: User, office: Office, role: str) -> Post:
    """Give a user a post in an office, by the post's code.

    Raises LookupError for a code that no post has, and for an office of a kind in which the post is not held.
    """
    post = chart().post(role)
    if office.kind not in post.offices:
        held = f"offices of kind {', '.join(post.offices)}" if post.offices else "no office"
        raise LookupError(f"{post.code} is held in {held}; {office.code} is of kind {office.kind}")
    return Post.objects.update_or_create(user=user, office=office, role=post.code, defaults={"active": True})[0]


@transaction.atomic
def add_party(
    *,
    code: str,
    kind: str,
    name_en: str,
    name_hi: str,
    pan: str,
    email: str,
    users: Sequence[User] = (),
    phone: str = "",
    address: str = "",
    bank_account: str = "",
    gstin: str = "",
    proved: bool = True,
    by: Actor = SYSTEM,
    at: datetime | None = None,
) -> Party:
    """Enter a party (E-024…E-027), or change it with what it was before in the log.

    Who enters himself is not ``proved`` to own the PAN. Raises Refusal for a PAN that is not one (REG-01), and where
    another party is proved to own it (REG-13).
    """
    fields = {
        "kind": kind,
        "name_en": name_en,
        "name_hi": name_hi,
        "pan": checked_pan(pan),
        "gstin": gstin,
        "email": email,
        "phone": phone,
        "address": address,
        "bank_account": bank_account,
    }
    owners = Party.objects.filter(pan=fields["pan"], pan_proved_at__isnull=False)
    if proved and owners.exclude(code=code).exists():
        raise pan_refusal("owned", pan=pan, at=at or clock.now())
    party, new = _entered(Party, code, fields, "party", by=by, at=at)
    if new and proved:
        party.pan_proved_at = at or clock.now()
        party.save(update_fields=["pan_proved_at"])
    party.users.add(*users)
    return party


@transaction.atomic
def note_gstin(*, party: Party, gstin: str, by: Actor, at: datetime) -> Party:
    """Keep the GST registration number of a party (E-027); the caller has tested it against the PAN."""
    if party.gstin != gstin:
        payload = {"before": party.gstin, "after": gstin}
        party.gstin = gstin
        party.save(update_fields=["gstin"])
        log_action("party.gstin", subject=("party", party.code), by=by, at=at, facts=payload)
    return party


@transaction.atomic
def save_block(
    *,
    code: str,
    serial: int,
    block_no: str,
    name_en: str,
    name_hi: str,
    district: str,
    area_ha: Decimal,
    quantity_m3: int,
    corners: Sequence[Sequence[float]],
    by: Actor,
    at: datetime,
    river: str = "",
) -> Block:
    """Enter a mineral block, or correct it as a new version that is logged (E-147).

    Raises NotPermitted for another district, that of the record before or after.
    """
    require_grant(by, "ghat.save", district=district)
    fields = {
        "serial": serial,
        "block_no": block_no,
        "name_en": name_en,
        "name_hi": name_hi,
        "district": district,
        "area_ha": area_ha,
        "quantity_m3": quantity_m3,
        "corners": [list(corner) for corner in corners],
        "river": river,
    }
    block = Block.objects.select_for_update().filter(code=code).first()
    if block is None:
        block = Block.objects.create(code=code, **fields)
        log_action("block.entered", subject=("block", code), by=by, at=at, facts=fields)
        return block
    require_grant(by, "ghat.save", district=block.district)
    changed = {name: value for name, value in fields.items() if getattr(block, name) != value}
    if changed:
        before = {name: getattr(block, name) for name in changed}
        for name, value in changed.items():
            setattr(block, name, value)
        block.version += 1
        block.save()
        log_action(
            BlockCorrected.KIND, subject=("block", code), by=by, at=at, facts={"before": before, "after": changed}
        )
    return block


@transaction.atomic
def register_vehicle(
    *,
    registration: str,
    capacity_m3: Decimal,
    owner_name: str,
    by: Actor,
    at: datetime,
    kind: str = "truck",
    wheels: int = 10,
    owner: Party | None = None,
    commercial: bool = True,
    registered_until: date | None = None,
    active: bool = True,
    reason: str = "",
) -> Vehicle:
    """Register a vehicle for minerals (E-150), or change its record with what it was before in the log.

    ``active`` is False for one whose registration was ended: it carries nothing (CH-02). Raises Refusal: REG-02 for
    no Indian registration mark, REG-10 for another owner, capacity or standing without a reason.
    Raises NotPermitted for a vehicle with a device of another district.
    """
    require_grant(by, "vehicle.register")
    mark = re.sub(r"[\s-]", "", registration).upper()
    if not _PLATE.fullmatch(mark):
        raise Refusal(Finding("REG-02", {"registration": registration}))
    fields = {
        "kind": kind,
        "wheels": wheels,
        "capacity_m3": capacity_m3,
        "owner_name": owner_name,
        "owner": owner,
        "commercial": commercial,
        "registered_until": registered_until,
        "active": active,
    }
    vehicle = Vehicle.objects.select_for_update(of=("self",)).filter(registration=mark).first()
    if vehicle is None:
        vehicle = Vehicle.objects.create(registration=mark, **fields)
        log_action("vehicle.registered", subject=("vehicle", mark), by=by, at=at, facts={"owner": owner_name})
        return vehicle
    for device in vehicle.devices.filter(active=True):
        require_own(by, device)
    before = _changed(vehicle, fields)
    if (weighty := sorted(set(before) & _OF_WEIGHT)) and not reason.strip():
        raise Refusal(Finding("REG-10", {"registration": mark, "fields": ", ".join(weighty)}))
    _log_changes("vehicle", mark, before, vehicle, by=by, at=at, reason=reason)
    return vehicle


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


@transaction.atomic
def add_place(
    *,
    code: str,
    kind: str,
    name_en: str,
    name_hi: str,
    lat: float,
    lon: float,
    radius_m: int = 500,
    district: str = "",
    by: Actor = SYSTEM,
    at: datetime | None = None,
) -> Place:
    """Enter a destination or check post with the circle round it; changed, with what it was before in the log."""
    fields = {
        "kind": kind,
        "name_en": name_en,
        "name_hi": name_hi,
        "lat": lat,
        "lon": lon,
        "radius_m": radius_m,
        "district": district,
    }
    return _entered(Place, code, fields, "place", by=by, at=at)[0]
