"""Directions on their way: reports of owners, difficulties, remarks, and the word of the chair."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from immis.core.access.permissions import Actor
from immis.core.errors import Refusal
from immis.core.facts import storable
from immis.core.grants import require_grant
from immis.core.papers.uploads import keep_document
from immis.core.services import emit, log_action
from immis.directions import facts, selectors
from immis.directions.events import (
    DirectionClosed,
    DirectionDifficulty,
    DirectionReported,
    DirectionReturned,
    DirectionSettled,
)
from immis.directions.models import Acknowledgement, Assignment, Direction, Meeting, Update
from immis.rules.catalogue import find
from immis.rules.directions.due import due_days
from immis.rules.policy import book
from immis.rules.writing.texts import texts


def _require(on: str, asked: Any, at: datetime) -> None:
    if findings := find(on, asked, policy=book(), at=at):
        raise Refusal(findings)


def _locked(direction: Direction) -> Direction:
    return Direction.objects.select_for_update().get(pk=direction.pk)


def _write(row: Direction, kind: str, text: str, *, by: Actor, at: datetime, document: Any = None) -> Update:
    return Update.objects.create(
        direction=row,
        kind=kind,
        text=storable(text.strip()),
        document=keep_document(document, at=at),
        at=at,
        by_id=by.user_id,
        by_name=by.name,
        by_post=by.role,
        district=by.district,
    )


def _log(code: str, row: Direction, *, by: Actor, at: datetime, **more: Any) -> None:
    log_action(code, subject=("direction", row.number), by=by, at=at, facts=more)


@transaction.atomic
def report(*, direction: Direction, done: bool, text: str, document: Any = None, by: Actor, at: datetime) -> Direction:
    """Its owner says how far a direction is, or that it is carried out, with evidence. Raises Refusal (DIR-04)."""
    require_grant(by, "direction.report")
    row = _locked(direction)
    _require("direction.answer", facts.answer_facts(row, by, at), at)
    share = selectors.assignment_for(row, by)
    assert share is not None  # DIR-04 has asked
    _write(row, "done" if done else "progress", text, by=by, at=at, document=document)
    if done:
        share.state, share.reported_at = Assignment.DONE, at
        share.save()
    whole = done and not row.assignments.filter(state=Assignment.OPEN).exists()
    if whole:
        _to(row, Direction.REPORTED, at=at)
    news = DirectionReported(
        assignment=share.number, done=done, whole=whole, **facts.event_facts(row, district=share.district)
    )
    _log(news.KIND, row, by=by, at=at, done=done)
    emit(news, subject=("direction", row.number), at=at)
    return row


def _to(row: Direction, state: str, *, at: datetime) -> None:
    row.state, row.state_at = state, at
    row.save()


@transaction.atomic
def raise_difficulty(*, direction: Direction, kind: str, text: str, by: Actor, at: datetime) -> Direction:
    """Its owner says that a legal or technical difficulty stands in the way (A-31). Raises Refusal (DIR-04, DIR-08)."""
    require_grant(by, "direction.report")
    row = _locked(direction)
    _require("direction.answer", facts.answer_facts(row, by, at), at)
    _require("direction.raise", facts.raise_facts(row, by, at), at)
    row.difficulty, row.difficulty_at = kind, at
    row.save()
    _write(row, "difficulty", text, by=by, at=at)
    news = DirectionDifficulty(difficulty=dict(texts("directions/difficulties")[kind]), **facts.event_facts(row))
    _log(news.KIND, row, by=by, at=at, difficulty=kind)
    emit(news, subject=("direction", row.number), at=at)
    return row


@transaction.atomic
def settle_difficulty(*, direction: Direction, text: str, by: Actor, at: datetime) -> Direction:
    """Headquarters answers a difficulty, and it stands in the way no more. Raises Refusal (DIR-09)."""
    require_grant(by, "direction.settle")
    row = _locked(direction)
    _require("direction.settle", facts.settle_facts(row, by, at), at)
    row.difficulty, row.difficulty_at = "", None
    row.save()
    _write(row, "settled", text, by=by, at=at)
    news = DirectionSettled(**facts.event_facts(row))
    _log(news.KIND, row, by=by, at=at)
    emit(news, subject=("direction", row.number), at=at)
    return row


@transaction.atomic
def close(*, direction: Direction, text: str, by: Actor, at: datetime) -> Direction:
    """The chair says that a direction is carried out. Raises Refusal (DIR-05) for anybody else, and for its owner."""
    require_grant(by, "direction.read")
    row = _locked(direction)
    _require("direction.close", facts.close_facts(row, by, at), at)
    row.closed_by_name = by.name
    _to(row, Direction.CLOSED, at=at)
    _write(row, "closed", text, by=by, at=at)
    shares = list(row.assignments.values_list("number", flat=True))
    news = DirectionClosed(assignments=shares, **facts.event_facts(row))
    _log(news.KIND, row, by=by, at=at)
    emit(news, subject=("direction", row.number), at=at)
    return row


@transaction.atomic
def send_back(*, direction: Direction, text: str, by: Actor, at: datetime) -> Direction:
    """The chair does not take the report: it is its owners' again. Raises Refusal (DIR-05)."""
    require_grant(by, "direction.read")
    row = _locked(direction)
    _require("direction.close", facts.close_facts(row, by, at), at)
    _to(row, Direction.OPEN, at=at)
    _write(row, "returned", text, by=by, at=at)
    _log(DirectionReturned.KIND, row, by=by, at=at)
    for share in row.assignments.filter(state=Assignment.DONE):
        share.state = Assignment.OPEN
        share.save()
        news = DirectionReturned(
            assignment=share.number, post=share.post, **facts.event_facts(row, district=share.district)
        )
        emit(news, subject=("assignment", share.number), at=at)
    return row


