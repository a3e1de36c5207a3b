"""Facts for triggers that need several domains: what an event says, completed from the records (``events.py``)."""

import re
from datetime import datetime, timedelta
from typing import Any

from immis.challans.events import ChallanIssued, NotStarted
from immis.challans.selectors import challan_of, last_challan_of, on_trip, scans_of_vehicle
from immis.challans.selectors.driver_link import link_of
from immis.core.access.permissions import SYSTEM
from immis.core.selectors import OutboxEvent
from immis.enforcement.selectors import case_of_demand
from immis.ledger.events import ReceiptNews
from immis.ledger.selectors import demands_by_number
from immis.registry.devices import mark_at
from immis.registry.selectors import blocks, vehicle_of
from immis.rules.land.geometry import distance_m
from immis.rules.policy import book
from immis.tracking.entries import was_inspected
from immis.tracking.events import InForbiddenArea, Signal
from immis.tracking.selectors import own_district

Facts = dict[str, Any]
Place = tuple[float | None, float | None]


def device_facts(payload: Signal, row: OutboxEvent) -> Facts:
    """A device's signal: whose vehicle it is says the register at that instant, never the device."""
    imei, seen_at, facts = payload.imei, payload.seen_at, row.facts
    registration = mark_at(imei, seen_at)
    vehicle = vehicle_of(registration) if registration else None
    still = timedelta(hours=int(book().value("DEV-32", row.at)))
    challan = last_challan_of(registration, at=seen_at, still=still) if vehicle else None
    evidence = payload.evidence or {}
    lat, lon = evidence.get("lat"), evidence.get("lon")
    return {
        "registration": registration,
        "imei": imei,
        "signal": facts.get("signal", row.kind),
        "grade": facts.get("grade", "suspect"),
        "seen_at": seen_at,
        "vehicle": vehicle.kind if vehicle else "truck",
        "owner_id": vehicle.owner_id if vehicle else None,
        "owner": vehicle.owner_name if vehicle else "",
        "challan": challan.number if challan else "",
        "lease": challan.lease.number if challan else "",
        "district": challan.lease.district if challan else _district((lat, lon), registration, imei, on=row.at),
        "on_trip": challan is not None and on_trip(challan, at=seen_at),
        "lat": lat,
        "lon": lon,
        "raw": str(evidence.get("raw") or ""),
        "link": {name: value for name, value in (evidence.get("link") or {}).items() if isinstance(value, bool)},
        "sources": _sources(imei, registration, (lat, lon), at=seen_at, on=row.at) if vehicle else (),
    }


def _sources(imei: str, registration: str, place: Place, *, at: datetime, on: datetime) -> tuple[str, ...]:
    """Who else saw it: an officer at the device, or a check post at the vehicle in that place and time (DEV-30)."""
    limits = book().value("DEV-30", on)
    sources = []
    if was_inspected(imei, at=at, within=timedelta(hours=limits["inspection_within_h"])):
        sources.append("inspection")
    for scan in scans_of_vehicle(registration, at=at, within=timedelta(minutes=limits["checkpost_within_min"])):
        whole = None not in (*place, scan.lat, scan.lon)
        if whole and distance_m(*place, scan.lat, scan.lon) <= limits["checkpost_within_m"]:
            sources.append("checkpost")
            break
    return tuple(sources)


def _district(place: Place, registration: str, imei: str, *, on: datetime) -> str:
    """Whose matter it is: the district of the ghat near the position, else the vehicle's own."""
    return _near_district(*place, on=on) or own_district(registration, imei)


def _near_district(lat: float | None, lon: float | None, *, on: datetime) -> str:
    """The district of the nearest ghat, where one lies near enough (DEV-31); empty without a position."""
    known = [(block.district, block.corners[0]) for block in blocks() if block.corners]
    if lat is None or lon is None or not known:
        return ""
    district, corner = min(known, key=lambda row: distance_m(lat, lon, *row[1]))
    return district if distance_m(lat, lon, *corner) <= 1000 * book().value("DEV-31", on) else ""


def issued_facts(payload: ChallanIssued, row: OutboxEvent) -> Facts:
    """A pass that was issued, with its driver's number and the secret link: neither stands in the event itself."""
    challan = challan_of(payload.challan, SYSTEM)
    phone = _mobile(challan.driver_phone)
    return {**row.facts, "phone": phone, "link": link_of(challan) if phone else ""}


def not_started_facts(payload: NotStarted, row: OutboxEvent) -> Facts:
    """A trip that did not start, with the number of the buyer, which does not stand in the event itself."""
    return {**row.facts, "buyer_phone": _mobile(challan_of(payload.challan, SYSTEM).buyer_phone)}


def _mobile(text: str) -> str:
    """Ten digits of a mobile number of India; empty where the text has none."""
    digits = re.sub(r"\D", "", text)[-10:]
    return digits if len(digits) == 10 and digits[0] in "6789" else ""


def forbidden_facts(payload: InForbiddenArea, row: OutboxEvent) -> Facts:
    """A fence of the whole State is watched by the district of the ghat near it, else by the vehicle's own."""
    own = payload.district or _district((payload.lat, payload.lon), payload.registration, payload.imei, on=row.at)
    return {**row.facts, "district": own}


def receipt_facts(payload: ReceiptNews, row: OutboxEvent) -> Facts:
    """The case of the demand, and what is left to be paid of it by the ledger now, not when the event was written."""
    case, demand = case_of_demand(payload.demand), demands_by_number([payload.demand]).get(payload.demand)
    balance_paise = demand.balance_paise if demand else payload.balance_paise
    return {**row.facts, "case": case.number if case else "", "balance_paise": balance_paise}
