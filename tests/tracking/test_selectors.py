"""Where vehicles are and were, and who may know it (E-157, A-27)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from immis.core.access.permissions import PUBLIC, SYSTEM
from immis.core.errors import NotFound, NotPermitted, Refusal
from immis.core.models import ActionLog
from immis.registry.selectors import actor_of
from immis.tracking import selectors
from immis.tracking.jobs import take_in_gateway_events
from tests.challans.world import AWAY, IMEI, INSIDE, NOON, PLATE, officer_in

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("report", "state"),
    [
        ({"speed_kmh": 40.0}, "moving"),
        ({"speed_kmh": 2.9}, "standing"),
        ({"speed_kmh": 40.0, "episodes": {"cover": 1.0}}, "trouble"),
    ],
)
def test_what_a_vehicle_is_doing(world, report, state):
    world.report(NOON, **report)
    (one,) = selectors.live_vehicles(SYSTEM, at=NOON)
    assert (one.registration, one.kind, one.state) == (PLATE, "truck", state)


def test_a_vehicle_falls_silent(world):
    world.report(NOON, speed_kmh=40.0)
    states = [
        selectors.live_vehicles(SYSTEM, at=NOON + after)[0].state
        for after in (10 * MINUTE, 10 * MINUTE + timedelta(seconds=1))
    ]
    assert states == ["moving", "silent"]


def test_filters_of_the_map(world):
    world.report(NOON)
    live = lambda **asked: len(selectors.live_vehicles(SYSTEM, at=NOON, **asked))  # noqa: E731
    assert [live(state="standing"), live(state="moving"), live(text="g12"), live(text="zz")] == [1, 0, 1, 0]
    assert [live(fence="ghat:MUN-2026-01"), live(fence="ghat:MUN-2026-02")] == [1, 0]


def test_a_district_sees_vehicles_of_its_fences_only(world):
    world.report(NOON, AWAY)
    seen = lambda viewer: len(selectors.live_vehicles(viewer, at=NOON))  # noqa: E731
    gaya, monitoring = (
        replace(world.district, district="Gaya"),
        actor_of(officer_in(world.office, "monitoring", "mon")),
    )
    assert [seen(world.district), seen(gaya), seen(monitoring)] == [0, 0, 1]
    world.tell(world.fence("left", "ghat:MUN-2026-01", NOON))
    take_in_gateway_events(at=NOON)
    assert [seen(world.district), seen(gaya)] == [1, 0]
    with pytest.raises(NotPermitted):
        selectors.live_vehicles(PUBLIC, at=NOON)


def test_a_settlee_sees_own_vehicles_and_those_that_stand_at_the_ghat(world):
    world.report(NOON)
    assert selectors.live_vehicles(world.actor, at=NOON) == []
    assert [one.registration for one in selectors.vehicles_at_ghat("MUN-2026-01", at=NOON)] == [PLATE]
    assert selectors.vehicles_at_ghat("MUN-2026-02", at=NOON) == []
    world.vehicle.owner = world.party
    world.vehicle.save()
    assert len(selectors.live_vehicles(world.actor, at=NOON)) == 1


def test_reading_a_trail_is_written_down(world):
    """DPDP: who looked at whose trail stands in the action log."""
    world.report(NOON)
    world.store(IMEI, [(NOON + n * MINUTE, 25.30 + n / 1000, 86.5) for n in (1, 2, 3)])
    span = {"imei": IMEI, "start": NOON, "end": NOON + 2 * MINUTE, "at": NOON + 9 * MINUTE, "reason": "मामला 12"}
    trail = selectors.trail(world.district, **span)
    assert [point.at for point in trail.points] == [NOON, NOON + MINUTE, NOON + 2 * MINUTE]
    line = ActionLog.objects.get(code="trail.read")
    assert (line.subject_id, line.user_id, line.facts["imei"]) == (PLATE, world.officer.pk, IMEI)
    assert line.facts["reason"] == "मामला 12"
    with pytest.raises(Refusal):
        selectors.trail(world.district, **{**span, "reason": "  "})
    with pytest.raises(NotFound):
        selectors.trail(replace(world.district, district="Gaya"), **span)
    with pytest.raises(NotPermitted):
        selectors.trail(world.actor, **span)
    assert ActionLog.objects.filter(code="trail.read").count() == 1


def test_a_place_at_an_instant_lies_between_the_fixes_round_it(world):
    world.store(IMEI, [(NOON, 25.30, 86.50), (NOON + 4 * MINUTE, 25.34, 86.58)])
    fix = selectors.position_at(IMEI, NOON + MINUTE)
    assert (fix.lat, fix.lon, fix.at) == (pytest.approx(25.31), pytest.approx(86.52), NOON + MINUTE)
    assert selectors.position_at(IMEI, NOON + 8 * MINUTE).lat == 25.34
    assert selectors.position_at(IMEI, NOON + 15 * MINUTE) is None


def test_the_last_fix_is_told_as_it_is(world):
    assert selectors.last_fix(IMEI) is None and selectors.last_fix("") is None
    world.report(NOON, INSIDE)
    last = selectors.last_fix(IMEI)
    assert (last.at, last.lat, last.lon, last.fences) == (NOON, *INSIDE, ("ghat:MUN-2026-01",))
