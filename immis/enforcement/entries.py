"""What enforcement adds to the acts of registers: which office answers a complaint, and who hears of it (B-05)."""

from datetime import datetime
from typing import Any

from immis.core.access.permissions import Actor
from immis.core.services import emit
from immis.enforcement.events import ComplaintAnswered, ComplaintLanded
from immis.registers.clocks import last_day
from immis.registers.hooks import Draft, after, before
from immis.registers.selectors import Entry, version_of
from immis.registry.selectors import offices, working_districts
from immis.rules.policy import book
from immis.rules.registers.complaints import district_that_answers

COMPLAINTS = "complaints"


@before(COMPLAINTS, "make")
def send_to_office(draft: Draft) -> None:
    """The office that answers it (CMP-01); a district where no office works yet is headquarters' matter."""
    district = draft.district if draft.district in working_districts() else ""
    terms: dict[str, Any] = {"from_office": draft.by.is_officer, "policy": book(), "at": draft.at}
    draft.district = district_that_answers(draft.values["kind"], district, **terms)
    draft.party_id = draft.by.party_id


@before(COMPLAINTS, "refer")
def refer_on(draft: Draft) -> None:
    """It goes to the district of the office that it is referred to; one of no district is headquarters'."""
    office = offices(code=draft.values["office"]).first()
    draft.district = office.district if office and office.kind == "district" else ""


@after(COMPLAINTS, "make", "refer")
def tell_office(complaint: Entry, _by: Actor, at: datetime) -> None:
    """It lands on the desk of the office that answers it (TRG-240)."""
    due_at = complaint.due_at or at
    payload = ComplaintLanded(**_about(complaint), due_at=due_at, due_on=last_day(due_at))
    emit(payload, subject=("complaint", complaint.number), at=at)


@after(COMPLAINTS, "answer")
def tell_answer(complaint: Entry, _by: Actor, at: datetime) -> None:
    """Who made it hears of the answer where he has an inbox, and the task is done (TRG-241)."""
    kind, reader = ("party", complaint.party_id) if complaint.party_id else ("office", complaint.office_id)
    inbox = {"to_kind": kind, "to_id": str(reader)} if reader else {"to_kind": "", "to_id": ""}
    emit(ComplaintAnswered(**_about(complaint), **inbox), subject=("complaint", complaint.number), at=at)


def _about(complaint: Entry) -> dict[str, Any]:
    kinds = version_of(complaint).fields["kind"].choices or {}
    subject = dict(kinds[complaint.values["kind"]])
    return {"complaint": complaint.number, "subject": subject, "district": complaint.district}
