"""The facts that a trigger of each event kind needs: what the event says, completed from the records."""

from collections.abc import Callable, Mapping
from typing import Any

from immis.challans.selectors import challans
from immis.core.models import OutboxEvent
from immis.core.permissions import SYSTEM
from immis.enforcement.selectors import case_of_demand
from immis.registry.selectors import blocks, vehicle_of
from immis.rules.geometry import distance_m
from immis.rules.holds import CHALLANS
from immis.tracking.selectors import last_district

Facts = dict[str, Any]


def gather(event: OutboxEvent) -> Facts:
    """The facts of an event for its triggers, as plain values. Raises NotFound where a record is missing."""
    builder = _BUILDERS.get(event.kind)
    facts = dict(event.facts)
    return builder(facts, event) if builder else facts


def _by_code(facts: Facts, event: OutboxEvent) -> Facts:
    """Events name a settlement by its number; addresses and desks by its code."""
    return {**facts, "lease": facts.get("lease_code") or facts.get("lease") or ""}


def _hold(facts: Facts, event: OutboxEvent) -> Facts:
    told = {"district": "", "subject_kind": event.subject_kind, "subject_id": event.subject_id, **facts}
    if told["subject_kind"] == "vehicle":
        told["ghat"] = {"en": f"vehicle {told['subject_id']}", "hi": f"वाहन {told['subject_id']}"}
    return {**told, "stops": _STOPS.get(told["stops"], told["stops"])}


def _device(facts: Facts, event: OutboxEvent) -> Facts:
    registration = facts.get("registration") or event.subject_id
    vehicle = vehicle_of(registration)
    challan = _last_challan(registration, facts["seen_at"])
    seen = facts.get("evidence") or {}
    lat, lon = facts.get("lat", seen.get("lat")), facts.get("lon", seen.get("lon"))
    on_trip = challan is not None and challan.state == "issued" and challan.started_at is not None
    return {
        "registration": registration,
        "imei": facts.get("imei", ""),
        "signal": facts.get("signal", event.kind),
        "grade": facts.get("grade", "suspect"),
        "seen_at": facts["seen_at"],
        "vehicle": vehicle.kind if vehicle else "truck",
        "owner_id": vehicle.owner_id if vehicle else None,
        "owner": vehicle.owner_name if vehicle else "",
        "challan": challan.number if challan else "",
        "lease": challan.lease.code if challan else "",
        "district": challan.lease.district if challan else _nearest_district(lat, lon),
        "on_trip": on_trip,
        "lat": lat,
        "lon": lon,
        "raw": str(facts.get("raw") or seen.get("raw") or ""),
    }


def _last_challan(registration: str, at: str) -> Any:
    """The last challan that a vehicle was given before an instant."""
    return challans(SYSTEM, vehicle__registration=registration, issued_at__lte=at).order_by("-issued_at").first()


def _nearest_district(lat: float | None, lon: float | None) -> str:
    """The district of the nearest ghat; without a position, of the first ghat."""
    known = [(block.district, block.corners[0]) for block in blocks() if block.corners]
    if lat is None or lon is None or not known:
        return known[0][0] if known else ""
    return min(known, key=lambda one: distance_m(lat, lon, *one[1]))[0]


def _fault(facts: Facts, event: OutboxEvent) -> Facts:
    """A device that no district entered belongs to the one where its vehicle was seen last."""
    district = facts.get("district") or last_district(facts.get("registration", "")) or _nearest_district(None, None)
    return {**facts, "district": district}


def _forbidden(facts: Facts, event: OutboxEvent) -> Facts:
    """A fence of the whole State is watched by the district of the nearest ghat."""
    return {**facts, "district": facts.get("district") or _nearest_district(facts.get("lat"), facts.get("lon"))}


def _receipt(facts: Facts, event: OutboxEvent) -> Facts:
    case = case_of_demand(facts["demand"])
    return {**facts, "case": case.number if case else ""}


_STOPS: Mapping[str, Mapping[str, str]] = {
    CHALLANS: {"en": "the issue of e-challans", "hi": "ई-चालान का निर्गमन"},
}
_BUILDERS: Mapping[str, Callable[[Facts, OutboxEvent], Facts]] = {
    "instalment.due_soon": _by_code,
    "instalment.overdue": _by_code,
    "hold.started": _hold,
    "hold.ended": _hold,
    "instalment.reminder": _by_code,
    "instalment.rung": _by_code,
    "lease.notice_issued": _by_code,
    "lease.notice_replied": _by_code,
    "lease.surrender_asked": _by_code,
    "lease.ended": _by_code,
    "lease.ends_soon": _by_code,
    "lease.sand_forfeited": _by_code,
    "lease.clock_extended": _by_code,
    "lease.royalty_exceeded": _by_code,
    "lease.period_over": _by_code,
    "lease.pits_due": _by_code,
    "lease.price_fixed": _by_code,
    "clearance.hinted": _by_code,
    "hold.suspended": _by_code,
    "hold.suspension_over": _by_code,
    "device.tamper": _device,
    "device.power_cut": _device,
    "device.fault_opened": _fault,
    "vehicle.in_forbidden_area": _forbidden,
    "challan.not_started": _by_code,
    "challan.issued_away": _by_code,
    "receipt.paid": _receipt,
    "receipt.refused": _receipt,
    "receipt.verified": _receipt,
}
