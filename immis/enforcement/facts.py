"""The facts that a trigger of each event kind needs: what the event says, completed from the records."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from immis.challans.selectors import last_challan_of, on_trip, scans_of_vehicle
from immis.core.models import OutboxEvent
from immis.enforcement.selectors import case_of_demand
from immis.leases.selectors import districts_of_party
from immis.ledger.selectors import demands_by_number
from immis.registry.devices import district_of_device, inspected_faults, mark_at
from immis.registry.selectors import blocks, vehicle_of
from immis.rules.geometry import distance_m
from immis.rules.holds import CHALLANS
from immis.rules.policy import book
from immis.rules.texts import text
from immis.tracking.selectors import last_district

Facts = dict[str, Any]
Place = tuple[float | None, float | None]


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
        told["ghat"] = text("enforcement/words", "vehicle", number=told["subject_id"])
    return {**told, "stops": _STOPS.get(told["stops"], told["stops"])}


def _device(facts: Facts, event: OutboxEvent) -> Facts:
    """A device's signal: whose vehicle it is says the register at that instant, never the device."""
    imei, seen_at = facts.get("imei", ""), datetime.fromisoformat(facts["seen_at"])
    registration = mark_at(imei, seen_at)
    vehicle = vehicle_of(registration) if registration else None
    still = timedelta(hours=int(book().value("DEV-32", event.at)))
    challan = last_challan_of(registration, at=seen_at, still=still) if vehicle else None
    seen = facts.get("evidence") or {}
    lat, lon = facts.get("lat", seen.get("lat")), facts.get("lon", seen.get("lon"))
    return {
        "registration": registration,
        "imei": imei,
        "signal": facts.get("signal", event.kind),
        "grade": facts.get("grade", "suspect"),
        "seen_at": facts["seen_at"],
        "vehicle": vehicle.kind if vehicle else "truck",
        "owner_id": vehicle.owner_id if vehicle else None,
        "owner": vehicle.owner_name if vehicle else "",
        "challan": challan.number if challan else "",
        "lease": challan.lease.code if challan else "",
        "district": challan.lease.district if challan else _district((lat, lon), registration, imei, on=event.at),
        "on_trip": challan is not None and on_trip(challan, at=seen_at),
        "lat": lat,
        "lon": lon,
        "raw": str(facts.get("raw") or seen.get("raw") or ""),
        "link": {name: value for name, value in (seen.get("link") or {}).items() if isinstance(value, bool)},
        "sources": _sources(imei, registration, (lat, lon), at=seen_at, on=event.at) if vehicle else (),
    }


def _sources(imei: str, registration: str, place: Place, *, at: datetime, on: datetime) -> tuple[str, ...]:
    """Who else saw it: an officer at the device, or a check post at the vehicle in that place and time (DEV-30)."""
    said = book().value("DEV-30", on)
    found = []
    if inspected_faults(imei, at=at, within=timedelta(hours=said["inspection_within_h"])).exists():
        found.append("inspection")
    for scan in scans_of_vehicle(registration, at=at, within=timedelta(minutes=said["checkpost_within_min"])):
        whole = None not in (*place, scan.lat, scan.lon)
        if whole and distance_m(*place, scan.lat, scan.lon) <= said["checkpost_within_m"]:
            found.append("checkpost")
            break
    return tuple(found)


def _district(place: Place, registration: str, imei: str, *, on: datetime) -> str:
    """Whose matter it is: the district of the ghat near the position, else the vehicle's own."""
    return _near_district(*place, on=on) or _own_district(registration, imei)


def _own_district(registration: str, imei: str) -> str:
    """The district that entered the device, saw the vehicle last or has its owner's settlements; empty where none is
    known or the owner has them in several: then it is the State's, for no district is guessed."""
    if district := district_of_device(imei) or last_district(registration):
        return district
    vehicle = vehicle_of(registration) if registration else None
    districts = set(districts_of_party(vehicle.owner_id)) if vehicle and vehicle.owner_id else set()
    return districts.pop() if len(districts) == 1 else ""


def _near_district(lat: float | None, lon: float | None, *, on: datetime) -> str:
    """The district of the nearest ghat, where one lies near enough (DEV-31); empty without a position."""
    known = [(block.district, block.corners[0]) for block in blocks() if block.corners]
    if lat is None or lon is None or not known:
        return ""
    district, corner = min(known, key=lambda row: distance_m(lat, lon, *row[1]))
    return district if distance_m(lat, lon, *corner) <= 1000 * book().value("DEV-31", on) else ""


def _flood(facts: Facts, event: OutboxEvent) -> Facts:
    source = {name: str(facts.get(name) or "") for name in ("address", "imei")}
    return {"seen_at": facts.get("seen_at") or event.at, **source}


def _fault(facts: Facts, event: OutboxEvent) -> Facts:
    """A device that no district entered belongs to its vehicle's, else to the State."""
    own = _own_district(facts.get("registration", ""), facts.get("imei", ""))
    return {**facts, "district": facts.get("district") or own}


def _forbidden(facts: Facts, event: OutboxEvent) -> Facts:
    """A fence of the whole State is watched by the district of the ghat near it, else by the vehicle's own."""
    place = (facts.get("lat"), facts.get("lon"))
    own = _district(place, facts.get("registration", ""), facts.get("imei", ""), on=event.at)
    return {**facts, "district": facts.get("district") or own}


def _receipt(facts: Facts, event: OutboxEvent) -> Facts:
    """The case of the demand, and what is left to be paid of it by the ledger now, not when the event was written."""
    case, demand = case_of_demand(facts["demand"]), demands_by_number([facts["demand"]]).get(facts["demand"])
    balance_paise = demand.balance_paise if demand else facts.get("balance_paise")
    return {**facts, "case": case.number if case else "", "balance_paise": balance_paise}


_STOPS: Mapping[str, Mapping[str, str]] = {
    CHALLANS: text("enforcement/words", "stops_challans"),
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
    "gateway.flood": _flood,
    "vehicle.in_forbidden_area": _forbidden,
    "challan.not_started": _by_code,
    "challan.issued_away": _by_code,
    "receipt.paid": _receipt,
    "receipt.refused": _receipt,
    "receipt.verified": _receipt,
    "receipt.reversed": _receipt,
}
