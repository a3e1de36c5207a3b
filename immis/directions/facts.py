"""What the rules on directions are asked about: their facts as they stand, for services and the gates of acts."""

from datetime import datetime
from typing import Any

from immis.core.access.permissions import Actor
from immis.directions import selectors
from immis.directions.models import Direction, Meeting
from immis.rules.directions.acts import AnswerFacts, CloseFacts, CopyFacts, DraftFacts, RaiseFacts
from immis.rules.posts import chart


def draft_facts(row: Meeting, by: Actor, at: datetime) -> DraftFacts:
    """Minutes that wait to be confirmed."""
    return DraftFacts(row.number, row.state == Meeting.DRAFT, ())


def stands_facts(row: Meeting, by: Actor, at: datetime) -> DraftFacts:
    """Minutes that stand, for what is entered about them later."""
    return DraftFacts(row.number, row.state == Meeting.CONFIRMED, ())


def answer_facts(row: Direction, by: Actor, at: datetime) -> AnswerFacts:
    """Whether this post answers for a direction that is open."""
    return AnswerFacts(row.number, row.state, selectors.assignment_for(row, by) is not None)


def raise_facts(row: Direction, by: Actor, at: datetime) -> RaiseFacts:
    """A difficulty of a direction."""
    return RaiseFacts(row.number, row.difficulty)


def close_facts(row: Direction, by: Actor, at: datetime) -> CloseFacts:
    """Whether this person chairs the meeting of a direction, and whether he answers for it."""
    chair = row.meeting.chair_post
    return CloseFacts(
        direction=row.number,
        state=row.state,
        chair=dict(chart().post(chair).title),
        is_chair=by.role == chair,
        is_owner=selectors.assignment_for(row, by) is not None,
    )


def settle_facts(row: Direction, by: Actor, at: datetime) -> RaiseFacts:
    """A difficulty that is to be settled."""
    return RaiseFacts(row.number, "" if row.difficulty else "none")


def copy_facts(row: Meeting, by: Actor, at: datetime) -> CopyFacts:
    """Whether this post got a copy, and whether this person has read it."""
    return CopyFacts(
        row.number, row.state == Meeting.CONFIRMED, selectors.is_copied(row, by), selectors.has_read(row, by)
    )


def event_facts(row: Direction, *, district: str = "") -> dict[str, Any]:
    """What every event of a direction carries."""
    return {
        "direction": row.number,
        "meeting": row.meeting.number,
        "mark": row.mark,
        "words": row.text[:300],
        "chair": row.meeting.chair_post,
        "district": district,
        "due_on": row.due_on,
    }
