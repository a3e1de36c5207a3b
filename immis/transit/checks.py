"""The check of a transit pass in the box of e-challans: genuine, in time, withdrawn; with the origin's number."""

from datetime import datetime

from immis.challans.selectors import CheckAnswer
from immis.challans.selectors.beside import ROOMS, Beside
from immis.challans.signed.facts import PassFacts
from immis.transit import selectors
from immis.transit.models import TransitPass

_REASONS = {"issued": "ok", "entered": "ok", "expired": "expired", "withdrawn": "cancelled"}


def _answer(row: TransitPass | None, asked: str, at: datetime) -> CheckAnswer | None:
    """What the register says of an issued pass; nothing of one that was never given."""
    if row is None or not row.pass_text:
        return None
    state = selectors.state_of(row, at)
    in_time = at < row.origin_until
    reason = _REASONS[state] if in_time or state == "withdrawn" else "expired"
    facts = {
        "istp": row.number,
        "origin_state": row.origin_state,
        "origin_number": row.origin_number,
        "mineral": row.mineral,
        "quantity": row.quantity,
        "unit": row.unit,
        "destination": row.destination,
        "valid_until": row.origin_until,
        "entered_at": row.entered_at,
    }
    code = "IST-11" if state == "withdrawn" else "IST-04"
    return CheckAnswer(asked[:120], True, in_time, state, reason, code, facts, registration=row.vehicle.registration)


def _by_pass(facts: PassFacts, asked: str, at: datetime) -> CheckAnswer | None:
    row = selectors.pass_with(pass_id=facts.pass_id.hex()) if facts.origin else None
    return _answer(row, asked, at) if row and row.vehicle.registration == facts.vehicle else None


def _by_number(number: str, asked: str, at: datetime) -> CheckAnswer | None:
    return _answer(selectors.pass_with(number=number), asked, at) if number.startswith("ISTP-") else None


def _by_vehicle(mark: str, asked: str, at: datetime) -> CheckAnswer | None:
    answer = _answer(selectors.pass_with(mark=mark), asked, at)
    return answer if answer and answer.good else None


ROOMS["istp"] = Beside(_by_pass, _by_number, _by_vehicle, lambda at: selectors.withdrawn_ids(at=at))
