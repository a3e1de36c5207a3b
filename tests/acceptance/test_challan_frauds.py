"""The frauds of live systems (docs/frauds.md) that are refused before or at the issue of an e-challan."""

from datetime import datetime, timedelta

import pytest

from tests.doors import PAPER, ask_challan, codes_in, words_of

LEASE, SETTLEE = "MUN-2026-01", "gangotri"
TRUCK, OTHER = "BR08G1021", "BR08G1028"
NEVER = ("Ambulance", "M-Cycle/Scooter", "e-Rickshaw(P)", "Hearses", "Fire Tenders", "Bus")


def load(plate, **more):
    return {"lease": LEASE, "vehicle": plate, "place": "bariyarpur", "quantity_m3": "14", "driver_name": "Ram", **more}


def reasons(api, plate, **more):
    """Every reason against a load, by code, as the weighbridge's software is told."""
    answer = api(SETTLEE).post("/api/v1/challans/eligibility", load(plate, **more)).json()
    return {row["code"]: row for row in answer["reasons"]}


def registered(api, who, mark, **more):
    """Register a vehicle by the API: the codes that refuse it, or that a value is no choice."""
    record = {
        "registration": mark, "kind": "truck", "capacity_m3": "11", "owner_name": "Gangotri", "district": "Munger",
        "wheels": 10, "commercial": True, **more,
    }  # fmt: skip
    answer = api(who).post("/api/v1/vehicles/acts/vehicle.register", record)
    codes = [row["code"] for row in answer.json().get("findings", [])]
    return codes or ([] if answer.status_code < 400 else ["no choice"])


@pytest.mark.row("E-118", "E-150")
def test_what_cannot_carry_sand_is_refused_at_entry_and_at_issue(api):
    """F-1, F-2: an ambulance, a motorcycle, an e-rickshaw, a hearse, a fire engine, a bus, a tanker; 900 m³."""
    for name in NEVER:
        assert registered(api, "mdo", "BR08Z7700", vehicle_class=name) == ["no choice"], name
    assert "REG-36" in registered(api, "mdo", "BR08Z7700", vehicle_class="Goods Carrier", body="MILK TANKER")
    assert "REG-35" in registered(api, "mdo", "BR08Z7700", vehicle_class="Goods Carrier", capacity_m3="900")
    assert registered(api, "mdo", "BR08Z7701") == []  # its class is not on record
    against = reasons(api, "BR08Z7701", quantity_m3="11")
    assert {"CH-30", "CH-32"} <= set(against)
    assert "is not on record" in against["CH-30"]["message"]["en"] and "VAHAN" in against["CH-30"]["lifts"]["en"]
    heavy = reasons(api, TRUCK, tare_kg=12000, gross_kg=51000)["CH-31"]["message"]["en"].replace(",", "")
    assert "39000 kg" in heavy and "30000 kg" in heavy


@pytest.mark.row("E-150")
def test_what_a_settlee_typed_of_his_vehicle_counts_when_an_officer_has_seen_it(page, api):
    """F-3: a paper vehicle of a settlee's own."""
    papers = dict.fromkeys(("fitness_until", "permit_until", "insurance_until", "pollution_until"), "2030-01-01")
    assert registered(api, SETTLEE, "BR08Z7702", vehicle_class="Goods Carrier", **papers) == []
    assert "CH-37" in reasons(api, "BR08Z7702", quantity_m3="8")
    here = "/things/vehicles/BR08Z7702/"
    seen = page("mdo").send(
        page("mdo").open(here), lambda form: form.fields.get("act") == "confirm", {"reason": "RC and papers seen"},
        files={"document": ("rc.pdf", PAPER, "application/pdf")},
    )  # fmt: skip
    assert seen.status_code == 200
    left = reasons(api, "BR08Z7702", quantity_m3="8")
    assert "CH-37" not in left and "CH-32" not in left and "CH-30" not in left and "CH-03" in left


@pytest.mark.row("E-118", "E-157")
def test_one_truck_gets_no_second_load_before_it_could_be_there_and_back(page, api, socket, road, clock):
    """F-4: thirty e-challans of one truck within an hour."""
    settlee = page(SETTLEE)
    with road.standing(TRUCK, LEASE) as truck:
        asked = ask_challan(settlee, LEASE, TRUCK)
        assert asked.number, words_of(asked.html)
        issued_at = clock.now()
        home = truck.place
        truck.place = (25.2840, 86.5660)
        clock.to(issued_at + timedelta(minutes=8))
        truck.report_until(lambda: api().get(f"/api/v1/check?q={asked.number}&vehicle={TRUCK}")["state"] == "completed")
        clock.to(issued_at + timedelta(minutes=14))
        truck.place = home
        truck.report_until(truck.seen)
        again = reasons(api, TRUCK)["CH-35"]
        fit_from = datetime.fromisoformat(again["fit_from"])
        assert timedelta(minutes=30) < fit_from - issued_at < timedelta(minutes=40)
        second = ask_challan(settlee, LEASE, TRUCK)
        assert not second.number and "CH-35" in second.refused_by
    clock.to(fit_from + timedelta(hours=1))  # others load it too


@pytest.mark.row("E-118")
def test_every_reason_stands_in_one_answer_with_clause_and_what_lifts_it(api):
    """A load that nothing speaks for: no vehicle, no fix, a check post as destination, a buyer without licence."""
    against = reasons(api, "BR01ZZ0001", place="safiabad", driver_name="", buyer_kind="stockist", quantity_m3="0")
    assert {"CH-02", "CH-03", "CH-09", "CH-15", "CH-34"} <= set(against)
    assert all(row["cites"] and row["lifts"]["hi"] for row in against.values())


@pytest.mark.row("E-128")
def test_nothing_is_cancelled_once_the_truck_has_left_or_was_checked(page, api, socket, road, clock):
    """F-5: a pass cancelled once past the check post."""
    settlee = page(SETTLEE)
    with road.standing(OTHER, LEASE) as truck:
        asked = ask_challan(settlee, LEASE, OTHER)
        assert asked.number, words_of(asked.html)
        clock.to(clock.now() + timedelta(minutes=2))
        truck.place = (truck.place[0] + 0.02, truck.place[1])
        truck.report_until(truck.seen)
        offers = {row["name"]: row for row in api(SETTLEE).get(f"/api/v1/challans/{asked.number}/acts")}
        assert [row["code"] for row in offers["challan.cancel"]["findings"]] == ["CH-14"]
        assert [row["code"] for row in offers["challan.amend"]["findings"]] == ["CH-42"]
    clock.to(clock.now() + timedelta(hours=8))  # its time is over when others load the truck


@pytest.mark.row("E-161")
def test_the_statement_of_every_issue_is_kept_with_it(page):
    """What comes from a settlee's log-in is deemed checked: said and kept at every issue."""
    settlee = page(SETTLEE)
    listed = settlee.open("/settlee/challans/").text
    number = listed.partition('href="/challans/')[2].partition("/")[0]
    shown = settlee.open(f"/challans/{number}/").text
    assert "Stated at issue" in words_of(shown) and "CH-12" in codes_in(shown)
