"""The register of devices: fitting and changing, faults, announced work, the pairing test, silence and scorecards."""

import io
import json
from dataclasses import replace
from datetime import date, timedelta
from functools import reduce
from operator import xor

import pytest
from django.test import Client

from immis.core.access.permissions import SYSTEM
from immis.core.errors import NotFound, NotPermitted, Refusal
from immis.core.models import ActionLog
from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import Task
from immis.gateway.commands import commands_folder
from immis.gateway.protocols.command_words import command_text
from immis.gateway.protocols.decode import decode_frame
from immis.gateway.state.events import NewEvent
from immis.gateway.store.snapshot import SnapshotReader
from immis.messaging.models import Message
from immis.registry import devices as register
from immis.registry.models import Device, DeviceFitting, SheetFile
from immis.registry.services import NewVehicle, register_vehicle
from immis.registry.sheets import files
from immis.rules.movement.devices import luhn, silence_of, sim_score
from immis.rules.policy import book
from immis.tracking import devices
from immis.tracking.jobs import count_packets, publish_snapshot, take_in_gateway_events
from immis.tracking.models import DeviceCommand, DeviceDay, DeviceEvent
from immis.tracking.services import commands
from tests.challans.world import BY, IMEI, NOON, PLATE
from tests.tracking.faults import carry_on, report

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
GOOD = "490154203237518"


def onboard(world, **changed):
    said = {
        "imei": GOOD, "vehicle": world.vehicle, "iccid": "8991101200003204514", "msisdn": "5751234567890",
        "vendor": "Acme", "model": "T1", "certificate_no": "C/1", "certificate_until": date(2028, 1, 1),
        "label_compared": False, "reason": "पुराना उपकरण खराब", "by": world.district, "at": NOON,
    }  # fmt: skip
    given = {**said, **changed}
    rest = {name: given.pop(name) for name in ("vehicle", "by", "at")}
    return register.onboard_device(device=register.OfferedDevice(**given), **rest)


def test_a_device_takes_the_place_of_another_and_the_history_stays(world):
    assert onboard(world) == []
    assert [one.imei for one in Device.objects.filter(vehicle=world.vehicle, active=True)] == [GOOD]
    before, now = DeviceFitting.objects.order_by("id")
    assert (before.device.imei, before.removed_at, before.reason) == (IMEI, NOON, "पुराना उपकरण खराब")
    assert (now.device.imei, now.removed_at, now.device.district) == (GOOD, None, "Munger")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"imei": "490154203237519"}, "DEV-01"),
        ({"iccid": "12"}, "DEV-02"),
        ({"certificate_until": date(2026, 6, 4)}, "DEV-03"),
        ({"imei": "49015420323751"}, "DEV-01"),
    ],
)
def test_unsound_papers_are_refused(world, changed, code):
    with pytest.raises(Refusal) as refused:
        onboard(world, **changed)
    assert [one.code for one in refused.value.findings] == [code]
    assert not Device.objects.filter(imei=GOOD).exists()


@pytest.mark.flow
def test_a_device_is_in_one_vehicle_only(world):
    onboard(world)
    other = register_vehicle(
        vehicle=NewVehicle(registration="BR08G9999", capacity_m3=10, owner_name="Shyam"), by=BY, at=NOON
    )
    with pytest.raises(Refusal) as refused:
        onboard(world, vehicle=other)
    assert refused.value.findings[0].facts["vehicle"] == PLATE
    register.take_out(device=Device.objects.get(imei=GOOD), reason="बिका", by=world.district, at=NOON + DAY)
    onboard(world, vehicle=other, at=NOON + DAY)
    assert [one.vehicle.registration for one in register.fittings_of(device=Device.objects.get(imei=GOOD))] == [
        "BR08G9999",
        PLATE,
    ]


