"""Another district's devices and vehicles are changed by nobody here, by page and by service (A-30, E-157)."""

from datetime import timedelta

import pytest

from immis.core.errors import NotFound, NotPermitted
from immis.holds.models import Hold
from immis.registry import devices as register
from immis.registry import services as registry
from immis.registry.models import Device, DeviceFitting, ServiceWindow
from immis.registry.selectors import actor_of
from immis.tracking.devices import vehicle_in_reach
from immis.tracking.models import DeviceCommand, Sighting
from immis.tracking.services.commands import order_command
from immis.tracking.services.phones import stand_in
from tests.challans.world import BY, NOON, PLATE, officer_in
from tests.fit import LORRY
from tests.tracking.faults import carry_on, report

pytestmark = pytest.mark.django_db
THEIRS, SPARE = "861234567890777", "861234567890888"


@pytest.fixture
def gaya(world):
    """A truck of Gaya with its device, a spare device of Gaya, and its officer."""
    office = registry.open_office(code="gaya", kind="district", name_en="G", name_hi="ग", district="Gaya")
    officer = actor_of(officer_in(office, "district", "gaya"))
    truck = registry.register_vehicle(
        vehicle=registry.NewVehicle(
            registration="BR02G0001", capacity_m3=world.vehicle.capacity_m3, owner_name="Z", **LORRY
        ),
        by=BY,
        at=NOON,
    )
    device = registry.fit_device(imei=THEIRS, vehicle=truck, by=officer, at=NOON, district="Gaya")
    Device.objects.create(imei=SPARE, district="Gaya", active=False)
    return officer, truck, device


@pytest.fixture
def desk(world, client):
    client.force_login(world.officer)
    return client


def form(**changed):
    said = {"registration": PLATE, "imei": "861234567890999", "vendor": "V", "model": "M", "label_compared": "on"}
    return {**said, "reason": "new", **changed}


def test_another_districts_device_is_not_fitted_to_ones_own_vehicle(desk, world, gaya):
    for imei in (THEIRS, SPARE):
        assert desk.post("/devices/new/", form(imei=imei)).status_code in (403, 404, 422)
    assert Device.objects.get(imei=THEIRS).vehicle.registration == "BR02G0001"
    assert Device.objects.get(imei=SPARE).vehicle is None and DeviceFitting.objects.count() == 2


def test_another_districts_vehicle_is_not_fitted(desk, world, gaya):
    answer = desk.post("/devices/new/", form(registration="BR02G0001"))
    assert answer.status_code == 409 and "BR02G0001" in answer.content.decode()
    assert Device.objects.get(imei=THEIRS).active


def test_to_have_seen_it_pass_gives_sight_and_no_hand(desk, world, gaya):
    Sighting.objects.create(registration="BR02G0001", district="Munger", last_at=NOON)
    assert desk.get(f"/devices/{THEIRS}/").status_code == 200
    assert desk.post(f"/devices/{THEIRS}/remove", {"reason": "x"}).status_code == 403
    begins = (NOON + timedelta(hours=7)).strftime("%Y-%m-%dT%H:%M")
    ends = (NOON + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M")
    window = {"begins_at": begins, "ends_at": ends, "reason": "x"}
    assert desk.post(f"/devices/{THEIRS}/service", window).status_code == 403
    assert desk.post("/devices/new/", form(registration="BR02G0001")).status_code == 403
    assert Device.objects.get(imei=THEIRS).active and not ServiceWindow.objects.exists()


def test_the_services_check_it_themselves(world, gaya):
    officer, truck, device = gaya
    mdo = world.district
    fault = report(device, "silent", by=officer, at=NOON)
    acts = (
        lambda: register.take_out(device=device, reason="x", by=mdo, at=NOON),
        lambda: carry_on(fault, "mend", by=mdo, at=NOON),
        lambda: stand_in(fault=fault, holder="H", msisdn="9", days=1, reason="x", by=mdo, at=NOON),
        lambda: order_command(device=device, form="plain", act="locate", seconds=None, reason="x", by=mdo, at=NOON),
    )
    for act in acts:
        with pytest.raises(NotPermitted):
            act()
    assert not DeviceCommand.objects.exists()
    register.take_out(device=device, reason="x", by=officer, at=NOON)


def order(number):
    return {"scope": "vehicle", "subject": number, "reference": "O/1", "reason": "x", "ground": "", "since": ""}


def test_another_districts_vehicle_is_not_stopped(desk, world, gaya):
    assert desk.post("/office/holds/", order("BR02G0001")).status_code == 404
    assert desk.post("/office/holds/", order("br02 g0001")).status_code == 404
    assert not Hold.objects.exists()
    Sighting.objects.create(registration="BR02G0001", district="Munger", last_at=NOON)
    assert desk.post("/office/holds/", order("br02 g0001")).status_code == 302  # met on Munger's roads
    assert Hold.objects.get().subject_id == "BR02G0001"


def test_a_vehicle_of_nobody_is_in_reach_until_an_office_has_to_do_with_it(world, gaya):
    mdo = world.district
    truck = registry.register_vehicle(
        vehicle=registry.NewVehicle(
            registration="BR02G0002", capacity_m3=world.vehicle.capacity_m3, owner_name="Z", **LORRY
        ),
        by=BY,
        at=NOON,
    )
    assert vehicle_in_reach(mdo, "BR02G0002") == truck
    with pytest.raises(NotFound):
        vehicle_in_reach(mdo, "BR02G0002", districts=["Gaya"])
    Sighting.objects.create(registration="BR02G0002", district="Gaya", last_at=NOON)
    with pytest.raises(NotFound):
        vehicle_in_reach(mdo, "BR02G0002")
