"""Vehicles, drivers and destinations enter the registers by page, sheet and API; engine and trolley both (E-150)."""

from datetime import timedelta

import pytest

from tests.doors import Api, ask_challan, codes_in, words_of

LEASE, SETTLEE, OTHER = "MUN-2026-01", "gangotri", "shivam"
TRUCK, ENGINE, TROLLEY, LORRY = "BR08G7771", "BR08T7772", "BR08T7773", "BR08G7774"
IMEI = {TRUCK: "866100000777103", LORRY: "866100000777400", "nobody": "866100000777509"}


def entered(person, address, given):
    """Send the form of a register's page; the answer, also where it is refused."""
    return person.send(person.open(address), lambda form: "kind" in form.fields, given, lawful=False)


def vehicle(mark, **more):
    record = {"registration": mark, "capacity_m3": "16", "owner_name": "Gangotri", "district": "Munger", "wheels": "14"}
    return {**record, "vehicle_class": "Goods Carrier", "kind": "truck", "commercial": "on", **more}


def checked_sheet(officer, clock, here, sheet):
    """Hand a sheet in of which one row can be taken: its address, and what its page says once it is checked."""
    paper = {"file": ("sheet.csv", sheet.encode(), "text/csv")}
    address = str(officer.send(officer.open(here), lambda form: "file" in form.files, files=paper).url)
    clock.until("every row is checked", lambda: "Take 1 row in" in words_of(officer.open(address).text))
    return address, words_of(officer.open(address).text)


def taken_in(officer, clock, address):
    """Take in what can be taken."""
    officer.send(officer.open(address), lambda form: ("step", "take") in form.buttons, {"step": "take"})
    clock.until("the sheet is taken in", lambda: "Entered 1" in words_of(officer.open(address).text))


def at_the_ghat(road, settlee, mark):
    """What refuses an e-challan to a vehicle that stands at the ghat and reports."""
    with road.standing(mark, LEASE):
        return ask_challan(settlee, LEASE, mark, quantity_m3="40").refused_by


@pytest.mark.row("E-150")
def test_a_truck_and_a_tractor_with_its_trolley_are_registered_by_their_settlee(page, api, clock, socket, road):
    settlee = page(SETTLEE)
    assert "CH-02" in ask_challan(settlee, LEASE, TRUCK).refused_by  # nobody registered it
    odd = entered(settlee, "/things/vehicles/new", vehicle(TRUCK, unladen_kg="9000", gross_kg="8000"))
    assert odd.status_code == 409 and "REG-25" in codes_in(odd.text)
    ends_on = clock.now().date() + timedelta(days=10)
    made = entered(settlee, "/things/vehicles/new", vehicle(TRUCK, fitness_until=f"{ends_on:%Y-%m-%d}"))
    assert made.status_code == 200 and "ends soon" in words_of(made.text)
    refused = ask_challan(settlee, LEASE, TRUCK).refused_by
    assert "CH-02" not in refused and "CH-03" in refused  # registered now; no device tells where it is
    device = {"registration": TRUCK, "imei": IMEI[TRUCK], "vendor": "iTriangle", "model": "Bharat 101"}
    onboard = "/api/v1/devices/acts/device.onboard"
    odd = api("mdo").post(onboard, {**device, "imei": "866100000777101"}).json()
    assert [row["code"] for row in odd["findings"]] == ["DEV-01"]
    assert api("mdo").post(onboard, device).json()["number"] == IMEI[TRUCK]
    assert "CH-03" not in at_the_ghat(road, settlee, TRUCK)
    tractor = {"kind": "tractor", "vehicle_class": "Tractor (Commercial)", "capacity_m3": "3.2"}
    alone = entered(settlee, "/things/vehicles/new", vehicle(ENGINE, trolley=TROLLEY, **tractor))
    assert alone.status_code == 409 and "REG-26" in codes_in(alone.text)
    assert entered(settlee, "/things/vehicles/new", vehicle(ENGINE, **tractor)).status_code == 200
    assert "CH-02" in ask_challan(settlee, LEASE, ENGINE, quantity_m3="3").refused_by  # the engine alone
    pulled = {"kind": "trolley", "vehicle_class": "Trailer (Agricultural)", "capacity_m3": "3.2"}
    assert entered(settlee, "/things/vehicles/new", vehicle(TROLLEY, **pulled)).status_code == 200
    change = {**vehicle(ENGINE, trolley=TROLLEY, **tractor), "reason": "Trolley bought", "active": "on"}
    at = settlee.open(f"/things/vehicles/{ENGINE}/")
    changed = settlee.send(at, lambda form: "trolley" in form.fields, change)
    assert TROLLEY in words_of(changed.text) and "Trolley bought" in words_of(changed.text)
    assert "CH-02" not in ask_challan(settlee, LEASE, ENGINE, quantity_m3="3").refused_by
    foreign = Api(page(OTHER)).post(
        "/api/v1/vehicles/acts/vehicle.register",
        {
            "registration": TRUCK,
            "kind": "truck",
            "wheels": 14,
            "capacity_m3": "16",
            "owner_name": "Shivam",
            "district": "Munger",
        },
    )
    assert foreign.status_code == 409 and [row["code"] for row in foreign.json()["findings"]] == ["REG-27"]
    assert api("mdo").get(f"/api/v1/vehicles/{ENGINE}")["trolley"] == TROLLEY


