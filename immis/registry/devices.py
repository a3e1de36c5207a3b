"""The register of tracking devices: fitting, changing, faults until they are mended, announced work (A-30, E-157)."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound, NotPermitted, Refusal
from immis.core.grants import may, require_grant
from immis.core.services import emit, log_action, next_number
from immis.registry.events import FaultClosed, FaultOpened
from immis.registry.models import Device, DeviceFault, DeviceFitting, ServiceWindow, Vehicle
from immis.registry.services import fit_device, require_own
from immis.rules.calendar import india_day
from immis.rules.catalogue import Finding, find
from immis.rules.movement import devices as rules
from immis.rules.policy import book
from immis.rules.posts import chart
from immis.rules.writing.texts import texts

_EVER = datetime.max.replace(tzinfo=UTC)
_SEEN_BY_HAND = ("cover", "power", "damage")
FAULT_NAMES = texts("registry/faults")


@dataclass(frozen=True)
class OfferedDevice:
    """A device with its papers as an officer enters it; ``reason`` says why another one leaves the vehicle."""

    imei: str
    vendor: str
    model: str
    iccid: str = ""
    msisdn: str = ""
    certificate_no: str = ""
    certificate_until: date | None = None
    label_compared: bool = False
    reason: str = ""


@transaction.atomic
def onboard_device(*, device: OfferedDevice, vehicle: Vehicle, by: Actor, at: datetime) -> list[Finding]:
    """Enter a device and fit it to a vehicle (or change the one that is in it); answers warnings.

    Raises Refusal (REG-03, DEV-01…DEV-04) and NotPermitted for a device, or a vehicle with one, of another district.
    """
    require_grant(by, "device.fit")
    known = Device.objects.select_for_update(of=("self",)).select_related("vehicle").filter(imei=device.imei).first()
    for touched in filter(None, (known, Device.objects.filter(vehicle=vehicle, active=True).first())):
        require_own(by, touched)
    elsewhere = known.vehicle.registration if known and known.active and known.vehicle else ""
    facts = rules.FittingFacts(
        device.imei, vehicle.registration, device.iccid, device.certificate_until, elsewhere, device.label_compared
    )
    findings = find("device.fit", facts, policy=book(), at=at)
    if refusing := [finding for finding in findings if finding.severity == "refuse"]:
        raise Refusal(refusing)
    papers = asdict(device)
    del papers["label_compared"]
    district = by.district or (known.district if known else "")
    fit_device(**papers, vehicle=vehicle, by=by, at=at, district=district)
    return findings


def tracker_of(device: Device, by: Actor, at: datetime) -> rules.TrackerFacts:
    """Whether a device is a phone, and in which vehicle it is now."""
    vehicle = device.vehicle.registration if device.active and device.vehicle else ""
    return rules.TrackerFacts(device.imei, device.is_phone, vehicle)


def work_of(device: Device, by: Actor, at: datetime) -> rules.WorkFacts:
    """The announced work on a device that is not over."""
    return rules.WorkFacts(device.imei, len(open_services(device, at=at)))


def _require(occasions: Sequence[str], facts: object, *, at: datetime) -> None:
    if findings := [finding for on in occasions for finding in find(on, facts, policy=book(), at=at)]:
        raise Refusal(findings)


@transaction.atomic
def take_out(*, device: Device, reason: str, by: Actor, at: datetime) -> None:
    """Take a device out of its vehicle; its history stays.

    Raises Refusal (DEV-34, DEV-35) for a phone or a device in no vehicle, NotPermitted for another district's.
    """
    require_grant(by, "device.remove")
    require_own(by, device)
    _require(("device.is_fixed", "device.in_vehicle"), tracker_of(device, by, at), at=at)
    mark = device.vehicle.registration if device.vehicle else ""
    DeviceFitting.objects.filter(device=device, removed_at__isnull=True).update(
        removed_at=at, removed_by=by.user_id, reason=reason
    )
    Device.objects.filter(pk=device.pk).update(active=False)
    log_action("device.removed", subject=("vehicle", mark), by=by, at=at, facts={"imei": device.imei, "reason": reason})


@transaction.atomic
def announce_service(
    *, device: Device, begins_at: datetime, ends_at: datetime, reason: str, workshop: str, by: Actor, at: datetime
) -> ServiceWindow:
    """Announce work on a device, so that opening it raises no case (DEV-07).

    Raises Refusal (DEV-07, DEV-34) and NotPermitted.
    """
    require_grant(by, "device.announce_service")
    require_own(by, device)
    _require(("device.is_fixed",), tracker_of(device, by, at), at=at)
    _require(("device.service",), rules.ServiceFacts(device.imei, begins_at, ends_at), at=at)
    window = ServiceWindow.objects.create(
        device=device, begins_at=begins_at, ends_at=ends_at, reason=reason, workshop=workshop, announced_at=at,
        announced_by=by.user_id,
    )  # fmt: skip
    payload = {"begins_at": begins_at, "ends_at": ends_at, "reason": reason, "workshop": workshop}
    log_action("device.service_announced", subject=("device", device.imei), by=by, at=at, facts=payload)
    return window


@transaction.atomic
def cancel_service(*, window: ServiceWindow, by: Actor, at: datetime) -> None:
    """Call announced work off; what the device showed until now stays announced."""
    require_grant(by, "device.announce_service")
    require_own(by, window.device)
    if window.cancelled_at is None and window.ends_at > at:
        window.cancelled_at = at
        window.save(update_fields=["cancelled_at"])
        log_action(
            "device.service_cancelled", subject=("device", window.device.imei), by=by, at=at, facts={"id": window.pk}
        )


def marks_at(seen: Iterable[tuple[str, datetime]]) -> dict[tuple[str, datetime], str]:
    """In which vehicle each device was at an instant, by IMEI and instant; a device in none is left out.

    A device that was taken out speaks for its vehicle no more. Before its first fitting it was nowhere else: the first
    span has no beginning.
    """
    wanted = set(seen)
    rows = DeviceFitting.objects.filter(device__imei__in={imei for imei, _at in wanted}).order_by("fitted_at", "id")
    spans: dict[str, list[tuple[datetime, datetime | None, str]]] = {}
    for imei, *span in rows.values_list("device__imei", "fitted_at", "removed_at", "vehicle__registration"):
        spans.setdefault(imei, []).append((span[0], span[1], span[2]))
    payload = {}
    for imei, at in wanted:
        own = spans.get(imei, [])
        marks = [
            mark for n, (begins, ends, mark) in enumerate(own) if (n == 0 or begins <= at) and at < (ends or _EVER)
        ]
        if marks:
            payload[imei, at] = marks[-1]
    return payload


def mark_at(imei: str, at: datetime) -> str:
    """The vehicle that a device was in at an instant; empty for a device in none."""
    return marks_at([(imei, at)]).get((imei, at), "")


def district_of_device(imei: str) -> str:
    """The district that entered a device; empty where none did."""
    return Device.objects.filter(imei=imei).values_list("district", flat=True).first() or ""


def inspected_faults(imei: str, *, at: datetime, within: timedelta) -> QuerySet[DeviceFault]:
    """Faults at box, supply or body of a device that an officer reported near an instant: he had it before him."""
    roles = [code for code, post in chart().posts.items() if post.is_office]
    rows = DeviceFault.objects.filter(device__imei=imei, kind__in=_SEEN_BY_HAND, opened_role__in=roles)
    return rows.filter(opened_at__gte=at - within, opened_at__lte=at + within)


def announced(imei: str, at: datetime) -> bool:
    """Whether a device was being worked on by announcement at an instant."""
    windows = ServiceWindow.objects.filter(device__imei=imei, begins_at__lte=at, ends_at__gt=at)
    return any(window.cancelled_at is None or window.cancelled_at > at for window in windows)


def service_windows(*, at: datetime) -> dict[str, tuple[datetime, datetime]]:
    """The announced window that the gateway must know now, by IMEI: running, else just over, else the next."""
    near = timedelta(hours=1)
    rows = ServiceWindow.objects.filter(ends_at__gt=at - timedelta(days=1)).select_related("device")
    best: dict[str, tuple[int, tuple[datetime, datetime]]] = {}
    for row in rows.order_by("begins_at"):
        ends_at = min(row.ends_at, row.cancelled_at or row.ends_at)
        if ends_at <= row.begins_at:
            continue
        rank = 0 if row.begins_at - near <= at < ends_at else 1 if ends_at <= at else 2
        if row.device.imei not in best or rank < best[row.device.imei][0]:
            best[row.device.imei] = (rank, (row.begins_at, ends_at))
    return {imei: window for imei, (_rank, window) in best.items()}


def fault_number(series: int, at: datetime) -> str:
    return f"GF-{india_day(at).year}-{series:06d}"


@transaction.atomic
def open_fault(*, device: Device, kind: str, words: str, by: Actor, at: datetime) -> DeviceFault:
    """Report a fault of a device, by its owner or an office. Raises Refusal while one of its kind is open (DEV-16)."""
    require_grant(by, "device.report_fault")
    if by.is_party and not _owns(by, device):
        raise NotPermitted(f"{by.role} may not report on {device.imei}")
    if kind not in rules.FAULT_KINDS:
        raise NotFound(f"fault of kind {kind}")
    same = DeviceFault.objects.filter(device=device, kind=kind, closed_at__isnull=True).first()
    facts = rules.FaultFacts(device.imei, kind, same.number if same else "")
    if findings := find("device.fault", facts, policy=book(), at=at):
        raise Refusal(findings)
    year = india_day(at).year
    fault = DeviceFault.objects.create(
        number=fault_number(next_number(f"device-fault-{year}"), at),
        device=device,
        vehicle=device.vehicle,
        district=device.district or by.district,
        kind=kind,
        words=words,
        opened_at=at,
        opened_by=by.user_id,
        opened_role=by.role,
        due_at=rules.fault_due(kind, opened_at=at, policy=book()),
    )
    _tell(fault, by=by, at=at)
    return fault


def _owns(by: Actor, device: Device) -> bool:
    return bool(by.is_party and device.vehicle and device.vehicle.owner_id == by.party_id)


def _tell(fault: DeviceFault, *, by: Actor, at: datetime) -> None:
    vehicle = fault.vehicle
    facts = {
        "number": fault.number,
        "imei": fault.device.imei,
        "registration": vehicle.registration if vehicle else "",
        "kind": dict(FAULT_NAMES[fault.kind]),
        "district": fault.district,
        "owner_id": vehicle.owner_id if vehicle else None,
        "opened_at": fault.opened_at,
        "due_at": fault.due_at,
    }
    log_action(
        FaultOpened.KIND,
        subject=("device_fault", fault.number),
        by=by,
        at=at,
        facts={**facts, "words": fault.words},
    )
    emit(FaultOpened.of(facts), subject=("device_fault", fault.number), at=at)


@transaction.atomic
def move_fault(*, fault: DeviceFault, to: str, words: str, by: Actor, at: datetime) -> DeviceFault:
    """Move a fault on by one step. Raises NotPermitted for a step that is not this person's or not the next."""
    fault = DeviceFault.objects.select_for_update(of=("self",)).select_related("device__vehicle").get(pk=fault.pk)
    require_own(by, fault.device)
    if to not in steps_for(fault, by):
        raise NotPermitted(f"{fault.number} is {fault.state}; {by.role} may not make it {to}")
    before, fault.state = fault.state, to
    fault.closed_at = at if to in rules.ENDED else None
    fault.save(update_fields=["state", "closed_at"])
    facts = {"from": before, "to": to, "words": words}
    log_action("device.fault_moved", subject=("device_fault", fault.number), by=by, at=at, facts=facts)
    if to in rules.ENDED:
        emit(FaultClosed.of(facts), subject=("device_fault", fault.number), at=at)
    return fault


