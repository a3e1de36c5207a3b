"""VAHAN and SARATHI with their failures, and the office's look at what a party entered."""

import threading
from datetime import date

import pytest

from immis.adapters.vahan import reading
from immis.adapters.vahan.simulator import TransportSimulator
from immis.core.errors import NotPermitted, Refusal
from immis.core.models import ActionLog
from immis.registry.models import Driver, Vehicle
from immis.registry.services import NewVehicle, looked, register_vehicle
from immis.registry.services.drivers import NewDriver, enter_driver
from tests.challans.world import NOON, PLATE
from tests.challans.world import build as made
from tests.fit import LORRY

RC = {
    "rc_regn_no": PLATE, "rc_status": "ACTIVE", "rc_vh_class_desc": "Goods Carrier", "rc_body_type_desc": "TIPPER",
    "rc_unld_wt": "8960", "rc_gvw": "28500", "rc_fit_upto": "20-Mar-2028", "rc_insurance_upto": "01/02/2027",
    "rc_pucc_upto": "NA", "rc_owner_name": "RAM",
}  # fmt: skip


@pytest.fixture
def world(db, data_dir, at):
    at.set(NOON)
    return made(data_dir)


@pytest.fixture
def registers(settings):
    server = TransportSimulator("127.0.0.1", 0, key="k")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    settings.VAHAN_URL = settings.SARATHI_URL = server.url
    settings.VAHAN_KEY = settings.SARATHI_KEY = "k"
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def why(world, vehicle=None):
    with pytest.raises(Refusal) as caught:
        looked.fill_from_vahan(vehicle=vehicle or world.vehicle, by=world.district, at=NOON)
    return caught.value.findings[0].facts["why"]


@pytest.mark.flow
def test_vahan_fills_class_weights_and_papers_and_keeps_what_stood_before(world, registers):
    registers.take({"vehicle": {**RC, "rc_vh_class_desc": "Ambulance", "rc_blacklist_status": "N"}})
    row, findings = looked.fill_from_vahan(vehicle=world.vehicle, by=world.district, at=NOON)
    assert (row.vehicle_class, row.gross_kg, row.fitness_until) == ("Ambulance", 28500, date(2028, 3, 20))
    assert row.pollution_until == LORRY["pollution_until"], "what it does not say stays"
    assert row.checked_how == "vahan" and [found.code for found in findings] == ["REG-38", "REG-24"]
    line = ActionLog.objects.get(code="vehicle.looked_up")
    assert line.facts["before"]["vehicle_class"] == "Goods Carrier"
    registers.take({"vehicle": {**RC, "rc_status": "SUSPENDED", "rc_blacklist_status": "Y"}})
    row, findings = looked.fill_from_vahan(vehicle=row, by=world.district, at=NOON)
    assert not row.active and [found.facts["why"] for found in findings] == ["stopped"]


@pytest.mark.flow
def test_weights_that_cannot_be_are_told_at_the_look_and_not_only_at_issue(world, registers):
    registers.take({"vehicle": {**RC, "rc_unld_wt": "24000", "rc_body_type_desc": "FIRE ENGINE"}})
    row, findings = looked.fill_from_vahan(vehicle=world.vehicle, by=world.district, at=NOON)
    assert {found.code for found in findings} == {"REG-35", "REG-36"}
    assert {found.severity for found in findings} == {"warning"} and row.unladen_kg == 24000
    assert ActionLog.objects.get(code="vehicle.looked_up").facts["codes"] == [found.code for found in findings]


def test_its_failures_are_told_and_change_nothing(world, registers, settings):
    assert why(world) == "unknown"
    registers.take({"vehicle": RC})
    for mood in ("down", "junk", "contradicting"):
        registers.take({"mood": mood})
        assert why(world) == "silent"
    registers.take({"mood": "well"})
    settings.VAHAN_KEY = "wrong"
    assert why(world) == "silent"
    settings.VAHAN_URL = ""
    assert why(world) == "not_set"
    assert not ActionLog.objects.filter(code="vehicle.looked_up").exists()


