"""Devices from a sheet: each row enters one with its papers and fits it to a vehicle (A-30)."""

from datetime import datetime
from typing import Any

from django.db import transaction

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound, NotPermitted, Refusal
from immis.registry import devices as register
from immis.registry.changes import Taken
from immis.registry.selectors import Vehicle, devices, plate
from immis.registry.sheets import cells
from immis.registry.sheets.kinds import Rows, SheetKind, Taking, declare_kind
from immis.rules.catalogue import Finding, find
from immis.rules.movement.devices import VehicleFacts
from immis.rules.policy import book
from immis.rules.registry.cells import misfit
from immis.tracking.devices import vehicle_in_reach

_PAPERS = ("imei", "vendor", "model", "iccid", "msisdn", "certificate_no", "certificate_until", "label_compared")


def known_vehicle(registration: str, *, by: Actor, at: datetime) -> Vehicle:
    """The vehicle that a device is entered with. Raises Refusal (DEV-38) where the office has none of this mark."""
    mark = plate(registration)
    try:
        vehicle = vehicle_in_reach(by, mark)
    except NotFound:
        vehicle = None
    if findings := find("device.vehicle_known", VehicleFacts(mark, vehicle is not None), policy=book(), at=at):
        raise Refusal(findings)
    if vehicle is None:
        raise NotFound(f"vehicle {mark}")
    return vehicle


def take_devices(rows: Rows, how: Taking) -> Taken:
    """Enter many devices, each in its vehicle; ``how.only_check`` writes nothing.

    What is refused is answered by its place: DEV-01 to DEV-04, DEV-38, REG-31 for a device that stands twice.
    """
    taken, seen = Taken(), set[str]()
    known = set(devices(imei__in=[row["imei"] for row in rows]).values_list("imei", flat=True))
    for place, row in enumerate(rows):
        if row["imei"] in seen:
            taken.refused[place] = [misfit("imei", row["imei"], "twice")]
            continue
        seen.add(row["imei"])
        if refused := _fit(row, how):
            taken.refused[place] = refused
        elif row["imei"] in known:
            taken.changed += 1
        else:
            taken.entered += 1
    return taken


def _fit(row: dict[str, Any], how: Taking) -> list[Finding]:
    """Enter one device, or find out whether it could be; answers what refuses it."""
    papers = {name: row[name] for name in _PAPERS if name in row}
    offered = register.OfferedDevice(**papers, reason=how.reason)
    try:
        with transaction.atomic():
            vehicle = known_vehicle(row["registration"], by=how.by, at=how.at)
            register.onboard_device(device=offered, vehicle=vehicle, by=how.by, at=how.at)
            if how.only_check:
                transaction.set_rollback(True)
    except Refusal as refusal:
        return list(refusal.findings)
    except NotPermitted:
        return [misfit("registration", row["registration"], "elsewhere")]
    return []


def _digits(cell: str) -> str:
    return cells.text(22)("".join(cell.split()).lstrip("+"))


declare_kind(
    SheetKind(
        "devices",
        "device.fit",
        cells.Columns(
            {
                "registration": cells.text(20),
                "imei": _digits,
                "iccid": _digits,
                "msisdn": _digits,
                "vendor": cells.text(60),
                "model": cells.text(60),
                "certificate_no": cells.text(60),
                "certificate_until": cells.day,
                "label_compared": cells.yes_no,
            },
            needed=("registration", "imei", "vendor", "model"),
        ),
        take_devices,
    )
)
