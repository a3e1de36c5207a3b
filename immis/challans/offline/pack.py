"""What a gate's page holds for an outage, signed by the department: quota, trucks, destinations, drivers, limits.

Quantities are whole thousandths of a m³, distances metres, places millionths of a degree, so that browser and office
write the same bytes. What stands against a truck is that of the rules of issue, less what CH-80 waives.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core import signing

from immis import clock
from immis.challans import selectors
from immis.challans.facts import MINERAL, before_a_load, middle_of, vehicle_facts, way_to
from immis.challans.loading import against, live_challans
from immis.challans.models import OfflinePass
from immis.challans.offline.book import FIRST_PREV
from immis.challans.offline.keys import good_from, instant, quota_of, running_quota, terms
from immis.challans.signed.keys import load_signer
from immis.challans.signed.lists import instant_text, sign_list
from immis.core.access.permissions import Actor
from immis.core.services import log_action
from immis.leases.selectors import Lease
from immis.registers.selectors import Entry
from immis.registry import selectors as registry
from immis.registry import things
from immis.registry.selectors import Place, Vehicle
from immis.rules.catalogue import Finding, find
from immis.rules.movement.carriers import most_load_of
from immis.rules.movement.challans import ON
from immis.rules.movement.distances import validity
from immis.rules.movement.issue_facts import DriverFact, IssueFacts
from immis.rules.policy import NotInForce, book
from immis.tracking import selectors as tracking
from immis.weighbridges.selectors import last_tares

KIND, VERSION = "immis.gate-pack", 1
SALT = "immis.gate-pack"
_MOST_TRUCKS, _MOST_PLACES, _MOST_DRIVERS = 150, 60, 100
_THOUSAND = Decimal(1000)


def make_pack(key: Entry, lease: Lease, *, by: Actor, at: datetime) -> dict[str, Any] | None:
    """The pack of an approved key whose quota runs at an instant, or is to begin; None where it has none.

    A quota that the offline root has not signed yet is none: no check post would believe its passes.
    """
    quota = running_quota(key)
    if quota is None or key.state != "approved" or (begins := good_from(quota, key, at=at)) is None:
        return None
    until = at + timedelta(hours=int(terms(at)["hours"]))
    body = {
        "kind": KIND,
        "version": VERSION,
        "made_at": instant_text(at),
        "until": instant_text(min(until, instant(quota.values["ends_at"]))),
        "kid": key.values["kid"],
        "quota": {**_quota_row(quota), "starts_at": instant_text(begins)},
        "issuer": settings.PUBLIC_URL.rstrip("/"),
        "held": held_token(quota.number, at, until),
        **_of_lease(lease, by, at),
    }
    log_action("offline.pack_given", subject=("lease", lease.number), by=by, at=at, facts={"quota": quota.number})
    return _signed(body, at)


def held_token(quota: str, at: datetime, until: datetime) -> str:
    """What a line of the book brings back to prove which data the gate held."""
    body = {"quota": quota, "from": int(at.timestamp()), "until": int(until.timestamp())}
    return signing.dumps(body, salt=SALT, compress=False)


def _signed(body: dict[str, Any], at: datetime) -> dict[str, Any]:
    signer = load_signer(clock.data_dir(), at=at)
    whole = {**body, "signed_by": signer.kid.hex()}
    return sign_list(whole, root=Ed25519PrivateKey.from_private_bytes(signer.private))


def _quota_row(entry: Entry) -> dict[str, Any]:
    quota = quota_of(entry)
    last = OfflinePass.objects.filter(quota=entry.number, chained=True).order_by("-counter").first()
    return {
        "number": entry.number,
        "series": quota.series,
        "first": quota.first,
        "last": quota.last,
        "starts_at": instant_text(quota.starts_at),
        "ends_at": instant_text(quota.ends_at),
        "used": last.counter if last else 0,
        "head": last.digest if last else FIRST_PREV,
    }


def _of_lease(lease: Lease, by: Actor, at: datetime) -> dict[str, Any]:
    to_any = before_a_load(lease, by, at)
    block, (lat, lon) = lease.block, middle_of(lease.block)
    mineral = MINERAL[to_any.mineral]
    last = selectors.last_challans(lease)
    return {
        "lease": {
            "number": lease.number,
            "district": lease.district,
            "hi": block.name_hi,
            "en": block.name_en,
            "place": [round(lat * 1_000_000), round(lon * 1_000_000)],
            "settlee": lease.party.name_hi,
        },
        "mineral": f"{mineral['hi']} {mineral['en']}",
        **weight_terms(lease.district, at),
        "stops": _stops(find(ON, to_any, policy=book(), at=at), at),
        "left": _left(to_any),
        "vehicles": _vehicles(lease, to_any, last, at),
        "places": [_place(lease, place, to_any, at) for place in _places(lease)],
        "drivers": [_driver(row, to_any, at) for row in things.drivers_of(lease.party_id, most=_MOST_DRIVERS)],
        "statement": {lang: book().say("CH-12", {}, lang) for lang in ("en", "hi")},
    }


def weight_terms(district: str, at: datetime) -> dict[str, Any]:
    """Kilograms of a cubic metre (CH-40), and how long the weights of a truck serve (WB-20)."""
    try:
        density = Decimal(str(book().value("CH-40", at, district=district)))
        return {"density": _thousandths(density), "weights": dict(book().value("WB-20", at))}
    except NotInForce:
        return {}


def _thousandths(value: Decimal) -> int:
    return int((value * _THOUSAND).to_integral_value(ROUND_DOWN))


def _stops(findings: Iterable[Finding], at: datetime) -> list[dict[str, Any]]:
    """What stands against something, in words, less what is waived in an outage."""
    return [_stop(finding) for finding in findings if not is_waived(finding, at)]


def is_waived(finding: Finding, at: datetime) -> bool:
    """Whether a finding rests on the position of the instant alone; a vehicle without a device stays stopped."""
    return finding.code in terms(at)["waived"] and finding.facts.get("why") != "no_device"


def _stop(finding: Finding) -> dict[str, Any]:
    words = {lang: book().say(finding.code, finding.facts, lang) for lang in ("en", "hi")}
    fit_from = finding.facts.get("fit_from")
    return {"code": finding.code, **words, **({"from": instant_text(fit_from)} if fit_from else {})}


def _left(facts: IssueFacts) -> dict[str, int]:
    """What may still be loaded, where a clearance names anything."""
    spans = (
        ("year", facts.permitted_m3, facts.issued_m3),
        ("month", facts.month_m3, facts.issued_month_m3),
        ("day", facts.day_m3, facts.issued_day_m3),
    )
    return {name: max(0, _thousandths(most - issued)) for name, most, issued in spans if most is not None}


def _vehicles(lease: Lease, to_any: IssueFacts, last: Any, at: datetime) -> list[dict[str, Any]]:
    """Trucks at the ghat, those that loaded here before, and the settlee's own."""
    here = [row.registration for row in tracking.vehicles_at_ghat(lease.block.code, at=at)]
    own = [row.registration for row in registry.vehicles(owner=lease.party_id)[:_MOST_TRUCKS]]
    marks = list(dict.fromkeys([*here, *last, *own]))[:_MOST_TRUCKS]
    known = {row.registration: row for row in registry.vehicles(registration__in=marks)}
    live, tares = live_challans(known.values(), at), last_tares(lease, marks, at=at)
    rows = [known[mark] for mark in marks if mark in known]
    drawn = [_vehicle(row, to_any, live.get(row.registration), last.get(row.registration), at) for row in rows]
    return [{**row, "tare_kg": tares.get(row["mark"])} for row in drawn]


