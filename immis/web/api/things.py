"""Vehicles, drivers and rivers of the register, and sheets of things, for the software of settlees and offices."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import File, Form, Query, Router, Schema
from ninja.files import UploadedFile

from immis import clock
from immis.adapters.sheets import NoSheet
from immis.core.papers.reading import read_upload
from immis.registry import rivers as river_register
from immis.registry import things
from immis.registry.sheets import files
from immis.rules.writing.texts import text
from immis.web.api.answers import ACTS, SIGNED_IN, Unfit
from immis.web.api.security import actor, signed_in
from immis.web.shell import wording

router = Router(tags=["things"])
_MOST = 500
_OFFSET = Query(0, ge=0, le=100_000_000)
_MOST_BYTES = 40 * 1024 * 1024


class VehicleOut(Schema):
    """A vehicle with the ends of its papers; weights in kilograms."""

    registration: str
    kind: str
    vehicle_class: str
    body: str
    wheels: int
    axles: int | None
    unladen_kg: int | None
    gross_kg: int | None
    capacity_m3: float
    trolley: str
    owner_name: str
    district: str
    commercial: bool
    active: bool
    registered_until: date | None
    fitness_until: date | None
    permit_no: str
    permit_until: date | None
    insurance_no: str
    insurance_until: date | None
    pollution_no: str
    pollution_until: date | None

    @staticmethod
    def resolve_trolley(row: Any) -> str:
        return row.trolley.registration if row.trolley else ""


class DriverOut(Schema):
    """A driver with the end of his licence for transport vehicles."""

    licence_no: str
    name: str
    classes: str
    transport_until: date | None
    district: str
    active: bool


class RiverOut(Schema):
    """A river of the register; on a capped one a person holds two blocks or 200 hectares at most."""

    code: str
    name_en: str
    name_hi: str
    spellings: list[str]
    is_capped: bool
    ghats: int


class FaultyRowOut(Schema):
    """A row of a sheet that is not taken: its number, the code of the rule, the reason in both languages."""

    row: int
    code: str
    message: dict[str, str]


class SheetOut(Schema):
    """A sheet: checking, checked, taking or done; what was, or could be, entered and changed."""

    id: int
    kind: str
    name: str
    sha256: str
    state: str
    rows: int
    looked_at: int
    entered: int
    changed: int
    refused: int
    faults: list[FaultyRowOut]


@router.get("/vehicles", response={200: list[VehicleOut], **SIGNED_IN}, auth=signed_in)
def vehicles(request: HttpRequest, q: str = "", offset: int = _OFFSET) -> object:
    """Vehicles of the reach by the beginning of their mark, 500 at a time. E-150."""
    rows = things.vehicles_listed(actor(request, "vehicle.list"), registration__startswith=q.strip().upper())
    return rows[offset : offset + _MOST]


@router.get("/vehicles/{mark}", response={200: VehicleOut, **SIGNED_IN}, auth=signed_in)
def vehicle(request: HttpRequest, mark: str) -> object:
    """One vehicle with the ends of its papers. E-150."""
    return things.vehicle_listed(mark, actor(request, "vehicle.list"))


@router.get("/drivers", response={200: list[DriverOut], **SIGNED_IN}, auth=signed_in)
def drivers(request: HttpRequest, offset: int = _OFFSET) -> object:
    """Drivers of the reach, 500 at a time."""
    return things.drivers_listed(actor(request, "driver.list"))[offset : offset + _MOST]


@router.get("/rivers", response={200: list[RiverOut], **SIGNED_IN}, auth=signed_in)
def rivers(request: HttpRequest) -> object:
    """The register of rivers, those of clause 3(ii) marked. E-021."""
    actor(request, "river.read")
    return river_register.known_rivers(clock.now())


def _out(file: Any) -> dict[str, Any]:
    faults = [
        {
            "row": row["row"],
            "code": row["code"],
            "message": wording.both(lambda row=row: wording.say((row["code"], row["facts"]))),
        }
        for row in file.faults
    ]
    names = ("kind", "name", "sha256", "state", "rows", "looked_at", "entered", "changed", "refused")
    return {"id": file.pk, **{name: getattr(file, name) for name in names}, "faults": faults}


@router.post("/sheets/{kind}", response={200: SheetOut, **ACTS}, auth=signed_in)
def hand_in(request: HttpRequest, kind: str, file: File[UploadedFile], reason: Form[str] = "") -> object:
    """Hand in a sheet (CSV, XLSX) of things, offices or charges; it is checked, nothing written."""
    by, at = actor(request, "sheet.hand_in"), clock.now()
    if (file.size or 0) > _MOST_BYTES:
        raise Unfit({"file": text("api/errors", "sheet-too-big", mb=_MOST_BYTES // 1024**2)})
    raw = file.read()
    try:
        sheet = read_upload("sheet", raw)
    except NoSheet as error:
        raise Unfit({"file": text("api/errors", "no-sheet")}) from error
    handed = files.Handed(kind, file.name or kind, sheet.head, sheet.rows, reason)
    return _out(files.hand_in_upload(handed, raw=raw, by=by, at=at))


@router.get("/sheets/{kind}/{number}", response={200: SheetOut, **SIGNED_IN}, auth=signed_in)
def sheet(request: HttpRequest, kind: str, number: int) -> object:
    """How far a sheet is, and every row that is not taken."""
    return _out(files.file_of(kind, number, actor(request, "sheet.hand_in")))


@router.post("/sheets/{kind}/{number}/take", response={200: SheetOut, **SIGNED_IN}, auth=signed_in)
def take_in(request: HttpRequest, kind: str, number: int) -> object:
    """The second step: what could be taken of a checked sheet is taken in."""
    by = actor(request, "sheet.hand_in")
    return _out(files.take_in(file=files.file_of(kind, number, by), by=by, at=clock.now()))
