"""What a stranger can send makes no case and no sum; what he cannot send does (A-14, A-15, DEV-30)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from immis.challans.models import Challan, CheckPostScan
from immis.core.errors import Refusal
from immis.core.services import emit
from immis.enforcement import services
from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import Case, FailedEvent, Task
from immis.enforcement.services import cases
from immis.gateway.state.events import NewEvent
from immis.registry import devices as register
from immis.registry import services as registry
from immis.registry.models import Device, DeviceFitting
from immis.registry.selectors import actor_of
from immis.tracking.jobs import take_in_gateway_events
from tests.challans.world import BY, IMEI, NOON, PLATE, officer_in
from tests.challans.world import build as built
from tests.enforcement.world import PROVED
from tests.examples import example
from tests.fit import BIG_LORRY
from tests.tracking.faults import report

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
HERE = {"lat": 25.2785, "lon": 86.6115}


@pytest.fixture
def road(db, data_dir, at):
    """The district with a vehicle on the road, and headquarters."""
    at.set(NOON)
    world = built(data_dir)
    hq = registry.open_office(code="hq", kind="hq", name_en="HQ", name_hi="मुख्यालय")
    officer_in(hq, "hq", "hq")
    return world


def signal(at=NOON, *, imei=IMEI, kind="device.tamper", address="", **link):
    seen = {"raw": "$x", **HERE, "link": link, **({"address": address} if address else {})}
    payload = {"signal": "cover_opened", "grade": "strong", "late": False, "evidence": seen}
    return NewEvent(kind, imei, PLATE, at.timestamp(), at.timestamp(), payload)


def told(road, *events, at=NOON):
    """The gateway tells, the worker takes it in and reacts."""
    road.tell(*events)
    take_in_gateway_events(at=at)
    run_triggers(at=at)
    assert not FailedEvent.objects.filter(resolved_at=None).exists()


def stranger(n):
    return f"86{n:013d}"


@pytest.mark.flow
def test_a_hundred_invented_devices_are_one_task_of_headquarters_and_no_case(road):
    told(road, *(signal(NOON + n * timedelta(seconds=0.1), imei=stranger(n), **PROVED) for n in range(100)))
    task = Task.objects.get()
    assert not Case.objects.exists()
    assert (task.code, task.office.code, task.act) == ("TRG-136", "hq", "inspect")
    told(road, signal(NOON + MINUTE, imei=stranger(7)), at=NOON + MINUTE)
    services.decide_task(task, done=True, note="the vendor tests", by=actor_of(_hq()), at=NOON + MINUTE)
    told(road, signal(NOON + 2 * MINUTE, imei=stranger(8)), at=NOON + 2 * MINUTE)
    assert Task.objects.count() == 1
    told(road, signal(NOON + timedelta(days=1), imei=stranger(8)), at=NOON + timedelta(days=1))
    assert Task.objects.count() == 2


def test_each_address_is_an_episode_of_its_own(road):
    told(road, *(signal(imei=stranger(n), address=f"203.0.113.{n % 2}") for n in range(10)))
    assert {one.subject_id for one in Task.objects.all()} == {"203.0.113.0@2026-06-05", "203.0.113.1@2026-06-05"}


def _hq():
    return registry.add_user(username="hq", name_en="hq", name_hi="hq")


def test_no_officer_can_make_a_case_of_it(road, client):
    told(road, signal(imei=stranger(1)))
    task = Task.objects.get()
    client.force_login(_hq())
    answer = client.post(f"/office/tasks/{task.pk}/case")
    assert answer.status_code in (409, 422) and "CAS-20" in answer.content.decode()
    assert not Case.objects.exists()
    assert client.get(f"/office/tasks/{task.pk}/").status_code == 200


@pytest.mark.parametrize(
    "link",
    [
        {},
        {"known_range": True},
        {"continuous_frames": True, "continuous_place": True},
        {**PROVED, "known_range": False},
        {**PROVED, "continuous_place": False},
        {**PROVED, "known_range": "yes"},
    ],
    ids=["nothing", "range alone", "steady alone", "unknown range", "jumped", "no boolean"],
)
def test_a_frame_with_a_real_imei_is_a_reason_to_look_and_names_no_sum(road, link):
    told(road, signal(**link))
    task = Task.objects.get()
    assert not Case.objects.exists()
    assert (task.code, task.act, task.facts["grade"], task.office.district) == (
        "TRG-05",
        "inspect",
        "suspect",
        "Munger",
    )


@pytest.mark.parametrize("proof", ["known_range", "token"])
def test_a_link_that_proves_itself_makes_the_case(road, proof):
    told(road, signal(**{**PROVED, "known_range": False, proof: True}))
    assert Case.objects.get().proposed_paise == 100_000_00 and Task.objects.get().act == "send_notice"


@pytest.mark.flow
def test_an_officers_inspection_is_a_second_source(road):
    Device.objects.filter(imei=IMEI).update(district="Munger")
    report(road.device, "cover", words="seal broken", by=road.district, at=NOON - MINUTE)
    told(road, signal())
    assert Case.objects.count() == 1


def test_the_owners_report_is_none(road):
    road.vehicle.owner = road.party
    road.vehicle.save()
    report(road.device, "cover", by=road.actor, at=NOON - MINUTE)
    told(road, signal())
    assert not Case.objects.exists()


@pytest.mark.parametrize(("lat", "minutes", "cases"), [(HERE["lat"], -10, 1), (HERE["lat"] + 0.1, -10, 0),
                                                       (HERE["lat"], -31, 0), (None, -10, 0)])  # fmt: skip
def test_a_check_post_at_the_vehicle_is_a_second_source_there_and_then(road, lat, minutes, cases):
    CheckPostScan.objects.create(
        office=road.office, at=NOON + minutes * MINUTE, lat=lat, lon=HERE["lon"], asked=PLATE, registration=PLATE,
        verdict="bad", reason="none",
    )  # fmt: skip
    told(road, signal())
    assert Case.objects.count() == cases


def test_a_device_that_was_taken_out_speaks_for_its_vehicle_no_more(road):
    register.take_out(device=road.device, reason="broken", by=BY, at=NOON)
    told(road, signal(NOON + MINUTE, **PROVED), at=NOON + MINUTE)
    assert not Case.objects.exists() and [task.code for task in Task.objects.all()] == ["TRG-136"]
    told(road, signal(NOON - MINUTE, **PROVED), at=NOON + MINUTE)  # a stored frame from when it was in the vehicle
    assert Case.objects.get().vehicle == road.vehicle


def test_what_a_device_showed_belongs_to_the_vehicle_that_it_was_in_then(road):
    other = registry.register_vehicle(
        vehicle=registry.NewVehicle(
            registration="BR08G7777", capacity_m3=road.vehicle.capacity_m3, owner_name="X", **BIG_LORRY
        ),
        by=BY,
        at=NOON,
    )
    registry.fit_device(imei=IMEI, vehicle=other, by=BY, at=NOON + MINUTE)
    told(road, signal(NOON, **PROVED), at=NOON + 2 * MINUTE)
    assert Case.objects.get().vehicle == road.vehicle


@pytest.mark.flow
def test_a_flood_is_one_task(road):
    flood = {"address": "203.0.113.7", "late": False}
    for turn in range(3):
        at = NOON + turn * MINUTE
        told(road, NewEvent("gateway.flood", "", "", at.timestamp(), at.timestamp(), flood), at=at)
    task = Task.objects.get()
    assert (task.code, task.office.code, task.subject_id) == ("TRG-137", "hq", "203.0.113.7@2026-06-05")


def test_a_suspicion_that_becomes_strong_asks_for_the_notice(road):
    told(road, signal(**{**PROVED, "known_range": False}))
    told(road, signal(NOON + MINUTE, **PROVED), at=NOON + MINUTE)
    task = Task.objects.get(state="open")
    assert (task.act, task.case, task.facts["grade"]) == ("send_notice", Case.objects.get(), "strong")
    told(road, signal(NOON + 2 * MINUTE), at=NOON + 2 * MINUTE)
    task.refresh_from_db()
    assert task.act == "send_notice" and Task.objects.count() == 1


def test_a_notice_closes_the_tasks_of_its_case_and_no_other_of_the_vehicle(road):
    road.vehicle.owner = road.party
    road.vehicle.save()
    told(road, signal(**PROVED))
    bridge = {"fence": "restricted:b", "fence_kind": "restricted", "place": {"en": "B", "hi": "B"}}
    facts = {"registration": PLATE, **bridge, "district": "Munger", "seen_at": NOON}
    emit(example("vehicle.in_forbidden_area", **facts), subject=("vehicle", PLATE), at=NOON)
    run_triggers(at=NOON)
    services.send_notice(Case.objects.get(), by=road.district, at=NOON)
    assert dict(Task.objects.values_list("code", "state")) == {"TRG-05": "done", "TRG-131": "open"}
    told(road, signal(NOON + timedelta(hours=1), **PROVED), at=NOON + timedelta(hours=1))
    again = Task.objects.get(code="TRG-05", state="open")
    assert again.act == "inspect" and again.case == Case.objects.get()  # the notice is out: no second one is asked for


def test_a_dropped_case_leaves_no_task(road):
    told(road, signal(**PROVED))
    services.drop_case(Case.objects.get(), reason="sensor fault", by=road.district, at=NOON)
    assert Task.objects.get().state == "done"


def _case(road, **more):
    fields = {"offence": "gps_tamper", "office": road.office, "district": "Munger", "vehicle": road.vehicle}
    return Case.objects.create(occurred_at=NOON, opened_at=NOON, evidence={"signals": []}, **{**fields, **more})


def test_the_database_itself_refuses_a_second_open_case(road):
    _case(road, number="1")
    with pytest.raises(IntegrityError), transaction.atomic():
        _case(road, number="2", state="noticed")
    _case(road, number="3", state="dropped")
    _case(road, number="4", offence="issued_away", challan_number="MUN-26-000001")
    with pytest.raises(IntegrityError), transaction.atomic():
        _case(road, number="5", offence="issued_away", challan_number="MUN-26-000001")
    _case(road, number="6", offence="not_started", challan_number="MUN-26-000001")


def test_two_openings_at_once_are_one_case_with_both_signals(road, monkeypatch):
    """The other opening is committed between this one's look and its writing."""
    real, looks = cases._standing, []

    def late_look(*args):
        looks.append(args)
        return None if len(looks) in (1, 2) else real(*args)

    monkeypatch.setattr(cases, "_standing", late_look)
    facts = {"registration": PLATE, "district": "Munger", "seen_at": NOON}
    for _opening in range(2):
        cases.open_case(
            offence="gps_tamper", trigger_code="TRG-05", facts=facts, penalty_paise=1, by=road.district, at=NOON
        )
    case = Case.objects.get()
    assert len(case.evidence["signals"]) == 2 and case.number.endswith("-0001")


