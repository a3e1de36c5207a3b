"""The facts of issue out of real records: each field says something that its default does not."""

import dataclasses
from datetime import timedelta
from decimal import Decimal

import pytest

from immis.challans import selectors
from immis.challans.facts import issue_facts, pass_facts
from immis.challans.loads import Sale
from immis.challans.services import Load, issue_challan, record_scan, settle_scan
from immis.holds import services as holds
from immis.leases import services as leases
from immis.registers.services import enter
from immis.registry.models import Vehicle
from immis.registry.selectors import actor_of
from immis.registry.services.drivers import NewDriver, enter_driver
from immis.rules.movement.issue_facts import IssueFacts
from tests.challans.world import NOON, officer_in


def gathered(world, *, at, live=None, vehicle=None, mark=""):
    load = Load(
        lease=world.lease,
        vehicle=mark or vehicle,
        place=world.farplace,
        quantity_m3=Decimal("8.5"),
        driver_name="राम",
        licence_no="BR0620110012345",
        sale=Sale(buyer_kind="stockist", buyer_name="Ram Stores", buyer_licence="K/1"),
        tare_kg=9000,
        gross_kg=21000,
        weight_how="typed",
    )
    return issue_facts(load, vehicle=vehicle, live=live, at=at)


@pytest.mark.flow
def test_every_fact_of_issue_is_gathered_from_the_records(world, at):
    """A tractor and trolley with a live challan, a hold, an end of its registration; an EC; a check post; a ban."""
    from immis.registry.models import Place

    world.farplace = Place.objects.get(code="cp-far")
    leases.add_version(
        lease=world.lease,
        kind="ec",
        grant=leases.ClearanceGrant(
            reference="EC/2", granted_on=NOON.date(), closed_months=[8], month_m3=900, day_m3=40
        ),
        by=world.district,
        at=NOON,
    )
    ban = {"notification": "DMG/7", "notified_on": NOON.date(), "since": NOON, "destinations": "outside"}
    director = actor_of(officer_in(world.office, "hq", "director"))
    enter("outward_bans", "notify", ban, by=director, at=NOON)
    world.report(NOON)
    live = issue_challan(
        load=Load(
            lease=world.lease, vehicle=world.vehicle, place=world.place, quantity_m3=Decimal(5), driver_name="राम"
        ),
        by=world.actor,
        at=NOON,
    )
    order = {"reference": "DM/9", "since_on": NOON.date(), "ghat": world.block.code}
    enter("weighing_orders", "order", order, by=director, at=NOON)
    trolley = Vehicle.objects.create(
        registration="BR08T1111", kind="trolley", capacity_m3=3, owner_name="x", vehicle_class="Trailer (Commercial)",
        unladen_kg=1500, gross_kg=7000,
    )  # fmt: skip
    driver = NewDriver(
        licence_no="BR06 20110012345", name="राम", classes="TRANS", transport_until=NOON.date(), active=False
    )
    enter_driver(driver=driver, by=world.actor, at=NOON)
    Vehicle.objects.filter(pk=world.vehicle.pk).update(
        kind="tractor",
        trolley=trolley,
        body="TIPPER",
        wheels=6,
        axles=2,
        checked_how="",
        registered_until=NOON.date() + timedelta(days=30),
        active=False,
        commercial=False,
    )
    world.vehicle.refresh_from_db()
    holds.order_hold(
        subject=("vehicle", world.vehicle.registration),
        order=holds.HoldOrder(stops="challans", reason="x", reference="O/1"),
        facts={"district": "Munger"},
        by=world.district,
        at=NOON,
    )
    guard = actor_of(officer_in(world.checkpost, "checkpost", "guard"))
    scan, _ = record_scan(answer=selectors.check_typed(world.vehicle.registration, NOON), by=guard, at=NOON)
    settle_scan(scan=scan, outcome="held", note="x", by=guard, at=NOON)
    full = gathered(world, at=NOON + timedelta(minutes=1), live=live, vehicle=world.vehicle)
    none = gathered(world, at=NOON, mark="BR01ZZ0001")
    later = gathered(world, at=NOON + timedelta(minutes=1), vehicle=world.vehicle)
    for field in dataclasses.fields(IssueFacts):
        empty = {} if field.name == "papers" else None if field.default is dataclasses.MISSING else field.default
        values = [getattr(facts, field.name) for facts in (full, none, later)]
        if field.name in ("mineral", "daily_entry_on", "photos_week"):
            continue  # one mineral is issued so far; daily entries and photos come with the ghats
        if field.name == "weighbridge":
            continue  # tests.weighbridges.test_orders drives it
        assert any(value != empty for value in values), f"no record fills {field.name}"
    assert (
        full.held_at == NOON
        and full.held_post["en"]
        and full.ec_months == (8,)
        and full.place_kind == "checkpost"
        and full.permitted_m3 == 91800
    )


def test_every_fact_of_a_pass_is_gathered_from_the_challan(world, at):
    world.report(NOON)
    challan = issue_challan(
        load=Load(
            lease=world.lease, vehicle=world.vehicle, place=world.place, quantity_m3=Decimal(5), driver_name="राम"
        ),
        by=world.actor,
        at=NOON,
    )
    facts = pass_facts(challan)
    empty = {field.name for field in dataclasses.fields(facts) if getattr(facts, field.name) in (None, "", 0)}
    # the weight is of a weighbridge slip, the origin another State's; the device is no business of a pass
    assert empty <= {"weight_kg", "origin", "imei", "by_hand"}