@pytest.mark.row("E-150")
def test_a_sheet_of_vehicles_is_checked_row_by_row_and_taken_in(page, clock):
    officer = page("mdo")
    sheet = (
        "Registration mark,Capacity (cubic metres),Owner,Class (VAHAN),Insurance until\n"
        "BR08G7781,11,A. Kumar,GOODS CARRIER,31.03.2030\nBR08G7783,11,B. Kumar,Ambulance,\n"
        "BR08,11,B. Kumar,,\nBR08G7782,11,C. Kumar,,31.02.2030\n"
    )
    address, checked = checked_sheet(officer, clock, "/sheets/vehicles/", sheet)
    assert "REG-24" in checked and "of class Ambulance, which carries no mineral" in checked
    assert "REG-02" in checked and "31.02.2030 cannot be taken; a day such as" in checked
    assert "BR08G7781" not in words_of(officer.open("/things/vehicles/?q=BR08G778").text)  # nothing is written yet
    taken_in(officer, clock, address)
    assert "BR08G7781" in words_of(officer.open("/things/vehicles/?q=BR08G778").text)
    assert "BR08G7782" in officer.open(f"{address}?rest=1").text
    assert "CH-02" not in ask_challan(page(SETTLEE), LEASE, "BR08G7781").refused_by


@pytest.mark.row("E-150")
def test_devices_come_by_sheet_into_vehicles_of_the_register_alone(page, socket, road, clock):
    officer, settlee = page("mdo"), page(SETTLEE)
    assert entered(settlee, "/things/vehicles/new", vehicle(LORRY)).status_code == 200
    sheet = (
        f"registration,IMEI,Vendor,Model\n{LORRY},{IMEI[LORRY]},iTriangle,Bharat 101\n"
        f"BR01ZZ0001,{IMEI['nobody']},iTriangle,Bharat 101\n{LORRY},866100000777401,iTriangle,Bharat 101\n"
    )
    address, checked = checked_sheet(officer, clock, "/sheets/devices/", sheet)
    assert "DEV-38" in checked and "BR01ZZ0001" in checked  # nobody registered it
    assert "DEV-01" in checked and "866100000777401" in checked  # its last digit is no check digit
    assert "CH-03" in ask_challan(settlee, LEASE, LORRY).refused_by  # nothing is written yet
    taken_in(officer, clock, address)
    assert "CH-03" not in at_the_ghat(road, settlee, LORRY)
