"""E-challans: the public check, and issue and list for the settlee's own software."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status
from pydantic import WithJsonSchema

from immis import clock
from immis.challans import selectors, services
from immis.challans.eligibility import Reason, eligibility
from immis.challans.loads import SALE, Sale
from immis.core.access.permissions import Actor
from immis.leases import selectors as leases
from immis.registry import selectors as registry
from immis.web.api.answers import ACTS, OPEN, SIGNED_IN, RefusedOut
from immis.web.api.security import Text, actor, signed_in
from immis.web.challans.public import answer_to
from immis.web.shell import wording

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


_Rupees = Annotated[Decimal, WithJsonSchema({"type": "string", "pattern": "^[0-9]{1,10}([.][0-9]{1,2})?$"})]


class LoadIn(Schema):
    """One load; ``lease`` and ``place`` are codes. Weights are those of a weighbridge, in kilograms.

    A quantity of nought is reckoned from the weights (CH-40).
    """

    lease: Text = Field(max_length=40)
    vehicle: Text = Field(max_length=14)
    place: Text = Field(max_length=40)
    quantity_m3: _Quantity = Field(Decimal(0), max_digits=7, decimal_places=3)
    driver_name: Text = Field("", max_length=120)
    driver_phone: Text = Field("", max_length=15)
    licence_no: Text = Field("", max_length=24)
    tare_kg: int | None = Field(None, ge=1, le=200_000)
    gross_kg: int | None = Field(None, ge=1, le=200_000)
    buyer_kind: Text = Field("consumer", max_length=20)
    buyer_name: Text = Field("", max_length=160)
    buyer_gstin: Text = Field("", max_length=15)
    buyer_licence: Text = Field("", max_length=40)
    buyer_phone: Text = Field("", max_length=15)
    price_rupees: _Rupees | None = Field(None, max_digits=12, decimal_places=2, ge=0)
    invoice_no: Text = Field("", max_length=40)


class ChallanIn(LoadIn):
    """One load to be issued. Repeat with the same ``key``, or header ``Idempotency-Key``, to ask again."""

    key: Text | None = Field(None, max_length=40)


class ReasonOut(Schema):
    """Why a load may not go: clause, what lifts it and who, and from when on, where time alone lifts it."""

    code: str
    message: dict[str, str]
    cites: str
    lifts: dict[str, str]
    fit_from: datetime | None


class EligibilityOut(Schema):
    """Whether a load may have an e-challan at this instant, with every reason against it."""

    lease: str
    vehicle: str
    quantity_m3: Decimal
    at: datetime
    fit: bool
    fit_from: datetime | None
    reasons: list[ReasonOut]


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
    key = body.key or request.headers.get("Idempotency-Key", "")[:40] or None
    challan = services.issue_challan(load=_load(body, by), key=key, by=by)
    return Status(201, _out(challan))


@router.post("/challans/eligibility", response={200: EligibilityOut, **SIGNED_IN}, auth=signed_in)
def eligible(request: HttpRequest, body: LoadIn) -> dict[str, Any]:
    """Whether a load may have an e-challan now: every reason with clause, what lifts it and who; nothing is changed.

    For the settlee's software and the weighbridge, before the vehicle is loaded. E-118, E-150, E-157.
    """
    by = actor(request, "challan.read")
    answer = eligibility(_load(body, by), by=by, at=clock.now())
    return {
        "lease": answer.load.lease.number,
        "vehicle": answer.load.mark,
        "quantity_m3": answer.load.quantity_m3,
        "at": answer.at,
        "fit": answer.fit,
        "fit_from": answer.fit_from,
        "reasons": [_reason_out(reason) for reason in answer.reasons],
    }


def _reason_out(reason: Reason) -> dict[str, Any]:
    finding = reason.finding
    message = wording.both(lambda: wording.say(finding))
    return {**vars(reason), "code": finding.code, "message": message, "lifts": dict(reason.lifts)}


def _load(body: LoadIn, by: Actor) -> services.Load:
    given = body.model_dump(exclude={"lease", "place", "key"})
    sale = Sale(**{name: given.pop(name) for name in SALE})
    return services.Load(lease=leases.lease_of(body.lease, by), place=registry.place_of(body.place), sale=sale, **given)
