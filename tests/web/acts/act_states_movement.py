"""How e-challans, vehicles, devices and fences come to a few states each, for the walk over acts (test_act_walk.py)."""

from datetime import timedelta
from decimal import Decimal

from immis.challans import selectors
from immis.challans import services as challans
from immis.challans.models import Challan
from immis.core.access.permissions import SYSTEM
from immis.leases import services as leases
from immis.registers.models import Entry
from immis.registry import devices, fences
from immis.registry import services as registry
from immis.rules.calendar import india_day
from immis.tracking.services import phones
from tests.fit import LORRY
from tests.settlement import india
from tests.tracking.faults import report

NOON = india("2026-10-05", "12:00:00")
IMEI, PLATE = "490154203237518", "BR08G1234"


def _lorry(**more):
    return registry.NewVehicle(registration=PLATE, capacity_m3=Decimal(10), owner_name="R", **{**LORRY, **more})


def issued(world, at):
    """An e-challan of the settlee, its vehicle still at the ghat."""
    lease = world.mining()
    at.set(NOON)
    vehicle = registry.register_vehicle(vehicle=_lorry(), by=SYSTEM, at=NOON)
    place = registry.add_place(
        place=registry.NewPlace(
            code="patna", kind="destination", name_en="Patna", name_hi="पटना", lat=25.35, lon=86.60, district="Patna"
        )
    )
    return Challan.objects.create(
        number="MUN-26-000001", pass_id="p", lease=lease, district=lease.district,
        party=lease.party, vehicle=vehicle, place=place, imei=IMEI,
        quantity_m3=Decimal(10), distance_km=Decimal(20), driver_name="R", issued_at=NOON, state_at=NOON,
        valid_until=NOON + timedelta(hours=3), issue_lat=25.3, issue_lon=86.6, issue_fix_at=NOON, pass_text="x",
    )  # fmt: skip


def on_the_road(world, at):
    challan = issued(world, at)
    challans.record_start(challan.pk, left_at=NOON + timedelta(minutes=5), at=NOON + timedelta(minutes=6))
    challan.refresh_from_db()
    at.set(NOON + timedelta(minutes=10))
    return challan


def cancelled(world, at):
    return challans.cancel_challan(challan=issued(world, at), reason="wrong lorry", by=world.settlee, at=NOON)


def priced(world, at):
    """The Collector fixed the price of sand in the district."""
    at.set(NOON)
    sums = {"amount_paise": 100_00, "costs_paise": 100_00, "margin_paise": 100_00, "price_paise": 400_00}
    order = {"district": "Munger", "number": "DM-12", "from_on": india_day(NOON), "reason": "x"}
    return leases.fix_price(price=leases.NewPrice(**order, **sums), by=world.collector, at=NOON)


def fitted(world, at, imei=IMEI):
    """A device of the district in a vehicle."""
    at.set(NOON)
    vehicle = registry.register_vehicle(vehicle=_lorry(owner=world.party), by=SYSTEM, at=NOON)
    return registry.fit_device(imei=imei, vehicle=vehicle, by=world.district, at=NOON, district="Munger", vendor="V")


def at_work(world, at):
    """Work on it is announced."""
    device, begins_at = fitted(world, at), NOON + timedelta(hours=1)
    work = {"begins_at": begins_at, "ends_at": begins_at + timedelta(hours=1), "reason": "SIM", "workshop": ""}
    devices.announce_service(device=device, by=world.district, at=NOON, **work)
    return device


def taken_out(world, at):
    device = fitted(world, at)
    devices.take_out(device=device, reason="sold", by=world.district, at=NOON)
    device.refresh_from_db()
    return device


def on_a_phone(world, at):
    """A driver's phone stands in for it while a fault is mended."""
    fault = report(fitted(world, at), "silent", by=world.district, at=NOON)
    order = {"holder": "R", "msisdn": "9800000000", "days": 2, "reason": "SIM"}
    return phones.stand_in(fault=fault, by=world.district, at=NOON, **order).phone


def faulty(world, at):
    """A fault of a device is open."""
    return report(fitted(world, at), "silent", by=world.district, at=NOON)


def with_a_phone(world, at):
    on_a_phone(world, at)
    return Entry.objects.get(register="device_faults")


def fenced(world, at):
    """A no-go area of the district."""
    at.set(NOON)
    drawn = fences.DrawnFence(
        code="no-go-1", kind="no_go", name_en="Bridge", name_hi="पुल", district="Munger", valid_from=india_day(NOON),
        corners=[(25.30, 86.50), (25.30, 86.51), (25.31, 86.51)], reason="x", reference="DM/1",
    )  # fmt: skip
    return fences.save_fence(drawn, by=world.district, at=NOON).fence


def checked(world, at):
    """An officer at the road checked the vehicle of an e-challan."""
    answer = selectors.check_vehicle(issued(world, at).vehicle.registration, NOON)
    return challans.record_scan(answer=answer, by=world.actor("checkpost"), at=NOON)[0]


STATES = {
    "scan": (checked,),
    "challan": (issued, on_the_road, cancelled),
    "price": (priced,),
    "device": (fitted, at_work, taken_out, on_a_phone),
    "device_fault": (faulty, with_a_phone),
    "fence": (fenced,),
}
