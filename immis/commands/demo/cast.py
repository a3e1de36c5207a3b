"""Who plays in the season: offices, officers, parties, trucks and places. All names are invented."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from immis import clock
from immis.core.access.permissions import SYSTEM
from immis.registry import selectors, services
from immis.registry.offices import enter_offices
from immis.rules.offices import OfficeRow, state_tree
from immis.rules.policy import read_yaml

DISTRICT = "Munger"
PASSWORD = "demo-season-2026"


@dataclass(frozen=True)
class Officer:
    """A post that has a one-click log-in in the demo."""

    username: str
    role: str
    office: str
    name_en: str
    name_hi: str


@dataclass(frozen=True)
class Firm:
    """A bidder, perhaps a settlee later."""

    username: str
    kind: str
    name_en: str
    name_hi: str
    pan: str
    turnover_rupees: tuple[int, int, int] = field(default=(9_000_000, 11_000_000, 14_000_000))

    @property
    def account(self) -> str:
        return f"3{int(self.pan[5:9]):04d}{sum(map(ord, self.pan)):06d}"


@dataclass(frozen=True)
class Lorry:
    """A vehicle with its device."""

    plate: str
    kind: str
    wheels: int
    capacity_m3: Decimal
    imei: str
    firm: str

    @property
    def iccid(self) -> str:
        """A made-up number of its SIM, as the register and the device's login have it."""
        return f"8991{self.imei}"


_CAST = read_yaml(Path(__file__).with_name("cast.yaml"))
#: Offices of the season beside those of the State's own tree.
OFFICES = [
    OfficeRow(row["code"], row["kind"], row["en"], row["hi"], row["under"], row["district"]) for row in _CAST["offices"]
]
OFFICERS = [Officer(row["username"], row["role"], row["office"], row["en"], row["hi"]) for row in _CAST["officers"]]
FIRMS = [Firm(row["username"], row["kind"], row["en"], row["hi"], row["pan"]) for row in _CAST["firms"]]
PLACES = [
    (row["code"], row["kind"], row["en"], row["hi"], float(row["lat"]), float(row["lon"]), row["radius_m"])
    for row in _CAST["places"]
]
#: Who drives in the demo.
DRIVER = _CAST["driver"]

_FLEET_OF = {"gangotri": 5, "angpradesh": 4, "shivam": 3, "kaushiki": 4, "sitakund": 2, "mirkasim": 2}


def _imei(number: int) -> str:
    """A made-up IMEI with a right check digit."""
    body = f"35900107{number:06d}"
    doubled = [int(d) * (2 if i % 2 else 1) for i, d in enumerate(body)]
    return body + str(-sum(d - 9 if d > 9 else d for d in doubled) % 10)


def _fleet() -> list[Lorry]:
    lorries, number = [], 1000
    for firm, count in _FLEET_OF.items():
        for turn in range(count):
            number += 7
            tractor = firm == "sitakund" and turn == 1
            kind, wheels, capacity = ("tractor", 6, Decimal("3.5")) if tractor else ("truck", 12, Decimal("16"))
            lorries.append(Lorry(f"BR08G{number:04d}", kind, wheels, capacity, _imei(number), firm))
    return lorries


FLEET = _fleet()


def enter() -> None:
    """Enter everybody and everything in the registers, as an administrator would before the season."""
    at = clock.now()
    enter_offices((*state_tree(), *OFFICES), by=SYSTEM, at=at)
    offices = {office.code: office for office in selectors.offices()}
    for officer in OFFICERS:
        user = services.add_user(
            username=officer.username, name_en=officer.name_en, name_hi=officer.name_hi, password=PASSWORD
        )
        services.appoint(user=user, office=offices[officer.office], role=officer.role)
    parties = {firm.username: _enter_firm(firm) for firm in FIRMS}
    for code, kind, en, hi, lat, lon, radius in PLACES:
        services.add_place(
            place=services.NewPlace(
                code=code, kind=kind, name_en=en, name_hi=hi, lat=lat, lon=lon, radius_m=radius, district=DISTRICT
            )
        )
    for lorry in FLEET:
        _enter_lorry(lorry, parties[lorry.firm], at=at)


def _enter_lorry(lorry: Lorry, party: Any, *, at: datetime) -> None:
    """A lorry with its device; a tractor's trolley is registered before it (clause 42(xxi))."""
    common = {"capacity_m3": lorry.capacity_m3, "owner": party, "owner_name": party.name_en, "district": DISTRICT}
    trolley = ""
    if lorry.kind == "tractor":
        trolley = f"{lorry.plate[:4]}T{lorry.plate[5:]}"
        pulled = services.NewVehicle(registration=trolley, kind="trolley", wheels=4, **common)
        services.register_vehicle(vehicle=pulled, by=SYSTEM, at=at)
    made = services.NewVehicle(
        registration=lorry.plate, kind=lorry.kind, wheels=lorry.wheels, trolley=trolley, **common
    )
    vehicle = services.register_vehicle(vehicle=made, by=SYSTEM, at=at)
    services.fit_device(imei=lorry.imei, vehicle=vehicle, vendor="DEMO", iccid=lorry.iccid, by=SYSTEM, at=at)


def _enter_firm(firm: Firm) -> object:
    user = services.add_user(
        username=firm.username,
        name_en=firm.name_en,
        name_hi=firm.name_hi,
        password=PASSWORD,
        email=f"{firm.username}@example.invalid",
    )
    return services.add_party(
        party=services.NewParty(
            code=firm.username,
            kind=firm.kind,
            name_en=firm.name_en,
            name_hi=firm.name_hi,
            pan=firm.pan,
            email=f"{firm.username}@example.invalid",
            phone=f"70000{FIRMS.index(firm) + 1:05d}",
            address="Munger, Bihar",
            bank_account=firm.account,
        ),
        users=[user],
    )
