"""Minutes become directions: an officer answers what was asked, then each point stands with who answers for it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import transaction

from immis.core.access.permissions import Actor
from immis.core.errors import Refusal
from immis.core.facts import storable
from immis.core.grants import require_grant
from immis.core.services import emit, log_action
from immis.directions import selectors
from immis.directions.drafts import DraftPoint, points_of_draft
from immis.directions.events import DirectionGiven, MeetingCirculated, MeetingConfirmed
from immis.directions.facts import event_facts
from immis.directions.figures import figure_of
from immis.directions.models import Assignment, Copy, Direction, Meeting, Series
from immis.directions.services.minutes import locked_draft
from immis.registry.selectors import Office, headquarters, offices_with_post
from immis.rules.catalogue import find
from immis.rules.directions.acts import DraftFacts
from immis.rules.directions.owners import ALL, Answerer, answerers, named_in
from immis.rules.policy import book

BEFORE = "before"  # an earlier direction of before this system
NONE = "none"  # no earlier direction is meant


@dataclass(frozen=True)
class Answer:
    """What an officer says of a point: whether it is a direction, who answers, by when, which one it repeats."""

    keep: bool = True
    owners: tuple[str, ...] = ()
    due_on: date | None = None
    repeats: str = ""


@dataclass(frozen=True, kw_only=True)
class Confirmed:
    """What an officer says of the minutes as a whole, and of their points by place."""

    series: str
    chair_post: str
    memo_no: str = ""
    issued_on: date | None = None
    attendance: str = ""
    answers: Mapping[int, Answer]


@transaction.atomic
def confirm(*, meeting: Meeting, given: Confirmed, by: Actor, at: datetime) -> Meeting:
    """Confirm a draft: its points become directions, each with who answers for it, and the copies go out.

    Raises Refusal (DIR-03) with the points that are still in doubt; NotPermitted.
    """
    require_grant(by, "meeting.keep")
    row = locked_draft(meeting, at=at)
    row.issued_on = given.issued_on
    points = [(point, _answer(point, given.answers)) for point in points_of_draft(row, at)]
    earlier = set(selectors.earlier_directions(row).values_list("number", flat=True))
    doubted = tuple(point.facts.number for point, answer in points if answer.keep and _in_doubt(point, answer, earlier))
    kept = [(point, answer) for point, answer in points if answer.keep]
    is_draft = row.state == Meeting.DRAFT
    asked = DraftFacts(meeting=row.number, fits=is_draft, doubted=doubted, kept=len(kept))
    if findings := find("meeting.confirm", asked, policy=book(), at=at):
        raise Refusal(findings)
    _stand(row, given, by=by, at=at)
    named = _everybody(answer for _point, answer in kept)
    made = [_direct(row, point, answer, named, at=at) for point, answer in kept]
    _tell(row, made, by=by, at=at)
    return row


def _answer(point: DraftPoint, answers: Mapping[int, Answer]) -> Answer:
    """What was said of a point; where nothing was, what it states itself."""
    answer = answers.get(point.place)
    if answer is None:
        return Answer(keep=not point.is_doubtful, owners=point.named.owners)
    return answer if answer.owners or not answer.keep else replace(answer, owners=point.named.owners)


def _in_doubt(point: DraftPoint, answer: Answer, earlier: Collection[str]) -> bool:
    """Whether nobody answers for a point, or the direction that it repeats is not told, or is none."""
    if not answer.owners or (point.facts.earlier and not answer.repeats):
        return True
    return answer.repeats not in ("", BEFORE, NONE) and answer.repeats not in earlier


def _stand(row: Meeting, given: Confirmed, *, by: Actor, at: datetime) -> None:
    row.series = Series.objects.get_or_create(name=storable(given.series)[:200])[0]
    row.chair_post, row.memo_no, row.attendance = given.chair_post, given.memo_no, storable(given.attendance)
    row.state, row.confirmed_at, row.confirmed_by_name = Meeting.CONFIRMED, at, by.name
    row.save()


def _everybody(answers: Iterable[Answer]) -> list[str]:
    """Whom the points of the minutes name: those whom "all" means."""
    return list(dict.fromkeys(key for answer in answers for key in answer.owners if key != ALL))


def _direct(row: Meeting, point: DraftPoint, answer: Answer, named: list[str], *, at: datetime) -> Direction:
    earlier = Direction.objects.filter(number=answer.repeats).first()
    facts = point.facts
    due = answer.due_on
    made = Direction.objects.create(
        number=f"{row.number}-{point.place:02d}",
        meeting=row,
        place=point.place,
        mark=facts.number[:40],
        text=facts.text,
        owner=facts.owner[:300],
        districts=facts.districts,
        days=None if due else facts.days,
        due_on=due or point.due.on,
        due_by_meeting=due or point.due.by_meeting,
        due_by_circulation=due or point.due.by_circulation,
        repeats=earlier,
        carried=earlier.carried + 1 if earlier else int(answer.repeats == BEFORE),
        figure=figure_of(facts.text),
        state_at=at,
    )
    owners = dict.fromkeys(key for each in answer.owners for key in (named if each == ALL else [each]))
    _assign(made, list(owners), facts.districts, at=at)
    return made


def _assign(direction: Direction, owners: list[str], districts: list[str], *, at: datetime) -> None:
    """Who answers: the post in its office; of all districts, or of those that the point names, each its own."""
    known, serial = answerers(book(), at), 0
    for key in owners or [ALL]:
        for post, office, district in _desks(known.get(key), districts):
            serial += 1
            Assignment.objects.create(
                number=f"{direction.number}-{serial:02d}",
                direction=direction,
                answerer=key,
                post=post,
                office=office,
                district=district,
            )


def _desks(answerer: Answerer | None, districts: list[str]) -> list[tuple[str, Office | None, str]]:
    """The desks on which a direction lands; where nobody holds the post, that of headquarters."""
    post = answerer.post if answerer else "hq"
    offices = list(offices_with_post(post))
    if answerer and answerer.every:
        return [
            (post, office, office.district) for office in offices if not districts or office.district in districts
        ] or [("hq", headquarters(), "")]
    return [(post, offices[0], "")] if offices else [("hq", headquarters(), "")]


def _tell(row: Meeting, made: list[Direction], *, by: Actor, at: datetime) -> None:
    payload = MeetingConfirmed(meeting=row.number, subject=row.subject, held_on=row.held_on, directions=len(made))
    subject = ("meeting", row.number)
    log_action(payload.KIND, subject=subject, by=by, at=at, facts={"directions": len(made)})
    emit(payload, subject=subject, at=at)
    for direction in made:
        for share in direction.assignments.all():
            facts = event_facts(direction, district=share.district)
            news = DirectionGiven(assignment=share.number, post=share.post, **facts)
            emit(news, subject=("assignment", share.number), at=at)
    _circulate(row, at=at)


def _circulate(row: Meeting, *, at: datetime) -> None:
    """Copies to those whom the foot names, each office of their post told once."""
    known = answerers(book(), at)
    names = list(row.reading.get("copies", ())) or [row.reading.get("addressed", "")]
    offices: dict[int, Office] = {}
    for name in filter(None, names):
        posts = [known[key].post for key in named_in(name, known) if known[key].post] or [""]
        for post in dict.fromkeys(posts):
            Copy.objects.create(meeting=row, name=storable(name)[:300], post=post)
            offices |= {office.pk: office for office in offices_with_post(post)} if post else {}
    offices |= {share.office_id: share.office for share in _shares(row) if share.office}
    for office in offices.values():
        news = MeetingCirculated(
            meeting=row.number,
            subject=row.subject[:300],
            held_on=row.held_on,
            memo_no=row.memo_no,
            office_id=office.pk,
        )
        emit(news, subject=("meeting", row.number), at=at, key=f"{news.KIND}:{row.number}:{office.pk}")


def _shares(row: Meeting) -> Iterable[Assignment]:
    return Assignment.objects.filter(direction__meeting=row).select_related("office")
