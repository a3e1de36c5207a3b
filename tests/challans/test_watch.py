"""A running trip is watched: off its way, long stops, no delivery, a second one; late packets that prove a start."""

from datetime import timedelta
from decimal import Decimal

import pytest

from immis.adapters.roads.polyline import encoded
from immis.challans import jobs, selectors
from immis.challans.models import Challan, RoadWay
from immis.challans.services.watch import next_look
from immis.core.models import OutboxEvent
from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import Task
from immis.messaging.models import Message
from immis.rules.policy import book
from immis.tracking.jobs import take_in_gateway_events
from tests.challans.test_trips import GHAT, PATNA, cross, fresh, issue, withdraw
from tests.challans.world import INSIDE, NOON

MINUTE = timedelta(minutes=1)
WITHDRAWN = "challan.second_delivery_withdrawn"
ON_WAY, OFF = (25.33, 86.55), (25.45, 86.55)


def told(kind):
    return [event.facts for event in OutboxEvent.objects.filter(kind=kind).order_by("pk")]


@pytest.fixture
def driving(world, at):
    """On its way for ten minutes, by a straight road."""
    challan = issue(world, NOON, at)
    line = [INSIDE, ON_WAY, (25.35, 86.60)]
    challan.road = RoadWay.objects.create(
        places="a>b", stamp="s", metres=14000, minutes=30, line=encoded(line), told_at=NOON
    )
    challan.save()
    cross(world, "left", GHAT, NOON + 10 * MINUTE)
    return fresh(challan)


def look(world, at_, where, **more):
    world.report(at_, where, fences=[], **more)
    Challan.objects.update(watch_at=at_)
    return jobs.watch_trips(at=at_)


@pytest.mark.flow
def test_a_vehicle_off_the_expected_way_is_told_once_to_the_desk(world, driving):
    assert look(world, NOON + 20 * MINUTE, ON_WAY, speed_kmh=30.0) == 0
    assert look(world, NOON + 30 * MINUTE, OFF, speed_kmh=30.0) == 1
    assert look(world, NOON + 40 * MINUTE, OFF, speed_kmh=30.0) == 0
    (seen,) = told("challan.left_way")
    assert 11_000 < seen["distance_m"] < 13_000 and seen["lat"] == OFF[0]
    run_triggers(at=NOON + 41 * MINUTE)
    assert Task.objects.get(code="TRG-210").subject_id == driving.number


@pytest.mark.flow
def test_a_long_stop_is_told_once_and_a_new_one_again(world, driving):
    for minutes in (20, 50, 79):
        assert look(world, NOON + minutes * MINUTE, ON_WAY) == 0
    assert look(world, NOON + 80 * MINUTE, ON_WAY) == 1 and look(world, NOON + 95 * MINUTE, ON_WAY) == 0
    assert told("challan.stands")[0]["minutes"] == 60
    assert look(world, NOON + 100 * MINUTE, (25.34, 86.57), speed_kmh=30.0) == 0
    assert fresh(driving).still_since is None
    assert (
        look(world, NOON + 110 * MINUTE, (25.34, 86.57)) == 0 and look(world, NOON + 170 * MINUTE, (25.34, 86.57)) == 1
    )


@pytest.mark.parametrize("line", ["", encoded([INSIDE]), "not a line"])
def test_a_way_that_is_no_line_keeps_no_trip_from_being_watched(world, driving, line):
    RoadWay.objects.update(line=line, told_at=NOON + (1 + len(line)) * MINUTE / 10)
    for minute in (20, 50, 80):
        look(world, NOON + minute * MINUTE, ON_WAY, speed_kmh=0.0)
    assert len(told("challan.stands")) == (line != "not a line")
    assert fresh(driving).watch_at > NOON + 80 * MINUTE, "its turn comes again, and no other trip waits for it"


