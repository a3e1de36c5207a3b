"""Gathering what the rules of issue, the signed pass and the events need to know of a challan."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from immis.challans import selectors
from immis.challans.loads import BY_HAND, TYPED, Load
from immis.challans.models import Challan
from immis.challans.roads import Distance, way_between
from immis.challans.signed.facts import PassFacts
from immis.core.access.permissions import Actor
from immis.holds import selectors as holds
from immis.leases import selectors as leases
from immis.leases.selectors import Clearance, Lease
from immis.registry import selectors as registry
from immis.registry import things
from immis.registry.selectors import Block, Place, Vehicle
from immis.rules.calendar import india_day, start_of
from immis.rules.land.geometry import distance_to_polygon_m, polygon_of
from immis.rules.movement.challans import CancelFacts
from immis.rules.movement.issue_facts import DriverFact, Fix, IssueFacts, LastLoad, Stop
from immis.rules.people import OperatorFacts
from immis.rules.policy import NotInForce, book
from immis.rules.writing.texts import texts
from immis.tracking import selectors as tracking
from immis.weighbridges.orders import order_to_weigh
from immis.weighbridges.selectors import weighing_bridge

Clearances = Mapping[str, Clearance]
MINERAL = texts("challans/minerals")
#: Stands for what of a load is still to be named, and for the least that it carries.
_UNNAMED, _UNNAMED_CLASS, _LEAST_M3 = "…", "Goods Carrier", Decimal("0.001")


def cancel_facts(challan: Challan, by: Actor, at: datetime) -> CancelFacts:
    """Whether an e-challan could still be taken back."""
    in_force = selectors.standing_of(challan, at=at).state == Challan.ISSUED
    left, scanned = challan.started_at is not None, challan.scans.exists()
    return CancelFacts(challan.number, in_force, left=left, scanned=scanned, outside=_seen_outside(challan, at))


def _seen_outside(challan: Challan, at: datetime) -> bool:
    """Whether its device was seen off the ghat since the issue (CH-04's tolerance), whatever the fences told."""
    last = tracking.last_fix(challan.imei)
    if last is None or last.fix is None or last.fix.at <= challan.issued_at:
        return False
    lease = challan.lease
    limit_m = int(book().value("CH-04", challan.issued_at, district=lease.district))
    return distance_to_polygon_m(lease.block.corners, last.fix.lat, last.fix.lon) > limit_m


def middle_of(block: Block) -> tuple[float, float]:
    """A place inside the ghat (lat, lon) that stands for it in distances and on passes."""
    return _middle(tuple((lat, lon) for lat, lon in block.corners))


@lru_cache(maxsize=4096)
def _middle(corners: tuple[tuple[float, float], ...]) -> tuple[float, float]:
    point = polygon_of(corners).representative_point()
    return point.y, point.x


def way_to(block: Block, place: Place, *, at: datetime) -> Distance:
    """The way by road from a ghat to a destination, or the straight line times a factor where no road is known."""
    return way_between(middle_of(block), (place.lat, place.lon), at=at)


def _clause(code: str, at: datetime) -> str:
    try:
        return book().at(code, at).cites
    except (NotInForce, LookupError):
        return ""


def stops_on(
    lease: Lease | None, vehicle: Vehicle | None, *, at: datetime, known: Clearances | None = None
) -> tuple[Stop, ...]:
    """Every hold that stops challans of this settlement, its settlee or this vehicle at an instant.

    ``known`` are the settlement's clearances where they were read already.
    """
    own = [("vehicle", vehicle.registration)] if vehicle is not None else []
    ordered = holds.ordered_holds(*(leases.reach(lease) if lease else ()), *own, at=at)
    of_vehicle = [hold for hold in ordered if hold.subject_kind == "vehicle"]
    others = [hold for hold in ordered if hold.subject_kind != "vehicle"]
    result = list(leases.standing_holds(lease, at, known=known, ordered=others)) if lease else []
    result += of_vehicle
    return tuple(
        Stop(
            rule_code=hold.rule_code,
            subject_kind=hold.subject_kind,
            subject_id=hold.subject_id,
            since=hold.since,
            cites=_clause(hold.law_code, at),
            lifts_when=hold.lifts_when,
            facts=hold.facts,
        )
        for hold in result
    )


def before_a_load(lease: Lease, by: Actor, at: datetime) -> IssueFacts:
    """What a settlement itself says to any load: a vehicle and a way that fit stand for those still to be named."""
    lat, lon = middle_of(lease.block)
    known = leases.clearances_of(lease)
    return IssueFacts(
        **_of_settlement(lease, known, at),
        vehicle=_UNNAMED,
        holds=stops_on(lease, None, at=at, known=known),
        imei=_UNNAMED,
        fix=Fix(at, lat, lon),
        quantity_m3=_LEAST_M3,
        capacity_m3=_LEAST_M3,
        driver_name=_UNNAMED,
        vehicle_class=_UNNAMED_CLASS,
        papers=dict.fromkeys(things.PAPERS, date.max),
    )


def _of_settlement(lease: Lease, known: Clearances, at: datetime) -> dict[str, Any]:
    limits, today = leases.limits_of(lease, known), india_day(at)
    month_m3, day_m3 = limits.month_m3, limits.day_m3
    return {
        "lease": lease.number,
        "block": lease.block.code,
        "district": lease.district,
        "corners": tuple((lat, lon) for lat, lon in lease.block.corners),
        "permitted_m3": None if limits.year_m3 is None else Decimal(limits.year_m3),
        "issued_m3": selectors.issued_quantity_m3(lease, at),
        "bans": selectors.bans_on(lease.district),
        "mineral": "sand",
        "daily_entry_on": None,  # no register of either yet (CH-38 is proposed)
        "photos_week": 0,
        "ec_months": limits.closed_months,
        "month_m3": None if month_m3 is None else Decimal(month_m3),
        "issued_month_m3": selectors.issued_since_m3(lease, start_of(today.replace(day=1))) if month_m3 else Decimal(0),
        "day_m3": None if day_m3 is None else Decimal(day_m3),
        "issued_day_m3": selectors.issued_since_m3(lease, start_of(today)) if day_m3 else Decimal(0),
    }


def issue_facts(
    load: Load, *, vehicle: Vehicle | None, live: Challan | None, at: datetime, way: Distance | None = None
) -> IssueFacts:
    """All facts for the rules of ``challan.issue`` as they stand at the instant.

    ``vehicle`` is the load's record in the register, ``live`` its e-challan that is in force, ``way`` that of the
    load where it is known already.
    """
    lease, place, sale = load.lease, load.place, load.sale
    known = leases.clearances_of(lease)
    return IssueFacts(
        **_of_settlement(lease, known, at),
        **vehicle_facts(vehicle, live),
        **held_facts(load.mark, at),
        vehicle=load.mark,
        holds=stops_on(lease, vehicle, at=at, known=known),
        quantity_m3=load.quantity_m3,
        driver_name=load.driver_name.strip(),
        distance_km=(way or way_to(lease.block, place, at=at)).km,
        place=place.name_hi,
        place_kind=place.kind,
        driver=driver_fact(lease, load),
        buyer_kind=sale.buyer_kind,
        buyer_name=sale.buyer_name,
        buyer_licence=sale.buyer_licence,
        net_kg=load.net_kg,
        weight_how=load.weight_how,
        weight_order=order_to_weigh(lease, at=at),
        weighbridge=weighing_bridge(lease, at=at) if load.weight_how == TYPED else "",
    )


def driver_fact(lease: Lease, load: Load) -> DriverFact | None:
    """The driver of a load as the register has him: by his licence, or by name among those of the settlee."""
    row = things.driver_meant(lease.party_id, licence_no=load.licence_no, name=load.driver_name)
    return row and DriverFact(row.licence_no, row.classes, row.transport_until, row.active)


def held_facts(mark: str, at: datetime) -> dict[str, Any]:
    """Whether an officer holds a vehicle since a check, when and where."""
    scan = selectors.held_check(mark, at=at)
    if scan is None:
        return {}
    return {"held_at": scan.at, "held_post": _names(scan.office) if scan.office else {}}


def vehicle_facts(vehicle: Vehicle | None, live: Challan | None) -> dict[str, Any]:
    """What the register and its device say of a vehicle; None is one that the register does not know."""
    if vehicle is None:
        return {"registered": False, "imei": "", "fix": None, "capacity_m3": Decimal(0)}
    device = registry.device_of(vehicle)
    last = tracking.last_fix(device.imei) if device else None
    return {
        "registered": True,
        "active": vehicle.active,
        "commercial": vehicle.commercial,
        "registered_until": vehicle.registered_until,
        "kind": vehicle.kind,
        "trolley": vehicle.trolley.registration if vehicle.trolley_id else "",
        "imei": device.imei if device else "",
        "fix": last.fix if last else None,
        "capacity_m3": vehicle.capacity_m3,
        "live_challan": live.number if live else "",
        "live_until": live.valid_until if live else None,
        "last_load": None if live else _last_load(vehicle),
        **_build_facts(vehicle),
    }


def _build_facts(vehicle: Vehicle) -> dict[str, Any]:
    """Class, weights and papers; of a tractor its trolley bears the load."""
    trolley = vehicle.trolley if vehicle.trolley_id else None
    bears = (trolley or vehicle) if vehicle.kind == "tractor" else vehicle
    pulls_none = vehicle.kind == "tractor" and trolley is None
    return {
        "vehicle_class": vehicle.vehicle_class,
        "trolley_class": trolley.vehicle_class if trolley else "",
        "body": vehicle.body,
        "wheels": vehicle.wheels,
        "axles": vehicle.axles,
        "bears_kg": (None, None) if pulls_none else (bears.unladen_kg, bears.gross_kg),
        "checked": bool(vehicle.checked_how),
        "papers": {name: getattr(vehicle, name) for name in things.PAPERS},
    }


def _last_load(vehicle: Vehicle) -> LastLoad | None:
    row = selectors.last_load_of(vehicle)
    return row and LastLoad(row.number, row.issued_at, row.distance_km)


def operator_facts(lease: Lease, by: Actor, at: datetime) -> OperatorFacts:
    """What an operator's limits say of an e-challan from a settlement; who has no limits is bound by none."""
    most = by.challans_a_day
    issued = 0
    if most is not None and by.user_id is not None:
        issued = selectors.issued_by_person(by.user_id, since=start_of(india_day(at)))
    allowed = None if by.leases is None else tuple(sorted(by.leases))
    return OperatorFacts(lease.number, allowed, most, issued)


def pass_facts(challan: Challan) -> PassFacts:
    """What the signed pass of a challan says."""
    block, mineral = challan.lease.block, MINERAL[challan.mineral]
    lat, lon = middle_of(block)
    return PassFacts(
        number=challan.number,
        pass_id=bytes.fromhex(challan.pass_id),
        vehicle=challan.vehicle.registration,
        mineral=f"{mineral['hi']} {mineral['en']}",
        quantity_m3=challan.quantity_m3,
        weight_kg=challan.net_kg,
        by_hand=challan.weight_by if challan.weight_how == BY_HAND else "",
        source_name=block.name_hi,
        source_lat=lat,
        source_lon=lon,
        lease_number=challan.lease.number,
        destination=challan.place.name_hi,
        distance_km=challan.distance_km,
        issued_at=challan.issued_at,
        valid_until=challan.valid_until,
        settlee=challan.party.name_hi,
    )


def _names(thing: Any) -> dict[str, str]:
    return {"en": thing.name_en, "hi": thing.name_hi}


def event_facts(challan: Challan) -> dict[str, Any]:
    """What every event of a challan carries (A-24): challan, settlement, party, claimed place, vehicle, times."""
    lease = challan.lease
    return {
        "challan": challan.number,
        "lease": lease.number,
        "district": lease.district,
        "party_id": challan.party_id,
        "party": _names(challan.party),
        "registration": challan.vehicle.registration,
        "imei": challan.imei,
        "block": lease.block.code,
        "ghat": _names(lease.block),
        "place": _names(lease.block),
        "destination": _names(challan.place),
        "quantity_m3": challan.quantity_m3,
        "issued_at": challan.issued_at,
        "valid_until": challan.valid_until,
        "issue_lat": challan.issue_lat,
        "issue_lon": challan.issue_lon,
    }
