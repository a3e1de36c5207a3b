"""From the exit of the ghat to the end of the trip: heavier loads, more time by rule, and what the way shows."""

from datetime import datetime, timedelta

import pytest

from tests.doors import PAPER, ask_challan, codes_in, desk, finish, words_of

LEASE, SETTLEE = "MUN-2026-01", "gangotri"
HEAVY, BROKEN, CLOSED, ASTRAY, ELSEWHERE, TWICE, IDLE, SEIZED, FORGED = (
    "BR08G1056", "BR08G1063", "BR08G1049", "BR08G1077", "BR08G1084", "BR08G1042", "BR08G1014", "BR08G1035",
    "BR08G1119",
)  # fmt: skip
BARIYARPUR = (25.2840, 86.5660)


def issued(page, plate, **more):
    asked = ask_challan(page(SETTLEE), LEASE, plate, **more)
    assert asked.number, words_of(asked.html)
    return asked.number


def issued_by_road(page, api, plate, place):
    """The number of an e-challan whose way is known; empty, and none is in force, while the roads are being read."""
    number = issued(page, plate, place=place)
    if "km by road" in words_of(page("mdo").open(f"/challans/{number}/").text):
        return number
    assert act(api, number, "cancel", reason="The way is not known yet")[0] == 200
    return ""


def rested(clock):
    """Every e-challan of before is over, and the trucks could be back (CH-35)."""
    clock.to(clock.now() + timedelta(hours=10))


def row_of(api, number):
    return next(row for row in api(SETTLEE).get(f"/api/v1/challans?q={number}") if row["number"] == number)


def act(api, number, name, **fields):
    answer = api(SETTLEE).post(f"/api/v1/challans/{number}/acts/challan.{name}", fields)
    return answer.status_code, [row["code"] for row in answer.json().get("findings", [])], answer.text


def until(api, number):
    return datetime.fromisoformat(row_of(api, number)["valid_until"])