def test_devices_come_from_a_sheet_with_what_is_wrong_by_row(world):
    register_vehicle(vehicle=NewVehicle(registration="BR08G9999", capacity_m3=10, owner_name="Shyam"), by=BY, at=NOON)
    office, sheet = client_of(world.officer), io.BytesIO(SHEET.encode())
    sheet.name = "devices.csv"
    page = office.post("/sheets/devices/", {"file": sheet})["Location"]
    files.work_on_files(at=NOON)
    checked = office.get(page).content.decode()
    for code in ("DEV-01", "DEV-04", "DEV-38", "REG-31"):
        assert code in checked, code
    assert not Device.objects.filter(imei=GOOD).exists()
    office.post(page, {"step": "take"})
    files.work_on_files(at=NOON)
    assert (SheetFile.objects.get().entered, SheetFile.objects.get().refused) == (1, 4)
    device = Device.objects.get(imei=GOOD)
    assert (device.vehicle.registration, device.certificate_until) == ("BR08G9999", date(2028, 3, 31))
    assert (device.msisdn, device.district) == ("5751234567890", "Munger")


SHEET = (
    "registration,IMEI,Vendor,model,msisdn,certificate_until\n"
    f"BR08G9999,{GOOD},Acme,T1,5751234567890,31.03.2028\n"
    f"BR08G9999,{GOOD},Acme,T1,,\n"
    "BR08G9999,490154203237519,Acme,T1,,\n"
    f"BR08G9999,{IMEI},Acme,T1,,\n"
    "BR08G0000,356938035643809,Acme,T1,,\n"
)


def test_sims_score_and_are_never_walled_off():
    said, lists = book().value("DEV-05", NOON), book().value("DEV-09", NOON)
    assert luhn("490154203237518") and not luhn("490154203237519")
    full, signs = sim_score("8991101200003204514", "5751234567890", said=said)
    assert full == 3 and all(signs.values())
    assert sim_score("", "", said=said)[0] == 0
    assert [silence_of(NOON - d * DAY, at=NOON, lists=lists) for d in (0, 1, 2.9, 3, 29, 40)] == [0, 1, 1, 3, 7, 30]


@pytest.mark.flow
def test_a_fault_is_followed_until_it_is_mended(world):
    world.vehicle.owner = world.party
    world.vehicle.save()
    Device.objects.filter(imei=IMEI).update(district="Munger")
    owner = world.actor
    fault = report(world.device, "silent", by=owner, at=NOON)
    assert (fault.number, fault.due_at - NOON) == ("GF-2026-000001", 3 * DAY)
    with pytest.raises(Refusal):
        report(world.device, "silent", by=world.district, at=NOON)
    run_triggers(at=NOON)
    task = Task.objects.get(code="TRG-130")
    assert (task.subject_id, task.due_at) == (fault.number, fault.due_at)
    assert Message.objects.get(template="MSG-131").to_id == str(world.party.pk)
    with pytest.raises(NotPermitted):
        carry_on(fault, "close", by=owner, at=NOON)
    carry_on(fault, "mend", words="नया सिम", by=owner, at=NOON)
    assert carry_on(fault, "close", by=world.district, at=NOON).state == "closed"
    assert ActionLog.objects.filter(subject_id=fault.number).count() == 3
    report(world.device, "silent", by=world.district, at=NOON + DAY)


def tamper(at):
    payload = {"signal": "cover_opened", "grade": "strong", "evidence": {}}
    return NewEvent("device.tamper", IMEI, PLATE, at.timestamp(), at.timestamp(), payload)


def test_announced_work_reaches_the_gateway_and_raises_no_case(world, data_dir):
    begins, ends = NOON + 60 * MINUTE, NOON + 120 * MINUTE
    said = {"device": world.device, "reason": "एंटेना", "workshop": "", "by": world.district, "at": NOON}
    with pytest.raises(Refusal):
        register.announce_service(begins_at=NOON - MINUTE, ends_at=ends, **said)
    window = register.announce_service(begins_at=begins, ends_at=ends, **said)
    reader = SnapshotReader(data_dir)
    assert publish_snapshot(at=NOON) == 1 and reader.poll()
    inside, outside = (begins + MINUTE).timestamp(), (ends + MINUTE).timestamp()
    assert reader.current.in_service(IMEI, inside) and not reader.current.in_service(IMEI, outside)
    world.tell(tamper(begins + MINUTE), tamper(ends + MINUTE))
    take_in_gateway_events(at=ends + DAY)
    assert list(DeviceEvent.objects.values_list("kind", flat=True)) == ["device.serviced", "device.tamper"]
    register.cancel_service(window=window, by=world.district, at=begins + 10 * MINUTE)
    assert publish_snapshot(at=begins + 10 * MINUTE) == 1 and reader.poll()
    assert not reader.current.in_service(IMEI, (begins + 11 * MINUTE).timestamp())


