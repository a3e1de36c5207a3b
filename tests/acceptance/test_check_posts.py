"""Check posts by written order, the tarpaulin, and sand that may not leave the State: pages, API and socket."""

from datetime import timedelta

import pytest

from tests.doors import ask_challan, desk, words_of

LEASE, SETTLEE, POST = "MUN-2026-01", "gangotri", "ghorghat"
TRUCK, UNCOVERED = "BR08G1021", "BR08G1035"


def enter(officer, register, act, **values):
    answer = officer.post(f"/api/v1/registers/{register}/acts/{act}", {"values": values})
    return answer


@pytest.mark.row("E-121")
def test_a_check_post_stands_by_written_order_and_counts_what_passes_unchecked(page, api, socket, road, clock):
    order = {
        "order_no": "DMO/17 of 2027",
        "ordered_on": "2026-10-15",
        "kind": "post",
        "opens": "00:00",
        "closes": "24:00",
    }
    nowhere = enter(api("mdo"), "check_posts", "establish", place="no-such-place", **order)
    assert nowhere.status_code >= 400 and "MOV-48" in nowhere.text
    foreign = enter(api("mdo-jamui"), "check_posts", "establish", place=POST, **order)
    assert foreign.status_code >= 400 and "Munger" in foreign.text
    made = enter(api("mdo"), "check_posts", "establish", place=POST, **order)
    assert made.status_code in (200, 201) or "stands" in made.text, made.text
    officer = page("mdo")
    assert "DMO/17 of 2027" in words_of(officer.open("/office/checkposts/").text)
    with road.standing(TRUCK, LEASE) as truck:
        truck.place = (25.2710, 86.6400)  # inside the fence of the check post
        truck.report_until(lambda: TRUCK in words_of(officer.open("/office/checkposts/").text))
    seen = words_of(officer.open("/office/checkposts/").text)
    assert "Without a check 1" in seen and "On duty now ◷ nobody" in seen
    now = clock.now()
    shift = {
        "post": made.json()["number"], "person": "checkpost2",
        "begins": f"{now - timedelta(minutes=5):%Y-%m-%dT%H:%M}", "ends": f"{now + timedelta(hours=8):%Y-%m-%dT%H:%M}",
    }  # fmt: skip
    backwards = enter(api("mdo"), "check_post_roster", "plan", **{**shift, "ends": shift["begins"]})
    assert backwards.status_code >= 400 and "MOV-76" in backwards.text
    assert enter(api("mdo"), "check_post_roster", "plan", **shift).status_code < 300
    seen = words_of(officer.open("/office/checkposts/").text)
    assert "nobody" not in seen.partition("On duty now")[2].partition("Passed")[0]
    post = page("checkpost2")
    post.send(
        post.open("/checkpost/"),
        lambda form: form.method == "post" and "q" in form.fields,
        {"q": TRUCK, "load": "empty"},
    )
    assert "Without a check 0" in words_of(officer.open("/office/checkposts/").text)


@pytest.mark.row("E-138")
def test_a_loaded_vehicle_without_tarpaulin_becomes_a_case(page, clock):
    post, officer = page("checkpost"), page("mdo")
    asked = {"q": UNCOVERED, "load": "loaded", "cover": "no", "board": "yes"}
    post.send(post.open("/checkpost/"), lambda form: form.method == "post" and "q" in form.fields, asked)
    rows = clock.soon(lambda: desk(officer, "TRG-216", UNCOVERED))
    assert [row for row in rows if "no tarpaulin over the load" in row]
    cases = words_of(officer.open("/office/cases/").text)
    assert "load without tarpaulin" in cases
    post.send(
        post.open("/checkpost/"),
        lambda form: form.method == "post" and "q" in form.fields,
        {**asked, "cover": "yes", "q": "BR08G1042"},
    )
    assert not desk(officer, "TRG-216", "BR08G1042")


@pytest.mark.row("E-120")
def test_a_notification_stops_sand_to_other_states_from_its_first_instant(page, api, socket, road, clock):
    place = {
        "kind": "outside", "name_en": "Deoghar", "name_hi": "देवघर", "lat": "24.49", "lon": "86.70",
        "radius_m": 500, "district": "Munger",
    }  # fmt: skip
    made = api("mdo").post("/api/v1/places/acts/place.enter", place)
    assert made.status_code < 300, made.text
    with road.standing(TRUCK, LEASE):
        free = ask_challan(page(SETTLEE), LEASE, "BR01AB1234", place="Deoghar")
        assert "CH-70" not in free.refused_by and "CH-15" not in free.refused_by
        since = f"{clock.now() - timedelta(minutes=1):%Y-%m-%dT%H:%M}"
        ban = enter(
            api("hq"), "outward_bans", "notify",
            notification="DMG/7 of 2027", notified_on="2026-10-15", since=since, destinations="outside",
        )  # fmt: skip
        assert ban.status_code < 300, ban.text
        stopped = ask_challan(page(SETTLEE), LEASE, TRUCK, place="Deoghar")
        assert "CH-70" in stopped.refused_by and "DMG/7 of 2027" in words_of(stopped.html)
        inside = ask_challan(page(SETTLEE), LEASE, "BR01AB1234")
        assert "CH-70" not in inside.refused_by
    number = ban.json()["number"]
    lifted = api("hq").post(f"/api/v1/entries/{number}/acts/lift", {"values": {}, "reason": "Stocks are enough"})
    assert lifted.status_code < 300, lifted.text
    again = ask_challan(page(SETTLEE), LEASE, "BR01AB1234", place="Deoghar")
    assert "CH-70" not in again.refused_by
