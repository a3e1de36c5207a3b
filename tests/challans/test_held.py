"""A vehicle that an officer held at a check gets no e-challan; an amended pass is told apart from a forged one."""

from datetime import timedelta
from decimal import Decimal

import pytest

from immis.challans import selectors, services
from immis.challans.eligibility import eligibility
from immis.challans.facts import held_facts
from immis.challans.models import CheckPostScan
from immis.challans.selectors.driver_link import challan_of_token, token_of
from immis.registry.selectors import actor_of
from tests.challans.world import NOON, PLATE, build, officer_in

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def world(db, data_dir, at):
    at.set(NOON)
    made = build(data_dir)
    made.report(NOON)
    return made


@pytest.fixture
def guard(world):
    return actor_of(officer_in(world.checkpost, "checkpost", "guard"))


def load(world):
    return services.Load(
        lease=world.lease, vehicle=world.vehicle, place=world.place, quantity_m3=Decimal("8.5"), driver_name="राम"
    )


def check(guard, outcome, *, at):
    scan, _ = services.record_scan(answer=selectors.check_typed(PLATE, at), by=guard, at=at, loaded=True)
    return services.settle_scan(scan=scan, outcome=outcome, note="x", by=guard, at=at)


def against(world):
    return {row.finding.code: row.finding for row in eligibility(load(world), by=world.actor, at=NOON).reasons}


@pytest.mark.flow
def test_a_held_truck_gets_no_e_challan_until_an_officer_lets_it_go(world, guard):
    assert held_facts(PLATE, NOON) == {} and against(world) == {}
    scan = check(guard, CheckPostScan.HELD, at=NOON - 20 * MINUTE)
    assert held_facts(PLATE, NOON) == {"held_at": scan.at, "held_post": {"en": "Bariyarpur", "hi": "बरियारपुर"}}
    found = against(world)
    assert list(found) == ["CH-75"] and found["CH-75"].facts["post_en"] == "Bariyarpur"
    assert held_facts("BR08G9999", NOON) == {}
    services.settle_scan(scan=scan, outcome=CheckPostScan.LET_GO, note="papers shown", by=guard, at=NOON)
    assert against(world) == {}
    check(guard, CheckPostScan.HELD, at=NOON - 10 * MINUTE)
    assert list(against(world)) == ["CH-75"]
    check(guard, CheckPostScan.LET_GO, at=NOON - 5 * MINUTE)  # another check, where it was let go
    assert against(world) == {} and services.issue_challan(load=load(world), by=world.actor).number


def test_the_pass_before_an_amendment_is_genuine_and_ended_and_its_link_leads_to_the_new_one(world, at):
    row = services.issue_challan(load=load(world), by=world.actor)
    earlier, link = row.pass_text, token_of(row)
    at.set(NOON + MINUTE)
    amended = services.amend_challan(
        challan=row, quantity_m3=Decimal("9.5"), tare_kg=None, gross_kg=None, reason="scale", by=world.actor,
        at=NOON + MINUTE,
    )  # fmt: skip
    old = selectors.check_challan(earlier, NOON + MINUTE)
    assert (old.genuine, old.reason, old.rule_code, old.good) == (True, "cancelled", "CH-42", False)
    assert amended.number in old.facts["why_hi"] and selectors.check_challan(amended.pass_text, NOON + MINUTE).good
    assert challan_of_token(link).pass_id == amended.pass_id == challan_of_token(token_of(amended)).pass_id
