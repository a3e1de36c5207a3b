"""From the truck at the ghat to the e-challan that anybody checks, and what refuses one: pages, API and socket."""

import re
from datetime import datetime, timedelta

import pytest

from tests.doors import PAPER, ask_challan, codes_in, desk, india, task_of, words_of

LEASE, SETTLEE = "MUN-2026-01", "gangotri"
TRUCK, TAMPERED, AWAY, SILENT = "BR08G1021", "BR08G1028", "BR08G1035", "BR08G1007"
FAR, NEAR = "BR08G1014", ("BR08G1042", "BR08G1049", "BR08G1056", "BR08G1063", "BR08G1077", "BR08G1084")
UNPAID, DEFAULTER, DEFAULTER_TRUCK = "MUN-2026-13", "kaushiki", "BR08G1091"


def dues(api, lease, settlee, kind="instalment"):
    return [row for row in api(settlee).get(f"/api/v1/leases/{lease}/dues") if row["kind"] == kind]


def stopped_by(api, lease):
    return next(row["stopped_by"] for row in api("mdo").get("/api/v1/leases") if row["code"] == lease)


@pytest.mark.row("E-118", "E-128")
def test_a_printed_e_challan_for_the_driver_that_anybody_can_check(page, api, socket, road):
    settlee = page(SETTLEE)
    with road.standing(TRUCK, LEASE):
        asked = ask_challan(settlee, LEASE, TRUCK)
        assert asked.number, words_of(asked.html)
        assert "The driver carries the printed original" in words_of(asked.html)
        assert settlee.open(f"/challans/{asked.number}.pdf").content.startswith(b"%PDF")
        checked = api().get(f"/api/v1/check?q={asked.number}&vehicle={TRUCK}")
        assert (checked["genuine"], checked["in_time"], checked["good"]) == (True, True, True)
        assert not api().get(f"/api/v1/check?q={asked.number}&vehicle={SILENT}")["good"]
        second = ask_challan(settlee, LEASE, TRUCK)
        assert "CH-06" in second.refused_by and not second.number  # one live e-challan a vehicle
        scan = page("checkpost").send(
            page("checkpost").open("/checkpost/"),
            lambda form: form.method == "post" and "q" in form.fields,
            {"q": "BR01ZZ9999"},
        )
        assert "no e-challan" in words_of(scan.text).lower()


@pytest.mark.row("E-150")
def test_unregistered_overloaded_silent_and_absent_vehicles_get_none(page, socket, road, clock):
    clock.to(clock.now() + timedelta(minutes=30))  # whose device has not spoken since is silent
    settlee = page(SETTLEE)
    unregistered = ask_challan(settlee, LEASE, "BR01AB1234")
    assert "CH-02" in unregistered.refused_by and not unregistered.number
    with road.standing(AWAY, LEASE, off=(0.05, 0.0)):
        absent = ask_challan(settlee, LEASE, AWAY)
        assert "CH-04" in absent.refused_by and not absent.number
    with road.standing(AWAY, LEASE):
        overloaded = ask_challan(settlee, LEASE, AWAY, quantity_m3="40")
        assert "CH-05" in overloaded.refused_by and not overloaded.number
    silent = ask_challan(settlee, LEASE, SILENT)
    assert "CH-03" in silent.refused_by and not silent.number


@pytest.mark.row("A-17", "E-102")
def test_an_unpaid_instalment_stops_e_challans(page, api, socket, road):
    assert stopped_by(api, UNPAID) == ["HLD-01"]
    with road.standing(DEFAULTER_TRUCK, UNPAID):
        asked = ask_challan(page(DEFAULTER), UNPAID, DEFAULTER_TRUCK)
    assert not asked.number and "HLD-01" in asked.refused_by
    assert "Pay now" in words_of(asked.html) and "clause 24(ii)" in words_of(asked.html)


