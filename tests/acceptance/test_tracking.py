"""What the monitoring cell and the district see of vehicles on the road: map, trails, alarms, cases."""

import pytest

from tests.doors import codes_in, desk, finish, task_of, words_of

TRUCK, LEASE = "BR08G1070", "MUN-2026-07"


@pytest.mark.row("A-27")
def test_the_monitoring_cell_has_its_own_login_and_says_why_it_reads_a_trail(page, api):
    cell = page("monitoring")
    shown = cell.open("/office/map/vehicles.json").json()["features"]
    assert {TRUCK, "BR08G1021"} <= {row["properties"]["id"] for row in shown}
    assert page("gangotri").http.get("/office/map/").status_code == 403
    assert "30 days" in words_of(cell.open("/devices/").text)  # lists of silent devices
    asked = cell.open(f"/office/map/{TRUCK}/track/")
    assert "Why do you read this trail?" in words_of(asked.text)
    short = cell.send(asked, lambda form: "reason" in form.fields, {"reason": "abc"}, lawful=False)
    assert short.status_code >= 400 and "DEV-10" in codes_in(short.text)
    trail = cell.send(asked, lambda form: "reason" in form.fields, {"reason": "Complaint 17 of Munger"})
    assert TRUCK in words_of(trail.text) and "Why do you read this trail?" not in words_of(trail.text)


@pytest.mark.row("E-151")
def test_a_truck_on_a_restricted_road_comes_to_the_districts_desk(page, api, socket, clock, road):
    lat, lon = road.middle(LEASE)
    lat, lon = lat + 0.03, lon + 0.03
    given = {
        "name_hi": "Tatbandh", "name_en": "Embankment road", "kind": "restricted", "district": "Munger",
        "corners": f"{lat - 0.002}, {lon}\n{lat + 0.002}, {lon}", "valid_from": f"{clock.now():%Y-%m-%d}",
        "reason": "WRD order", "reference": "WRD/8",
    }  # fmt: skip
    officer = page("mdo")
    if "Embankment road" not in words_of(officer.open("/fences/").text):
        officer.send(officer.open("/fences/new/"), lambda form: "corners" in form.fields, given)
    assert "Embankment road" in words_of(officer.open("/fences/").text)
    finish(officer, desk(officer, "TRG-131", TRUCK))
    with road.standing(TRUCK, LEASE) as truck:
        truck.drive(0.03, 0.03)
        truck.report_until(lambda: desk(officer, "TRG-131", TRUCK))
    assert "Embankment road" in words_of(officer.open(task_of(desk(officer, "TRG-131", TRUCK)[0])).text)
