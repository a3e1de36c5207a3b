"""Registering vehicles, and fitting them with tracking devices."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from immis.core.access.permissions import Actor
from immis.core.errors import NotPermitted, Refusal
from immis.core.grants import require_grant
from immis.core.services import log_action, log_actions
from immis.registry.changes import Taken, shown
from immis.registry.models import Device, DeviceFitting, Party, Vehicle
from immis.rules.catalogue import Finding, find
from immis.rules.policy import book
from immis.rules.registry.vehicles import RegistrationFacts
from immis.rules.writing.offices import western_digits

#: Fields of a vehicle by which others' rights and quantities go: changing one needs a reason.
_OF_WEIGHT = {"owner", "owner_name", "capacity_m3", "active"}
#: What counts only when VAHAN or an officer has seen it, where a party enters it (REG-37).
_OF_PAPERS = (
    "kind", "vehicle_class", "body", "axles", "wheels", "unladen_kg", "gross_kg", "combination_kg", "capacity_m3",
    "trolley_id", "commercial", "registered_until", "permit_until", "fitness_until", "insurance_until",
    "pollution_until", "active",
)  # fmt: skip
_OF_DEVICE = ("iccid", "vendor", "model", "msisdn", "certificate_no", "certificate_until", "district")
#: A lorry of three axles, where nobody counted.
USUAL_WHEELS = 10
_PLATE = re.compile(r"[A-Z]{2}\d{2}[A-Z]{1,3}\d{4}")
_OF_RULE = (
    "kind", "vehicle_class", "unladen_kg", "gross_kg", "combination_kg", "capacity_m3", "wheels", "axles", "body",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class NewVehicle:
    """A vehicle as its registration certificate and papers show it; weights in kilograms, None where not seen.

    ``active`` is False for one whose registration was ended: it carries nothing (CH-02). ``trolley`` is the mark of
    the trolley that a tractor pulls. ``district`` is whose office keeps it: empty is that of who enters it.
    """

    registration: str
    capacity_m3: Decimal
    owner_name: str
    kind: str = "truck"
    vehicle_class: str = ""
    body: str = ""
    axles: int | None = None
    wheels: int = 10
    unladen_kg: int | None = None
    gross_kg: int | None = None
    combination_kg: int | None = None
    trolley: str = ""
    district: str = ""
    owner: Party | None = None
    commercial: bool = True
    registered_until: date | None = None
    permit_no: str = ""
    permit_until: date | None = None
    fitness_until: date | None = None
    insurance_no: str = ""
    insurance_until: date | None = None
    pollution_no: str = ""
    pollution_until: date | None = None
    active: bool = True


def mark_of(text: str) -> str:
    """A registration mark as it is kept: capitals and western digits, no blanks or dashes."""
    return re.sub(r"[\s-]", "", western_digits(text)).upper()


@transaction.atomic
def register_vehicle(*, vehicle: NewVehicle, by: Actor, at: datetime, reason: str = "") -> Vehicle:
    """Register a vehicle for minerals (E-150), or change its record with what it was before in the log.

    A party enters its own. Raises Refusal: REG-02 for no Indian registration mark, REG-10 for another owner, capacity
    or standing without a reason, REG-24…REG-27, REG-35, REG-36 for class, weights, trolley, body, what it can carry,
    and a record of somebody else's. Raises NotPermitted for a vehicle with a device of another district.
    """
    require_grant(by, "vehicle.register")
    fields = dict(vars(vehicle))
    mark = mark_of(vehicle.registration)
    for device in Device.objects.filter(vehicle__registration=mark, active=True):
        require_own(by, device)
    taken = take_vehicles([fields], by=by, at=at, reason=reason)
    if taken.refused:
        raise Refusal(list(taken.refused[0]))
    return Vehicle.objects.get(registration=mark)


@transaction.atomic
def take_vehicles(
    rows: Sequence[Mapping[str, Any]],
    *,
    by: Actor,
    at: datetime,
    reason: str = "",
    coming: Collection[str] = (),
    from_file: bool = False,
    only_check: bool = False,
) -> Taken:
    """Enter and change many vehicles at once, each by the fields that its row gives; what is not given stays.

    Marks that are ``coming`` stand in the same file as trolleys. The log has a line for each change; for new ones as
    well, unless they come ``from_file``, whose line names its hash. What the rules refuse is answered by its place;
    ``only_check`` writes nothing.
    """
    require_grant(by, "vehicle.register")
    taken = Taken()
    numbered = [(place, _completed(row, by)) for place, row in enumerate(rows)]
    batch = _Batch(by=by, at=at, reason=reason, coming=frozenset(coming), from_file=from_file, only_check=only_check)
    alone = [(place, row) for place, row in numbered if not row.get("trolley")]
    batch.take(alone, taken)
    batch.take([(place, row) for place, row in numbered if row.get("trolley")], taken)
    return taken


def _completed(row: Mapping[str, Any], by: Actor) -> dict[str, Any]:
    """A row with its mark as it is kept; a party's vehicles are its own, an office's are kept by its district."""
    fields = {**row, "registration": mark_of(str(row["registration"]))}
    if "trolley" in fields:
        fields["trolley"] = mark_of(str(fields["trolley"]))
    if by.party_id:
        fields["owner_id"] = by.party_id
        fields.pop("owner", None)
    elif "owner" in fields:
        owner = fields.pop("owner")
        fields["owner_id"] = owner.pk if owner else None
    if not fields.get("district"):
        fields.pop("district", None)
    return fields


@dataclass
class _Batch:
    """Some vehicles that are entered together: what stands in the register of them is read once."""

    by: Actor
    at: datetime
    reason: str
    coming: frozenset[str]
    from_file: bool
    only_check: bool

    def take(self, rows: Sequence[tuple[int, dict[str, Any]]], taken: Taken) -> None:
        marks = {row["registration"] for _place, row in rows}
        standing = Vehicle.objects.select_for_update(of=("self",)).filter(registration__in=marks)
        self.standing = {row.registration: row for row in standing}
        self.devices = self._foreign_devices(marks)
        self.trolleys = self._trolleys({row["trolley"] for _place, row in rows if row.get("trolley")})
        new: dict[str, Vehicle] = {}
        changed: dict[str, tuple[Vehicle, dict[str, Any]]] = {}
        for place, row in rows:
            mark = row["registration"]
            known = self.standing.get(mark) or new.get(mark)
            if findings := self._findings(row, known):
                taken.refused[place] = findings
                continue
            self._pair(row)
            fields = self._fields(row)
            unseen = {"checked_how": ""} if self.by.party_id else {}
            if known is None:
                new[mark] = Vehicle(**{"district": self.by.district, **fields, **unseen})
                continue
            if unseen and any(getattr(known, name) != fields[name] for name in _OF_PAPERS if name in fields):
                fields |= unseen
            before = {name: getattr(known, name) for name, value in fields.items() if getattr(known, name) != value}
            if (weighty := sorted(_named(before) & _OF_WEIGHT)) and mark not in new and not self.reason.strip():
                taken.refused[place] = [Finding("REG-10", {"registration": mark, "fields": ", ".join(weighty)})]
                continue
            for name in before:
                setattr(known, name, fields[name])
            if before and mark not in new:
                changed[mark] = (known, {**before, **changed.get(mark, (known, {}))[1]})
        if not self.only_check:
            self._write(new, changed)
        taken.entered += len(new)
        taken.changed += len(changed)

    def _findings(self, row: Mapping[str, Any], known: Vehicle | None) -> Sequence[Finding]:
        mark = row["registration"]
        if not _PLATE.fullmatch(mark):
            return [Finding("REG-02", {"registration": mark or "—"})]
        values = {name: row[name] if name in row else getattr(known, name, None) for name in _OF_RULE}
        trolley = row.get("trolley") or ""
        kind, engine = self.trolleys.get(trolley, ("trolley" if trolley in self.coming else "", ""))
        facts = RegistrationFacts(
            registration=mark,
            kind=values.pop("kind") or "truck",
            vehicle_class=values.pop("vehicle_class") or "",
            wheels=values.pop("wheels") or USUAL_WHEELS,
            body=values.pop("body") or "",
            trolley=trolley,
            trolley_kind=kind,
            other_engine=engine if engine != mark else "",
            is_foreign=self._is_foreign(row, known),
            **values,
        )
        return find("vehicle.register", facts, policy=book(), at=self.at)

    def _is_foreign(self, row: Mapping[str, Any], known: Vehicle | None) -> bool:
        by = self.by
        if by.is_system:
            return False
        if by.party_id:
            return known is not None and known.owner_id != by.party_id
        wanted = {row.get("district") or by.district, known.district if known else ""}
        return row["registration"] in self.devices or any(name and not by.sees_district(name) for name in wanted)

    def _foreign_devices(self, marks: Collection[str]) -> set[str]:
        if not self.by.is_officer:
            return set()
        rows = Device.objects.filter(vehicle__registration__in=marks, active=True).exclude(district="")
        return {
            mark
            for mark, district in rows.values_list("vehicle__registration", "district")
            if not self.by.sees_district(district)
        }

    def _trolleys(self, marks: Collection[str]) -> dict[str, tuple[str, str]]:
        """What stands under the marks of trolleys: kind, and the engine with which each stands."""
        rows = Vehicle.objects.filter(registration__in=marks).values_list(
            "registration", "kind", "engine__registration", "pk"
        )
        self.keys = {mark: pk for mark, _kind, _engine, pk in rows}
        return {mark: (kind, engine or "") for mark, kind, engine, _pk in rows}

    def _pair(self, row: Mapping[str, Any]) -> None:
        """A trolley that a row of these named stands with its engine for the rows below."""
        if trolley := row.get("trolley"):
            self.trolleys[trolley] = ("trolley", row["registration"])

    def _fields(self, row: Mapping[str, Any]) -> dict[str, Any]:
        fields = dict(row)
        if "trolley" in fields:
            fields["trolley_id"] = self.keys.get(fields.pop("trolley"))
        return fields

    def _write(self, new: Mapping[str, Vehicle], changed: Mapping[str, tuple[Vehicle, dict[str, Any]]]) -> None:
        Vehicle.objects.bulk_create(new.values())
        if names := sorted({name for _row, before in changed.values() for name in before}):
            Vehicle.objects.bulk_update([row for row, _before in changed.values()], names, batch_size=200)
        lines = [
            (("vehicle", mark), {**_change(row, before), "reason": self.reason})
            for mark, (row, before) in changed.items()
        ]
        if lines:
            log_actions("vehicle.changed", lines, by=self.by, at=self.at)
        if new and not self.from_file:
            entered = [(("vehicle", mark), {"owner": row.owner_name}) for mark, row in new.items()]
            log_actions("vehicle.registered", entered, by=self.by, at=self.at)


def _named(before: Mapping[str, Any]) -> set[str]:
    """The fields as they are called: keys of other records without their ending."""
    return {name.removesuffix("_id") for name in before}


def _change(row: Vehicle, before: Mapping[str, Any]) -> dict[str, Any]:
    after = {name.removesuffix("_id"): getattr(row, name.removesuffix("_id")) for name in before}
    owners = {"owner_id": Party, "trolley_id": Vehicle}
    was = {
        name.removesuffix("_id"): owners[name].objects.filter(pk=value).first() if name in owners else value
        for name, value in before.items()
    }
    return {"before": shown(was), "after": shown(after)}


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
