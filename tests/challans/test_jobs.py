"""What the worker makes of challans: starts, arrivals, ends, places of issue, published lists (A-21 to A-24)."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from immis.challans import jobs, selectors, services
from immis.challans.models import Challan
from immis.challans.signed.checking import verify_pass
from immis.challans.signed.lists import read_cancelled_list, read_key_list
from immis.core.models import OutboxEvent
from immis.registry import services as registry
from immis.tracking import gateway
from immis.tracking.jobs import take_in_gateway_events
from tests.challans.world import AWAY, BY, IMEI, INSIDE, NOON
from tests.fit import LORRY

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


@pytest.fixture
def challan(world):
    world.report(NOON)
    return services.issue_challan(
        load=services.Load(
            lease=world.lease, vehicle=world.vehicle, place=world.place, quantity_m3=Decimal("8.5"), driver_name="राम"
        ),
        by=world.actor,
    )


def second_vehicle(world, reported=NOON):
    vehicle = registry.register_vehicle(
        vehicle=registry.NewVehicle(registration="BR08G9999", capacity_m3=Decimal(10), owner_name="Shyam", **LORRY),
        by=BY,
        at=NOON,
    )
    registry.fit_device(imei="861234567890999", vehicle=vehicle, by=BY, at=NOON)
    world.report(reported, imei="861234567890999")
    return vehicle


def told(kind):
    return [event.facts for event in OutboxEvent.objects.filter(kind=kind).order_by("id")]


def follow(at):
    take_in_gateway_events(at=at)
    return jobs.follow_trips(at=at)


def test_a_trip_is_followed_from_the_ghat_to_the_destination(world, challan):
    left, arrived = NOON + 5 * MINUTE, NOON + 60 * MINUTE
    world.tell(world.fence("left", "ghat:MUN-2026-01", left))
    assert follow(left) == 1
    world.tell(world.fence("entered", "place:patna", arrived, fence_kind="destination"))
    follow(arrived)
    challan.refresh_from_db()
    assert (challan.started_at, challan.completed_at, challan.state) == (left, arrived, "completed")
    assert [len(told(kind)) for kind in ("challan.started", "challan.completed")] == [1, 1]
    assert told("challan.completed")[0]["late"] is False


@pytest.mark.parametrize(
    ("imei", "fence", "minutes"),
    [("861234567890999", "ghat:MUN-2026-01", 5), (IMEI, "ghat:MUN-2026-02", 5), (IMEI, "ghat:MUN-2026-01", -5)],
)
def test_what_is_no_start(world, challan, imei, fence, minutes):
    """Another device, another ghat, or an exit before the issue starts nothing."""
    world.tell(world.fence("left", fence, NOON + minutes * MINUTE, imei=imei))
    follow(NOON + 10 * MINUTE)
    challan.refresh_from_db()
    assert challan.started_at is None


def test_not_started_is_invalid_at_the_very_instant(world, challan):
    """A-21: the check says so at the deadline, a second before it does not; no job has run."""
    deadline = selectors.start_by(challan)
    assert deadline == NOON + timedelta(minutes=120)
    assert selectors.check_challan(challan.number, deadline - SECOND).reason == "ok"
    assert selectors.check_challan(challan.number, deadline).reason == "invalid"
    assert selectors.check_challan(challan.number, deadline + SECOND).rule_code == "MOV-01"
    assert Challan.objects.get().state == "issued", "the check writes nothing"


@pytest.mark.flow
def test_not_started_is_told_once_with_its_facts(world, challan):
    deadline = selectors.start_by(challan)
    assert jobs.check_starts(at=deadline - SECOND) == 0
    assert [jobs.check_starts(at=deadline + n * SECOND) for n in range(2)] == [1, 0]
    (facts,) = told("challan.not_started")
    assert facts["challan"] == "MUN-26-000001" and facts["registration"] == "BR08G1234"
    assert (facts["lease"], facts["district"], facts["waited_min"]) == ("MUN-2026-01", "Munger", 120)
    assert (facts["lat"], facts["lon"]) == INSIDE


def test_a_vehicle_seen_far_off_has_started_though_no_exit_was_told(world, challan):
    world.store(IMEI, [(NOON + 30 * MINUTE, *AWAY)])
    assert selectors.check_challan(challan.number, selectors.start_by(challan)).reason == "ok"
    assert jobs.check_starts(at=selectors.start_by(challan)) == 0


def test_a_start_after_the_deadline_is_no_start(world, challan):
    deadline = selectors.start_by(challan)
    world.tell(world.fence("left", "ghat:MUN-2026-01", deadline))
    follow(deadline)
    assert jobs.check_starts(at=deadline) == 1


def test_the_end_of_validity_is_written_down(world, challan):
    services.record_start(challan.pk, left_at=NOON + MINUTE, at=NOON + MINUTE)
    assert selectors.check_challan(challan.number, challan.valid_until - SECOND).good
    assert selectors.check_challan(challan.number, challan.valid_until).reason == "expired"
    assert [jobs.check_ends(at=challan.valid_until) for _ in range(2)] == [1, 0]
    challan.refresh_from_db()
    assert challan.state == "expired"


def test_an_arrival_after_the_end_counts_as_late(world, challan):
    after = challan.valid_until + MINUTE
    services.record_start(challan.pk, left_at=NOON + MINUTE, at=NOON + MINUTE)
    jobs.check_ends(at=after)
    world.tell(world.fence("entered", "place:patna", after, fence_kind="destination"))
    follow(after)
    assert told("challan.completed")[0]["late"] is True


@pytest.mark.flow
def test_a_challan_cut_away_from_the_vehicle_is_told_with_all_facts(world, challan):
    """A-23, A-24: history shows that the lorry stood elsewhere when the challan was issued."""
    world.store(IMEI, [(NOON - SECOND, *AWAY), (NOON + SECOND, *AWAY)])
    world.store(IMEI, [(NOON, *AWAY)])
    world.report(NOON + MINUTE, AWAY)
    assert [jobs.check_places(at=NOON + MINUTE) for _ in range(2)] == [1, 0]
    (facts,) = told("challan.issued_away")
    assert facts["challan"] == challan.number and facts["place"] == {"en": "Kalisthan", "hi": "कलिस्थान"}
    assert facts["registration"] == "BR08G1234" and facts["issued_at"] == NOON.isoformat()
    assert facts["distance_m"] > 10_000 and facts["lat"] == pytest.approx(25.40) and facts["fix_at"]


def test_a_challan_cut_at_the_ghat_is_checked_and_told_to_nobody(world, challan):
    world.report(NOON + MINUTE)
    assert jobs.check_places(at=NOON + MINUTE) == 0
    challan.refresh_from_db()
    assert challan.place_checked_at and not told("challan.issued_away")


@pytest.mark.flow
def test_the_place_waits_for_the_device_to_speak(world, data_dir):
    world.report(NOON - MINUTE)
    services.issue_challan(
        load=services.Load(
            lease=world.lease, vehicle=world.vehicle, place=world.place, quantity_m3=Decimal(1), driver_name="x"
        ),
        by=world.actor,
    )
    jobs.check_places(at=NOON + 5 * MINUTE)
    assert Challan.objects.get().place_checked_at is None
    jobs.check_places(at=NOON + 11 * MINUTE)
    assert Challan.objects.get().place_checked_at == NOON + 11 * MINUTE


def test_silent_devices_keep_no_other_challan_waiting(world, challan, monkeypatch):
    monkeypatch.setattr(jobs, "BATCH", 1)
    kept = {name: value for name, value in vars(challan).items() if name not in ("_state", "id")}
    silent = {**kept, "number": "MUN-26-000998", "pass_id": "a" * 16, "state": "expired", "imei": "490154203237518"}
    spoken = {**kept, "number": "MUN-26-000999", "pass_id": "b" * 16, "state": "expired"}
    jobs.check_places(at=NOON + 11 * MINUTE)  # the fixture's own
    rows = [
        Challan.objects.create(**{name: value for name, value in row.items() if name[0] != "_"})
        for row in (silent, spoken)
    ]
    world.report(NOON + MINUTE)
    jobs.check_places(at=NOON + MINUTE)
    assert [bool(Challan.objects.get(pk=row.pk).place_checked_at) for row in rows] == [False, True]


def test_the_published_lists_follow_the_state(world, challan, data_dir):
    """A pass that never started is on the signed list the moment it is so; the list is written only when it changes."""
    assert [jobs.publish_cancelled(at=NOON + n * MINUTE) for n in (0, 1, 15)] == [1, 0, 1]
    deadline = selectors.start_by(challan)
    assert jobs.publish_cancelled(at=deadline) == 1
    keys = read_key_list((data_dir / "public" / "keys.json").read_bytes())
    listed = read_cancelled_list(json.loads((data_dir / "public" / "cancelled.json").read_text()), root=keys.root)
    assert listed.pass_ids == {bytes.fromhex(challan.pass_id)}
    verdict = verify_pass(challan.pass_text, keys=keys, cancelled=listed, at=deadline)
    assert verdict.genuine and verdict.cancelled
    assert jobs.publish_cancelled(at=challan.valid_until) == 1, "an ended pass needs no place on the list"
    assert json.loads((data_dir / "public" / "cancelled.json").read_text())["pass_ids"] == []


def test_one_challan_that_cannot_be_checked_keeps_no_other_waiting(world, challan, caplog):
    other = services.issue_challan(
        load=services.Load(
            lease=world.lease,
            vehicle=second_vehicle(world),
            place=world.place,
            quantity_m3=Decimal("8"),
            driver_name="x",
        ),
        by=world.actor,
    )
    with pytest.MonkeyPatch.context() as patch:
        keep = services.record_place
        broken = lambda row, finding, *, at: 1 // 0 if row.pk == challan.pk else keep(row, finding, at=at)  # noqa: E731
        patch.setattr(services, "record_place", broken)
        for _ in range(2):
            jobs.check_places(at=NOON + 60 * MINUTE)
    assert Challan.objects.get(pk=other.pk).place_checked_at == NOON + 60 * MINUTE
    assert Challan.objects.get(pk=challan.pk).place_checked_at is None
    assert [row.getMessage() for row in caplog.records if challan.number in row.getMessage()] == [
        f"challans.places: {challan.number} failed; the others go on"
    ]


def test_a_look_at_waiting_challans_reads_the_devices_once(world, monkeypatch):
    """However many wait for their devices, the gateway is asked once a look."""
    world.report(NOON - MINUTE)
    other = second_vehicle(world, reported=NOON - MINUTE)
    for vehicle in (world.vehicle, other):
        services.issue_challan(
            load=services.Load(
                lease=world.lease, vehicle=vehicle, place=world.place, quantity_m3=Decimal("8"), driver_name="x"
            ),
            by=world.actor,
        )
    asked = []
    fixes = gateway.last_fixes
    monkeypatch.setattr(gateway, "last_fixes", lambda imeis=None: asked.append(list(imeis)) or fixes(imeis))
    assert jobs.check_places(at=NOON) == 0
    assert asked == [[IMEI, "861234567890999"]]
