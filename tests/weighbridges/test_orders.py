"""Orders about weighing: each load is weighed where one says so; by hand only while one allows it (CH-39, WB-21)."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from immis.challans.eligibility import eligibility
from immis.challans.loads import Load
from immis.challans.services import amend_challan, issue_challan
from immis.core.errors import NotPermitted, Refusal
from immis.registers.selectors import version_of
from immis.registers.services import Given, Unfit, do_act, enter
from immis.registry.selectors import actor_of
from immis.rules.calendar import india_day
from tests.challans.world import INSIDE, NOON, officer_in
from tests.weighbridges.test_loads import MINUTE, weigh

DAY = timedelta(days=1)
TODAY = india_day(NOON)


def load(world, **more) -> Load:
    return Load(lease=world.lease, vehicle=world.vehicle, place=world.place, driver_name="Ram", **more)


def against(world, at=NOON, **more) -> set[str]:
    return {row.finding.code for row in eligibility(load(world, **more), by=world.actor, at=at).reasons}


def order_to_weigh(world, **more):
    director = actor_of(officer_in(world.office, "hq", "director"))
    return enter("weighing_orders", "order", {"reference": "DM/9", "since_on": TODAY, **more}, by=director, at=NOON)


def order_by_hand(world, bridge, days=1, by=None):
    values = {"bridge": bridge.number, "reference": "DMO/5", "cause": "indicator", "since_on": TODAY}
    last = {"until_on": TODAY + (days - 1) * DAY}
    return enter("manual_weighings", "order", {**values, **last}, by=by or world.district, at=NOON)


@pytest.mark.flow
def test_where_an_order_says_so_each_load_is_weighed(world, software):
    world.report(NOON, INSIDE)
    free = {"quantity_m3": Decimal(5)}
    assert not {"CH-39", "WB-22"} & against(world, **free)
    order_to_weigh(world, ghat=world.block.code, since_on=TODAY + DAY)
    assert "CH-39" not in against(world, **free)
    order_to_weigh(world, office=world.office.code)
    assert "CH-39" in against(world, **free)
    assert {"CH-39", "WB-22"} <= against(world, tare_kg=8500, gross_kg=21253)
    with pytest.raises(Refusal) as refused:
        issue_challan(load=load(world, **free), by=world.actor, at=NOON)
    assert {"order": "DM/9"}.items() <= next(row for row in refused.value.findings if row.code == "CH-39").facts.items()
    weigh(software, "tare", 8500, NOON)
    weigh(software, "gross", 21253, NOON + MINUTE)
    assert "CH-39" not in against(world, NOON + MINUTE)
    row = issue_challan(load=load(world), by=world.actor, at=NOON + MINUTE)
    assert (row.weight_how, row.weight_by, row.net_kg) == ("bridge", software.bridge, 12753)
    heavier = {"quantity_m3": Decimal(0), "reason": "more", "by": world.actor, "at": NOON + 4 * MINUTE}
    with pytest.raises(Refusal) as typed:
        amend_challan(challan=row, tare_kg=8500, gross_kg=21500, **heavier)
    assert {"CH-39", "WB-22"} <= {finding.code for finding in typed.value.findings}
    weigh(software, "gross", 21500, NOON + 3 * MINUTE)
    assert amend_challan(challan=row, tare_kg=None, gross_kg=None, **heavier).gross_kg == 21500


@pytest.mark.flow
def test_by_hand_only_while_an_order_of_the_district_allows_it(world, bridge):
    world.report(NOON, INSIDE)
    typed = {"tare_kg": 8500, "gross_kg": 21253}
    order_to_weigh(world)
    assert {"CH-39", "WB-22"} <= against(world, **typed)
    with pytest.raises(Refusal):
        order_by_hand(world, bridge, days=8)
    foreign = replace(world.district, district="Jamui", districts=frozenset({"Jamui"}))
    with pytest.raises(Unfit):
        order_by_hand(world, bridge, by=foreign)
    entry = order_by_hand(world, bridge, days=2)
    with pytest.raises(Refusal):
        order_by_hand(world, bridge)
    assert not {"CH-39", "WB-22"} & against(world, **typed)
    assert {"CH-39", "WB-22"} <= against(world, NOON + 2 * DAY, **typed)
    row = issue_challan(load=load(world, **typed), by=world.actor, at=NOON)
    assert (row.weight_how, row.weight_by) == ("hand", "DMO/5")
    register = version_of(entry)
    lifted = Given({}, reason="mended")
    do_act(register=register, act=register.acts["lift"], given=lifted, entry=entry, by=world.district, at=NOON)
    assert {"CH-39", "WB-22"} <= against(world, **typed)


def test_a_district_orders_for_itself_alone(world):
    collector = actor_of(officer_in(world.office, "collector", "collector"))
    with pytest.raises(NotPermitted):
        enter("weighing_orders", "order", {"reference": "C/1", "since_on": TODAY}, by=collector, at=NOON)
    values = {"reference": "C/1", "since_on": TODAY, "office": world.office.code}
    assert enter("weighing_orders", "order", values, by=collector, at=NOON).state == "in_force"
