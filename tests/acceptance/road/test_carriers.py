"""Papers of carriers from the transport department, and the answer before a load: API and pages."""

from datetime import timedelta

import pytest

from tests.doors import ask_challan, codes_in, words_of

LEASE, SETTLEE, OTHER = "MUN-2026-01", "gangotri", "kaushiki"
LORRY, STOPPED, LICENCE = "BR08G7791", "BR08G7792", "BR0820110077910"
RC = {
    "rc_regn_no": LORRY, "rc_status": "ACTIVE", "rc_vh_class_desc": "Goods Carrier", "rc_body_type_desc": "TIPPER",
    "rc_unld_wt": "8960", "rc_gvw": "28500", "rc_regn_upto": "31-Mar-2036", "rc_fit_upto": "20-Mar-2030",
    "rc_permit_valid_upto": "20-Mar-2030", "rc_insurance_upto": "01/02/2030", "rc_pucc_upto": "01-Feb-2030",
}  # fmt: skip


def registered(api, mark, **more):
    record = {
        "registration": mark, "kind": "truck", "capacity_m3": "11", "owner_name": "Gangotri", "district": "Munger",
        "wheels": 10, "commercial": True, **more,
    }  # fmt: skip
    answer = api(SETTLEE).post("/api/v1/vehicles/acts/vehicle.register", record)
    assert answer.status_code < 300, answer.text


def looked(api, mark, who=SETTLEE):
    """Ask VAHAN for a vehicle: the status, and what is said of it."""
    answer = api(who).post(f"/api/v1/vehicles/{mark}/acts/vehicle.look", {})
    return answer.status_code, answer.text


def reasons(api, mark, **more):
    load = {"lease": LEASE, "vehicle": mark, "place": "bariyarpur", "quantity_m3": "8", "driver_name": "Ram", **more}
    answer = api(SETTLEE).post("/api/v1/challans/eligibility", load)
    assert answer.status_code == 200, answer.text
    return {row["code"]: row for row in answer.json()["reasons"]}


@pytest.mark.row("E-150")
def test_vahan_fills_the_papers_of_a_vehicle_and_its_failures_change_nothing(api, installation):
    registered(api, LORRY)
    assert {"CH-30", "CH-32", "CH-37"} <= set(reasons(api, LORRY))
    status, answer = looked(api, LORRY)
    assert status == 409 and "REG-37" in answer and "does not know it" in answer
    installation.transport.take(vehicle=RC)
    for mood in ("down", "junk", "contradicting", "slow"):
        installation.transport.take(mood=mood)
        status, answer = looked(api, LORRY)
        assert status == 409 and "does not answer now" in answer, mood
        assert "CH-37" in reasons(api, LORRY), mood
    installation.transport.take(mood="well")
    assert looked(api, LORRY)[0] == 200
    left = reasons(api, LORRY)
    assert not {"CH-30", "CH-31", "CH-32", "CH-37"} & set(left) and "CH-03" in left
    assert api(SETTLEE).get(f"/api/v1/vehicles/{LORRY}")["fitness_until"] == "2030-03-20"


@pytest.mark.row("E-150")
def test_what_vahan_stopped_its_owner_does_not_set_going(page, api, installation):
    registered(api, STOPPED, capacity_m3="10")
    installation.transport.take(vehicle={**RC, "rc_regn_no": STOPPED, "rc_status": "SUSPENDED"})
    status, answer = looked(api, STOPPED)
    assert status == 200 and "REG-38" in answer
    assert {"CH-02"} <= set(reasons(api, STOPPED)) and "CH-37" not in reasons(api, STOPPED)
    at = page(SETTLEE).open(f"/things/vehicles/{STOPPED}/")
    page(SETTLEE).send(at, lambda form: "active" in form.fields or "active" in form.choices,
                       {"active": "on", "reason": "It runs again"})  # fmt: skip
    assert "CH-02" not in reasons(api, STOPPED) and "CH-37" in reasons(api, STOPPED)