@pytest.mark.flow
def test_what_a_party_enters_counts_when_an_officer_has_seen_it(world):
    own = NewVehicle(registration="BR08G4444", capacity_m3=10, owner_name="Ganga", **LORRY)
    row = register_vehicle(vehicle=own, by=world.actor, at=NOON)
    assert row.checked_how == ""
    with pytest.raises(NotPermitted):
        looked.confirm_vehicle(vehicle=row, reason="RC", by=world.actor, at=NOON)
    assert looked.confirm_vehicle(vehicle=row, reason="RC seen", by=world.district, at=NOON).checked_how == "office"
    with pytest.raises(Refusal):
        looked.confirm_vehicle(vehicle=row, reason="RC seen", by=world.district, at=NOON)
    later = {**vars(own), "fitness_until": date(2031, 1, 1)}
    row = register_vehicle(vehicle=NewVehicle(**later), by=world.actor, at=NOON)
    assert Vehicle.objects.get(pk=row.pk).checked_how == "", "a paper that the party changed is to be seen again"


def test_a_party_does_not_set_a_vehicle_going_again_that_vahan_stopped(world, registers):
    own = NewVehicle(registration="BR08G4444", capacity_m3=10, owner_name="Ganga", **LORRY)
    row = register_vehicle(vehicle=own, by=world.actor, at=NOON)
    registers.take({"vehicle": {**RC, "rc_regn_no": "BR08G4444", "rc_status": "SUSPENDED"}})
    row, _ = looked.fill_from_vahan(vehicle=row, by=world.actor, at=NOON)
    assert (row.active, row.checked_how) == (False, "vahan")
    again = NewVehicle(**{**vars(own), "body": row.body, "unladen_kg": row.unladen_kg, "gross_kg": row.gross_kg})
    row = register_vehicle(vehicle=again, by=world.actor, at=NOON, reason="It runs")
    assert row.active and row.checked_how == "", "it counts when VAHAN or an officer has seen it"


def refused(act, **typed):
    with pytest.raises(Refusal) as caught:
        act(**typed)
    return [found.facts.get("why") for found in caught.value.findings if found.code == "REG-39"]


@pytest.mark.flow
def test_a_licence_that_sarathi_stopped_is_set_going_by_sarathi_or_an_office_alone(world, registers):
    typed = {"licence_no": "BR0620110012345", "name": "राम"}
    driver = enter_driver(driver=NewDriver(**typed), by=world.actor, at=NOON)

    def ask(standing):
        body = {"dlobj": {"dlLicno": "BR06 20110012345", "dlStatus": standing, "dlTrValdtoDt": "11-09-2027"}}
        registers.take({"licence": {"dl_no": driver.licence_no, "dldetobj": [body]}})
        return looked.fill_from_sarathi(driver=driver, born_on=date(1985, 1, 2), by=world.actor, at=NOON)

    def again(by, **more):
        filled = {"transport_until": date(2027, 9, 11), **more}
        return enter_driver(driver=NewDriver(**typed, **filled), by=by, at=NOON, reason="It drives")

    row = ask("Suspended")
    assert (row.active, row.is_stopped) == (False, True)
    assert refused(lambda: again(world.actor)) == ["stopped"]
    assert ask("Active").active
    assert refused(lambda: again(world.actor, classes="HGMV")) == ["filled"]
    assert ask("Suspended").is_stopped
    row = again(world.district)
    assert row.active and not row.is_stopped, "the office has seen the paper"


def test_sarathi_fills_a_licence(world, registers):
    driver = enter_driver(driver=NewDriver(licence_no="BR0620110012345", name="राम"), by=world.actor, at=NOON)
    ask = lambda: looked.fill_from_sarathi(driver=driver, born_on=date(1985, 1, 2), by=world.actor, at=NOON)  # noqa: E731
    with pytest.raises(Refusal):
        ask()
    licence = {"dlLicno": "BR06 20110012345", "dlStatus": "Active", "dlTrValdtoDt": "11-09-2027"}
    body = {"dlobj": licence, "bioObj": {"bioFullName": "RAM"}, "dlcovs": [{"covabbrv": "HGMV"}, {"covabbrv": "LMV"}]}
    registers.take({"licence": {"dl_no": driver.licence_no, "dldetobj": [body]}})
    ask()
    row = Driver.objects.get(pk=driver.pk)
    assert (row.classes, row.transport_until, row.active) == ("HGMV LMV", date(2027, 9, 11), True)


def test_how_the_services_write_days_weights_and_nothing():
    assert [reading.day({"d": text}, "d") for text in ("20-Mar-2008", "20/03/2008", "Not Available", "31-02-2020")] == [
        date(2008, 3, 20), date(2008, 3, 20), None, None,
    ]  # fmt: skip
    assert [reading.kilograms({"w": text}, "w") for text in ("25000", "", "-5", "9" * 30)] == [25000, None, None, None]
    assert reading.text_of({"a": " NA ", "b": "TRUCK  (CLOSED BODY)"}, "a", "b") == "TRUCK (CLOSED BODY)"
