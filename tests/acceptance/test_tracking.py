"""What the monitoring cell and the district see of vehicles on the road: map, trails, alarms, cases."""

import pytest

from tests.doors import codes_in, words_of

TRUCK, LEASE = "BR08G1070", "MUN-2026-07"


def desk(page, cause, about):
    """Rows of the district's desk of one cause about one thing."""
    rows = page("mdo").open(f"/office/?cause={cause}").text.split("<tr")[1:]
    return [row for row in rows if f"/law/{cause}/" in row and about in row]


def task_of(row):
    return next(part.split('"')[0] for part in row.split('href="') if part.startswith("/office/tasks/"))


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


@pytest.mark.row("A-23", "A-24")
def test_a_challan_issued_away_from_the_truck_is_on_the_desk_and_becomes_a_case_with_an_outcome(page):
    row = desk(page, "TRG-08", "E-challan")[0]
    officer = page("mdo")
    task = officer.open(task_of(row))
    words = words_of(task.text)
    assert "its GPS position was" in words and "Action against settlee Shivam Enterprises" in words
    assert "m away" in words and TRUCK[:5] in words
    case = officer.send(task, lambda form: form.fields.get("act") == "open_case")
    assert "Evidence" in words_of(case.text)
    dropped = officer.send(case, lambda form: form.fields.get("act") == "drop", {"outcome": "Device 4 min slow"})
    shown = words_of(dropped.text)
    assert "Device 4 min slow" in shown
    again = officer.send(case, lambda form: form.fields.get("act") == "drop", {"outcome": "Twice"}, lawful=False)
    assert again.status_code == 409 and "CAS-06" in codes_in(again.text)


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
    officer.send(officer.open("/fences/new/"), lambda form: "corners" in form.fields, given)
    assert "Embankment road" in words_of(officer.open("/fences/").text)
    with road.standing(TRUCK, LEASE, off=(0.03, 0.03)) as truck:
        truck.report_until(lambda: desk(page, "TRG-131", TRUCK))
    assert "Embankment road" in words_of(officer.open(task_of(desk(page, "TRG-131", TRUCK)[0])).text)
