"""Who plays in the season: offices, officers, parties, trucks and places. All names are invented."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from immis.rules.policy import read_yaml
from immis.rules.writing.texts import text

DISTRICT = "Munger"
PASSWORD = "demo-season-2026"


def typed(key: str) -> str:
    """What somebody of the season writes into a field, in the language of the house."""
    return text("demo/typed", key)["hi"]


@dataclass(frozen=True)
class Firm:
    """A bidder, perhaps a settlee later; he logs in by the user ID that he is mailed (``Play.user_ids``)."""

    username: str
    kind: str
    name_en: str
    name_hi: str
    pan: str
    turnover_rupees: tuple[int, ...] = (9_000_000, 11_000_000, 14_000_000)

    @property
    def account(self) -> str:
        return f"3{int(self.pan[5:9]):04d}{sum(map(ord, self.pan)):06d}"

    @property
    def email(self) -> str:
        return f"{self.username}@example.invalid"

    @property
    def phone(self) -> str:
        return f"70000{FIRMS.index(self) + 1:05d}"


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

    @property
    def vehicle_class(self) -> str:
        """The class as VAHAN prints it."""
        return "Tractor (Commercial)" if self.kind == "tractor" else "Goods Carrier"

    @property
    def trolley(self) -> str:
        """The mark of the trolley that a tractor pulls (clause 42(xxi))."""
        return f"{self.plate[:4]}T{self.plate[5:]}" if self.kind == "tractor" else ""


_CAST: Mapping[str, Any] = read_yaml(Path(__file__).with_name("cast.yaml"))
#: Rows of files that the department takes in, each by the columns of its door.
ADMINISTRATOR, OFFICES, OFFICERS, PLACES, DRIVERS, RIVERS = (
    _CAST[name] for name in ("administrator", "offices", "officers", "places", "drivers", "rivers")
)
FIRMS = [
    Firm(**{name: tuple(it) if isinstance(it, list) else it for name, it in row.items()}) for row in _CAST["firms"]
]
#: Who drives in the demo.
DRIVER = DRIVERS[0]["name"]

#: The papers of all vehicles, in force for the whole season.
PAPERS = ("fitness_until", "permit_until", "insurance_until", "pollution_until")
_PAPERS_UNTIL = "2029-03-31"
_FLEET_OF = {"gangotri": 5, "angpradesh": 4, "shivam": 3, "kaushiki": 4, "sitakund": 2, "mirkasim": 2}
#: The trucks that came later; those of the stories keep their numbers.
_FURTHER_OF = {"gangotri": 4, "angpradesh": 4, "shivam": 4, "kaushiki": 2, "sitakund": 3, "mirkasim": 3}


def _imei(number: int) -> str:
    """A made-up IMEI with a right check digit."""
    body = f"35900107{number:06d}"
    doubled = [int(d) * (2 if i % 2 else 1) for i, d in enumerate(body)]
    return body + str(-sum(d - 9 if d > 9 else d for d in doubled) % 10)


def _fleet(counts: Mapping[str, int], number: int) -> list[Lorry]:
    lorries = []
    for firm, count in counts.items():
        for turn in range(count):
            number += 7
            tractor = firm == "sitakund" and turn == 1
            kind, wheels, capacity = ("tractor", 6, Decimal("3.2")) if tractor else ("truck", 14, Decimal("16"))
            lorries.append(Lorry(f"BR08G{number:04d}", kind, wheels, capacity, _imei(number), firm))
    return lorries


#: The vehicles of the season's stories, and those that load beside them in the month of a district.
FLEET = _fleet(_FLEET_OF, 1000)
WHOLE_FLEET = [*FLEET, *_fleet(_FURTHER_OF, 1000 + 7 * len(FLEET))]


def vehicle_rows(lorries: Iterable[Lorry], user_ids: Mapping[str, str]) -> list[dict[str, Any]]:
    """The sheet of all vehicles; each names its owner by the code of the party, a trolley stands before its tractor."""
    names = {firm.username: firm.name_en for firm in FIRMS}
    rows = []
    for lorry in lorries:
        common = {"capacity_m3": lorry.capacity_m3, "owner_name": names[lorry.firm], "district": DISTRICT}
        common["owner_pan"] = user_ids[lorry.firm].lower()
        common |= dict.fromkeys(PAPERS, _PAPERS_UNTIL)
        if lorry.trolley:
            pulled = {"kind": "trolley", "vehicle_class": "Trailer (Commercial)", "wheels": 4, "trolley": ""}
            rows.append({"registration": lorry.trolley, **pulled, "unladen_kg": "", "gross_kg": "", **common})
        own = {"registration": lorry.plate, "kind": lorry.kind, "vehicle_class": lorry.vehicle_class}
        weights = ("", "") if lorry.trolley else (12_000, 42_000)
        own |= {"wheels": lorry.wheels, "trolley": lorry.trolley, "unladen_kg": weights[0], "gross_kg": weights[1]}
        rows.append({**own, **common})
    return rows


def device_rows(lorries: Iterable[Lorry]) -> list[dict[str, Any]]:
    """The sheet of all devices, each with the vehicle that it is in (A-30)."""
    papers = {"vendor": "DEMO", "model": "AIS-140", "label_compared": "yes"}
    return [{"registration": row.plate, "imei": row.imei, "iccid": row.iccid, **papers} for row in lorries]
