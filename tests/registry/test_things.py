"""Vehicles, drivers, places, rivers and bank accounts by page, file and service: who may what, and what refuses it."""

import io
import json
import re
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from immis.core.errors import NotFound, NotPermitted, Refusal
from immis.core.models import ActionLog
from immis.ledger.selectors import own_accounts
from immis.messaging.models import Message
from immis.registry import bank_accounts, things
from immis.registry import services as registry
from immis.registry.corrections import RecordCorrection, correct_block
from immis.registry.models import Driver, PartyAccount, Place, SheetFile, Vehicle
from immis.registry.rivers import known_rivers, river_on_record
from immis.registry.services.rivers import enter_river
from immis.registry.sheets import files
from tests.settlement import OWN, treasury, world
from tests.web.acts.act_states_things import NOON, declared_account, registered_vehicle
from tests.web.leases.test_lease_pages import signed_in

__all__ = ["treasury", "world"]
pytestmark = pytest.mark.django_db


def codes(caught):
    return [finding.code for finding in caught.value.findings]


def correction(block, **changed):
    same = {"area_ha": block.area_ha, "quantity_m3": block.quantity_m3, "corners": block.corners, "land": block.land}
    return RecordCorrection(**{**same, "reason": "survey", "reference": "DMO/1", **changed})


# -- rivers


@pytest.mark.flow
def test_a_ghat_lies_on_a_river_of_the_register_in_whatever_spelling(world):
    for spelling in ("Sone", "SON river", "सोन नदी", "son"):
        assert river_on_record(spelling, at=NOON) == "Son"
    correct_block(block=world.block, correction=correction(world.block, river="Sone"), by=world.district, at=NOON)
    world.block.refresh_from_db()
    assert (world.block.river, world.block.version) == ("Son", 2)
    with pytest.raises(Refusal) as caught:
        correct_block(block=world.block, correction=correction(world.block, river="Ganga"), by=world.district, at=NOON)
    assert codes(caught) == ["GHT-04"]
    enter_river(name_en="Ganga", name_hi="गंगा", spellings=["Ganges"], by=world.collector, at=NOON)
    correct_block(block=world.block, correction=correction(world.block, river="Ganges"), by=world.district, at=NOON)
    world.block.refresh_from_db()
    assert world.block.river == "Ganga"
    marked = {row.name_en: row.is_capped for row in known_rivers(NOON)}
    assert marked == {"Son": True, "Chanan": True, "Kiul": True, "Falgu": True, "Morhar": True, "Ganga": False}
    with pytest.raises(Refusal) as caught:
        enter_river(name_en="Sonbhadra", name_hi="सोन", spellings=[], by=world.collector, at=NOON)
    assert codes(caught) == ["GHT-05"]
    with pytest.raises(NotPermitted):
        enter_river(name_en="Gandak", name_hi="गंडक", spellings=[], by=world.settlee, at=NOON)


# -- bank accounts


@pytest.mark.flow
def test_an_accepted_account_is_one_that_its_party_pays_from(world, at):
    account = declared_account(world, at)
    assert (account.number, account.ifsc) == ("501000012345", "SBIN0001234")
    assert own_accounts(world.party) == (OWN,), "what waits counts for nothing"
    with pytest.raises(Refusal) as caught:
        declared_account(world, at)
    assert codes(caught) == ["REG-22"]
    with pytest.raises(NotFound):
        bank_accounts.account_of(str(account.pk), world.actor("patna"))
    with pytest.raises(NotPermitted):
        bank_accounts.decide_account(account=account, accept=True, reason="x", by=world.actor("patna"), at=NOON)
    with pytest.raises(Refusal) as caught:
        bank_accounts.decide_account(account=account, accept=True, reason=" ", by=world.district, at=NOON)
    assert codes(caught) == ["REG-23"]
    bank_accounts.decide_account(account=account, accept=True, reason="passbook", by=world.district, at=NOON)
    world.party.refresh_from_db()
    assert own_accounts(world.party) == (OWN, "501000012345")
    assert world.party.bank_account == OWN, "a director's account is none to which money goes back"
    message = Message.objects.filter(template="MSG-106").latest("pk")
    assert "2345" in json.dumps(message.facts) and "501000012345" not in json.dumps(message.facts)
    bank_accounts.close_account(account=account, reason="closed at the bank", by=world.settlee, at=NOON)
    assert own_accounts(world.party) == (OWN,)


