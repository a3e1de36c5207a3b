"""What checks on the road tell of a copied pass, and the checks that a phone kept with no network."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from immis.challans import jobs, selectors, services
from immis.challans.models import Challan, CheckPostScan
from immis.core.models import OutboxEvent
from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import Task
from immis.registry.selectors import actor_of, users
from tests.challans.world import AWAY, INSIDE, NOON, PLATE, build, officer_in

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
POST = (25.35, 86.55)
FAR = (25.60, 86.95)


@pytest.fixture
def world(db, data_dir, at):
    at.set(NOON)
    made = build(data_dir)
    made.report(NOON)
    return made


@pytest.fixture
def challan(world) -> Challan:
    wanted = services.Load(
        lease=world.lease, vehicle=world.vehicle, place=world.place, quantity_m3=Decimal("8.5"), driver_name="राम"
    )
    return services.issue_challan(load=wanted, by=world.actor)


@pytest.fixture
def guard(world):
    return actor_of(officer_in(world.checkpost, "checkpost", "guard"))


def seen(challan: Challan, guard: Any, at: Any, where: Any = POST, *, loaded: bool | None = True) -> Any:
    answer = selectors.check_challan(challan.number, at)
    return services.record_scan(answer=answer, by=guard, at=at, lat=where[0], lon=where[1], loaded=loaded)


def told(kind: str) -> list[dict[str, Any]]:
    return [row.facts for row in OutboxEvent.objects.filter(kind=kind)]


@pytest.mark.flow
def test_a_check_far_from_the_vehicle_s_device_is_told_with_place_and_distance(world, challan, guard):
    at = NOON + 20 * MINUTE
    world.report(at, INSIDE)
    world.report(at + MINUTE, INSIDE)
    scan, warning = seen(challan, guard, at, FAR)
    assert warning.code == "MOV-60" and scan.verdict == "warn"
    (facts,) = told("challan.shown_far")
    assert facts["distance_m"] > 50_000 and facts["scan"] == scan.pk and facts["post"]["en"] == "Bariyarpur"
    assert jobs.check_scans(at=at + MINUTE) == 0 and len(told("challan.shown_far")) == 1


@pytest.mark.flow
def test_a_device_that_speaks_after_the_check_is_compared_then(world, challan, guard):
    at = NOON + 30 * MINUTE
    scan, warning = seen(challan, guard, at, FAR)
    assert warning is None and scan.device_checked_at is None
    assert jobs.check_scans(at=at + MINUTE) == 0  # the device is silent still
    world.report(at + MINUTE, AWAY)
    assert jobs.check_scans(at=at + 2 * MINUTE) == 1 and len(told("challan.shown_far")) == 1
    assert jobs.check_scans(at=at + 3 * MINUTE) == 0


@pytest.mark.flow
def test_a_pass_shown_with_a_load_after_its_delivery_is_told_and_an_empty_vehicle_is_not(world, challan, guard):
    services.record_start(challan.pk, left_at=NOON + 10 * MINUTE, at=NOON + 10 * MINUTE)
    services.record_arrival(challan.pk, arrived_at=NOON + 60 * MINUTE, at=NOON + 60 * MINUTE)
    challan.refresh_from_db()
    seen(challan, guard, NOON + 90 * MINUTE, loaded=False)
    assert not told("challan.shown_after_delivery")
    scan, warning = seen(challan, guard, NOON + 90 * MINUTE)
    assert (scan.verdict, scan.reason) == ("bad", "completed") and warning.code == "MOV-61"
    (facts,) = told("challan.shown_after_delivery")
    assert facts["minutes"] == 30 and facts["seen_at"] == (NOON + 90 * MINUTE).isoformat()


@pytest.mark.flow
def test_a_pass_at_a_post_that_its_vehicle_passed_long_ago_is_told(world, challan, guard):
    services.record_start(challan.pk, left_at=NOON + 10 * MINUTE, at=NOON + 10 * MINUTE)
    first, nothing = seen(challan, guard, NOON + 30 * MINUTE)
    assert nothing is None and first.verdict == "good"
    again, still_nothing = seen(challan, guard, NOON + 50 * MINUTE)
    assert still_nothing is None  # a second look at the same vehicle
    last, warning = seen(challan, guard, NOON + 150 * MINUTE)
    assert warning.code == "MOV-62" and last.verdict == "warn"
    (facts,) = told("challan.shown_again_at_post")
    assert facts["minutes"] == 100
    assert [row.pk for row in selectors.seen_before(last)] == [again.pk, first.pk]


@pytest.mark.flow
def test_what_checks_tell_lands_on_the_district_s_desk(world, challan, guard):
    services.record_start(challan.pk, left_at=NOON + 10 * MINUTE, at=NOON + 10 * MINUTE)
    seen(challan, guard, NOON + 20 * MINUTE)
    world.report(NOON + 30 * MINUTE, INSIDE)
    world.report(NOON + 31 * MINUTE, INSIDE)
    seen(challan, guard, NOON + 30 * MINUTE, FAR)
    services.record_arrival(challan.pk, arrived_at=NOON + 60 * MINUTE, at=NOON + 60 * MINUTE)
    challan.refresh_from_db()
    seen(challan, guard, NOON + 200 * MINUTE)
    run_triggers(at=NOON + 201 * MINUTE)
    wanted = {"TRG-190", "TRG-191", "TRG-192", "TRG-193"}
    assert wanted <= set(Task.objects.filter(act="open_case").values_list("code", flat=True))


def row(challan: Challan, at: Any, **more: Any) -> dict[str, Any]:
    made = {"id": str(uuid4()), "kind": "check", "at": at.timestamp() * 1000, "text": challan.pass_text, "loaded": True}
    return {**made, "lat": POST[0], "lon": POST[1], **more}


@pytest.mark.flow
def test_checks_that_a_phone_kept_are_taken_once_in_order_by_their_own_time(world, challan, guard):
    sent_at = NOON + 600 * MINUTE  # the validity is over by then; when it was checked it was not
    checked = row(challan, NOON + 30 * MINUTE, covered=False, board="odd")
    outcome = {"id": str(uuid4()), "kind": "outcome", "of": checked["id"], "outcome": "held", "note": "दूसरा वाहन"}
    outcome["at"] = (NOON + 31 * MINUTE).timestamp() * 1000
    plate = row(challan, NOON + 40 * MINUTE, text="BR01ZZ9999")
    odd = {"id": str(uuid4()), "kind": "check", "text": "", "at": 1}
    rows = [checked, outcome, plate, odd]
    for _again in range(2):  # the answer was lost: the phone sends all of it again
        taken = services.take_phone_rows(rows, phone_now_ms=sent_at.timestamp() * 1000, by=guard, at=sent_at)
        assert taken.kept == [checked["id"], outcome["id"], plate["id"]] and list(taken.refused) == [odd["id"]]
    first, second = CheckPostScan.objects.order_by("at")
    assert (first.verdict, first.reason, first.outcome, first.sent_at) == ("good", "ok", "held", sent_at)
    assert (first.covered, first.board, second.covered) == (False, None, None)
    told_of = told("scan.uncovered")
    assert [(fact["missing"], fact["seen_at"]) for fact in told_of] == [(["cover"], first.at.isoformat())]
    assert first.at == NOON + 30 * MINUTE and (second.registration, second.reason) == ("BR01ZZ9999", "no_live")


def test_a_phone_whose_clock_is_off_is_put_right_and_never_dates_ahead(world, challan, guard):
    behind = NOON - timedelta(days=2)  # the phone's own time
    sent = row(challan, behind - 10 * MINUTE)
    services.take_phone_rows([sent], phone_now_ms=behind.timestamp() * 1000, by=guard, at=NOON + 60 * MINUTE)
    assert CheckPostScan.objects.get().at == NOON + 50 * MINUTE
    ahead = row(challan, NOON + timedelta(days=9))
    services.take_phone_rows([ahead], phone_now_ms=None, by=guard, at=NOON + 60 * MINUTE)
    assert CheckPostScan.objects.order_by("-at").first().at == NOON + 60 * MINUTE


def test_a_check_sent_late_is_compared_with_one_made_after_it(world, challan, guard):
    seen(challan, actor_of(officer_in(world.farpost, "checkpost", "far")), NOON + 40 * MINUTE, FAR)
    late = row(challan, NOON + 30 * MINUTE)
    services.take_phone_rows([late], phone_now_ms=None, by=guard, at=NOON + 300 * MINUTE)
    (facts,) = told("challan.seen_twice")
    assert facts["minutes"] == 10 and facts["post"]["en"] == "Bariyarpur"


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", '{"rows": 5}', '{"rows": [5, {"id": 7}, null], "now": "x"}', "[" * 9999]
)
def test_odd_bodies_store_nothing(world, client, body):
    client.force_login(users(pk=officer_in(world.checkpost, "checkpost", "guard").pk).get())
    answer = client.post("/checkpost/phone.json", body, content_type="application/json")
    assert answer.status_code in (200, 400) and not answer.json()["kept"]
    assert not CheckPostScan.objects.exists() and PLATE


def test_nobody_else_hands_over_checks(world, client, challan):
    client.force_login(world.settlee)
    sent = {"rows": [row(challan, NOON)]}
    assert client.post("/checkpost/phone.json", sent, content_type="application/json").status_code == 403
