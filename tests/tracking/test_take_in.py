"""The gateway's events come into the records exactly once, and the office's facts reach the gateway."""

from datetime import timedelta

import pytest

from immis.core.models import Cursor, OutboxEvent
from immis.gateway.state.events import NewEvent
from immis.gateway.store.snapshot import SnapshotReader
from immis.registry import services as registry
from immis.rules.movement.readings import readings_at
from immis.rules.policy import book
from immis.tracking import selectors, services
from immis.tracking.jobs import publish_snapshot, take_in_gateway_events
from immis.tracking.models import DeviceEvent, FenceEvent, Trip
from tests.challans.world import BY, IMEI, NOON, PLATE

MINUTE = timedelta(minutes=1)


def event(kind, at, payload, imei=IMEI, vehicle=PLATE):
    return NewEvent(kind, imei, vehicle, at.timestamp(), at.timestamp(), payload)


def trip(**more):
    return {"started_at": (NOON + MINUTE).isoformat(), "source": "ghat:MUN-2026-01", "late": False, **more}


def test_nothing_is_taken_in_before_the_gateway_has_spoken(world):
    assert take_in_gateway_events(at=NOON) == 0


def test_each_kind_finds_its_row_and_its_event(world):
    arrival = trip(
        ended_at=(NOON + 50 * MINUTE).isoformat(), destination="place:patna", distance_km=14.2, max_speed_kmh=61.0
    )
    world.tell(
        event("device.login", NOON, {"firmware": "1.0"}),
        world.fence("left", "ghat:MUN-2026-01", NOON + MINUTE),
        event("trip.started", NOON + MINUTE, trip()),
        event("device.tamper", NOON + 2 * MINUTE, {"signal": "cover", "grade": "strong", "evidence": {"raw": "$NRM"}}),
        event("trip.completed", NOON + 50 * MINUTE, arrival),
    )
    assert take_in_gateway_events(at=NOON) == 5
    assert FenceEvent.objects.get().fence_id == "ghat:MUN-2026-01"
    made = Trip.objects.get()
    assert (made.source_fence, made.destination_fence, float(made.distance_km)) == (
        "ghat:MUN-2026-01",
        "place:patna",
        14.2,
    )
    assert (made.started_at, made.ended_at) == (NOON + MINUTE, NOON + 50 * MINUTE)
    assert set(DeviceEvent.objects.values_list("kind", flat=True)) == {"device.login", "device.tamper"}
    facts = OutboxEvent.objects.get(kind="device.tamper").facts
    assert facts["registration"] == PLATE and facts["grade"] == "strong" and facts["evidence"]["raw"] == "$NRM"


def test_a_second_look_finds_nothing_new(world):
    world.tell(*[world.fence("left", "ghat:MUN-2026-01", NOON + n * MINUTE) for n in range(7)])
    assert [take_in_gateway_events(at=NOON) for _ in range(3)] == [7, 0, 0]
    assert OutboxEvent.objects.filter(kind="vehicle.left_fence").count() == 7


@pytest.mark.parametrize("fails_at", [1, 2, 3])
def test_a_crash_half_way_leaves_nothing_half_done(world, monkeypatch, fails_at):
    """Killed between any two events of a batch: rows, outbox and cursor go back together, and the next run has all."""
    world.tell(*[world.fence("left", "ghat:MUN-2026-01", NOON + n * MINUTE) for n in range(3)])
    real, calls = services.intake.emit, []

    def killed(*args, **kwargs):
        calls.append(1)
        if len(calls) == fails_at:
            raise KeyboardInterrupt
        return real(*args, **kwargs)

    monkeypatch.setattr(services.intake, "emit", killed)
    with pytest.raises(KeyboardInterrupt):
        take_in_gateway_events(at=NOON)
    assert FenceEvent.objects.count() == OutboxEvent.objects.filter(kind="vehicle.left_fence").count() == 0
    assert not Cursor.objects.filter(name=services.CURSOR, position__gt=0).exists()
    monkeypatch.setattr(services.intake, "emit", real)
    assert take_in_gateway_events(at=NOON) == 3
    assert FenceEvent.objects.count() == OutboxEvent.objects.filter(kind="vehicle.left_fence").count() == 3


def test_an_event_that_comes_twice_is_kept_once(world):
    """A cursor that was put back (a restored backup) makes nothing double."""
    world.tell(world.fence("left", "ghat:MUN-2026-01", NOON), event("trip.started", NOON + MINUTE, trip()))
    take_in_gateway_events(at=NOON)
    Cursor.objects.filter(name=services.CURSOR).update(position=0)
    assert take_in_gateway_events(at=NOON) == 2
    assert (FenceEvent.objects.count(), Trip.objects.count()) == (1, 1)
    assert OutboxEvent.objects.filter(key__startswith="gateway:").count() == 2