@transaction.atomic
def remark(*, direction: Direction, text: str, by: Actor, at: datetime) -> Direction:
    """Who keeps the minutes writes a remark on a direction."""
    require_grant(by, "meeting.keep")
    row = _locked(direction)
    _write(row, "remark", text, by=by, at=at)
    _log("direction.remarked", row, by=by, at=at)
    return row


@transaction.atomic
def acknowledge(*, meeting: Meeting, by: Actor, at: datetime) -> Meeting:
    """Who got a copy says that he has read the minutes (A-32). Raises Refusal (DIR-10)."""
    require_grant(by, "direction.read")
    row = Meeting.objects.select_for_update().get(pk=meeting.pk)
    _require("meeting.read", facts.copy_facts(row, by, at), at)
    Acknowledgement.objects.create(
        meeting=row, post=by.role, user_id=by.user_id or 0, name=by.name, district=by.district, at=at
    )
    log_action("meeting.read", subject=("meeting", row.number), by=by, at=at)
    return row


@transaction.atomic
def issue(*, meeting: Meeting, memo_no: str, issued_on: date, by: Actor, at: datetime) -> Meeting:
    """Enter number and day of issue of minutes; days that count from the issue follow (A-02, DIR-01)."""
    require_grant(by, "meeting.keep")
    row = Meeting.objects.select_for_update().get(pk=meeting.pk)
    row.memo_no, row.issued_on = storable(memo_no), issued_on
    row.save()
    for point in row.directions.filter(days__isnull=False).exclude(state=Direction.CLOSED):
        due = due_days(days=point.days, by_on=None, held_on=row.held_on, issued_on=issued_on, policy=book(), at=at)
        point.due_on, point.due_by_meeting, point.due_by_circulation = due.on, due.by_meeting, due.by_circulation
        point.save()
    log_action("meeting.issued", subject=("meeting", row.number), by=by, at=at, facts={"memo_no": row.memo_no})
    return row
