"""What an officer saw of a checked vehicle beside its pass: tarpaulin and signboard (E-138)."""

from datetime import datetime
from typing import Any

from django.db import transaction

from immis.challans.events import Uncovered
from immis.challans.models import CheckPostScan
from immis.core.access.permissions import Actor
from immis.core.grants import require_grant
from immis.core.services import emit
from immis.registry.selectors import vehicle_of

COVER, BOARD = "cover", "board"


@transaction.atomic
def record_equipment(
    *, scan: CheckPostScan, covered: bool | None, board: bool | None, by: Actor, at: datetime
) -> CheckPostScan:
    """Keep what the officer answered; what is missing of a loaded vehicle is told once (TRG-216)."""
    require_grant(by, "challan.scan")
    scan.covered, scan.board = covered, board
    scan.save(update_fields=["covered", "board"])
    missing = [name for name, answer in ((COVER, covered), (BOARD, board)) if answer is False]
    if missing and scan.loaded is not False and scan.registration:
        payload = Uncovered.of(_facts(scan, missing))
        emit(payload, subject=("vehicle", scan.registration), at=at, key=f"{payload.KIND}:{scan.pk}")
    return scan


def _facts(scan: CheckPostScan, missing: list[str]) -> dict[str, Any]:
    vehicle, challan, office = vehicle_of(scan.registration), scan.challan, scan.office
    district = challan.district if challan else office.district if office else ""
    return {
        "registration": scan.registration,
        "known": vehicle is not None,
        "vehicle": vehicle.kind if vehicle else "truck",
        "owner_id": vehicle.owner_id if vehicle else None,
        "challan": challan.number if challan else "",
        "lease": challan.lease.number if challan else "",
        "district": district,
        "office": {"en": office.name_en, "hi": office.name_hi} if office else {"en": "", "hi": ""},
        "missing": missing,
        "seen_at": scan.at,
        "lat": scan.lat,
        "lon": scan.lon,
    }