@pytest.mark.row("A-11")
def test_instalments_are_followed_with_due_date_paid_balance_and_days_overdue(page, api, clock):
    first, second = dues(api, UNPAID, DEFAULTER)[:2]
    assert (first["due_on"], first["amount_paise"], first["balance_paise"]) == ("2026-07-15", 321300000, 0)
    assert (second["due_on"], second["paid_paise"], second["balance_paise"]) == ("2026-10-15", 0, 160650000)
    assert second["days_overdue"] >= 1 and second["state"] == "overdue"
    board = words_of(page("mdo").open("/office/dues/defaulters/").text)
    assert re.search(r"Kaushiki Infra Ltd \d{10} MUN-2026-13", board) and "16,06,500" in board
    settlee, officer, before = page(SETTLEE), page("mdo"), dues(api, LEASE, SETTLEE)[2]
    pay(settlee, before["demand"], amount="1000")
    receipt = clock.until("a payment waits", lambda: payments(officer))[0]
    verify = lambda **fields: officer.send(  # noqa: E731
        officer.open(receipt), lambda form: form.fields.get("act") == "verify", fields, lawful=False
    )
    assert "PAY-02" in codes_in(verify().text)  # a part of what is due
    assert verify(reason="Part payment").status_code == 200
    after = dues(api, LEASE, SETTLEE)[2]
    assert after["paid_paise"] == before["paid_paise"] + 100000
    assert after["balance_paise"] == before["balance_paise"] - 100000


def pay(settlee, demand, **more):
    """Pay a demand at the bank, or another amount of it."""
    bank = settlee.send(settlee.open(f"/pay/{demand}/"), lambda form: form.method == "post" and not form.action)
    settlee.send(bank, lambda form: "account" in form.fields, {"act": "pay", **more})


@pytest.mark.row("A-18", "A-19")
def test_e_challans_open_by_themselves_when_the_district_verifies(page, api, socket, clock, road, installation):
    owed = dues(api, UNPAID, DEFAULTER)[1]
    settlee = page(DEFAULTER)
    pay(settlee, owed["demand"])
    assert stopped_by(api, UNPAID) == ["HLD-01"]  # paid, and not yet verified
    officer = page("mdo")
    waiting = clock.until("a payment waits", lambda: payments(officer))
    for path in waiting:
        officer.send(officer.open(path), lambda form: form.fields.get("act") == "verify")
    assert stopped_by(api, UNPAID) == []
    with road.standing(DEFAULTER_TRUCK, UNPAID):
        asked = ask_challan(settlee, UNPAID, DEFAULTER_TRUCK)
    assert asked.number, words_of(asked.html)
    installation.settle()
    history = words_of(officer.open(f"/office/leases/{UNPAID}/").text)
    assert "16.10.2026, 00:00" in history and "Mineral Development Officer" in history
    assert clock.soon(lambda: re.search(RESUMED, words_of(settlee.open("/messages/").text)))


#: The end of a stop with its cause, rule, time and officer, as its settlee is told.
RESUMED = r"hold of 16\.10\.2026, 00:00 by rule HLD-01\)\. Cause: \w[^.]*\. Officer: \w[^.]*\."


def payments(officer):
    page = officer.open("/office/payments/").text
    paths = {part.split('"')[0] for part in page.split('href="') if part.startswith("/office/payments/R")}
    return sorted(path for path in paths if path.count("/") == 4)


@pytest.mark.row("A-14", "A-15")
def test_an_opened_box_lies_on_the_districts_desk_at_once_and_becomes_a_case(page, socket, clock, road):
    assert desk(page("mdo"), "TRG-05", TAMPERED) == []
    with road.standing(TAMPERED, LEASE) as truck:
        truck.report(kind="TA", alert=9, cover="O")
        rows = clock.soon(lambda: desk(page("mdo"), "TRG-05", TAMPERED))
    assert [row for row in rows if "Impose the penalty under the rules" in row]
    row = rows[0]
    officer = page("mdo")
    case = officer.send(officer.open(task_of(row)), lambda form: form.fields.get("act") == "open_case")
    words = words_of(case.text)
    assert TAMPERED in words and "Penalty by the table ₹ 1,00,000" in words and "device cover opened" in words
    assert "Notice to reply" in words and "Order" in words and "Payment" in words
    noticed = officer.send(case, lambda form: form.fields.get("act") == "notice")
    assert "Notice to reply —" not in words_of(noticed.text)


@pytest.mark.row("A-16")
def test_the_bar_of_three_months_is_shown_as_a_proposal_that_stops_nothing(page, api):
    case = words_of(page("mdo").open("/office/cases/MUN-C-2026-0001/").text)
    assert "Proposed, not in force" in case and "No e-challan for three months after tampering" in case
    assert "when an approval reference is entered" in case and "from: order or payment" in case
    assert stopped_by(api, LEASE) == []