@pytest.mark.flow
def test_a_newcomers_own_account_is_where_money_goes_back(client, world, at):
    at.set(NOON)
    world.party.bank_account = ""
    world.party.save()
    settlee = signed_in(world, "settlee", "en")
    paper = io.BytesIO(b"%PDF-1.7 cheque")
    paper.name = "cheque.pdf"
    form = {
        "relation": "partner", "holder": "Ganga Sands", "bank": "SBI", "number": "12345678901", "ifsc": "SBIN0001234",
        "district": "Munger", "proof": paper,
    }  # fmt: skip
    assert settlee.post("/bidder/accounts/", form).status_code == 422, "a company has no partners"
    paper.seek(0)
    assert settlee.post("/bidder/accounts/", {**form, "relation": "own"}).status_code == 302
    account = PartyAccount.objects.get()
    office = signed_in(world, "mdo", "en")
    page = office.get(f"/office/accounts/{account.pk}/").content.decode()
    assert "12345678901" in page and office.get(f"/accounts/{account.pk}/proof").status_code == 200
    assert office.post(f"/office/accounts/{account.pk}/", {"act": "accept", "reason": "cheque"}).status_code == 302
    world.party.refresh_from_db()
    assert world.party.bank_account == "12345678901"
    assert signed_in(world, "other", "en").get(f"/accounts/{account.pk}/proof").status_code == 404
    with pytest.raises(IntegrityError), transaction.atomic():
        PartyAccount.objects.create(
            party=world.party, number="12345678901", ifsc="SBIN0001234", bank="x", holder="x", relation="own",
            district="Munger", document="x", sent_at=NOON,
        )  # fmt: skip


# -- vehicles


@pytest.mark.flow
def test_a_vehicle_stands_for_who_entered_it_and_nobody_takes_it_over(world, at):
    truck = registered_vehicle(world, at)
    assert (truck.owner, truck.district) == (world.party, "Munger")
    lorry = {"registration": "BR08 G 4321", "capacity_m3": Decimal(16), "wheels": 14, "owner_name": "Kosi Sands"}
    for who in ("other", "patna"):
        with pytest.raises(Refusal) as caught:
            registry.register_vehicle(vehicle=registry.NewVehicle(**lorry), by=world.actor(who), at=NOON, reason="x")
        assert codes(caught) == ["REG-27"], who
    with pytest.raises(NotFound):
        things.vehicle_listed("BR08G4321", world.actor("other"))
    with pytest.raises(NotPermitted):
        registry.register_vehicle(vehicle=registry.NewVehicle(**lorry), by=world.actor("checkpost"), at=NOON)
    assert things.vehicle_listed("br08-g-4321", world.district) == truck


@pytest.mark.flow
def test_engine_and_trolley_are_a_pair_of_registered_vehicles(world):
    by = world.settlee

    def tractor(mark, **more):
        pulled = registry.NewVehicle(
            registration=mark, kind="tractor", capacity_m3=Decimal("3.2"), owner_name="G", **more
        )
        return registry.register_vehicle(vehicle=pulled, by=by, at=NOON)

    with pytest.raises(Refusal) as caught:
        tractor("BR08T0001", trolley="BR08T0002")
    assert codes(caught) == ["REG-26"] and not Vehicle.objects.exists()
    trolley = registry.NewVehicle(
        registration="BR08T0002", kind="trolley", vehicle_class="Trailer (Agricultural)", capacity_m3=Decimal("3.2"),
        owner_name="G",
    )  # fmt: skip
    registry.register_vehicle(vehicle=trolley, by=by, at=NOON)
    assert tractor("BR08T0001", trolley="br08 t 0002").trolley.registration == "BR08T0002"
    with pytest.raises(Refusal) as caught:
        tractor("BR08T0003", trolley="BR08T0002")
    assert codes(caught) == ["REG-26"], "a trolley stands with one engine"
    for wrong, code in (({"vehicle_class": "Ambulance"}, "REG-24"), ({"unladen_kg": 9000, "gross_kg": 8000}, "REG-25")):
        with pytest.raises(Refusal) as caught:
            tractor("BR08T0003", **wrong)
        assert codes(caught) == [code]