def test_a_device_that_nobody_fitted_speaks_for_no_vehicle(world):
    """An unknown IMEI may claim any mark; the register says whose it is."""
    world.tell(world.fence("left", "ghat:MUN-2026-01", NOON, imei="860000000000001"))
    take_in_gateway_events(at=NOON)
    row = OutboxEvent.objects.get(kind="vehicle.left_fence")
    assert (row.subject_kind, row.subject_id, row.facts["claimed_registration"]) == ("device", "860000000000001", PLATE)
    assert FenceEvent.objects.get().registration == ""


def test_the_gateway_gets_devices_ghats_and_places_when_they_change(world, data_dir):
    reader = SnapshotReader(data_dir)
    assert [publish_snapshot(at=NOON) for _ in range(2)] == [1, 0]
    assert reader.poll() and reader.current.version == 1 and reader.current.vehicles == {IMEI: PLATE}
    kinds = {fence.id: fence.kind for fence in reader.current.fences.fences.values()}
    assert kinds["ghat:MUN-2026-01"] == "source" and kinds["place:patna"] == "destination"
    assert kinds["place:cp-bariyarpur"] == "checkpost"
    assert reader.current.fences.readings == readings_at(book(), NOON.date())
    registry.add_place(
        place=registry.NewPlace(code="gaya", kind="destination", name_en="Gaya", name_hi="गया", lat=24.8, lon=85.0)
    )
    registry.fit_device(imei="861234567890777", vehicle=world.vehicle, by=BY, at=NOON)
    assert publish_snapshot(at=NOON) == 1
    assert reader.poll() and reader.current.version == 2 and reader.current.vehicles == {"861234567890777": PLATE}


def test_what_is_withdrawn_stands_no_more(world):
    """Packets that came late show another way: the trip goes back a step or goes, fences and signals are marked."""
    tamper = {"signal": "cover_opened", "grade": "strong", "late": False}
    end = trip(ended_at=(NOON + 9 * MINUTE).isoformat(), destination="place:patna", distance_km=14.2)
    world.tell(
        world.fence("left", "ghat:MUN-2026-01", NOON + MINUTE),
        event("trip.started", NOON + MINUTE, trip()),
        event("device.tamper", NOON + 2 * MINUTE, tamper),
        event("device.power_cut", NOON + 3 * MINUTE, {"late": False}),
        event("trip.completed", NOON + 9 * MINUTE, end),
    )
    take_in_gateway_events(at=NOON)
    say = {"late": True, "started_at": trip()["started_at"], "source": "ghat:MUN-2026-01"}
    world.tell(event("event.withdrawn", NOON + 9 * MINUTE, {"seq": 5, "kind": "trip.completed", **say}))
    moved = {**tamper, "late": True, "kind": "device.tamper", "told_at": (NOON + 2 * MINUTE).isoformat(), "seq": 3}
    world.tell(event("signal.amended", NOON + MINUTE, moved))
    take_in_gateway_events(at=NOON)
    still = selectors.trips().get()
    assert (still.ended_at, still.destination_fence, still.distance_km) == (None, "", None)
    assert selectors.device_events(kind="device.tamper").get().at == NOON + MINUTE
    world.tell(
        event("event.withdrawn", NOON + MINUTE, {"kind": "trip.started", **say}),
        event("event.withdrawn", NOON + MINUTE, {"kind": "vehicle.left_fence", "fence": "ghat:MUN-2026-01"}),
        event("event.withdrawn", NOON + MINUTE, {"kind": "device.tamper", "signal": "cover_opened", "grade": "strong"}),
    )
    take_in_gateway_events(at=NOON + 20 * MINUTE)
    assert not selectors.trips().exists() and selectors.newest_fence_event_id() == 0
    assert [one.kind for one in selectors.device_events()] == ["device.power_cut"]
    assert Trip.objects.get().withdrawn_at and DeviceEvent.objects.get(kind="device.tamper").withdrawn_at
    world.tell(event("trip.started", NOON + MINUTE, trip(late=True)))
    take_in_gateway_events(at=NOON)
    assert selectors.trips().count() == 1  # it was so after all


def test_days_that_passed_while_the_worker_was_down_are_counted(world, monkeypatch):
    from immis.tracking import jobs
    from immis.tracking.models import DeviceDay

    monkeypatch.setattr(jobs, "_counted", {})
    today = NOON.date()
    DeviceDay.objects.create(imei=IMEI, day=today - timedelta(days=9), frames=1, bad=0, no_fix=0, late=0)
    asked = []
    monkeypatch.setattr(jobs.gateway, "day_stamp", lambda day: (1, day.toordinal()))
    monkeypatch.setattr(jobs, "count_day", lambda day: asked.append(day) or 1)
    assert jobs.count_packets(at=NOON) == 10
    assert asked == [today - timedelta(days=n) for n in range(9, -1, -1)]
    assert jobs.count_packets(at=NOON) == 0  # and none of them again