@pytest.mark.row("E-159")
def test_a_longer_way_gives_a_longer_validity(page, api, socket, road):
    with road.standing(FAR, LEASE):
        asked = ask_challan(page(SETTLEE), LEASE, FAR, place="surajgarha")
        assert asked.number, words_of(asked.html)
    rows = {row["vehicle"]: row for row in api("mdo").get("/api/v1/challans?state=issued")}
    hours = {plate: hours_of(rows[plate]) for plate in (TRUCK, FAR)}
    assert hours[TRUCK] == 3 and hours[FAR] == 6  # 5.2 km to Bariyarpur, some 48 km to Surajgarha
    shown = page("mdo").open(f"/challans/{asked.number}/")
    assert "48.1 km by road" in words_of(shown.text)
    drawn = page("mdo").open(f"/challans/{asked.number}/way.geojson").json()["features"]
    lines = [row["geometry"]["coordinates"] for row in drawn if row["geometry"]["type"] == "LineString"]
    assert len(lines) == 1 and len(lines[0]) > 20 and lines[0][-1] == pytest.approx([86.233, 25.251], abs=1e-4)


def hours_of(challan):
    issued, until = (datetime.fromisoformat(challan[name]) for name in ("issued_at", "valid_until"))
    return round((until - issued).total_seconds() / 3600, 2)


@pytest.mark.row("A-21")
def test_a_challan_whose_truck_never_starts_is_invalid_two_hours_later(page, api, socket, clock, road):
    with road.standing(AWAY, LEASE) as truck:
        asked = ask_challan(page(SETTLEE), LEASE, AWAY)
        assert asked.number, words_of(asked.html)
        clock.to(clock.now() + timedelta(minutes=115))
        truck.report_until(truck.seen)
        assert api().get(f"/api/v1/check?q={asked.number}&vehicle={AWAY}")["good"]
        clock.to(clock.now() + timedelta(minutes=6))
        truck.report()
        clock.until(
            "the challan is invalid",
            lambda: not api().get(f"/api/v1/check?q={asked.number}&vehicle={AWAY}")["good"],
        )
    checked = api().get(f"/api/v1/check?q={asked.number}&vehicle={AWAY}")
    assert (checked["state"], checked["genuine"]) == ("invalid", True)
    assert clock.until("the desk has it", lambda: desk(page("mdo"), "TRG-07", AWAY))


@pytest.mark.row("A-23", "A-24")
def test_a_challan_issued_away_from_the_truck_is_on_the_desk_and_becomes_a_case(page, api, socket, clock, road):
    settlee, officer = page(SETTLEE), page("mdo")
    live = {row["vehicle"] for row in api("mdo").get("/api/v1/challans?state=issued")}
    plate = next(plate for plate in NEAR if plate not in live)
    with road.standing(plate, LEASE, off=(0.05, 0.0)):
        absent = ask_challan(settlee, LEASE, plate)
        assert "CH-04" in absent.refused_by and not absent.number
    with road.standing(plate, LEASE) as truck:
        clock.to(clock.now() + timedelta(minutes=5))  # its last position is of the ghat
        asked = ask_challan(settlee, LEASE, plate)
        assert asked.number, words_of(asked.html)
        truck.place = (truck.place[0] + 0.02, truck.place[1])  # and this second it is elsewhere
        truck.report_until(lambda: desk(officer, "TRG-08", plate))
    task = officer.open(task_of(desk(officer, "TRG-08", plate)[0]))
    words = words_of(task.text)
    assert "m away" in words and plate in words and "its GPS position was" in words
    assert "Action against settlee Gangotri" in words and "Claimed ghat" in words
    drawn = officer.open(f"{task_of(desk(officer, 'TRG-08', plate)[0])}map.json").json()["features"]
    assert [row["geometry"]["type"] for row in drawn] == ["Point", "Polygon", "LineString"]
    assert drawn[0]["properties"]["name"] == plate
    case = officer.send(task, lambda form: form.fields.get("act") == "open_case")
    assert "Evidence" in words_of(case.text)
    dropped = officer.send(case, lambda form: form.fields.get("act") == "drop", {"outcome": "Device 4 min slow"})
    assert "Device 4 min slow" in words_of(dropped.text)
    again = officer.send(case, lambda form: form.fields.get("act") == "drop", {"outcome": "Twice"}, lawful=False)
    assert again.status_code == 409 and "CAS-06" in codes_in(again.text)


