"""Outages counted from the pulse of the service: recorded once, added to passes on the road, reckoned by month."""

import json
import time
from datetime import timedelta
from decimal import Decimal

import pytest

from immis import clock
from immis.challans import services
from immis.challans.offline import outages
from immis.challans.selectors.outages import outages as recorded
from immis.core.errors import NotPermitted
from immis.registers.models import Entry
from immis.registers.services import enter
from immis.registry.selectors import actor_of
from tests.challans import world as made
from tests.challans.world import NOON, officer_in


@pytest.fixture
def world(db, data_dir, at):
    at.set(NOON)
    return made.build(data_dir)


def silent(minutes, when):
    """The service was silent for so long before an instant."""
    path = clock.data_dir() / "run" / "pulse.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    gap_s = minutes * 60
    path.write_text(json.dumps({"real_s": time.time() - gap_s, "shown_s": when.timestamp() - gap_s}))


def issue(world, when):
    world.report(when)
    load = services.Load(
        lease=world.lease, vehicle=world.vehicle, place=world.place, quantity_m3=Decimal("8.5"), driver_name="Ram"
    )
    return services.issue_challan(load=load, by=world.actor, at=when)


def test_a_gap_in_the_pulse_is_an_outage_and_a_short_one_is_none(world, at):
    assert outages.note_pulse(at=NOON) == 0  # the first
    silent(4, NOON)
    assert outages.note_pulse(at=NOON) == 0
    silent(95, NOON)
    assert outages.note_pulse(at=NOON) == 1 and outages.note_pulse(at=NOON) == 0
    (outage,) = recorded()
    assert outage.minutes == 95 and outage.how == "log" and outage.ends_at == NOON


def test_a_clock_that_was_stepped_is_no_outage(world, at):
    path = clock.data_dir() / "run" / "pulse.json"
    silent(0, NOON - timedelta(days=2))
    assert outages.note_pulse(at=NOON) == 0
    path.write_text("no pulse")
    assert outages.note_pulse(at=NOON) == 0 and not recorded()


def test_a_pass_on_the_road_gets_what_the_outage_took_once(world, at):
    challan = issue(world, NOON)
    until = challan.valid_until
    back = NOON + timedelta(minutes=60)
    at.set(back)
    silent(40, back)
    assert outages.note_pulse(at=back) == 1
    assert outages.extend_running(at=back) == 1 and outages.extend_running(at=back) == 0
    challan.refresh_from_db()
    assert challan.valid_until == until + timedelta(minutes=40)
    change = challan.changes.get()
    assert change.rule_code == "CH-45" and change.facts["minutes"] == 40


def test_a_pass_that_ran_out_in_the_outage_is_lengthened_before_its_end_is_written(world, at):
    challan = issue(world, NOON)
    back = challan.valid_until + timedelta(minutes=30)
    at.set(back)
    silent(90, back)
    outages.note_pulse(at=back)
    assert outages.extend_running(at=back) == 1
    challan.refresh_from_db()
    assert challan.valid_until == back + timedelta(minutes=60)


def test_headquarters_records_one_by_order_and_others_do_not(world, at):
    values = {"begins_at": "2026-06-01T10:00", "ends_at": "2026-06-01T12:00", "how": "order", "words": "Line cut"}
    with pytest.raises(NotPermitted):
        enter("outages", "record", values, by=world.district, at=NOON)
    enter("outages", "record", values, by=actor_of(officer_in(world.office, "hq", "hq")), at=NOON)
    assert [row.minutes for row in recorded()] == [120] and Entry.objects.filter(register="outages").count() == 1


def test_uptime_by_month_counts_from_the_log(world, at):
    issue(world, NOON)
    silent(60, NOON + timedelta(hours=10))
    outages.note_pulse(at=NOON + timedelta(hours=10))
    (month,) = outages.months(at=NOON + timedelta(hours=10))
    assert month.count == 1 and month.out_s == 3600 and 85 < month.percent < 95