def test_standing_at_the_destination_is_no_long_stop(world, driving):
    for minutes in (20, 90):
        world.report(NOON + minutes * MINUTE, (25.35, 86.60), fences=[PATNA])
        Challan.objects.update(watch_at=NOON)
        assert jobs.watch_trips(at=NOON + minutes * MINUTE) == 0


def test_only_trips_whose_turn_has_come_are_looked_at(world, driving):
    assert driving.watch_at == NOON + 25 * MINUTE
    assert selectors.watch_due(at=NOON + 24 * MINUTE, limit=10) == []
    world.report(NOON + 25 * MINUTE, ON_WAY, fences=[], speed_kmh=20.0)
    jobs.watch_trips(at=NOON + 25 * MINUTE)
    assert fresh(driving).watch_at == NOON + 40 * MINUTE


@pytest.mark.flow
def test_a_load_that_went_elsewhere_leads_to_a_case(world, driving):
    world.store(driving.imei, [(NOON + minute * MINUTE, *OFF) for minute in range(30, 61, 2)])
    cross(world, "entered", GHAT, NOON + 90 * MINUTE)
    (seen,) = told("challan.unloaded_elsewhere")
    assert (seen["minutes"], seen["lat"]) == (30, OFF[0]) and seen["distance_m"] > 11_000
    run_triggers(at=NOON + 91 * MINUTE)
    assert Task.objects.get(code="TRG-212").act == "open_case"


def test_turning_back_loaded_is_no_unloading(world, driving):
    world.store(driving.imei, [(NOON + minute * MINUTE, *INSIDE) for minute in range(11, 60, 2)])
    cross(world, "entered", GHAT, NOON + 60 * MINUTE)
    assert told("challan.unloaded_elsewhere") == []


@pytest.mark.flow
def test_a_second_load_on_a_used_e_challan_leads_to_a_case(world, driving):
    cross(world, "entered", PATNA, NOON + 60 * MINUTE)
    cross(world, "left", PATNA, NOON + 70 * MINUTE)
    cross(world, "entered", PATNA, NOON + 75 * MINUTE)
    assert told("challan.second_delivery") == [], "it only turned round"
    cross(world, "left", GHAT, NOON + 120 * MINUTE)
    cross(world, "entered", PATNA, NOON + 150 * MINUTE)
    assert len(told("challan.second_delivery")) == 1
    run_triggers(at=NOON + 151 * MINUTE)
    assert Task.objects.get(code="TRG-213").subject_id == driving.number


@pytest.mark.flow
def test_late_packets_that_prove_the_start_make_it_valid_again(world, at):
    challan = issue(world, NOON, at)
    jobs.check_starts(at=NOON + 121 * MINUTE)
    run_triggers(at=NOON + 121 * MINUTE)
    assert fresh(challan).state == "invalid" and selectors.issued_quantity_m3(world.lease, NOON) == 0
    assert Task.objects.get(code="TRG-07").state == "open"
    world.tell(world.fence("left", GHAT, NOON + 30 * MINUTE))
    take_in_gateway_events(at=NOON + 130 * MINUTE)
    jobs.follow_trips(at=NOON + 130 * MINUTE)
    run_triggers(at=NOON + 131 * MINUTE)
    row = fresh(challan)
    assert (row.state, row.started_at) == ("issued", NOON + 30 * MINUTE)
    assert selectors.issued_quantity_m3(world.lease, NOON) == Decimal("8.5")
    assert Task.objects.get(code="TRG-07").state == "done" and len(told("challan.start_proved")) == 1


def test_late_packets_of_a_late_start_change_nothing(world, at):
    challan = issue(world, NOON, at)
    jobs.check_starts(at=NOON + 121 * MINUTE)
    run_triggers(at=NOON + 121 * MINUTE)
    cross(world, "left", GHAT, NOON + 125 * MINUTE)
    assert fresh(challan).state == "invalid" and told("challan.start_proved") == []