@pytest.mark.row("E-118", "E-128", "E-157")
def test_one_e_challan_at_two_posts_and_far_from_its_truck_becomes_a_case(page, api, socket, clock, road):
    settlee, officer = page(SETTLEE), page("mdo")
    live = {row["vehicle"] for row in api("mdo").get("/api/v1/challans?state=issued")}
    plate = next(plate for plate in NEAR if plate not in live)
    with road.standing(plate, LEASE) as truck:
        asked = ask_challan(settlee, LEASE, plate)
        assert asked.number, words_of(asked.html)
        link = re.search(r'href="(/p/\w+)"', asked.html).group(1)
        assert plate in page().open(link).text and page().open(f"{link}.pdf").content.startswith(b"%PDF")
        first = checked(page("checkpost"), asked.number)
        assert "Seen before" not in words_of(first.text)
        second = words_of(checked(page("checkpost2"), asked.number).text)
        assert "km away" in second and "Seen before" in second and "Safiabad" in second
        clock.to(clock.now() + timedelta(minutes=1))
        truck.report()
        assert clock.until("two places", lambda: desk(officer, "TRG-190", plate))
        assert clock.until("far from the truck", lambda: desk(officer, "TRG-191", plate))
    task = officer.open(task_of(desk(officer, "TRG-190", plate)[0]))
    case = officer.send(task, lambda form: form.fields.get("act") == "open_case")
    words = words_of(case.text)
    assert "use of a copied e-challan" in words and "the owner of the vehicle, the driver, the settlee" in words


def checked(officer, number):
    """The officer checks a loaded vehicle by the number of its e-challan; answers the page of the verdict."""
    box = officer.open("/checkpost/")
    return officer.send(box, lambda form: form.method == "post" and "q" in form.fields, {"q": number, "load": "loaded"})


@pytest.mark.row("E-118")
def test_what_a_phone_kept_offline_counts_once(page, api, clock):
    row = {"id": "5b0c8a52-6f5e-4b7a-9d1e-3f6f0b0a1c11", "kind": "check", "text": "BR01ZZ7777", "loaded": True}
    row["at"] = (clock.now() - timedelta(hours=2)).timestamp() * 1000
    phone = api("checkpost")
    assert phone.get("/checkpost/phone.json")["user"]
    for _again in range(2):  # its first answer was lost on the way
        sent = phone.post("/checkpost/phone.json", {"rows": [row], "now": clock.now().timestamp() * 1000})
        assert sent.json()["kept"] == [row["id"]] and sent.json()["refused"] == {}
    assert page("checkpost").open("/checkpost/?format=csv").text.count("BR01ZZ7777") <= 2
    assert "wasm-unsafe-eval" in page().open("/verify/app/hi/").headers["content-security-policy"]
    assert "zxing_reader.wasm" in page().open("/verify/worker.js").text


@pytest.mark.row("E-162")
def test_a_closure_for_maintenance_has_an_end_and_opens_by_itself(page, clock):
    officer, ends_at = page("mdo"), clock.now() + timedelta(hours=2)
    closure = {
        "scope": "district", "ground": "maintenance", "reference": "NIC/7", "reason": "Server maintenance",
        "until": f"{ends_at:%Y-%m-%dT%H:%M}",
    }  # fmt: skip
    paper = {"document": ("order.pdf", PAPER, "application/pdf")}

    def order(**changes):
        at = officer.open("/office/holds/")
        return officer.send(at, lambda form: "ground" in form.fields, closure | changes, files=paper, lawful=False)

    endless = order(until="")
    assert endless.status_code >= 400 and "needs an end" in endless.text
    assert order().status_code == 200
    closed = ask_challan(page(SETTLEE), LEASE, SILENT)
    assert "server maintenance" in words_of(closed.html).lower()
    clock.to(ends_at + timedelta(minutes=2))
    opened = ask_challan(page(SETTLEE), LEASE, SILENT)
    assert "server maintenance" not in words_of(opened.html).lower()


@pytest.mark.row("A-12")
def test_a_due_and_an_overdue_instalment_come_to_the_desk_by_themselves(page, api, clock):
    third = dues(api, LEASE, SETTLEE)[2]
    assert third["due_on"] == "2027-01-15"
    clock.to(india("2027-01-14 09:00"))
    assert clock.soon(lambda: desk(page("mdo"), "TRG-01", third["demand"])), "due"
    assert stopped_by(api, LEASE) == []
    clock.to(india("2027-01-16 00:01"))
    assert clock.soon(lambda: desk(page("mdo"), "TRG-02", third["demand"])), "overdue"
    assert stopped_by(api, LEASE) == ["HLD-01"]


@pytest.mark.row("E-140")
def test_in_the_monsoon_no_challan_is_issued_from_the_river_bed(page, clock):
    before = ask_challan(page(SETTLEE), LEASE, TRUCK)
    assert "CH-07" not in codes_in(before.html)
    clock.to(india("2027-07-02 09:00"))
    asked = ask_challan(page(SETTLEE), LEASE, TRUCK)
    assert not asked.number and "CH-07" in asked.refused_by
