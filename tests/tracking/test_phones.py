"""A driver's phone in place of a faulty device: allowed by the rule book, marked, back to the device."""

import json
import zipfile
from datetime import timedelta
from io import BytesIO

import pytest
from django.test import Client

from immis.core.errors import NotPermitted, Refusal
from immis.core.models import ActionLog
from immis.gateway.store.snapshot import SnapshotReader
from immis.registry import devices as register
from immis.registry.models import Device, DeviceFitting
from immis.registry.selectors import device_of
from immis.rules.movement.devices import luhn
from immis.tracking.jobs import publish_snapshot
from immis.tracking.models import PhoneStandIn, Trip
from immis.tracking.services import phones
from tests.challans.world import IMEI, NOON, PLATE
from tests.tracking.faults import carry_on, report

DAY = timedelta(days=1)


def reported(world, at=NOON):
    Device.objects.filter(imei=IMEI).update(district="Munger")
    world.device.refresh_from_db()
    return report(world.device, "power", by=world.district, at=at)


def let_in(world, fault, *, days=3, at=NOON, by=None):
    said = {"holder": "Ramesh", "msisdn": "9876543210", "days": days, "reason": "उपकरण मरम्मत में"}
    return phones.stand_in(fault=fault, by=by or world.district, at=at, **said)


def test_a_phone_stands_in_until_its_time_is_over_and_the_device_takes_its_place_again(world, data_dir):
    one = let_in(world, reported(world))
    phone = device_of(world.vehicle)
    assert phone.is_phone and phone.imei == one.phone.imei != IMEI and not luhn(phone.imei)
    reader = SnapshotReader(data_dir)
    assert publish_snapshot(at=NOON) == 1 and reader.poll()
    assert reader.current.phones == {phone.imei: (NOON + 3 * DAY).timestamp()}
    assert reader.current.vehicles == {phone.imei: PLATE}
    assert phones.end_overdue_phones(at=NOON + 3 * DAY - timedelta(seconds=1)) == 0
    assert phones.end_overdue_phones(at=NOON + 3 * DAY) == 1
    assert device_of(world.vehicle).imei == IMEI
    assert publish_snapshot(at=NOON + 3 * DAY) == 1 and reader.poll() and reader.current.phones == {}
    spans = DeviceFitting.objects.filter(vehicle=world.vehicle).order_by("fitted_at")
    assert [(row.device.imei, row.removed_at) for row in spans] == [
        (IMEI, NOON), (phone.imei, NOON + 3 * DAY), (IMEI, None)
    ]  # fmt: skip
    kinds = ("device.phone_stands_in", "device.phone_ended")
    assert list(ActionLog.objects.filter(code__in=kinds).order_by("seq").values_list("code", flat=True)) == list(kinds)


@pytest.mark.flow
def test_the_rule_book_says_when_no_phone_may_stand_in(world):
    fault = reported(world)
    with pytest.raises(NotPermitted):
        let_in(world, fault, by=world.actor)
    with pytest.raises(Refusal) as refused:
        let_in(world, fault, days=4)
    assert refused.value.findings[0].code == "DEV-17"
    one = let_in(world, fault)
    with pytest.raises(Refusal):
        let_in(world, fault, days=1)
    carry_on(fault, "mend", by=world.district, at=NOON + DAY)
    carry_on(fault, "close", by=world.district, at=NOON + DAY)
    assert phones.end_overdue_phones(at=NOON + DAY) == 1 and device_of(world.vehicle).imei == IMEI
    with pytest.raises(Refusal):  # the fault is mended
        let_in(world, fault, days=1, at=NOON + DAY)
    again = report(world.device, "sim", by=world.district, at=NOON + 2 * DAY)
    let_in(world, again, days=3, at=NOON + 2 * DAY)
    assert phones.end_overdue_phones(at=NOON + 9 * DAY) == 1
    third = report(world.device, "cover", by=world.district, at=NOON + 9 * DAY)
    with pytest.raises(Refusal):  # four of six days are used up
        let_in(world, third, days=3, at=NOON + 9 * DAY)
    assert PhoneStandIn.objects.get(pk=one.pk).ended_at == NOON + DAY


def test_another_device_ends_the_phone_and_is_not_displaced_by_the_old_one(world):
    one = let_in(world, reported(world))
    other = register.OfferedDevice(imei="490154203237518", vendor="A", model="B", reason="नया")
    register.onboard_device(device=other, vehicle=world.vehicle, by=world.district, at=NOON + DAY)
    assert phones.end_overdue_phones(at=NOON + DAY) == 1
    assert device_of(world.vehicle).imei == "490154203237518"
    assert Device.objects.get(pk=one.phone_id).active is False


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.flow
def test_what_a_phone_told_is_marked_wherever_it_is_shown(world):
    """On the ticket, the register, the map, the vehicle's page, the track, its files and the evidence bundle."""
    fault = reported(world)
    code = fault.number
    world.report(NOON - timedelta(minutes=9))
    officer = client_of(world.officer)
    refused = officer.post(f"/devices/faults/{code}/phone/", {"holder": "R", "msisdn": "12", "days": 9, "reason": "r"})
    assert refused.status_code == 422
    form = {"holder": "Ramesh", "msisdn": "9876543210", "days": 9, "reason": "मरम्मत"}
    refused = officer.post(f"/devices/faults/{code}/phone/", form)
    assert refused.status_code == 409 and "DEV-17" in refused.content.decode()
    answer = officer.post(f"/devices/faults/{code}/phone/", {**form, "days": 2}, follow=True)
    phone = device_of(world.vehicle)
    page = answer.content.decode()
    assert phone.imei in page and "<svg" in page and "Traccar Client" in page
    assert client_of(world.settlee).post(f"/devices/faults/{code}/phone/", form).status_code in (403, 404)
    for minute in range(3):
        world.report(NOON + timedelta(minutes=minute), imei=phone.imei)
    Trip.objects.create(imei=phone.imei, registration=PLATE, source_fence="ghat:MUN-2026-01", started_at=NOON,
                        ended_at=NOON + timedelta(minutes=2), distance_km=3)  # fmt: skip
    assert "फोन" in officer.get("/devices/?concern=phone").content.decode()
    rows = officer.get("/office/map/vehicles.json").json()["features"]
    assert [one["properties"]["phone"] for one in rows if one["properties"]["kind"] == "vehicle"] == [True]
    officer.post(f"/office/map/{PLATE}/why/", {"reason": "नियमित जाँच"})
    assert "उपकरण के स्थान पर फोन" in officer.get(f"/office/map/{PLATE}/").content.decode()
    day = "day=2026-06-05"
    assert officer.get(f"/office/map/{PLATE}/track.json?{day}").json()["phone"] == [0, 1, 1, 1]
    lines = officer.get(f"/office/map/{PLATE}/track.csv?{day}").content.decode().splitlines()
    assert [line.rsplit(",", 1)[1] for line in lines] == ["phone", "0", "1", "1", "1"]
    bundle = officer.get(f"/office/map/trips/{Trip.objects.get().pk}/evidence.zip")
    with zipfile.ZipFile(BytesIO(bundle.content)) as files:
        assert json.loads(files.read("trip.json"))["phones"] == [phone.imei]
    assert officer.post(f"/devices/faults/{code}/phone/", {"end": "1"}).status_code == 302
    assert device_of(world.vehicle).imei == IMEI