def test_the_pairing_test_says_what_came_and_why_not(world):
    begin = lambda: devices.begin_test(device=world.device, by=world.district, at=NOON)  # noqa: E731
    state = lambda test, at=NOON: devices.test_state(test, at=at)["outcome"]  # noqa: E731
    test = begin()
    assert (state(test), state(begin(), NOON + 10 * MINUTE)) == ("waiting", "never")
    world.report(NOON - DAY)
    assert state(begin(), NOON + 11 * MINUTE) == "silent"
    world.report(NOON + MINUTE)
    heard = devices.test_state(test, at=NOON + 2 * MINUTE)
    assert (heard["outcome"], heard["over"]) == ("heard", True)
    assert devices.last_test(world.device).outcome == "silent"
    world.report(NOON + 50 * MINUTE)
    test.refresh_from_db()
    assert devices.test_state(test, at=NOON + DAY)["outcome"] == "heard"


def test_forty_tests_in_a_second_send_one_message(world):
    onboard(world)
    world.vehicle.owner = world.party
    world.vehicle.save()
    Message.objects.all().delete()
    officer = client_of(world.officer)
    answers = [officer.post(f"/devices/{GOOD}/test") for _ in range(40)]
    assert [answer.status_code for answer in answers] == [302] * 6 + [409] * 34
    assert "6 बार" in answers[-1].content.decode()
    assert Message.objects.filter(template="MSG-130").count() == 1


def test_silence_lists_and_scorecards(world):
    world.report(NOON)
    assert count_packets(at=NOON) == 1
    counted = DeviceDay.objects.get()
    assert (counted.imei, counted.frames, counted.bad, counted.clock_error_s) == (IMEI, 1, 0, 0.0)
    assert count_packets(at=NOON) == 0
    rows = devices.device_rows(SYSTEM, at=NOON + 3 * DAY)
    assert [row.silent_days for row in rows] == [3]
    assert devices.silence_counts(SYSTEM, at=NOON + 3 * DAY) == (1, [(1, 1), (3, 1), (7, 0), (30, 0)])
    assert devices.device_rows(SYSTEM, at=NOON + DAY, silent=3) == []
    ((who, scores),) = devices.scorecards(SYSTEM, at=NOON + DAY)
    assert (who["registration"], scores.frames, scores.grades["silent_h"]) == (PLATE, 1, "warn")
    ((model, _),) = devices.scorecards(SYSTEM, at=NOON + DAY, by_model=True)
    assert model == {"vendor": "", "model": ""}


