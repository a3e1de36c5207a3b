"""The kinds of sheets: their columns, and the service that takes their rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from immis.core.access.permissions import Actor
from immis.registry.changes import Taken
from immis.registry.models import Party
from immis.registry.offices import take_offices
from immis.registry.people.imports import take_charges
from immis.registry.services.drivers import take_drivers
from immis.registry.services.places import KINDS as PLACES
from immis.registry.services.places import take_places
from immis.registry.services.vehicles import mark_of, take_vehicles
from immis.registry.sheets import cells
from immis.rules.catalogue import Finding
from immis.rules.registry.cells import misfit

VEHICLES = ("truck", "tractor", "trolley")
Rows = Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Taking:
    """How rows are taken: by whom, when, why what is on record changes, and what earlier rows of the sheet promise.

    ``only_check`` finds out what could be taken and writes nothing.
    """

    by: Actor
    at: datetime
    reason: str = ""
    coming: Mapping[str, str] = field(default_factory=dict)
    only_check: bool = False


@dataclass(frozen=True)
class SheetKind:
    """One kind of sheet: its grant, its columns, and what takes its rows.

    ``promise`` answers what a row, as it was read, lets later rows name: its mark, and what it is.
    """

    name: str
    grant: str
    columns: cells.Columns
    take: Callable[[Rows, Taking], Taken]
    promise: Callable[[Mapping[str, str]], tuple[str, str] | None] | None = None


def _take_vehicles(rows: Rows, how: Taking) -> Taken:
    """Vehicles whose owner is named by PAN or code; one that is nobody's is refused."""
    texts = {str(row["owner_pan"]).upper() for row in rows if row.get("owner_pan")}
    parties = {row.pan: row for row in Party.objects.filter(pan__in=texts, pan_proved_at__isnull=False)}
    parties |= {row.code.upper(): row for row in Party.objects.filter(code__in={text.lower() for text in texts})}
    owned, places, refused = [], [], {}
    for place, row in enumerate(rows):
        text = str(row.get("owner_pan", "")).upper()
        if text and text not in parties:
            refused[place] = [misfit("owner_pan", text, "owner")]
            continue
        plain = {name: value for name, value in row.items() if name != "owner_pan"}
        owned.append({**plain, "owner": parties[text]} if text else plain)
        places.append(place)
    taken = take_vehicles(owned, **vars(how), from_file=True)
    taken.refused = {**refused, **{places[place]: findings for place, findings in taken.refused.items()}}
    return taken


def _trolley(row: Mapping[str, str]) -> tuple[str, str] | None:
    mark, kind = row.get("registration"), row.get("kind")
    return (mark_of(mark), "trolley") if mark and kind and _is_trolley(kind) else None


@cache
def _is_trolley(text: str) -> bool:
    try:
        return cells.one_of(*VEHICLES)(text) == "trolley"
    except cells.Odd:
        return False


def _take_drivers(rows: Rows, how: Taking) -> Taken:
    return take_drivers(rows, by=how.by, at=how.at, reason=how.reason, from_file=True, only_check=how.only_check)


def _take_places(rows: Rows, how: Taking) -> Taken:
    return take_places(rows, by=how.by, at=how.at, reason=how.reason, from_file=True, only_check=how.only_check)


def _take_offices(rows: Rows, how: Taking) -> Taken:
    return take_offices(rows, by=how.by, at=how.at, coming=how.coming, reason=how.reason, only_check=how.only_check)


def _office(row: Mapping[str, str]) -> tuple[str, str] | None:
    return (row["code"], row.get("kind", "")) if row.get("code") else None


def _take_charges(rows: Rows, how: Taking) -> Taken:
    return take_charges(rows, by=how.by, at=how.at, coming=how.coming, only_check=how.only_check)


def _person(row: Mapping[str, str]) -> tuple[str, str] | None:
    is_new = row.get("username") and row.get("name_en") and row.get("name_hi")
    return (row["username"], row["name_en"]) if is_new else None


_KG = cells.whole(200_000)
KINDS: dict[str, SheetKind] = {
    kind.name: kind
    for kind in (
        SheetKind(
            "vehicles",
            "vehicle.register",
            cells.Columns(
                {
                    "registration": cells.text(20),
                    "kind": cells.one_of(*VEHICLES),
                    "vehicle_class": cells.text(60),
                    "body": cells.text(60),
                    "axles": cells.whole(30),
                    "wheels": cells.whole(60),
                    "unladen_kg": _KG,
                    "gross_kg": _KG,
                    "combination_kg": _KG,
                    "capacity_m3": cells.decimal,
                    "trolley": cells.text(20),
                    "owner_name": cells.text(160),
                    "owner_pan": cells.text(40),
                    "commercial": cells.yes_no,
                    "registered_until": cells.day,
                    "permit_no": cells.text(40),
                    "permit_until": cells.day,
                    "fitness_until": cells.day,
                    "insurance_no": cells.text(40),
                    "insurance_until": cells.day,
                    "pollution_no": cells.text(40),
                    "pollution_until": cells.day,
                    "active": cells.yes_no,
                    "district": cells.district,
                },
                needed=("registration", "capacity_m3", "owner_name"),
            ),
            _take_vehicles,
            _trolley,
        ),
        SheetKind(
            "drivers",
            "driver.enter",
            cells.Columns(
                {
                    "licence_no": cells.text(24),
                    "name": cells.text(120),
                    "phone": cells.text(15),
                    "classes": cells.text(80),
                    "transport_until": cells.day,
                    "district": cells.district,
                    "active": cells.yes_no,
                },
                needed=("licence_no", "name"),
            ),
            _take_drivers,
        ),
        SheetKind(
            "places",
            "place.enter",
            cells.Columns(
                {
                    "code": cells.text(40),
                    "kind": cells.one_of(*PLACES),
                    "name_en": cells.text(120),
                    "name_hi": cells.text(120),
                    "lat": cells.degrees,
                    "lon": cells.degrees,
                    "radius_m": cells.whole(100_000),
                    "district": cells.district,
                },
                needed=("kind", "name_en", "name_hi", "lat", "lon"),
            ),
            _take_places,
        ),
        SheetKind(
            "offices",
            "office.import",
            cells.Columns(
                {
                    "code": cells.text(40),
                    "kind": cells.text(40),
                    "name_en": cells.text(120),
                    "name_hi": cells.text(120),
                    "parent": cells.text(40),
                    "district": cells.district,
                    "lgd_code": cells.whole(999_999_999),
                },
                needed=("code", "kind", "name_en", "name_hi"),
            ),
            _take_offices,
            _office,
        ),
        SheetKind(
            "charges",
            "charge.give",
            cells.Columns(
                {
                    "username": cells.text(60),
                    "name_en": cells.text(120),
                    "name_hi": cells.text(120),
                    "email": cells.text(200),
                    "post": cells.text(40),
                    "office": cells.text(40),
                    "additional": cells.yes_no,
                    "ends_on": cells.day,
                    "reference": cells.text(120),
                },
                needed=("username", "post", "office"),
            ),
            _take_charges,
            _person,
        ),
    )
}


def declare_kind(kind: SheetKind) -> None:
    """A kind of sheet whose rows a higher room takes."""
    KINDS[kind.name] = kind


def findings_of(taken: Taken, places: Sequence[int]) -> list[tuple[int, Finding]]:
    """What was refused, by the rows of the sheet."""
    return [(places[place], finding) for place, findings in taken.refused.items() for finding in findings]