@pytest.mark.flow
def test_whose_trips_fail_to_start_again_and_again_comes_to_the_desk(world, at):
    for turn in range(3):
        issued = NOON + turn * 150 * MINUTE
        issue(world, issued, at)
        jobs.check_starts(at=issued + 121 * MINUTE)
        run_triggers(at=issued + 121 * MINUTE)
    (often,) = told("challan.repeated")
    assert (often["of_vehicle"], often["of_lease"], often["days"]) == (3, 3, 30)
    run_triggers(at=NOON + 500 * MINUTE)
    assert Task.objects.get(code="TRG-214").act == "open_case"


def test_before_the_law_nothing_is_watched(world):
    assert next_look(NOON - timedelta(days=60)) is None


def deliver_twice(world):
    cross(world, "entered", PATNA, NOON + 60 * MINUTE)
    cross(world, "left", GHAT, NOON + 120 * MINUTE)
    cross(world, "entered", PATNA, NOON + 150 * MINUTE)
    run_triggers(at=NOON + 151 * MINUTE)
    assert Task.objects.get(code="TRG-213").state == "open"


@pytest.mark.flow
@pytest.mark.parametrize(
    ("kind", "fence", "minute"),
    [("entered", PATNA, 150), ("left", GHAT, 120), ("entered", PATNA, 60)],
    ids=["it never came again", "it never loaded again", "the first delivery was none: the second is the first"],
)
def test_a_second_delivery_whose_crossings_are_withdrawn_is_taken_back(world, driving, kind, fence, minute):
    deliver_twice(world)
    withdraw(world, kind, fence, NOON + minute * MINUTE, at=NOON + 200 * MINUTE)
    run_triggers(at=NOON + 201 * MINUTE)
    (gone,) = told(WITHDRAWN)
    assert gone["was_arrived_at"] == (NOON + 150 * MINUTE).isoformat()
    assert Task.objects.get(code="TRG-213").state == "done"
    row = fresh(driving)
    assert row.state == "completed" and row.completed_at == NOON + (150 if minute == 60 else 60) * MINUTE


def test_other_tasks_and_a_second_delivery_that_stands_stay(world, driving):
    deliver_twice(world)
    office = Task.objects.get(code="TRG-213").office
    other = Task.objects.create(
        code="TRG-210", office=office, role="district", subject_kind="challan", subject_id=driving.number, facts={},
        act="inspect", due_at=NOON, opened_at=NOON,
    )  # fmt: skip
    cross(world, "entered", PATNA, NOON + 160 * MINUTE)
    withdraw(world, "entered", PATNA, NOON + 160 * MINUTE, at=NOON + 200 * MINUTE)
    assert (NOON + 150 * MINUTE).isoformat() not in [row["was_arrived_at"] for row in told(WITHDRAWN)]
    assert Task.objects.get(pk=other.pk).state == "open"


@pytest.mark.flow
def test_a_trip_that_never_started_gives_its_quantity_back_and_settlee_and_buyer_learn_it(world, at):
    challan = issue(world, NOON, at)
    Challan.objects.filter(pk=challan.pk).update(buyer_phone="+91 98765-43210")
    assert selectors.issued_quantity_m3(world.lease, NOON) == challan.quantity_m3
    due = selectors.start_by(challan)
    jobs.check_starts(at=due)
    run_triggers(at=due)
    assert fresh(challan).state == "invalid" and selectors.issued_quantity_m3(world.lease, NOON) == 0
    rows = Message.objects.filter(template__in=["MSG-07", "MSG-227"]).order_by("template")
    assert [(row.to_kind, row.to_id) for row in rows] == [("party", str(world.party.pk)), ("phone", "9876543210")]
    said = [book().say(row.template, row.facts, "en") for row in rows]
    assert "8.500 cubic metres are back" in said[0] and "8.500 cubic metres for you" in said[1]
    (event,) = told("challan.not_started")
    assert "9876543210" not in str(event) and "98765" not in str(event), "the number stands in no event"