def test_a_district_and_an_owner_see_their_own_devices_only(world):
    onboard(world)
    munger, gaya = world.district, replace(world.district, district="Gaya")
    assert devices.device_of(munger, GOOD).imei == GOOD
    for viewer in (gaya, world.actor):
        with pytest.raises(NotFound):
            devices.device_of(viewer, GOOD)
    world.vehicle.owner = world.party
    world.vehicle.save()
    assert devices.device_of(world.actor, GOOD).imei == GOOD


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.flow
def test_the_pages_of_the_register(world):
    officer = client_of(world.officer)
    form = {"registration": "br08 g1234", "imei": "490154203237519", "vendor": "Acme", "model": "T1"}
    refused = officer.post("/devices/new/", form)
    assert refused.status_code == 409 and "जाँच अंक" in refused.content.decode()
    assert officer.post("/devices/new/", {**form, "imei": GOOD}).status_code == 302
    page = officer.get(f"/devices/{GOOD}/").content.decode()
    assert "कभी संदेश नहीं" in page and IMEI in page
    assert officer.post(f"/devices/{GOOD}/test").status_code == 302
    assert officer.get(f"/devices/{GOOD}/test").json()["over"] is False
    assert officer.post(f"/devices/{GOOD}/fault", {"kind": "power", "words": ""}).status_code == 302
    assert "GF-2026-000001" in officer.get("/devices/faults/").content.decode()
    moved = officer.post("/entries/GF-2026-000001/acts/mend/", {"act_reason": "हो गया", "act_revision": 1}, follow=True)
    assert "हो गया" in moved.content.decode()
    when = {"begins_at": "2026-06-06T10:00", "ends_at": "2026-06-06T12:00", "reason": "सिम बदलना"}
    assert officer.post(f"/devices/{GOOD}/service", when).status_code == 302
    assert officer.post(f"/devices/{GOOD}/service", {**when, "ends_at": "2026-06-09T12:00"}).status_code == 409
    assert b"BR08G1234" in officer.get("/devices/?format=csv").content
    assert [officer.get(f"/devices/scores/{q}").status_code for q in ("", "?by=model", "?by=model&format=csv")] == [
        200
    ] * 3
    settlee = client_of(world.settlee)
    assert settlee.get(f"/devices/{GOOD}/").status_code == 404
    world.vehicle.owner = world.party
    world.vehicle.save()
    own = settlee.get(f"/devices/{GOOD}/").content.decode()
    assert "खराबी बताएँ" in own and "कार्य की सूचना" not in own
    assert settlee.post(f"/devices/{GOOD}/service", when).status_code == 403


@pytest.mark.flow
def test_a_command_goes_to_the_gateway_and_its_answer_comes_back_to_the_page(
    world, data_dir, django_capture_on_commit_callbacks
):
    """Sent with a reason, taken up by the gateway, followed through what it tells; immobilising is refused (DEV-18)."""
    Device.objects.filter(imei=IMEI).update(district="Munger")
    officer = client_of(world.officer)
    form = {"act": "interval", "seconds": "10", "form": "cdac", "reason": "सुनवाई हेतु"}
    for wrong in ({"act": "immobilise"}, {"seconds": ""}, {"seconds": "2"}, {"act": "interval_rest"}, {"reason": ""}):
        assert officer.post(f"/devices/{IMEI}/command/", form | wrong).status_code in (409, 422)
    with django_capture_on_commit_callbacks(execute=True):
        assert officer.post(f"/devices/{IMEI}/command/", form).status_code == 302
    command = DeviceCommand.objects.get()
    [path] = commands_folder(data_dir).glob("*.json")
    assert json.loads(path.read_text())["text"] == command.text == "SET UR:10"
    assert officer.post(f"/devices/{IMEI}/command/", form).status_code == 409  # one is under way
    told = {"id": command.code, "text": command.text}
    for second, kind, more in ((5, "sent", {"tries": 1}), (9, "answered", {"raw": "$,NRM,OA,12*"})):
        at_s = NOON.timestamp() + second
        world.tell(NewEvent(f"device.command_{kind}", IMEI, PLATE, at_s, at_s, told | more))
    take_in_gateway_events(at=NOON + MINUTE)
    page = officer.get(f"/devices/{IMEI}/").content.decode()
    assert "$,NRM,OA,12*" in page and "उत्तर मिला" in page and "सुनवाई हेतु" in page
    line = ActionLog.objects.get(code="device.command_ordered")
    assert (line.facts["text"], line.facts["reason"]) == ("SET UR:10", "सुनवाई हेतु")
    assert commands.usual_form(world.device) == "cdac"
    with pytest.raises(Refusal):
        commands.order_command(
            device=world.device, form="cdac", act="immobilise", seconds=None, reason="x", by=world.district, at=NOON
        )
    with pytest.raises(NotPermitted):
        commands.order_command(
            device=world.device, form="cdac", act="ask", seconds=None, reason="x", by=world.actor, at=NOON
        )


def test_a_command_of_amendment_3_bears_its_checksum():
    text = command_text("amendment3", "interval", imei=GOOD, seconds=30)
    assert text == f"${GOOD},{GOOD[-6:]},SET,014:30*{reduce(xor, text[1:-3].encode()):02X}"
    assert decode_frame(text.encode())[0].kind == "command"
