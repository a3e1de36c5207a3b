"""An e-challan takes its weights from the settlement's weighbridge, each weight once (E-158, WB-20)."""

from datetime import timedelta
from decimal import Decimal

from immis.challans.eligibility import eligibility
from immis.challans.loads import Load
from tests.challans.world import AWAY, INSIDE, NOON

MINUTE = timedelta(minutes=1)


def weigh(software, kind, weight_kg, at):
    row = software.weigh(at, kind=kind, weight_kg=weight_kg, min_kg=weight_kg, max_kg=weight_kg)
    return software.send([row], at)


def looked_at(world, at) -> Load:
    load = Load(lease=world.lease, vehicle=world.vehicle, place=world.place, driver_name="Ram")
    return eligibility(load, by=world.actor, at=at).load


def test_the_load_is_what_the_bridge_weighed(world, software):
    world.report(NOON, INSIDE)
    assert looked_at(world, NOON).net_kg is None
    weigh(software, "tare", 12_000, NOON)
    assert looked_at(world, NOON).net_kg is None
    weigh(software, "gross", 36_000, NOON + MINUTE)
    load = looked_at(world, NOON + MINUTE * 2)
    assert (load.tare_kg, load.gross_kg, load.net_kg) == (12_000, 36_000, 24_000)
    assert load.quantity_m3 == (Decimal(24) / load.density_t_m3).quantize(Decimal("0.001"))
    assert looked_at(world, NOON + MINUTE * 62).net_kg is None


def test_a_weight_that_cannot_be_trusted_serves_for_nothing(world, software):
    world.report(NOON, INSIDE)
    weigh(software, "tare", 12_000, NOON)
    later = NOON + MINUTE * 30
    world.report(later, AWAY)
    assert weigh(software, "gross", 36_000, later).json()["findings"]
    assert looked_at(world, later).net_kg is None
