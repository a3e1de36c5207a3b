"""Auctions: the public state of each lot, and the bid of a signed-in bidder."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from immis import clock
from immis.auctions import selectors
from immis.auctions.services import place_bid
from immis.web.api.answers import ACTS, OPEN, RefusedOut
from immis.web.api.security import Text, actor, signed_in
from immis.web.shell import wording

router = Router(tags=["auctions"])
MOST_RUPEES = 10**15  # beyond any bid; what lies between is judged by the rules


class LotOut(Schema):
    """What everybody may know of a lot; amounts in whole rupees."""

    code: str
    phase: str
    opens_at: datetime
    ends_at: datetime
    extended: bool
    reserve_rupees: int
    increment_rupees: int
    highest_rupees: int | None = None
    seq: int


class BidIn(Schema):
    """A bid: ``steps`` increments above ``expected_highest`` (rupees; 0: none yet). Repeat with the same ``key``."""

    steps: int = Field(ge=-MOST_RUPEES, le=MOST_RUPEES)
    key: Text = Field(max_length=40)
    expected_highest: int | None = Field(None, ge=-MOST_RUPEES, le=MOST_RUPEES)
    confirmed: bool = False


class BidOut(Schema):
    """The one answer to a key."""

    accepted: bool
    amount_rupees: int
    seq: int
    at: datetime
    findings: list[dict[str, Any]]


def _lot(lot: Any) -> dict[str, Any]:
    return {"code": lot.code, **asdict(selectors.lot_state(lot, clock.now()))}


@router.get("/lots", response={200: list[LotOut], **OPEN})
def lots(request: HttpRequest) -> list[dict[str, Any]]:
    """All lots with their state now."""
    return [_lot(lot) for lot in selectors.lots(actor(request))]


@router.get("/lots/{code}", response={200: LotOut, **OPEN})
def lot(request: HttpRequest, code: str) -> dict[str, Any]:
    """One lot with its state now."""
    return _lot(selectors.lot_of(code))


@router.post("/lots/{code}/bids", response={200: BidOut, **ACTS, 409: BidOut | RefusedOut}, auth=signed_in)
def bid(request: HttpRequest, code: str, body: BidIn) -> Status:
    """Bid. 200: accepted and kept; 409: refused, with the clause, and kept. E-058, E-071."""
    answer = place_bid(lot=code, by=actor(request, "lot.bid"), **body.model_dump())
    results = [{"code": finding.code, "message": wording.say(finding)} for finding in answer.findings]
    out = {
        "accepted": answer.accepted,
        "amount_rupees": answer.amount_rupees,
        "seq": answer.seq,
        "at": answer.at,
        "findings": results,
    }
    return Status(200 if answer.accepted else 409, out)
