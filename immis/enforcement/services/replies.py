"""Replies to a notice: by the accused's log-in, by the link of his SMS, or on paper; and proof that a paper came."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from immis.core.access.permissions import PUBLIC, Actor
from immis.core.errors import NotPermitted, Refusal
from immis.core.grants import require_grant
from immis.core.papers.uploads import admit, keep
from immis.core.services import emit, log_action
from immis.enforcement.events import CaseReplied
from immis.enforcement.gates import reply_of, served_facts
from immis.enforcement.models import Case, CaseReply, CaseService
from immis.enforcement.services.steps import locked_case, news_of, row_in_turn
from immis.enforcement.services.tasks import require
from immis.rules.calendar import start_of
from immis.rules.catalogue import Finding
from immis.rules.movement.penalties import reply_due
from immis.rules.policy import book


@dataclass(frozen=True)
class Answer:
    """A reply as it comes in: its words, its documents (open files), and by which way."""

    text: str
    documents: Sequence[Any] = ()
    way: str = "office"


def answer_case(case: Case, *, reply: str, documents: Sequence[Any], by: Actor, at: datetime) -> Case:
    """The accused answers the notice from his log-in. Raises NotPermitted for another party, else as ``_take_in``."""
    require_grant(by, "case.answer")
    if by.party_id is None or by.party_id != case.party_id:
        raise NotPermitted(f"case {case.number} is against somebody else")
    return _from_accused(case, Answer(reply, documents, "login"), by=by, at=at)


def answer_by_link(case: Case, *, reply: str, documents: Sequence[Any], at: datetime) -> Case:
    """Who has the secret link answers the notice; raises as ``_take_in`` does."""
    return _from_accused(case, Answer(reply, documents, "link"), by=PUBLIC, at=at)


def _from_accused(case: Case, answer: Answer, *, by: Actor, at: datetime) -> Case:
    for file in answer.documents:
        admit(party_id=case.party_id, size_bytes=file.size, at=at)
    with transaction.atomic():
        row = row_in_turn(case, "answer", at=at)
        reply = _take_in(row, answer, by=by, at=at)
        news = CaseReplied(**news_of(row), reply=reply.pk, is_late=reply.is_late)
        emit(news, subject=("case", row.number), at=at, key=f"{news.KIND}:{reply.pk}")
    return row


@transaction.atomic
def record_reply(case: Case, *, reply: str, by: Actor, at: datetime, document: Any = None) -> Case:
    """An office enters a reply that came on paper, with its scan. Raises NotPermitted, else as ``_take_in``."""
    row = locked_case(case, "reply", by=by, at=at)
    _take_in(row, Answer(reply, [document] if document else []), by=by, at=at)
    return row


def _take_in(row: Case, answer: Answer, *, by: Actor, at: datetime) -> CaseReply:
    """Keep a reply. Raises Refusal (CAS-07 when it is empty, CAS-22 twice, UPL-02 too much is handed in)."""
    require(on="case.reply", facts=reply_of(row, by, at), at=at)
    if not answer.text.strip():
        raise Refusal(Finding("CAS-07", {}))
    reply = CaseReply.objects.create(
        case=row,
        way=answer.way,
        text=answer.text.strip(),
        documents=[keep(file.read(), at=at, party_id=row.party_id) for file in answer.documents],
        is_late=row.reply_due_at is not None and at >= row.reply_due_at,
        at=at,
        by_name=by.name,
    )
    row.reply, row.replied_at = reply.text, at
    row.save()
    shown = {"reply": reply.text, "way": answer.way, "documents": len(reply.documents), "is_late": reply.is_late}
    log_action(CaseReplied.KIND, subject=("case", row.number), by=by, at=at, facts=shown)
    return reply


@dataclass(frozen=True)
class Proof:
    """How and when a paper reached the accused, by which number, and the scan of the receipt."""

    way: str
    served_on: date
    reference: str
    document: str


@transaction.atomic
def record_service(case: Case, *, proof: Proof, by: Actor, at: datetime) -> CaseService:
    """Enter the proof that the notice was served; the time to reply begins on that day where it is the later one.

    Raises NotPermitted elsewhere, Refusal (CAS-06 out of turn, CAS-60 for a day before the notice or after today).
    """
    row = locked_case(case, "service", by=by, at=at)
    paper = row.papers.filter(kind="notice").order_by("pk").last()
    require(on="case.service", facts=served_facts(row, proof.served_on, at), at=at)
    if paper is None:  # a notice from before papers were numbered
        raise Refusal(Finding("CAS-01", {"case": row.number}))
    service = CaseService.objects.create(paper=paper, **vars(proof), at=at, by_name=by.name)
    begun = start_of(proof.served_on)
    due_at = reply_due(begun, policy=book())
    if row.replied_at is None and (row.reply_due_at is None or due_at > row.reply_due_at):
        row.reply_due_at = due_at
        row.save()
    shown = {"paper": paper.number, "way": proof.way, "served_on": proof.served_on, "reference": proof.reference}
    log_action(
        "case.served", subject=("case", row.number), by=by, at=at, facts=shown | {"reply_due_at": row.reply_due_at}
    )
    return service
