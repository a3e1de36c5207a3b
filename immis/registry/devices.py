"""The register of tracking devices: fitting, changing, announced work (A-30, E-157)."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound, Refusal
from immis.core.grants import require_grant
from immis.core.services import log_action
from immis.registry.models import Device, DeviceFitting, PairingTest, ServiceWindow, Vehicle
from immis.registry.services import fit_device, require_own
from immis.rules.catalogue import Finding, find
from immis.rules.movement import devices as rules
from immis.rules.policy import book

_EVER = datetime.max.replace(tzinfo=UTC)


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
    end_fitting(device, reason=reason, by=by, at=at)
    log_action("device.removed", subject=("vehicle", mark), by=by, at=at, facts={"imei": device.imei, "reason": reason})


def end_fitting(device: Device, *, reason: str, by: Actor, at: datetime) -> bool:
    """A device reports for its vehicle no more; answers whether it did. The caller has checked who does it, and why."""
    DeviceFitting.objects.filter(device=device, removed_at__isnull=True).update(
        removed_at=at, removed_by=by.user_id, reason=reason
    )
    return bool(Device.objects.filter(pk=device.pk, active=True).update(active=False))


def left_at(device: Device, vehicle: Vehicle, at: datetime) -> bool:
    """Whether a device left a vehicle at an instant, for what came in its place."""
    return DeviceFitting.objects.filter(device=device, vehicle=vehicle, removed_at=at).exists()


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
    marks_by_look = {}
    for imei, at in wanted:
        own = spans.get(imei, [])
        marks = [
            mark for n, (begins, ends, mark) in enumerate(own) if (n == 0 or begins <= at) and at < (ends or _EVER)
        ]
        if marks:
            marks_by_look[imei, at] = marks[-1]
    return marks_by_look


def mark_at(imei: str, at: datetime) -> str:
    """The vehicle that a device was in at an instant; empty for a device in none."""
    return marks_at([(imei, at)]).get((imei, at), "")


def district_of_device(imei: str) -> str:
    """The district that entered a device; empty where none did."""
    return Device.objects.filter(imei=imei).values_list("district", flat=True).first() or ""


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


def keep_test(device: Device, *, until: datetime, message_id: int | None, by: Actor, at: datetime) -> PairingTest:
    """Write down that a trial whether a device reports begins. The caller has checked who may begin it."""
    return PairingTest.objects.create(
        device=device, begun_at=at, until=until, begun_by=by.user_id, message_id=message_id
    )


def keep_outcome(test: PairingTest, outcome: str, *, heard_at: str | None, facts: dict[str, Any]) -> None:
    """Write down what came of a trial; the first outcome stays."""
    PairingTest.objects.filter(pk=test.pk, outcome="").update(outcome=outcome, heard_at=heard_at, facts=facts)


def tests_of(device: Device) -> QuerySet[PairingTest]:
    """Trials whether a device reports, newest first. The caller has checked that the viewer may see the device."""
    return PairingTest.objects.filter(device=device)
