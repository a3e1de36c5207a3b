"""The track player: stops, the drawn line, one trip with challan and usual way, exports, every look logged."""

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client

from immis.core.models import ActionLog
from immis.gateway.state.events import NewEvent
from immis.registry import services as registry
from immis.registry.models import DeviceFitting
from immis.rules.movement import tracks
from immis.rules.policy import book
from immis.tracking import selectors
from immis.tracking.gateway import TrackPoint
from immis.tracking.jobs import take_in_gateway_events
from immis.tracking.models import Trip
from tests.challans.world import BY, IMEI, NOON, PLATE

MINUTE = timedelta(minutes=1)


def line(n, *, step=0.002, start=NOON, lat=25.31):
    return [TrackPoint(start + k * MINUTE, lat, 86.5 + k * step, 40.0, 90.0) for k in range(n)]


def test_a_stop_is_ten_minutes_within_a_hundred_metres():
    points = line(5) + [TrackPoint(NOON + (5 + k) * MINUTE, 25.31, 86.5081, 0.0, 0.0) for k in range(11)]
    (stop,) = tracks.stops(points + line(5, start=NOON + 20 * MINUTE, lat=25.4), policy=book(), at=NOON)
    assert (stop.at, stop.minutes) == (NOON + 4 * MINUTE, 11)
    assert tracks.stops(points[:14], policy=book(), at=NOON) == []


def test_the_drawn_line_keeps_the_corners_and_drops_the_rest():
    points = line(50) + line(50, start=NOON + 50 * MINUTE, lat=25.4)
    kept = tracks.simplified(points, metres=8)
    assert kept == [0, 49, 50, 99]
    assert tracks.simplified(points[:2], metres=8) == [0, 1]


def test_how_far_a_track_went_from_the_usual_way():
    usual = line(10)
    away = [*usual[:5], TrackPoint(NOON, 25.355, 86.508, 0.0, 0.0), *usual[5:]]
    assert tracks.furthest_km(away, usual) == pytest.approx(5.0, abs=0.05)
    assert tracks.furthest_km(usual, usual) == 0 and tracks.furthest_km(usual, []) is None


def drive(world, start, *, lat=25.31, km=10.0):
    """One trip from the ghat to the destination with its track and events."""
    end = start + 30 * MINUTE
    world.store(IMEI, [(start + k * MINUTE, lat, 86.51 + k * 0.003) for k in range(31)])
    body = {"started_at": start.isoformat(), "source": "ghat:MUN-2026-01"}
    done = {**body, "ended_at": end.isoformat(), "destination": "place:patna", "distance_km": km, "max_speed_kmh": 50.0}
    at = start.timestamp()
    world.tell(
        world.fence("left", "ghat:MUN-2026-01", start),
        NewEvent("trip.started", IMEI, PLATE, at, at, body),
        NewEvent("trip.completed", IMEI, PLATE, end.timestamp(), end.timestamp(), done),
    )
    take_in_gateway_events(at=end)
    return Trip.objects.get(started_at=start)


@pytest.fixture
def officer(world):
    client = Client()
    client.force_login(world.officer)
    return client


@pytest.mark.flow
def test_the_page_of_a_trip_says_whether_it_left_its_way(world, officer, at):
    drive(world, NOON)
    trip = drive(world, NOON + 60 * MINUTE, lat=25.36)
    at.set(NOON + 120 * MINUTE)
    asked = officer.get(f"/office/map/{PLATE}/track/?trip={trip.pk}")
    officer.post(asked["Location"], {"reason": "मामला 12"})
    page = officer.get(f"/office/map/{PLATE}/track/?trip={trip.pk}").content.decode()
    assert "सामान्य मार्ग से हटा" in page and "इस ट्रिप का ई-चालान नहीं" in page and "मामला 12" in page
    assert f'data-player="/office/map/{PLATE}/track.json?trip={trip.pk}"' in page
    body = officer.get(f"/office/map/{PLATE}/track.json?trip={trip.pk}").json()
    assert len(body["t"]) == 31 and len(body["line"]) == 2
    rows = list(
        csv.DictReader(io.StringIO(officer.get(f"/office/map/{PLATE}/track.csv?trip={trip.pk}").content.decode()))
    )
    assert len(rows) == 31 and rows[0]["imei"] == IMEI
    assert officer.get(f"/office/map/{PLATE}/track.gpx?trip={trip.pk}").content.count(b"<trkpt") == 31
    (feature,) = officer.get(f"/office/map/{PLATE}/track.geojson?trip={trip.pk}").json()["features"]
    assert len(feature["geometry"]["coordinates"]) == 31
    assert officer.get(f"/office/map/{PLATE}/track.pdf").status_code == 404
    assert officer.get(f"/office/map/{PLATE}/track/?trip=99999").status_code == 404
    assert officer.get(f"/office/map/{PLATE}/track/?day=2026-06-04").status_code == 200
    looks = ActionLog.objects.filter(code="trail.read")
    assert looks.count() == 6 and {line.facts["reason"] for line in looks} == {"मामला 12"}


def test_a_reason_holds_for_one_vehicle_and_one_working_day(world, officer, at):
    world.report(NOON)
    officer.post(f"/office/map/{PLATE}/why/", {"reason": "मामला 12"})
    assert officer.get(f"/office/map/{PLATE}/track/").status_code == 200
    at.set(NOON + timedelta(hours=8))
    assert officer.get(f"/office/map/{PLATE}/track/").status_code == 302
    away = officer.post(f"/office/map/{PLATE}/why/?next=https://elsewhere.example/", {"reason": "मामला 12"})
    assert away["Location"] == f"/office/map/{PLATE}/"


def test_a_changed_device_does_not_tell_the_way_of_another_vehicle(world):
    """The track follows the vehicle: each device counts for the time that it was in it."""
    other, new = "BR08G9999", "490154203237518"
    world.report(NOON)
    world.store(IMEI, [(NOON + MINUTE, 25.30, 86.50), (NOON + 9 * MINUTE, 25.90, 87.0)])
    world.store(new, [(NOON + 2 * MINUTE, 25.80, 87.0), (NOON + 8 * MINUTE, 25.31, 86.51)])
    there = registry.register_vehicle(
        vehicle=registry.NewVehicle(registration=other, capacity_m3=10, owner_name="S"), by=BY, at=NOON
    )
    registry.fit_device(imei=new, vehicle=there, by=BY, at=NOON)
    registry.fit_device(imei=new, vehicle=world.vehicle, by=BY, at=NOON + 5 * MINUTE)
    world.report(NOON + 8 * MINUTE, imei=new, stored=False)
    assert DeviceFitting.objects.filter(device__imei=new, removed_at__isnull=False).count() == 1
    span = {"start": NOON, "end": NOON + 60 * MINUTE, "at": NOON + 60 * MINUTE, "reason": "मामला 12"}
    trail = selectors.trail(world.district, imei=new, **span)
    assert [(one.imei, one.at - NOON) for one in trail.points] == [
        (IMEI, 0 * MINUTE),
        (IMEI, MINUTE),
        (new, 8 * MINUTE),
    ]