def test_the_page_of_a_vehicle_changes_it_with_before_and_after(world, at):
    registered_vehicle(world, at)
    settlee = signed_in(world, "settlee", "en")
    listed = settlee.get("/things/vehicles/?papers=ended").content.decode()
    assert "BR08G4321" not in listed
    page = settlee.get("/things/vehicles/BR08G4321/")
    assert page.status_code == 200 and "not entered" in page.content.decode()
    form = {
        "act": "change", "kind": "truck", "vehicle_class": "Goods Carrier", "capacity_m3": "16",
        "owner_name": "Ganga Sands",
        "district": "Munger", "commercial": "on", "active": "on", "fitness_until": "2026-09-30", "gross_kg": "42000",
        "unladen_kg": "12100", "wheels": "14", "reason": "papers",
    }  # fmt: skip
    assert settlee.post("/things/vehicles/BR08G4321/", form).status_code == 302
    truck = Vehicle.objects.get(registration="BR08G4321")
    assert (truck.fitness_until, truck.gross_kg, truck.owner) == (date(2026, 9, 30), 42000, world.party)
    line = ActionLog.objects.filter(code="vehicle.changed").latest("pk")
    assert line.facts["before"]["gross_kg"] is None and line.facts["after"]["gross_kg"] == 42000
    assert "BR08G4321" in settlee.get("/things/vehicles/?papers=ended").content.decode()
    assert "42000" in settlee.get("/things/vehicles/BR08G4321/").content.decode()
    assert signed_in(world, "other", "en").get("/things/vehicles/BR08G4321/").status_code == 404
    answer = signed_in(world, "mdo", "en").get("/api/v1/vehicles/BR08G4321").json()
    assert (answer["gross_kg"], answer["fitness_until"]) == (42000, "2026-09-30")
    for name, sees in (("settlee", True), ("mdo", True), ("other", False)):
        reader = signed_in(world, name, "en")
        by_api = {row["registration"] for row in reader.get("/api/v1/vehicles").json()}
        assert ("BR08G4321" in by_api, "BR08G4321" in reader.get("/things/vehicles/").content.decode()) == (sees, sees)


# -- sheets

HEAD = "Registration mark,Kind,Capacity (cubic metres),Owner,Trolley,Fitness until,Gross weight (kg)\n"
SHEET = HEAD + (
    "BR08G7001,truck,11,A. Kumar,,31.03.2027,28500\n"
    "BR08T7002,ट्रैक्टर,3.2,B. Kumar,BR08T7003,,\n"
    "BR08T7003,trolley,3.2,B. Kumar,,,\n"
    "BR08,truck,11,C. Kumar,,,\n"
    "BR08G7004,truck,much,D. Kumar,,31.02.2027,\n"
    "BR08G7005,truck,11,E. Kumar,,,60000\n"
)


def words_of(answer):
    main = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def handed_in(client, content, kind="vehicles", **more):
    file = io.BytesIO(content.encode())
    file.name = f"{kind}.csv"
    answer = client.post(f"/sheets/{kind}/", {"file": file, **more})
    assert answer.status_code == 302, words_of(answer)
    return answer["Location"]


def test_sheets_that_fail_hold_up_none_behind_them(world, at, monkeypatch):
    at.set(NOON)
    office = signed_in(world, "mdo", "en")
    for n in range(4):
        handed_in(office, f"{SHEET}BR08G80{n}0,truck,11,F. Kumar,,,\n")
    last, work = SheetFile.objects.order_by("pk").last(), files.work_on

    def broken(file, **more):
        if file.pk != last.pk:
            raise RuntimeError("its rows are gone")
        return work(file, **more)

    monkeypatch.setattr(files, "work_on", broken)
    assert files.work_on_files(at=NOON) == 7