def test_the_database_itself_refuses_a_second_open_task_and_fitting(road):
    told(road, signal())
    task = Task.objects.get()
    again = {name: getattr(task, name) for name in ("office", "role", "code", "subject_kind", "subject_id")}
    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.create(**again, opened_at=NOON, due_at=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        DeviceFitting.objects.create(device=road.device, vehicle=road.vehicle, fitted_at=NOON)


def test_without_a_position_the_matter_is_the_vehicles_own_districts_else_headquarters(road):
    blind = signal(**PROVED)
    blind.payload["evidence"] |= {"lat": None, "lon": None}
    registry.save_block(
        block=registry.NewBlock(
            code="ARA-2026-01",
            serial=1,
            block_no="1",
            name_en="A",
            name_hi="अ",
            district="Araria",
            area_ha=1,
            quantity_m3=1,
            corners=[[26.1, 87.4], [26.2, 87.4], [26.2, 87.5]],
        ),
        by=BY,
        at=NOON,
    )
    told(road, blind)
    case = Case.objects.get()
    assert (case.district, case.office.code, Task.objects.get().role) == ("", "hq", "hq")
    with pytest.raises(Refusal):  # it is headquarters' case: it decides, and says that nobody liable is known
        services.send_notice(case, by=actor_of(_hq()), at=NOON)


def test_far_from_every_ghat_is_no_ghats_district(road):
    abroad = signal(**PROVED)
    abroad.payload["evidence"] |= {"lat": 28.6, "lon": 77.2}
    road.vehicle.owner = road.party
    road.vehicle.save()
    told(road, abroad)
    assert Case.objects.get().district == "Munger"  # its owner's settlements are there


def test_an_old_challan_is_no_evidence(road):
    def issued(number, at, hours):
        Challan.objects.create(
            number=number, pass_id=number[-16:].rjust(16, "0"), lease=road.lease,
            district=road.lease.district, party=road.party, place=road.place,
            vehicle=road.vehicle, imei=IMEI, quantity_m3=8, distance_km=9, driver_name="D", issued_at=at,
            valid_until=at + timedelta(hours=hours), issue_lat=25.3, issue_lon=86.6, issue_fix_at=at, state_at=at,
            state="expired", pass_text="x",
        )  # fmt: skip

    issued("MUN-26-000001", NOON - timedelta(days=90), 5)
    told(road, signal(**PROVED))
    assert (Case.objects.get().challan_number, Case.objects.get().lease_code) == ("", "")
    services.drop_case(Case.objects.get(), reason="x", by=road.district, at=NOON)
    issued("MUN-26-000002", NOON - timedelta(hours=10), 5)  # its way back: valid until five hours before
    told(road, signal(NOON + timedelta(hours=2), **PROVED), at=NOON + timedelta(hours=2))
    assert Case.objects.get(state="opened").challan_number == "MUN-26-000002"
