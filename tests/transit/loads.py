"""Loads from Jharkhand for tests: the switch on, a party registered, its truck seen, a pass asked for and paid."""

from datetime import date, timedelta
from decimal import Decimal

from immis.ledger import jobs as ledger_jobs
from immis.ledger.selectors import demands_by_number
from immis.registry.services import NewVehicle, register_vehicle
from immis.registry.services.looked import confirm_vehicle
from immis.transit.jobs import settle_passes
from immis.transit.models import TransitPass
from immis.transit.services.applying import NewLoad, apply_for_pass
from immis.transit.services.parties import Proof, register_party
from immis.transit.services.switch import switch
from tests.fit import LORRY
from tests.settlement import india

ON, NOON = india("2026-07-01", "10:00:00"), india("2026-07-03", "12:00:00")
TRUCK, PAPER = "JH05AB1234", b"%PDF-1.7 challan"


def switched_on(world, *, on=date(2026, 7, 3), at=ON, order_no="HQ/ISTP/1"):
    return switch(kind="on", order_no=order_no, starts_on=on, by=world.actor("hq"), at=at)


def registered(world, *, at=NOON):
    proof = Proof(state_code="JH", kind="crusher", licence_no="KOD/7", district="Munger", content=PAPER)
    return register_party(proof=proof, by=world.settlee, at=at)


def truck(world, mark=TRUCK, *, at=NOON, seen=True, **more):
    record = {**LORRY, "capacity_m3": Decimal(11), "owner_name": "Koderma Stone", "district": "Munger", **more}
    row = register_vehicle(vehicle=NewVehicle(registration=mark, **record), by=world.settlee, at=at)
    return confirm_vehicle(vehicle=row, reason="RC seen", by=world.district, at=at) if seen else row


def load(**more):
    given = {
        "origin_state": "JH", "origin_number": "JHK/2026/000123", "origin_issued_at": NOON - timedelta(hours=1),
        "origin_until": NOON + timedelta(hours=9), "consignor": "Koderma Stone", "mineral": "stone",
        "quantity": Decimal("20.5"), "unit": "t", "vehicle": "JH 05 AB 1234", "driver_name": "Mahto",
        "district": "Munger", "consignee": "Ram Traders", "destination": "Jamalpur",
    }  # fmt: skip
    return NewLoad(**{**given, **more})


def asked(world, *, at=NOON, text="", content=PAPER, **more):
    return apply_for_pass(load=load(**more), signed_text=text, content=content, by=world.settlee, at=at)


def paid(world, row, *, at=NOON):
    """The fee is paid at the bank, the treasury is asked, and the worker looks."""
    world.pay(demands_by_number([row.demand])[row.demand], at=at)
    ledger_jobs.poll_treasury(at=at + timedelta(minutes=2))
    settle_passes(at=at + timedelta(minutes=2))
    return TransitPass.objects.get(pk=row.pk)


def ready(world):
    """The switch on, the party registered, its truck seen."""
    switched_on(world)
    registered(world)
    truck(world)
    return world


def issued(world):
    return paid(ready(world), asked(world))