def _vehicle(vehicle: Vehicle, to_any: IssueFacts, live: Any, last: Any, at: datetime) -> dict[str, Any]:
    mark = vehicle.registration
    facts = replace(to_any, vehicle=mark, **vehicle_facts(vehicle, live))
    usual = {"place": last.place.code, "driver": last.driver_name, "phone": last.driver_phone} if last else {}
    return {
        "mark": mark,
        "kind": vehicle.kind,
        "most": _most(facts, at),
        "heavy": _is_heavy(facts, at),
        "stops": _stops(against(to_any, mark, vehicle, live, at=at), at),
        "usual": usual,
    }


def _most(facts: IssueFacts, at: datetime) -> int:
    """The greatest load by registered capacity and by weight (CH-05, CH-31)."""
    try:
        more = Decimal(str(book().value("CH-31", at, district=facts.district)))
    except NotInForce:
        return _thousandths(facts.capacity_m3)
    most = most_load_of(facts, policy=book(), at=at)
    by_weight = Decimal(most.payload_kg) * (1 + more / 100) / (most.density_t_m3 * 1000)
    return min(_thousandths(facts.capacity_m3), _thousandths(by_weight))


def _is_heavy(facts: IssueFacts, at: datetime) -> bool:
    try:
        return (facts.bears_kg[1] or 0) > int(book().value("CH-33", at, district=facts.district)["heavy_from_kg"])
    except NotInForce:
        return False


def _places(lease: Lease) -> list[Place]:
    """Where loads of this settlement went, then other destinations."""
    recent = selectors.recent_places(lease)
    more = list(registry.places("destination")[:_MOST_PLACES])
    return list({place.pk: place for place in [*recent, *more]}.values())[:_MOST_PLACES]


def _place(lease: Lease, place: Place, to_any: IssueFacts, at: datetime) -> dict[str, Any]:
    km = way_to(lease.block, place, at=at).km
    facts = replace(to_any, holds=(), distance_km=km, place=place.name_hi, place_kind=place.kind)
    settled = {row["code"] for row in _stops(find(ON, replace(to_any, holds=()), policy=book(), at=at), at)}
    stops = [row for row in _stops(find(ON, facts, policy=book(), at=at), at) if row["code"] not in settled]
    return {
        "code": place.code,
        "hi": place.name_hi,
        "en": place.name_en,
        "metres": int(km * 1000),
        "minutes": {} if stops else {kind: _minutes(facts, kind, at) for kind in ("truck", "tractor")},
        "stops": stops,
    }


def _minutes(facts: IssueFacts, kind: str, at: datetime) -> int:
    span = validity(distance_km=facts.distance_km, kind=kind, district=facts.district, policy=book(), at=at)
    return int(span.total_seconds() // 60)


def _driver(row: Any, to_any: IssueFacts, at: datetime) -> dict[str, Any]:
    """A driver with what stands against him on a light and on a heavy vehicle (CH-33)."""
    known = DriverFact(row.licence_no, row.classes, row.transport_until, row.active)
    stops = {}
    for name, gross_kg in (("light", 0), ("heavy", 1_000_000)):
        facts = replace(to_any, driver=known, driver_name=row.name, bears_kg=(0, gross_kg))
        findings = [result for result in find(ON, facts, policy=book(), at=at) if result.code == "CH-33"]
        stops[name] = _stops(findings, at)
    return {"name": row.name, "licence": row.licence_no, "phone": getattr(row, "phone", ""), "stops": stops}