def steps_for(fault: DeviceFault, viewer: Actor) -> list[str]:
    """The next states that this person may give a fault."""
    steps = rules.FAULT_STEPS[fault.state]
    if may(viewer, "device.mend_fault"):
        return list(steps)
    return [step for step in steps if step in rules.OWNERS_STEPS] if _owns(viewer, fault.device) else []


def faults_of(devices: QuerySet[Device], **filters: Any) -> QuerySet[DeviceFault]:
    """Faults of devices that the caller may see, newest first."""
    rows = DeviceFault.objects.filter(device__in=devices, **filters)
    return rows.select_related("device", "vehicle")


def fittings_of(vehicle: Vehicle | None = None, device: Device | None = None) -> list[DeviceFitting]:
    """Which devices were in a vehicle, or in which vehicles a device was, newest first."""
    wanted = {"vehicle": vehicle} if vehicle else {"device": device}
    return list(DeviceFitting.objects.filter(**wanted).select_related("device", "vehicle"))


def services_of(device: Device) -> Sequence[ServiceWindow]:
    """Announced work on a device, newest first."""
    return list(ServiceWindow.objects.filter(device=device)[:50])


def open_services(device: Device, *, at: datetime) -> Sequence[ServiceWindow]:
    """Announced work on a device that lies ahead or runs, the next first."""
    rows = ServiceWindow.objects.filter(device=device, ends_at__gt=at, cancelled_at__isnull=True)
    return list(rows.order_by("begins_at", "id")[:50])


def service_of(pk: int, device: Device) -> ServiceWindow:
    window = ServiceWindow.objects.filter(pk=pk, device=device).select_related("device").first()
    if window is None:
        raise NotFound(f"service {pk}")
    return window
