"""Minutes as a file: read apart, kept as a draft, put aside."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction

from immis.core.access.permissions import Actor
from immis.core.errors import Refusal
from immis.core.facts import plain, storable
from immis.core.grants import require_grant
from immis.core.papers import uploads
from immis.core.papers.reading import read_upload
from immis.core.services import log_action, next_number
from immis.directions import selectors
from immis.directions.models import Meeting
from immis.rules.calendar import india_day
from immis.rules.catalogue import find
from immis.rules.directions.acts import DraftFacts, PaperFacts
from immis.rules.directions.facts import MinutesFacts
from immis.rules.policy import book


@dataclass(frozen=True)
class Paper:
    """Minutes that were handed in: their bytes, the name of their file, and what they state."""

    content: bytes
    file_name: str
    facts: MinutesFacts


def read_paper(content: bytes, file_name: str) -> Paper:
    """Read minutes in a child. Raises MinutesUnreadable for what is none, Refusal (UPL-01)."""
    return Paper(content, file_name, read_upload("minutes", content))


@transaction.atomic
def keep_draft(*, paper: Paper, by: Actor, at: datetime) -> Meeting:
    """Keep minutes that were read as a draft; nothing of them counts before somebody confirms them.

    Raises Refusal (DIR-06) for a paper that is on record already.
    """
    content, facts = paper.content, paper.facts
    require_grant(by, "meeting.keep")
    year = india_day(at).year
    serial = next_number(f"meeting-{year}")  # holds the log's head: one paper after the other
    known = selectors.meeting_with(sha256(content).hexdigest())
    if findings := find("meeting.take_in", PaperFacts(known.number if known else ""), policy=book(), at=at):
        raise Refusal(findings)
    assert facts.held_on is not None  # no reader answers minutes without their day
    row = Meeting.objects.create(
        number=f"MTG-{year % 100:02d}-{serial:04d}",
        kind=facts.kind,
        subject=_cut(facts.subject, 600),
        held_on=facts.held_on,
        chair=_cut(facts.chair, 300),
        attendance=storable(facts.attendance),
        memo_no=_cut(facts.memo_no, 120),
        issued_on=facts.issued_on,
        file_name=_cut(paper.file_name, 200),
        document=uploads.keep(content, at=at),
        reading=plain(facts),
        taken_in_at=at,
        taken_in_by=by.user_id,
    )
    payload: dict[str, Any] = {"file": row.file_name, "points": len(facts.points)}
    log_action("meeting.taken_in", subject=("meeting", row.number), by=by, at=at, facts=payload)
    return row


def _cut(text: str, most: int) -> str:
    return storable(" ".join(text.split()))[:most]


@transaction.atomic
def discard(*, meeting: Meeting, by: Actor, at: datetime) -> Meeting:
    """Put a draft aside; the paper may be handed in again. Raises Refusal (DIR-03) for one that stands."""
    require_grant(by, "meeting.keep")
    row = locked_draft(meeting, at=at)
    row.state = Meeting.DISCARDED
    row.save()
    log_action("meeting.discarded", subject=("meeting", row.number), by=by, at=at)
    return row


def locked_draft(meeting: Meeting, *, at: datetime) -> Meeting:
    """A draft's row. Raises Refusal (DIR-03) for minutes that are none any more."""
    row = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if findings := find(
        "meeting.confirm", DraftFacts(row.number, row.state == Meeting.DRAFT, ()), policy=book(), at=at
    ):
        raise Refusal(findings)
    return row
