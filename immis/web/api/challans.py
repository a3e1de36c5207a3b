"""E-challans: the public check, and issue and list for the settlee's own software."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status
from pydantic import WithJsonSchema

from immis import clock
from immis.challans import selectors, services
from immis.leases import selectors as leases
from immis.registry import selectors as registry
from immis.web.api.answers import ACTS, OPEN, SIGNED_IN, RefusedOut
from immis.web.api.security import Text, actor, signed_in
from immis.web.challans.public import answer_to

router = Router(tags=["challans"])


class CheckOut(Schema):
    """Three answers about one pass: is it genuine, is it in time, and in which state by law now."""

    asked: str
    genuine: bool
    in_time: bool | None
    state: str
    reason: str
    rule_code: str
    vehicle: str
    good: bool


class ChallanOut(Schema):
    """One e-challan."""

    number: str
    lease: str
    vehicle: str
    destination: str
    quantity_m3: Decimal
    issued_at: datetime
    valid_until: datetime
    state: str
    pass_text: str


#: A quantity of a load, written with at most three decimals.
_Quantity = Annotated[Decimal, WithJsonSchema({"type": "string", "pattern": "^[0-9]{1,4}([.][0-9]{1,3})?$"})]


class ChallanIn(Schema):
    """One load; ``lease`` and ``place`` are codes. Repeat with the same ``key`` to ask again."""

    lease: Text = Field(max_length=40)
    vehicle: Text = Field(max_length=14)
    place: Text = Field(max_length=40)
    quantity_m3: _Quantity = Field(max_digits=7, decimal_places=3)
    driver_name: Text = Field(max_length=120)
    driver_phone: Text = Field("", max_length=15)
    key: Text | None = Field(None, max_length=40)


def _out(challan: Any) -> dict[str, Any]:
    return {
        "number": challan.number,
        "lease": challan.lease.number,
        "vehicle": challan.vehicle.registration,
        "destination": challan.place.code,
        "quantity_m3": challan.quantity_m3,
        "issued_at": challan.issued_at,
        "valid_until": challan.valid_until,
        "state": selectors.standing_of(challan, at=clock.now()).state,
        "pass_text": challan.pass_text,
    }


@router.get("/check", response={200: CheckOut, **OPEN, 429: RefusedOut})
def check(
    request: HttpRequest, q: str = Query(..., max_length=4000), vehicle: str = Query("", max_length=20)
) -> dict[str, Any]:
    """Check the text of a QR, or a number with the registration mark of its vehicle. E-118.

    A number without its vehicle is answered with the reason ``mark_needed``, a vehicle without a number with
    ``number_needed``, what has the form of neither with ``no_number``; the last digits of a number are enough beside
    the vehicle's mark. 429 after too many numbers.
    """
    answer = answer_to(request, q, vehicle)
    known = {name: getattr(answer, name) for name in ("asked", "genuine", "in_time", "state", "reason", "rule_code")}
    return {**known, "vehicle": answer.registration, "good": answer.good}


@router.get("/challans", response={200: list[ChallanOut], **SIGNED_IN}, auth=signed_in)
def challans(request: HttpRequest, state: str = "", q: str = "", limit: int = Query(100, ge=1, le=1000)) -> list[Any]:
    """The newest e-challans that the caller may see. E-128."""
    viewer = actor(request, "challan.list")
    rows = selectors.search(viewer, selectors.Wanted(state=state, text=q), at=clock.now())
    return [_out(row) for row in rows[:limit]]


@router.post("/challans", response={201: ChallanOut, **ACTS}, auth=signed_in)
def issue(request: HttpRequest, body: ChallanIn) -> Status:
    """Issue one e-challan; 409 with every finding and its clause when the law refuses it. E-128, E-157."""
    by = actor(request, "challan.issue")
    wanted = body.model_dump(exclude={"lease", "place", "key"})
    load = services.Load(lease=leases.lease_of(body.lease, by), place=registry.place_of(body.place), **wanted)
    challan = services.issue_challan(load=load, key=body.key, by=by)
    return Status(201, _out(challan))
