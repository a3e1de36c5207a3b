"""The live map: the fleet in columns, only news after the first reading, each post what it may see."""

import json
import struct
from dataclasses import replace
from datetime import timedelta

import numpy
import pytest
from django.test import Client

from immis.core.access.permissions import SYSTEM
from immis.registry import services as registry
from immis.tracking import live, selectors
from immis.tracking.jobs import take_in_gateway_events
from tests.challans.world import AWAY, BY, IMEI, NOON, PLATE, officer_in

MINUTE = timedelta(minutes=1)
OTHER = "490154203237518"


def read(body):
    """The head and columns of an answer, as the map's script reads them."""
    assert body[:4] == b"IML1"
    (length,) = struct.unpack("<I", body[4:8])
    head, at = json.loads(body[8 : 8 + length]), 8 + length
    kinds = {"id": "<u4", "at": "<u4", "lon": "<f4", "lat": "<f4", "speed": "u1", "heading": "u1", "trouble": "u1",
             "district": "u1"} | ({"plate": "S12"} if head["whole"] else {})  # fmt: skip
    columns = {}
    for name, kind in kinds.items():
        columns[name] = numpy.frombuffer(body, kind, head["count"], at)
        at += head["count"] * numpy.dtype(kind).itemsize
    assert at == len(body)
    return head, columns


@pytest.fixture
def two(world):
    """Another lorry beside the world's own."""
    vehicle = registry.register_vehicle(
        vehicle=registry.NewVehicle(registration="BR08G9999", capacity_m3=10, owner_name="S"), by=BY, at=NOON
    )
    registry.fit_device(imei=OTHER, vehicle=vehicle, by=BY, at=NOON)
    world.report(NOON, speed_kmh=40.0, stored=False)
    world.report(NOON, AWAY, imei=OTHER, stored=False)
    return world


def test_the_whole_fleet_comes_once_and_then_only_news(two):
    head, columns = read(live.packed(SYSTEM, at=NOON))
    assert head["whole"] and [plate.decode() for plate in columns["plate"]] == [PLATE, "BR08G9999"]
    assert columns["speed"].tolist() == [40, 0] and columns["heading"].tolist() == [45, 45]
    assert columns["lat"][1] == pytest.approx(AWAY[0], abs=1e-5)
    two.report(NOON + MINUTE, AWAY, imei=OTHER, speed_kmh=12.0, stored=False)
    news, changed = read(live.packed(SYSTEM, at=NOON + MINUTE, since=head["version"], set_mark=head["set"]))
    assert not news["whole"] and changed["speed"].tolist() == [12]
    again, nothing = read(live.packed(SYSTEM, at=NOON + MINUTE, since=news["version"], set_mark=news["set"]))
    assert again["count"] == 0 and not again["whole"]
    assert read(live.packed(SYSTEM, at=NOON, since=news["version"] + 50, set_mark=news["set"]))[0]["whole"]
    world_set, _ = read(live.packed(SYSTEM, at=NOON, since=news["version"], set_mark=1))
    assert world_set["whole"]


def test_each_post_gets_what_it_may_see(two):
    two.tell(two.fence("left", "ghat:MUN-2026-01", NOON))
    take_in_gateway_events(at=NOON)
    gaya = replace(two.district, district="Gaya")
    seen = [read(live.packed(viewer, at=NOON))[0]["count"] for viewer in (SYSTEM, two.district, gaya, two.actor)]
    assert seen == [2, 1, 0, 0]
    head, columns = read(live.packed(two.district, at=NOON))
    assert [head["districts"][one - 1] for one in columns["district"]] == ["Munger"]
    assert read(live.packed(SYSTEM, at=NOON, fence="ghat:MUN-2026-01"))[0]["count"] == 1
    assert selectors.state_counts(two.district, at=NOON) == {"trouble": 0, "silent": 0, "moving": 1, "standing": 0}
    assert [one.registration for one in selectors.live_vehicles(SYSTEM, at=NOON, district="Munger")] == [PLATE]
    assert len(selectors.live_vehicles(SYSTEM, at=NOON, limit=1)) == 1


def test_a_device_that_is_taken_out_leaves_the_map(two):
    head, _ = read(live.packed(SYSTEM, at=NOON))
    registry.fit_device(imei="861234567890777", vehicle=two.vehicle, by=BY, at=NOON + MINUTE)
    news, columns = read(live.packed(SYSTEM, at=NOON, since=head["version"], set_mark=head["set"]))
    assert news["whole"] and columns["plate"].tolist() == [b"BR08G9999"]


def test_the_pages_of_the_map(two):
    client = Client()
    client.force_login(officer_in(two.office, "monitoring", "mon"))
    head, _ = read(client.get("/office/map/live.bin?since=x&set=-1").content)
    assert head["count"] == 2
    assert client.get("/office/map/live.bin?ghat=MUN-2026-01").content[:4] == b"IML1"
    assert client.get("/office/map/wall/").status_code == 200
    page = client.get("/office/map/?district=Munger&state=standing").content.decode()
    assert PLATE not in page and "data-live-map" in page
    assert client.get("/office/map/?format=csv&q=9999").content.decode().count("\r\n") == 2
    assert IMEI in client.get("/office/map/?format=csv").content.decode()
