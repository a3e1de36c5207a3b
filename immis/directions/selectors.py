"""Asking for meetings and directions: those of a reader, who answers, what is open and how long."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.grants import may, reach_of
from immis.core.scope import EVERYTHING, NOTHING
from immis.directions.models import Acknowledgement, Assignment, Copy, Direction, Meeting, Series, Update

__all__ = ["Assignment", "Copy", "Direction", "Meeting", "Acknowledgement", "Series", "Update"]


# -- what a reader may see


def _own(viewer: Actor, of: str) -> QuerySet[Assignment]:
    """What the viewer's post answers for in his district, among the records of a query."""
    return Assignment.objects.filter(post=viewer.role, district=viewer.district, **{of: OuterRef("pk")})


def meetings(viewer: Actor) -> QuerySet[Meeting]:
    """Meetings that the viewer may see: all of the State, or those that gave him a direction or a copy."""
    rows = Meeting.objects.select_related("series").exclude(state=Meeting.DISCARDED)
    if not may(viewer, "meeting.keep"):
        rows = rows.filter(state=Meeting.CONFIRMED)
    reach = reach_of(viewer, "direction.read")
    if reach == "state":
        return rows
    if not reach:
        return rows.none()
    copied = Copy.objects.filter(meeting=OuterRef("pk"), post=viewer.role)
    return rows.filter(Q(Exists(_own(viewer, "direction__meeting"))) | Q(Exists(copied)))


def meeting_of(number: str, viewer: Actor) -> Meeting:
    """One meeting. Raises NotFound unless this viewer may see it."""
    row = meetings(viewer).filter(number=number).first()
    if row is None:
        raise NotFound(f"meeting {number}")
    return row


def directions(viewer: Actor) -> QuerySet[Direction]:
    """Directions that the viewer may see, those due first before others."""
    rows = Direction.objects.select_related("meeting__series", "repeats")
    reach = reach_of(viewer, "direction.read")
    own = Q(Exists(_own(viewer, "direction"))) if reach else NOTHING
    return rows.filter(EVERYTHING if reach == "state" else own).order_by("due_on", "meeting_id", "place")


def direction_of(number: str, viewer: Actor) -> Direction:
    """One direction. Raises NotFound unless this viewer may see it."""
    row = directions(viewer).filter(number=number).first()
    if row is None:
        raise NotFound(f"direction {number}")
    return row


def answered_by(rows: QuerySet[Direction], post: str) -> QuerySet[Direction]:
    """Those of some directions that a post answers for."""
    return rows.filter(pk__in=Assignment.objects.filter(post=post).values("direction"))


# -- one record


def assignment_for(row: Direction, viewer: Actor) -> Assignment | None:
    """What the viewer's post answers for in a direction; None where it does not."""
    rows = row.assignments.filter(post=viewer.role)
    return rows.filter(district=viewer.district).first() or rows.filter(district="").first()


def is_copied(meeting: Meeting, viewer: Actor) -> bool:
    """Whether the viewer's post got a copy of the minutes, or a direction in them."""
    answers = Assignment.objects.filter(direction__meeting=meeting, post=viewer.role)
    return meeting.copies.filter(post=viewer.role).exists() or answers.exists()


def has_read(meeting: Meeting, viewer: Actor) -> bool:
    """Whether this person has said that he read the minutes."""
    return meeting.acknowledgements.filter(user_id=viewer.user_id or 0).exists()


def earlier_directions(meeting: Meeting) -> QuerySet[Direction]:
    """Directions of earlier meetings, the newest first, that a point may repeat."""
    return Direction.objects.filter(meeting__held_on__lt=meeting.held_on).order_by("-meeting__held_on", "place")


def meeting_with(document: str) -> Meeting | None:
    """The meeting whose paper is this file."""
    return Meeting.objects.filter(document=document).exclude(state=Meeting.DISCARDED).first()


# -- what is open


def open_assignments(viewer: Actor) -> QuerySet[Assignment]:
    """What is still to be answered in all directions that the viewer sees."""
    rows = Assignment.objects.exclude(direction__state=Direction.CLOSED).filter(state=Assignment.OPEN)
    return rows.filter(direction__in=directions(viewer).order_by().values("pk")).select_related(
        "direction__meeting", "office"
    )


def open_days(row: Direction, today: date) -> int:
    """How many days a direction has stood open, from the issue of its minutes, else from the meeting."""
    return max(0, (today - (row.meeting.issued_on or row.meeting.held_on)).days)


def late_days(row: Direction, today: date) -> int:
    """How many days its day is over; nothing while there is time, or where it has none."""
    return max(0, (today - row.due_on).days) if row.due_on else 0


def to_be_reminded(*, before: date, soon: date, today: date) -> Iterable[Assignment]:
    """Answers that are open and were not told of since a day, and those whose day comes near and was not told."""
    rows = Assignment.objects.exclude(direction__state=Direction.CLOSED).filter(state=Assignment.OPEN)
    monthly = Q(reminded_on__isnull=True, direction__meeting__confirmed_at__date__lte=before) | Q(
        reminded_on__lte=before
    )
    near = Q(direction__due_on__gt=today, direction__due_on__lte=soon)
    due = Q(reminded_on__isnull=True) | Q(reminded_on__lt=before)
    return rows.filter(monthly | near & due).select_related("direction__meeting", "office")


def updated_at(row: Direction) -> datetime:
    """When something was last written on a direction."""
    last = row.updates.last()
    return last.at if last else row.state_at
