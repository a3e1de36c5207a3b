"""Twice or never: each crossing belongs to one trip, and one that late packets disproved is taken back."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from immis.challans import jobs, selectors, services
from immis.challans.models import Challan
from immis.core.errors import Refusal
from immis.core.models import ActionLog, OutboxEvent
from immis.gateway.state.events import NewEvent
from immis.leases import services as leases
from immis.registry.models import Place
from immis.tracking.jobs import take_in_gateway_events
from tests.challans.world import AWAY, IMEI, NOON, PLATE

MINUTE = timedelta(minutes=1)
GHAT, PATNA = "ghat:MUN-2026-01", "place:patna"


def issue(world, at, hand):
    hand.set(at)
    world.report(at)
    return services.issue_challan(
        load=services.Load(
            lease=world.lease, vehicle=world.vehicle, place=world.place, quantity_m3=Decimal("8.5"), driver_name="राम"
        ),
        by=world.actor,
        at=at,
    )


def cross(world, kind, fence, at):
    kinds = {GHAT: "source", PATNA: "destination"}
    world.tell(world.fence(kind, fence, at, fence_kind=kinds[fence]))
    take_in_gateway_events(at=at)
    jobs.follow_trips(at=at)


def withdraw(world, kind, fence, seen_at, *, at):
    payload = {"kind": f"vehicle.{kind}_fence", "fence": fence}
    world.tell(NewEvent("event.withdrawn", IMEI, PLATE, seen_at.timestamp(), at.timestamp(), payload))
    take_in_gateway_events(at=at)
    jobs.follow_trips(at=at)


def events(kind):
    return OutboxEvent.objects.filter(kind=kind).count()


@pytest.fixture
def challan(world, at):
    return issue(world, NOON, at)


def fresh(row):
    return Challan.objects.get(pk=row.pk)


def test_a_second_entry_does_not_complete_an_older_challan(world, challan, at):
    cross(world, "left", GHAT, NOON + MINUTE)
    jobs.check_ends(at=challan.valid_until)
    again = issue(world, challan.valid_until + 10 * MINUTE, at)
    cross(world, "left", GHAT, again.issued_at + MINUTE)
    for minutes in (60, 70):
        cross(world, "entered", PATNA, again.issued_at + minutes * MINUTE)
    assert fresh(again).state == "completed" and fresh(again).completed_at == again.issued_at + 60 * MINUTE
    assert fresh(challan).state == "expired" and events("challan.completed") == 1


def test_an_arrival_after_loading_again_does_not_end_the_trip_before(world, challan, at):
    """It went back to a ghat after the challan had ended and drove off without one."""
    cross(world, "left", GHAT, NOON + MINUTE)
    jobs.check_ends(at=challan.valid_until)
    cross(world, "left", GHAT, challan.valid_until + 60 * MINUTE)
    cross(world, "entered", PATNA, challan.valid_until + 120 * MINUTE)
    assert fresh(challan).state == "expired" and not events("challan.completed")


def test_a_withdrawn_arrival_leaves_the_challan_in_force(world, challan):
    cross(world, "left", GHAT, NOON + MINUTE)
    seen = NOON + 30 * MINUTE
    cross(world, "entered", PATNA, seen)
    assert selectors.check_challan(challan.number, seen).reason == "completed"
    withdraw(world, "entered", PATNA, seen, at=seen + MINUTE)
    assert selectors.check_challan(challan.number, seen + MINUTE).reason == "ok"
    assert fresh(challan).completed_at is None and events("challan.arrival_withdrawn") == 1
    assert ActionLog.objects.filter(code="challan.arrival_withdrawn", subject_id=challan.number).count() == 1
    cross(world, "entered", PATNA, seen + 10 * MINUTE)
    assert (fresh(challan).state, fresh(challan).completed_at) == ("completed", seen + 10 * MINUTE)
    assert events("challan.completed") == 2, "the arrival that stands is told too"


def test_a_withdrawn_arrival_after_the_end_leaves_it_expired(world, challan):
    cross(world, "left", GHAT, NOON + MINUTE)
    seen = challan.valid_until - MINUTE
    cross(world, "entered", PATNA, seen)
    withdraw(world, "entered", PATNA, seen, at=challan.valid_until + MINUTE)
    assert (fresh(challan).state, fresh(challan).state_rule) == ("expired", "CH-10")


def test_a_withdrawn_arrival_under_a_newer_challan_ends_the_old_one(world, challan, at):
    cross(world, "left", GHAT, NOON + MINUTE)
    seen = NOON + 30 * MINUTE
    cross(world, "entered", PATNA, seen)
    newer = issue(world, seen + 30 * MINUTE, at)
    withdraw(world, "entered", PATNA, seen, at=newer.issued_at + MINUTE)
    assert (fresh(challan).state, fresh(challan).state_rule) == ("expired", "CH-06")
    assert fresh(newer).state == "issued"


def test_a_later_arrival_that_stands_takes_the_place_of_a_withdrawn_one(world, challan):
    cross(world, "left", GHAT, NOON + MINUTE)
    for minutes in (30, 40):
        cross(world, "entered", PATNA, NOON + minutes * MINUTE)
    withdraw(world, "entered", PATNA, NOON + 30 * MINUTE, at=NOON + 50 * MINUTE)
    assert (fresh(challan).state, fresh(challan).completed_at) == ("completed", NOON + 40 * MINUTE)


def test_a_withdrawn_departure_makes_the_deadline_count_again(world, challan):
    left = NOON + 5 * MINUTE
    cross(world, "left", GHAT, left)
    withdraw(world, "left", GHAT, left, at=NOON + 10 * MINUTE)
    assert fresh(challan).started_at is None
    deadline = selectors.start_by(challan)
    assert selectors.check_challan(challan.number, deadline).reason == "invalid"
    assert jobs.check_starts(at=deadline) == 1


def test_a_crossing_that_is_withdrawn_unseen_does_nothing(world, challan):
    world.tell(world.fence("entered", PATNA, NOON + 9 * MINUTE, fence_kind="destination"))
    withdraw(world, "entered", PATNA, NOON + 9 * MINUTE, at=NOON + 10 * MINUTE)
    assert fresh(challan).state == "issued" and not events("challan.arrival_withdrawn")


def test_an_invalid_challan_tells_of_no_start(world, challan):
    services.invalidate_challan(challan=challan, rule_code="TRG-050", facts={}, at=NOON + MINUTE)
    cross(world, "left", GHAT, NOON + 2 * MINUTE)
    assert not events("challan.started") and fresh(challan).started_at is None


def test_a_departure_after_the_last_instant_tells_of_no_start(world, challan):
    """By law the challan is invalid from its deadline on, whether or not a job has written it down."""
    cross(world, "left", GHAT, selectors.start_by(challan))
    assert not events("challan.started")


@pytest.mark.flow
def test_a_check_post_is_no_destination(world, at):
    world.report(NOON)
    with pytest.raises(Refusal) as refused:
        services.issue_challan(
            load=services.Load(
                lease=world.lease,
                vehicle=world.vehicle,
                place=Place.objects.get(code="cp-bariyarpur"),
                quantity_m3=Decimal("8.5"),
                driver_name="राम",
            ),
            by=world.actor,
            at=NOON,
        )
    assert [finding.code for finding in refused.value.findings] == ["CH-15"]
    assert refused.value.findings[0].facts["place"] == "बरियारपुर"


def test_the_months_of_the_environmental_clearance_close_the_ghat(world, at):
    """June is open by the law and closed by this clearance; July the other way round (clause 42(xiii), CH-07)."""
    grant = leases.ClearanceGrant(granted_on=NOON.date(), reference="EC/2", closed_months=[6, 8])
    leases.add_version(lease=world.lease, kind="ec", grant=grant, by=world.district, at=NOON)
    with pytest.raises(Refusal) as refused:
        issue(world, NOON, at)
    (finding,) = refused.value.findings
    assert finding.code == "CH-07" and finding.facts["months"] == [6, 8] and finding.facts["by_clearance"]
    assert issue(world, NOON + timedelta(days=30), at).number


def test_deadlines_are_asked_of_an_index_not_of_every_live_challan(world, challan, at):
    """A hundred live challans whose time has not come cost the jobs of each second nothing."""
    rows = []
    for n in range(100):
        row = Challan.objects.get(pk=challan.pk)
        row.pk, row.number, row.pass_id = None, f"MUN-26-9{n:05d}", f"{n:016x}"
        row.state, row.started_at, row.start_due_at = "issued", NOON, None
        row.vehicle = world.vehicle.__class__.objects.create(
            registration=f"BR01X{n:04d}", capacity_m3=10, owner_name="x"
        )
        rows.append(row)
    Challan.objects.bulk_create(rows)
    jobs.publish_cancelled(at=NOON)
    for job, most in ((jobs.check_starts, 1), (jobs.check_ends, 1), (jobs.publish_cancelled, 4)):
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert job(at=NOON + MINUTE) == 0
        assert len(seen) <= most, [query["sql"] for query in seen]
    assert not selectors.start_due(at=NOON + MINUTE)


def test_a_start_proved_by_a_position_is_not_looked_for_again(world, challan):
    world.store(IMEI, [(NOON + 30 * MINUTE, *AWAY)])
    deadline = selectors.start_by(challan)
    assert jobs.check_starts(at=deadline) == 0 and not selectors.start_due(at=deadline)
    assert selectors.check_challan(challan.number, deadline).reason == "ok"