@pytest.mark.row("E-128", "E-150")
def test_a_licence_comes_from_sarathi_and_one_that_ended_drives_nothing(api, installation):
    driver = {"licence_no": LICENCE, "name": "Shyam Sundar", "district": "Munger"}
    assert api(SETTLEE).post("/api/v1/drivers/acts/driver.enter", driver).status_code < 300
    drives = {"driver_name": "Shyam Sundar", "licence_no": LICENCE}
    assert "CH-33" in reasons(api, "BR08G1021", **drives)  # the register knows no end of his licence
    ask = lambda: api(SETTLEE).post(f"/api/v1/drivers/{LICENCE}/acts/driver.look", {"born_on": "1985-01-02"})  # noqa: E731
    assert ask().status_code == 409
    licence = {"dlLicno": LICENCE, "dlStatus": "Active", "dlTrValdtoDt": "11-09-2031"}
    body = {"dlobj": licence, "bioObj": {"bioFullName": "SHYAM SUNDAR"}, "dlcovs": [{"covabbrv": "HGMV"}]}
    installation.transport.take(licence={"dl_no": LICENCE, "dldetobj": [body]})
    assert ask().status_code == 200, ask().text
    assert "CH-33" not in reasons(api, "BR08G1021", **drives)
    ended = {**body, "dlobj": {**licence, "dlTrValdtoDt": "11-09-2025"}}
    installation.transport.take(licence={"dl_no": LICENCE, "dldetobj": [ended]})
    assert ask().status_code == 200
    assert "ended" in reasons(api, "BR08G1021", **drives)["CH-33"]["message"]["en"]
    stopped = {**body, "dlobj": {**licence, "dlStatus": "Suspended"}}
    installation.transport.take(licence={"dl_no": LICENCE, "dldetobj": [stopped]})
    assert ask().status_code == 200
    again = {"name": "Shyam Sundar", "classes": "HGMV", "district": "Munger", "active": True, "reason": "He drives",
             "transport_until": "2031-09-11"}  # fmt: skip
    refused = api(SETTLEE).post(f"/api/v1/drivers/{LICENCE}/acts/driver.change", again)
    assert refused.status_code == 409 and "REG-39" in refused.text
    assert "CH-33" in reasons(api, "BR08G1021", **drives)


@pytest.mark.row("E-118", "E-157")
def test_who_stands_at_the_ghat_stands_on_a_page_with_every_reason(page, api, socket, road, clock):
    clock.to(clock.now() + timedelta(hours=10))
    with road.standing("BR08G1063", LEASE) as truck:
        truck.report_until(lambda: "BR08G1063" in page(SETTLEE).open(f"/settlee/leases/{LEASE}/gate/").text)
        asked = ask_challan(page(SETTLEE), LEASE, "BR08G1063")
        assert asked.number, words_of(asked.html)
        shut = page(SETTLEE).open(f"/settlee/leases/{LEASE}/gate/").text
        part = shut.partition("BR08G1063</h2>")[2].partition("</section>")[0]
        assert "CH-06" in codes_in(part) and "Fit from" in words_of(part) and "What lifts it" in words_of(part)
        against = reasons(api, "BR08G1063")["CH-06"]
        assert against["fit_from"] and asked.number in against["message"]["hi"]
    assert page(OTHER).http.get(f"/settlee/leases/{LEASE}/gate/").status_code == 404


@pytest.mark.row("E-118", "E-157")
def test_the_office_sees_why_a_vehicle_may_not_load_and_another_office_nothing(page):
    asked = f"/eligibility/?lease={LEASE}&vehicle=BR01ZZ0001&place=bariyarpur&quantity_m3=8&driver_name="
    shown = page("mdo").open(asked)
    assert {"CH-02", "CH-03"} <= set(codes_in(shown.text)) and "Not now" in words_of(shown.text)
    assert "What lifts it" in words_of(shown.text)
    assert "CH-02" not in codes_in(page("mdo-jamui").open(asked).text)
    empty = page("mdo").open("/eligibility/?lease=&vehicle=&place=&quantity_m3=x&driver_name=").text
    assert "Not now" not in words_of(empty)
