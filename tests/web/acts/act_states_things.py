"""How ghats, rivers, bank accounts, vehicles, drivers and places come to a few states each, for the walk over acts."""

from decimal import Decimal

from immis.registry import bank_accounts, rivers
from immis.registry import services as registry
from immis.registry.services.drivers import NewDriver, enter_driver
from immis.registry.services.places import NewPlace, enter_place
from immis.registry.services.rivers import enter_river
from tests.settlement import india

NOON = india("2026-10-05", "12:00:00")
PAPER = b"%PDF-1.7 passbook"


def noticed_ghat(world, at):
    """A ghat as its notice describes it."""
    at.set(NOON)
    return world.block


def river_by_law(world, at):
    at.set(NOON)
    return rivers.river_of("son", NOON)


def river_entered(world, at):
    """A river that no law names."""
    at.set(NOON)
    row = enter_river(name_en="Ganga", name_hi="गंगा", spellings=["Ganges"], by=world.collector, at=NOON)
    return rivers.river_of(row.code, NOON)


def declared_account(world, at):
    """The account of a director waits for the district."""
    at.set(NOON)
    account = bank_accounts.DeclaredAccount(
        relation="director", holder="R. Kumar", bank="SBI Munger", number="5010 0001 2345", ifsc="sbin0001234",
        district="Munger",
    )  # fmt: skip
    return bank_accounts.declare_account(account, content=PAPER, by=world.settlee, at=NOON)


def accepted_account(world, at):
    account = declared_account(world, at)
    return bank_accounts.decide_account(account=account, accept=True, reason="passbook", by=world.district, at=NOON)


def registered_vehicle(world, at):
    """A truck of the settlee, kept by Munger."""
    at.set(NOON)
    lorry = registry.NewVehicle(
        registration="BR08G4321", capacity_m3=Decimal(16), owner_name="Ganga Sands", district="Munger", wheels=14
    )
    return registry.register_vehicle(vehicle=lorry, by=world.settlee, at=NOON)


def entered_driver(world, at):
    at.set(NOON)
    driver = NewDriver(licence_no="BR06 20110012345", name="Ram Pravesh Yadav", district="Munger")
    return enter_driver(driver=driver, by=world.settlee, at=NOON)


def entered_place(world, at):
    at.set(NOON)
    place = NewPlace(
        code="", kind="destination", name_en="Patna yard", name_hi="पटना", lat=25.6, lon=85.1, district="Munger"
    )
    return enter_place(place=place, by=world.settlee, at=NOON)


STATES = {
    "ghat": (noticed_ghat,),
    "river": (river_entered, river_by_law),
    "account": (declared_account, accepted_account),
    "vehicle": (registered_vehicle,),
    "driver": (entered_driver,),
    "place": (entered_place,),
}
