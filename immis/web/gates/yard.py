"""What the gate's screen works with while there is a line: trucks inside the fence, what stops each, and an issue."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

from immis.challans import services
from immis.challans.loading import Loadable, loadable_vehicles
from immis.challans.loads import Load
from immis.challans.offline.pack import weight_terms
from immis.challans.selectors import recent_places
from immis.core.access.permissions import Actor
from immis.core.errors import NotFound, Refusal
from immis.leases.selectors import Lease, lease_of
from immis.registry import selectors as registry
from immis.registry import things
from immis.rules.catalogue import Finding
from immis.web.shell import wording
from immis.weighbridges.selectors import last_tares

_MOST = {"lease": 40, "truck": 14, "place": 40, "driver": 120, "phone": 15, "licence": 24, "key": 40}
_MOST_M3 = Decimal(1000)
_MOST_KG = 200_000


def yard_of(lease: Lease, *, by: Actor, at: datetime) -> dict[str, Any]:
    """Trucks at a settlement's ghat and those of late, where loads went, its drivers, how long a weight serves.

    Quantities are thousandths of a m³, as in what a gate holds for an outage.
    """
    rows = loadable_vehicles(lease, by, at)
    tares = last_tares(lease, [row.registration for row in rows], at=at)
    return {
        "lease": {"number": lease.number, "hi": lease.block.name_hi, "en": lease.block.name_en,
                  "settlee": lease.party.name_hi},
        **weight_terms(lease.district, at),
        "vehicles": [_truck(row, tares.get(row.registration)) for row in rows],
        "places": [{"code": row.code, "hi": row.name_hi, "en": row.name_en} for row in recent_places(lease)],
        "drivers": [{"name": row.name, "licence": row.licence_no} for row in things.drivers_of(lease.party_id)],
    }  # fmt: skip


def _truck(row: Loadable, tare_kg: int | None) -> dict[str, Any]:
    last = row.last
    usual = {"place": last.place.code, "driver": last.driver_name, "phone": last.driver_phone} if last else {}
    return {
        "mark": row.registration,
        "here": row.seen is not None,
        "most": int((row.capacity_m3 or 0) * 1000),
        "stops": said(row.findings),
        "usual": usual,
        "tare_kg": tare_kg,
    }


def said(findings: Sequence[Finding]) -> list[dict[str, str]]:
    """Findings in both languages, as the screen shows them."""
    return [{"code": row.code, **wording.both(partial(wording.say, row))} for row in findings]


def issue(body: Mapping[str, Any], *, by: Actor) -> tuple[int, dict[str, Any]]:
    """Issue the e-challan of the load in a body; status and answer, every reason where it is refused.

    A quantity of nought is what the weighbridge found (WB-20); weights are those that were written by hand.
    """
    given = {name: str(body.get(name) or "")[:most] for name, most in _MOST.items()}
    try:
        load = Load(
            lease=lease_of(given["lease"], by),
            vehicle=given["truck"],
            place=registry.place_of(given["place"]),
            quantity_m3=_cubic(body.get("quantity")),
            tare_kg=_kilograms(body.get("tare_kg")),
            gross_kg=_kilograms(body.get("gross_kg")),
            driver_name=given["driver"],
            driver_phone=given["phone"],
            licence_no=given["licence"],
        )
        challan = services.issue_challan(load=load, by=by, key=given["key"] or None)
    except NotFound:
        return 404, {}
    except Refusal as refusal:
        return 409, {"findings": said(refusal.findings)}
    return 200, {"text": challan.pass_text, "shown": _shown(challan)}


def _cubic(thousandths: Any) -> Decimal:
    try:
        cubic = Decimal(str(thousandths)) / 1000
        return cubic if 0 < cubic < _MOST_M3 else Decimal(0)
    except InvalidOperation:
        return Decimal(0)


def _kilograms(value: Any) -> int | None:
    return value if type(value) is int and 0 < value <= _MOST_KG else None


def _shown(challan: Any) -> dict[str, Any]:
    """What the slip says beside the QR."""
    return {
        "number": challan.number,
        "mark": challan.vehicle.registration,
        "quantity": int(challan.quantity_m3 * 1000),
        "tare_kg": challan.tare_kg,
        "gross_kg": challan.gross_kg,
        "at": _ms(challan.issued_at),
        "until": _ms(challan.valid_until),
        "driver": challan.driver_name,
        "settlee": challan.party.name_hi,
    }


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
