"""Fences beyond ghats: shapes, versions with dates, the gateway's snapshot, forbidden areas, the pages."""

import json
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO

import pytest
from django.test import Client

from immis.core.errors import NotPermitted, Refusal
from immis.core.models import OutboxEvent
from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import Task
from immis.gateway.store.snapshot import SnapshotReader
from immis.registry import fences
from immis.registry.models import Fence
from immis.rules.land.fences import ring_of
from immis.rules.land.geometry import area_ha
from immis.tracking.jobs import publish_snapshot, take_in_gateway_events
from tests.challans.world import NOON, PLATE

DAY = timedelta(days=1)
ROAD = [(25.30, 86.50), (25.32, 86.50)]


def save(world, code="bandh-1", **changed):
    said = {
        "code": code, "kind": "restricted", "name_en": "Embankment", "name_hi": "तटबंध", "district": "Munger",
        "corners": ROAD, "width_m": None, "valid_from": date(2026, 6, 5), "valid_until": None, "reason": "WRD",
        "reference": "WRD/1", "by": world.district, "at": NOON,
    }  # fmt: skip
    given = {**said, **changed}
    by, at = given.pop("by"), given.pop("at")
    return fences.save_fence(fences.DrawnFence(**given), by=by, at=at)


def test_roads_and_belts_get_their_width_to_scale():
    road = area_ha(ring_of(ROAD, 15.0))
    assert road == pytest.approx(2216 * 30 / 1e4, rel=0.03)
    assert area_ha(ring_of([(25.3, 86.5)], 100.0)) == pytest.approx(3.14, rel=0.03)
    square = [(25.30, 86.50), (25.30, 86.51), (25.31, 86.51), (25.31, 86.50)]
    assert ring_of([*square, square[0]], 0) == square
    assert area_ha(ring_of([*square, square[0]], 100.0)) > area_ha(square) + 40


@pytest.mark.flow
def test_a_fence_reaches_the_gateway_from_its_day_on_and_in_its_newest_version(world, data_dir):
    save(world, valid_from=date(2026, 6, 6))
    reader = SnapshotReader(data_dir)
    publish_snapshot(at=NOON)
    assert reader.poll() and "restricted:bandh-1" not in reader.current.fences.fences
    assert publish_snapshot(at=NOON + DAY) == 1 and reader.poll()
    assert reader.current.fences.fences["restricted:bandh-1"].kind == "restricted"
    before = reader.current.fences.fences["restricted:bandh-1"].polygon.area
    save(world, valid_from=date(2026, 6, 8), corners=[*ROAD, (25.34, 86.52)])
    assert publish_snapshot(at=NOON + DAY) == 0
    assert publish_snapshot(at=NOON + 3 * DAY) == 1 and reader.poll()
    assert reader.current.fences.fences["restricted:bandh-1"].polygon.area > before
    save(world, valid_from=date(2026, 6, 10), valid_until=date(2026, 6, 11))
    assert [len(fences.standing(date(2026, 6, day))) for day in (5, 6, 11, 12)] == [0, 1, 1, 0]
    save(world, code="k-1", kind="storage", corners=[(25.3, 86.5), (25.3, 86.51), (25.31, 86.51)])
    publish_snapshot(at=NOON + 3 * DAY)
    assert reader.poll() and reader.current.fences.fences["storage:k-1"].kind == "destination"


def test_what_is_unsound_or_another_districts_is_refused(world):
    save(world)
    with pytest.raises(Refusal):
        save(world)
    with pytest.raises(Refusal):
        save(world, code="x", corners=[])
    for changed in ({"district": "Gaya"}, {"by": replace(world.district, district="Gaya"), "district": "Gaya"}):
        with pytest.raises(NotPermitted):
            save(world, valid_from=date(2026, 6, 7), **changed)
    assert Fence.objects.count() == 1


@pytest.mark.flow
def test_a_vehicle_on_a_restricted_road_is_a_task_of_the_district(world):
    save(world)
    world.tell(world.fence("entered", "restricted:bandh-1", NOON, fence_kind="restricted"))
    world.tell(world.fence("entered", "place:patna", NOON, fence_kind="destination"))
    take_in_gateway_events(at=NOON)
    assert OutboxEvent.objects.filter(kind="vehicle.in_forbidden_area").count() == 1
    run_triggers(at=NOON)
    task = Task.objects.get(code="TRG-131")
    assert (task.subject_id, task.facts["place"]["hi"], task.office.district) == (PLATE, "तटबंध", "Munger")


@pytest.fixture
def officer(world):
    client = Client()
    client.force_login(world.officer)
    return client


def test_the_pages_of_fences(world, officer):
    form = {
        "name_hi": "तटबंध", "name_en": "Embankment", "kind": "restricted", "district": "Munger",
        "corners": "25.30, 86.50\n25.32 86.50", "valid_from": "2026-06-05", "reason": "WRD", "reference": "WRD/1",
    }  # fmt: skip
    assert officer.post("/fences/new/", {**form, "corners": "a, b"}).status_code == 422
    assert officer.post("/fences/new/", {**form, "kind": "no_go"}).status_code == 409
    made = officer.post("/fences/new/", form)
    assert made["Location"] == "/fences/restricted-embankment/"
    page = officer.get("/fences/restricted-embankment/").content.decode()
    assert "तटबंध" in page and "25.3, 86.5" in page
    again = officer.post("/fences/restricted-embankment/", {**form, "valid_from": "2026-06-06"})
    assert again.status_code == 302 and Fence.objects.get().versions.count() == 2
    assert "तटबंध" in officer.get("/fences/").content.decode()
    assert officer.get("/fences/fences.geojson").json()["features"][0]["properties"]["state"] == "bad"
    for form_ in ("csv", "xlsx", "geojson"):
        assert officer.get(f"/fences/?format={form_}").status_code == 200
    assert officer.get("/fences/none/").status_code == 404


def feature(geometry, **words):
    return {"type": "Feature", "geometry": geometry, "properties": words}


def test_a_file_of_fences_is_taken_in_and_each_fault_named(world, officer):
    ring = [[86.50, 25.30], [86.51, 25.30], [86.51, 25.31], [86.50, 25.30]]
    features = [
        feature({"type": "Polygon", "coordinates": [ring]}, name_hi="भंडार", kind="storage", code="K-7"),
        feature({"type": "Point", "coordinates": [86.5, 25.3]}, name="Bridge", kind="belt"),
        feature({"type": "Point", "coordinates": [86.5, 25.3]}, name="Lake", kind="lake"),
        feature({"type": "Point", "coordinates": [25.3, 86.5]}, name="Mixed up", kind="belt"),
        feature({"type": "Point", "coordinates": [86.5, 25.3]}, name="Gaya's", kind="belt", district="Gaya"),
        feature(None, name="Nothing", kind="belt"),
    ]

    def send(body):
        file = BytesIO(body)
        file.name = "fences.geojson"
        said = {"file": file, "valid_from": "2026-06-05", "reason": "सूची", "reference": "DMO/9"}
        return officer.post("/fences/import/", said)

    answer = send(json.dumps({"type": "FeatureCollection", "features": features}).encode())
    page = answer.content.decode()
    assert answer.status_code == 422 and page.count("<b>") >= 4 and "दूसरे जिले" in page
    assert sorted(Fence.objects.values_list("code", flat=True)) == ["belt-bridge", "k-7"]
    for rubbish in (b"", b"[]", b"{}", b'{"type":"FeatureCollection","features":{}}', b"\xff\xfe"):
        assert send(rubbish).status_code == 422
    assert send(json.dumps(features[1]).encode()).status_code == 302
