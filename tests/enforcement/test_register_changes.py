"""What the register overwrites is in the action log with what stood before (E-150)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from immis.core.access.permissions import SYSTEM
from immis.core.errors import Refusal
from immis.core.models import ActionLog
from immis.registry import services
from tests.enforcement.world import NOON
from tests.fit import BIG_LORRY

pytestmark = pytest.mark.django_db


def again(world, *, reason="", **changed):
    same = {
        "registration": "BR08G1234",
        "capacity_m3": Decimal("12"),
        "owner_name": "Ram Traders",
        "owner": world.owner,
        **BIG_LORRY,
    }
    vehicle = services.NewVehicle(**{**same, **changed})
    return services.register_vehicle(vehicle=vehicle, reason=reason, by=SYSTEM, at=NOON)


def test_an_owner_or_capacity_is_not_overwritten_without_a_reason(world):
    for changed in ({"owner": world.settlee}, {"owner_name": "X"}, {"capacity_m3": Decimal("14")}, {"owner": None}):
        with pytest.raises(Refusal) as refusal:
            again(world, **changed)
        assert [one.code for one in refusal.value.findings] == ["REG-10"]
        with pytest.raises(Refusal):
            again(world, **changed, reason=" ")
    world.vehicle.refresh_from_db()
    assert (world.vehicle.owner, world.vehicle.capacity_m3) == (world.owner, Decimal("12"))
    assert not ActionLog.objects.filter(code="vehicle.changed").exists()


def test_with_a_reason_the_log_keeps_before_and_after(world):
    again(world, owner=world.settlee, capacity_m3=Decimal("14"), reason="transfer of 12.10.2026")
    line = ActionLog.objects.get(code="vehicle.changed")
    assert (line.subject_id, line.facts["reason"]) == ("BR08G1234", "transfer of 12.10.2026")
    assert line.facts["before"] == {"capacity_m3": "12.00", "owner": "ram"}
    assert line.facts["after"] == {"capacity_m3": "14", "owner": "ganga"}


def test_the_same_again_changes_and_logs_nothing(world):
    before = ActionLog.objects.count()
    again(world)
    assert ActionLog.objects.count() == before


def test_parties_offices_places_and_devices_too(world):
    party = {"code": "ram", "kind": "proprietor", "name_en": "Ram Traders", "name_hi": "ram ट्रेडर्स", "pan": "ABCPR1234M"}
    changed = services.NewParty(**party, email="other@example.org", phone="9000000001")
    services.add_party(party=changed, at=NOON)
    line = ActionLog.objects.get(code="party.changed")
    assert line.facts["before"] == {"email": "ram@example.org"} and line.facts["after"] == {
        "email": "other@example.org"
    }
    services.open_office(code="office-far", kind="district", name_en="Gaya", name_hi="गया", district="Munger", at=NOON)
    assert ActionLog.objects.get(code="office.changed").facts["before"] == {"district": "Gaya"}
    for radius_m in (500, 5000):
        services.add_place(
            place=services.NewPlace(
                code="p", kind="destination", name_en="P", name_hi="P", lat=25.0, lon=86.0, radius_m=radius_m
            ),
            at=NOON,
        )
    assert ActionLog.objects.get(code="place.changed").facts["after"] == {"radius_m": 5000}
    at = NOON + timedelta(days=1)
    services.fit_device(imei="861234567890123", vehicle=world.vehicle, by=SYSTEM, at=at, iccid="8991000000000000000")
    assert ActionLog.objects.filter(code="device.fitted").last().facts["before"] == {"iccid": ""}