def test_a_sheet_is_checked_first_and_then_taken_in_with_one_line_of_the_log(world, at, monkeypatch):
    at.set(NOON)
    monkeypatch.setattr(files, "_SHOWN_FAULTS", 3)  # of four
    office = signed_in(world, "mdo", "en")
    page = handed_in(office, SHEET)
    assert "is being checked" in office.get(page).content.decode()
    assert files.work_on_files(at=NOON) == 6
    checked = office.get(page).content.decode()
    assert "Take 3 rows in" in checked and not Vehicle.objects.exists()
    for code in ("REG-02", "REG-31"):
        assert code in checked
    office.post(page, {"step": "take"})
    assert files.work_on_files(at=NOON) == 6 and files.work_on_files(at=NOON) == 0
    file = SheetFile.objects.get()
    assert (file.state, file.entered, file.changed, file.refused) == ("done", 3, 0, 3)
    assert Vehicle.objects.get(registration="BR08T7002").trolley.registration == "BR08T7003"
    truck = Vehicle.objects.get(registration="BR08G7001")
    assert (truck.fitness_until, truck.gross_kg, truck.district) == (date(2027, 3, 31), 28500, "Munger")
    lines = ActionLog.objects.filter(code__in=("sheet.taken_in", "vehicle.registered"))
    assert [line.code for line in lines] == ["sheet.taken_in"] and lines[0].facts["sha256"] == file.sha256
    rest = office.get(f"{page}?rest=1").content.decode()
    assert "BR08G7004" in rest and "is not a registration mark" in rest and "BR08G7001" not in rest
    assert "BR08G7005" in rest, "what stands no more on the page stands in the sheet"
    monkeypatch.setattr("immis.web.registry.sheets._SHOWN", 2)
    assert "The first 2 reasons stand here" in office.get(page).content.decode()
    again = handed_in(office, HEAD + "BR08G7001,truck,11,Z. Kumar,,31.03.2028,28500\n")
    files.work_on_files(at=NOON)
    assert "REG-10" in office.get(again).content.decode(), "another owner needs a reason"
    reasoned = handed_in(office, HEAD + "BR08G7001,truck,11,Z. Kumar,,31.03.2028,28500\n", reason="transfer")
    files.work_on_files(at=NOON)
    office.post(reasoned, {"step": "take"})
    files.work_on_files(at=NOON)
    line = ActionLog.objects.get(code="vehicle.changed")
    assert line.facts["before"]["owner_name"] == "A. Kumar" and line.facts["reason"] == "transfer"
    assert signed_in(world, "other", "en").get(page).status_code == 404


def test_a_sheet_that_cannot_be_worked_on_holds_up_none_behind_it(world, at, monkeypatch):
    """A refusal whose facts are decimals could not be kept, and no sheet was looked at any more (2026-11-30)."""
    at.set(NOON)
    office = signed_in(world, "mdo", "en")
    heavy = handed_in(office, HEAD + "BR08G7009,truck,90,A. Kumar,,31.03.2028,28500\n")
    assert files.work_on_files(at=NOON) == 1
    assert "REG-35" in office.get(heavy).content.decode()
    poisoned = handed_in(office, HEAD + "BR08G7010,truck,11,A. Kumar,,31.03.2028,28500\n")
    good = handed_in(office, HEAD + "BR08G7011,truck,11,A. Kumar,,31.03.2028,28500\n")
    taken, bad = files._take, int(poisoned.rstrip("/").rsplit("/", 1)[-1])

    def take(row, rows, **more):
        if row.pk == bad:
            raise TypeError("a poisoned row")
        return taken(row, rows, **more)

    monkeypatch.setattr(files, "_take", take)
    files.work_on_files(at=NOON)
    assert "Take 1 row in" in office.get(good).content.decode()
    assert "is being checked" in office.get(poisoned).content.decode()


@pytest.mark.flow
def test_drivers_and_places_come_by_sheet_too_each_by_who_may(world, at):
    at.set(NOON)
    settlee = signed_in(world, "settlee", "en")
    page = handed_in(settlee, "licence_no,name,transport_until\nBR06 20110012345,Ram,20-Mar-2028\nX,Y,\n", "drivers")
    files.work_on_files(at=NOON)
    settlee.post(page, {"step": "take"})
    files.work_on_files(at=NOON)
    driver = Driver.objects.get()
    assert (driver.licence_no, driver.party, driver.transport_until) == (
        "BR0620110012345",
        world.party,
        date(2028, 3, 20),
    )
    places = (
        "kind,name_en,name_hi,lat,lon,district\n"
        "destination,Yard,यार्ड,25.6,85.1,पटना\ncheckpost,Post,पोस्ट,25.6,85.1,Patna\n"
    )
    page = handed_in(settlee, places, "places")
    files.work_on_files(at=NOON)
    assert "REG-33" in settlee.get(page).content.decode(), "a settlee enters no check post"
    settlee.post(page, {"step": "take"})
    files.work_on_files(at=NOON)
    assert [(row.name_en, row.district) for row in Place.objects.all()] == [("Yard", "Patna")]
    odd = io.BytesIO(b"colour,name\nred,x\n")
    odd.name = "odd.csv"
    answer = settlee.post("/sheets/drivers/", {"file": odd})
    assert answer.status_code == 409 and "colour" in answer.content.decode()
    assert signed_in(world, "checkpost", "en").get("/sheets/vehicles/").status_code == 403
