"""What is pending on a post when its charge goes over, and the handover itself with that list."""

from datetime import datetime
from typing import Any

from immis.auctions import selectors as auctions
from immis.core.access.permissions import Actor
from immis.core.grants import may
from immis.enforcement.models import Case, Task
from immis.enforcement.selectors import ENDED
from immis.enforcement.services.steps import OFFENCES
from immis.ledger import selectors as ledger
from immis.registry import pans
from immis.registry.people import charges
from immis.registry.people.charges import Handover
from immis.registry.selectors import Post, User, office_actor
from immis.rules.policy import book

#: Kinds of what may be pending, in the order of the paper.
KINDS = ("task", "case", "receipt", "application", "pan")


def pending_of(charge: Post) -> list[dict[str, Any]]:
    """What waits on a post in its office: kind, number, its name in both languages, since when, due when."""
    viewer = office_actor(charge.office, charge.role)
    return [*_tasks(charge), *_cases(charge, viewer), *_receipts(viewer), *_applications(viewer), *_pans(viewer)]


def _row(
    kind: str, number: object, names: dict[str, str], since: datetime, due: datetime | None = None
) -> dict[str, Any]:
    return {"kind": kind, "number": str(number), "title": names, "since": since, "due_at": due}


def _tasks(charge: Post) -> list[dict[str, Any]]:
    rows = Task.objects.filter(office=charge.office, role=charge.role, state="open").order_by("due_at", "id")
    return [_row("task", row.pk, _about(row), row.opened_at, row.due_at) for row in rows]


def _about(task: Task) -> dict[str, str]:
    """A task in both languages with the number of what it is about: twenty may have the same title."""
    return {lang: f"{words} · {task.subject_number}" for lang, words in book().entry(task.code).title.items()}


def _cases(charge: Post, viewer: Actor) -> list[dict[str, Any]]:
    if not may(viewer, "case.decide"):
        return []
    rows = Case.objects.filter(office=charge.office).exclude(state__in=ENDED).order_by("opened_at")
    words = {row.offence: dict(OFFENCES.get(row.offence, OFFENCES["other"])) for row in rows}
    return [_row("case", row.number, words[row.offence], row.opened_at) for row in rows]


def _receipts(viewer: Actor) -> list[dict[str, Any]]:
    if not may(viewer, "receipt.verify"):
        return []
    rows = ledger.receipts_to_verify(viewer)
    return [_row("receipt", row.number, _names(row.demand.party), row.created_at) for row in rows]


def _applications(viewer: Actor) -> list[dict[str, Any]]:
    if not may(viewer, "application.decide"):
        return []
    rows = auctions.technical_bids(viewer).filter(state="applied").select_related("lot__block")
    return [_row("application", f"{row.lot.code}/{row.alias}", _names(row.lot.block), row.applied_at) for row in rows]


def _pans(viewer: Actor) -> list[dict[str, Any]]:
    if not may(viewer, "pan.decide"):
        return []
    return [_row("pan", row.party.pan, _names(row.party), row.sent_at) for row in pans.proofs(viewer, state="sent")]


def _names(record: Any) -> dict[str, str]:
    return {"en": record.name_en, "hi": record.name_hi}


def hand_over_charge(
    *, charge: Post, successor: User, reference: str, remarks: str = "", by: Actor, at: datetime
) -> Handover:
    """Hand a charge over with the list of what is pending at that instant; raises what ``charges.hand_over`` raises."""
    handing = charges.Handing(successor=successor, reference=reference, remarks=remarks, pending=pending_of(charge))
    return charges.hand_over(charge=charge, handing=handing, by=by, at=at)
