"""What follows from directions: tasks of owners, of the chair and of headquarters, copies, reminders."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from immis.rules.calendar import end_of
from immis.rules.catalogue import ChangeState, Consequence, OpenTask, SendMessage, trigger
from immis.rules.policy import PolicyBook

HEADQUARTERS = "hq"


@dataclass(frozen=True)
class Told:
    """A direction as every event tells it."""

    direction: str
    meeting: str
    mark: str
    words: str
    chair: str


@dataclass(frozen=True)
class Given(Told):
    """A direction that a post answers for."""

    assignment: str = ""
    post: str = ""
    due_on: date | None = None


@dataclass(frozen=True)
class Reported(Told):
    """A report: whether its owner holds the direction for done, and whether all owners do."""

    assignment: str = ""
    done: bool = False
    whole: bool = False


@dataclass(frozen=True)
class Difficult(Told):
    """A difficulty: legal or technical."""

    difficulty: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Closed(Told):
    """A closed direction with all who answered for it."""

    assignments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reminded(Told):
    """An open direction, its owner's office and how long it has stood."""

    assignment: str = ""
    office_id: int = 0
    open_days: int = 0


@dataclass(frozen=True)
class Circulated:
    """Minutes and an office that gets a copy."""

    meeting: str
    subject: str
    held_on: date
    memo_no: str
    office_id: int


def _days(code: str, policy: PolicyBook, at: datetime) -> timedelta:
    return timedelta(days=int(policy.value(code, at)))


def _leaves(noun: str, number: str, *, of: str = "") -> ChangeState:
    return ChangeState("task", f"{noun}:{number}", "done", {"of": of} if of else {})


@trigger("TRG-290", on="direction.given")
def to_its_owner(facts: Given, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """Clause: review of 13.01.2026, the owner under each point (A-01). Our reading: due at the end of its day, else in
    a month. Who may settle a doubt: the chair of the meeting."""
    due_in = end_of(facts.due_on) - at if facts.due_on else _days("TRG-290", policy, at)
    policy.at("TRG-290", at)
    return [_of_owner(facts, max(due_in, timedelta(0)))]


def _of_owner(facts: Given, due_in: timedelta) -> OpenTask:
    return OpenTask(
        role=facts.post,
        subject_kind="assignment",
        subject_id=facts.assignment,
        due_in=due_in,
        act="answer_direction",
        facts=asdict(facts),
    )


@trigger("TRG-294", on="direction.returned")
def back_to_its_owner(facts: Given, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """Clause: review of 13.01.2026, head (A-01). Our reading: a week for another report. Who may settle a doubt: the
    Secretary."""
    due_in = _days("TRG-294", policy, at)
    return [_leaves("direction", facts.direction, of="TRG-291"), _of_owner(facts, due_in)]


@trigger("TRG-291", on="direction.reported")
def to_the_chair(facts: Reported, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """Clause: review of 13.01.2026, head (A-01). Our reading: the owner's task ends with his report; the chair looks
    once all owners have reported. Who may settle a doubt: the Secretary."""
    due_in = _days("TRG-291", policy, at)
    rows: list[Consequence] = [_leaves("assignment", facts.assignment)] if facts.done else []
    if facts.whole:
        rows.append(
            OpenTask(
                role=facts.chair,
                subject_kind="direction",
                subject_id=facts.direction,
                due_in=due_in,
                act="decide_direction",
                facts=asdict(facts),
            )
        )
    return rows


@trigger("TRG-292", on="direction.difficulty")
def to_headquarters(facts: Difficult, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """Clause: review of 13.01.2026, point xvi (A-31). Our reading: headquarters answers within a week. Who may settle
    a doubt: Director of Mines."""
    return [
        OpenTask(
            role=HEADQUARTERS,
            subject_kind="direction",
            subject_id=facts.direction,
            due_in=_days("TRG-292", policy, at),
            act="settle_direction",
            facts=asdict(facts),
        )
    ]


@trigger("TRG-296", on="direction.settled")
def difficulty_over(facts: Told, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """Clause: review of 13.01.2026, point xvi (A-31). Our reading: the answer of headquarters ends the matter. Who may
    settle a doubt: Director of Mines."""
    policy.at("TRG-296", at)
    return [_leaves("direction", facts.direction, of="TRG-292")]


@trigger("TRG-293", on="direction.closed")
def off_all_desks(facts: Closed, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """Clause: review of 13.01.2026, head (A-01). Our reading: what the chair closed asks nothing of anybody. Who may
    settle a doubt: the Secretary."""
    policy.at("TRG-293", at)
    return [_leaves("direction", facts.direction), *(_leaves("assignment", row) for row in facts.assignments)]


@trigger("TRG-295", on="direction.reminded")
def remind_its_owner(facts: Reminded, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """Clause: review of 13.01.2026, head (A-01). Our reading: once a month while it stands open. Who may settle a
    doubt: the Secretary."""
    policy.at("TRG-295", at)
    return [SendMessage("office", str(facts.office_id), "MSG-295", asdict(facts))]


@trigger("TRG-297", on="meeting.circulated")
def copy_of_minutes(facts: Circulated, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """Clause: review of 13.01.2026, foot (A-32). Our reading: each office of a post that the foot or a point names.
    Who may settle a doubt: Director of Mines."""
    policy.at("TRG-297", at)
    return [SendMessage("office", str(facts.office_id), "MSG-296", asdict(facts))]