def stand(truck, clock, minutes):
    """It stands where it is and reports every nine minutes."""
    for _turn in range(-(-minutes // 9)):
        clock.to(clock.now() + timedelta(minutes=9))
        truck.report_until(truck.seen)


@pytest.mark.row("E-118", "E-128")
def test_a_load_found_heavier_at_the_exit_amends_its_e_challan_and_makes_no_second_one(page, api, socket, road, clock):
    """F-18: a light load on the pass, a heavier one on the truck, a second pass for the difference."""
    rested(clock)
    with road.standing(HEAVY, LEASE):
        number = issued(page, HEAVY, quantity_m3="9")
        earlier = row_of(api, number)
        assert "CH-42" in act(api, number, "amend", quantity_m3="8", reason="lighter")[1]
        assert "CH-31" in act(api, number, "amend", quantity_m3="60", reason="overloaded")[1]
        status, _codes, answer = act(api, number, "amend", quantity_m3="11", reason="Scale at the exit")
        assert status == 200, answer
        amended = row_of(api, number)
        assert float(amended["quantity_m3"]) == 11 and amended["pass_text"] != earlier["pass_text"]
        assert "CH-06" in ask_challan(page(SETTLEE), LEASE, HEAVY, quantity_m3="2").refused_by
    checked = page("checkpost").open("/checkpost/")
    box = lambda form: form.method == "post" and "q" in form.fields  # noqa: E731
    old = page("checkpost").send(checked, box, {"q": earlier["pass_text"], "load": "loaded"}).text
    assert "Cancelled" in words_of(old) and "newer print" in words_of(old)
    new = page("checkpost").send(checked, box, {"q": amended["pass_text"], "load": "loaded"}).text
    assert "Cancelled" not in words_of(new) and HEAVY in words_of(new)
    shown = words_of(page("mdo").open(f"/challans/{number}/").text)
    assert "9 → 11" in shown and "Royalty on the rest: ₹" in shown and "Scale at the exit" in shown


@pytest.mark.row("E-159")
def test_more_time_comes_by_the_rule_where_the_device_shows_that_the_truck_stands(page, api, socket, road, clock):
    """F-19: more time by favour."""
    rested(clock)
    with road.standing(BROKEN, LEASE) as truck:
        number = issued(page, BROKEN)
        before = until(api, number)
        assert "CH-44" in act(api, number, "extend", reason="Tyre")[1]  # it has not left
        truck.drive(0.02, 0.0)
        truck.report_until(lambda: "Left the ghat" in page("mdo").open(f"/challans/{number}/").text)
        assert "CH-44" in act(api, number, "extend", reason="Tyre")[1]  # it was seen elsewhere just now
        stand(truck, clock, 36)
        status, _codes, answer = act(api, number, "extend", reason="Tyre burst at the bridge")
        assert status == 200, answer
        assert until(api, number) - before == timedelta(minutes=180)
        assert "CH-44" in act(api, number, "extend", reason="Again")[1]  # once


@pytest.mark.row("E-159", "E-162")
def test_a_closure_for_maintenance_adds_its_length_to_what_is_on_the_road(page, api, socket, road, clock):
    rested(clock)
    officer = page("mdo")
    with road.standing(CLOSED, LEASE):
        number = issued(page, CLOSED)
        before = until(api, number)
        assert "CH-45" in act(api, number, "extend_outage")[1]  # there was none
        ends_at = clock.now() + timedelta(minutes=40)
        closure = {
            "scope": "district", "ground": "maintenance", "reference": "NIC/9", "reason": "Server maintenance",
            "until": f"{ends_at:%Y-%m-%dT%H:%M}",
        }  # fmt: skip
        papers = {"document": ("order.pdf", PAPER, "application/pdf")}
        officer.send(officer.open("/office/holds/"), lambda form: "ground" in form.fields, closure, files=papers)
        clock.to(ends_at + timedelta(minutes=2))
        status, _codes, answer = act(api, number, "extend_outage")
        assert status == 200, answer
        assert timedelta(minutes=36) <= until(api, number) - before <= timedelta(minutes=41)
        assert "CH-45" in act(api, number, "extend_outage")[1]  # added already


@pytest.mark.row("E-159")
def test_a_truck_off_its_way_and_one_that_stands_come_to_the_desk(page, api, socket, road, clock):
    rested(clock)
    with road.standing(ASTRAY, LEASE) as truck:
        clock.until("a way by road", lambda: issued_by_road(page, api, ASTRAY, "surajgarha"))
        truck.drive(0.09, 0.0)
        stand(truck, clock, 36)
        for _more in range(4):  # trips are looked at in turns of so many minutes (MOV-47)
            if astray := clock.soon(lambda: desk(page("mdo"), "TRG-210", ASTRAY), patience_s=20):
                break
            stand(truck, clock, 5)
        assert astray and not desk(page("mdo"), "TRG-211", ASTRAY)
        stand(truck, clock, 99)
        assert clock.soon(lambda: desk(page("mdo"), "TRG-211", ASTRAY))


@pytest.mark.row("E-118")
def test_a_load_that_was_left_elsewhere_becomes_a_case(page, socket, road, clock):
    rested(clock)
    with road.standing(ELSEWHERE, LEASE) as truck:
        issued(page, ELSEWHERE)
        truck.drive(0.06, 0.03)
        stand(truck, clock, 27)
        assert not desk(page("mdo"), "TRG-212", ELSEWHERE)
        truck.drive(-0.06, -0.03)
        stand(truck, clock, 9)
        assert clock.soon(lambda: desk(page("mdo"), "TRG-212", ELSEWHERE))


@pytest.mark.row("E-118")
def test_a_second_load_on_a_used_e_challan_becomes_a_case(page, api, socket, road, clock):
    rested(clock)
    with road.standing(TWICE, LEASE) as truck:
        number, home = issued(page, TWICE), truck.place
        away = (BARIYARPUR[0] - home[0], BARIYARPUR[1] - home[1])
        truck.drive(*away)
        used = lambda: api().get(f"/api/v1/check?q={number}&vehicle={TWICE}")["state"] == "completed"  # noqa: E731
        truck.report_until(used)
        truck.drive(-away[0], -away[1])
        stand(truck, clock, 18)
        assert not desk(page("mdo"), "TRG-213", TWICE)
        truck.drive(*away)
        stand(truck, clock, 9)
        assert clock.soon(lambda: desk(page("mdo"), "TRG-213", TWICE))


@pytest.mark.row("A-21")
def test_whose_trips_fail_to_start_again_and_again_comes_to_the_desk(page, api, socket, road, clock):
    rested(clock)
    with road.standing(IDLE, LEASE) as truck:
        for turn in range(3):
            assert not desk(page("mdo"), "TRG-214", IDLE), turn
            number = issued(page, IDLE)
            clock.to(clock.now() + timedelta(minutes=121))
            truck.report_until(truck.seen)
            state = lambda: api().get(f"/api/v1/check?q={number}&vehicle={IDLE}")["state"]  # noqa: B023, E731
            assert state() == "invalid"
            assert clock.soon(lambda: desk(page("mdo"), "TRG-07", IDLE))
    assert clock.soon(lambda: desk(page("mdo"), "TRG-214", IDLE))


@pytest.mark.row("E-118")
def test_a_truck_that_an_officer_holds_gets_no_e_challan(page, api, socket, road, clock):
    """F-9: an e-challan cut 20 to 25 minutes after the truck was seized."""
    rested(clock)
    post = page("checkpost")
    load = {"lease": LEASE, "vehicle": SEIZED, "place": "bariyarpur", "quantity_m3": "8", "driver_name": "Ram"}
    against = lambda: {  # noqa: E731
        row["code"]: row for row in api(SETTLEE).post("/api/v1/challans/eligibility", load).json()["reasons"]
    }
    with road.standing(SEIZED, LEASE):
        assert "CH-75" not in against()
        check = lambda form: form.method == "post" and "q" in form.fields  # noqa: E731
        scan = post.send(post.open("/checkpost/"), check, {"q": SEIZED, "load": "loaded"})
        post.send(scan, lambda form: form.fields.get("act") == "hold", {"note": "No e-challan"})
        asked = ask_challan(page(SETTLEE), LEASE, SEIZED)
        assert not asked.number and "CH-75" in asked.refused_by
        assert "Safiabad" in against()["CH-75"]["message"]["en"] and against()["CH-75"]["lifts"]["hi"]
        post.send(post.open(str(scan.url)), lambda form: form.fields.get("act") == "let_go", {"note": "Fine paid"})
        assert "CH-75" not in against()


@pytest.mark.row("E-157")
def test_forged_packets_of_a_truck_s_device_get_no_e_challan_and_come_to_the_desk(page, socket, road, clock):
    """F-16: forged tracker packets until an e-challan shows."""
    rested(clock)
    forger = road.device(FORGED)
    forger.frame_no = 50_000
    ghat = road.middle(LEASE)
    finish(page("mdo"), desk(page("mdo"), "TRG-05", FORGED))
    with road.standing(FORGED, LEASE, off=(0.15, 0.1)) as truck, socket.line(forger) as line:
        line.send(forger.position(clock.now(), *ghat))
        asked = ask_challan(page(SETTLEE), LEASE, FORGED)
        assert not asked.number and "CH-04" in asked.refused_by
        for turn in range(120):
            clock.to(clock.now() + timedelta(seconds=10))
            truck.report()
            line.send(forger.position(clock.now() + timedelta(seconds=4), *ghat))
            if turn % 30 == 29 and (told := clock.soon(lambda: desk(page("mdo"), "TRG-05", FORGED), patience_s=20)):
                break
    assert told


@pytest.mark.row("E-118")
def test_an_e_challan_whose_time_is_over_serves_no_second_trip_with_the_tracker_off(page, api, socket, road, clock):
    """F-12: expired passes used again, the tracker switched off."""
    rested(clock)
    with road.standing(HEAVY, LEASE) as truck:
        number = issued(page, HEAVY)
        truck.drive(0.02, 0.0)
    clock.to(clock.now() + timedelta(hours=8))
    post = page("checkpost2")
    check = lambda form: form.method == "post" and "q" in form.fields  # noqa: E731
    verdict = post.send(post.open("/checkpost/"), check, {"q": number, "load": "loaded"}).text
    assert "Its time is over" in words_of(verdict) and 'class="verdict bad' in verdict
    asked = ask_challan(page(SETTLEE), LEASE, HEAVY)
    assert not asked.number and "CH-03" in asked.refused_by and "CH-03" in codes_in(asked.html)
