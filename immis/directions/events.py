"""What directions tell: minutes confirmed, a direction given, reported, in difficulty, sent back, closed, reminded."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from immis.core.events import Names, Payload, event, shared, step
from immis.directions import nouns as nouns

step("meeting.taken_in", _("Minutes read, to be confirmed"))
step("meeting.discarded", _("Minutes put aside"))
step("meeting.read", _("Minutes read by who got a copy"))
step("meeting.issued", _("Day of issue of the minutes entered"))
step("direction.remarked", _("Remark on a direction"))


@event("meeting.confirmed", _("Minutes confirmed"), about="meeting")
class MeetingConfirmed(Payload):
    """An officer has answered what the reader asked; its directions stand."""

    meeting: str
    subject: str
    held_on: date
    directions: int


@event("meeting.circulated", _("Minutes circulated"), about="meeting")
class MeetingCirculated(Payload):
    """An office gets a copy of the minutes."""

    meeting: str
    subject: str
    held_on: date
    memo_no: str
    office_id: int


@shared
class DirectionNews(Payload):
    """A direction: where it stands, what it says, by when it is due, and who closes it."""

    ABOUT = ("direction",)

    direction: str
    meeting: str
    mark: str
    words: str
    chair: str
    district: str
    due_on: date | None = None


@event("direction.given", _("Direction given"), about="assignment")
class DirectionGiven(DirectionNews):
    """A post answers for it."""

    assignment: str
    post: str


@event("direction.returned", _("Direction sent back to its owner"), about="assignment")
class DirectionReturned(DirectionNews):
    """The chair does not take the report."""

    assignment: str
    post: str


@event("direction.reported", _("Owner reported on a direction"))
class DirectionReported(DirectionNews):
    """``done``: the owner holds it for carried out; ``whole``: all owners do."""

    assignment: str
    done: bool
    whole: bool


@event("direction.difficulty", _("Difficulty raised to headquarters"))
class DirectionDifficulty(DirectionNews):
    """A legal or technical difficulty (A-31)."""

    difficulty: Names


@event("direction.settled", _("Difficulty settled"))
class DirectionSettled(DirectionNews):
    """Headquarters, or the chair, has answered the difficulty."""


@event("direction.closed", _("Direction closed by the chair"))
class DirectionClosed(DirectionNews):
    """What it asked for is done; ``assignments`` are all who answered for it."""

    assignments: list[str]


@event("direction.reminded", _("Owner reminded of a direction"), about="assignment")
class DirectionReminded(DirectionNews):
    """It is still open: told once a month, and when its day is near or over."""

    assignment: str
    office_id: int
    open_days: int
