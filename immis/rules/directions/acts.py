"""What may be done with minutes and their directions: confirmed when nothing is in doubt, closed by the chair alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from immis.rules.catalogue import Finding, rule
from immis.rules.policy import PolicyBook

CLOSED = "closed"


@dataclass(frozen=True)
class DraftFacts:
    """Minutes that something is done with: whether they stand as that needs, and which points are still in doubt."""

    meeting: str
    fits: bool
    doubted: tuple[str, ...]
    kept: int = 1


@dataclass(frozen=True)
class PaperFacts:
    """A paper that is handed in: the meeting that it was taken in as before, where it was."""

    known_as: str = ""


@dataclass(frozen=True)
class AnswerFacts:
    """A direction, its state, and whether the post that would report answers for it."""

    direction: str
    state: str
    is_owner: bool


@dataclass(frozen=True)
class RaiseFacts:
    """A direction and the difficulty that stands on it; empty where none does."""

    direction: str
    difficulty: str


@dataclass(frozen=True)
class CloseFacts:
    """A direction before somebody who would close it or send it back."""

    direction: str
    state: str
    chair: Mapping[str, str]
    is_chair: bool
    is_owner: bool


@dataclass(frozen=True)
class CopyFacts:
    """Minutes before a reader: whether his post got a copy, and whether he has said that he read them."""

    meeting: str
    stands: bool
    is_copied: bool
    has_read: bool


@rule("DIR-03", on="meeting.confirm")
def in_doubt(facts: DraftFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Minutes are confirmed by an officer once nothing in them is in doubt (A-01).

    Clause: review of 13.01.2026, head. Our reading: who answers, and which earlier direction is meant, is asked and
    never guessed; at least one point is a direction. Who may settle a doubt: Director of Mines.
    """
    policy.at("DIR-03", at)
    why = "stands" if not facts.fits else "doubt" if facts.doubted else "" if facts.kept else "none"
    if not why:
        return None
    because = policy.words("DIR-03", why, points=", ".join(facts.doubted))
    return Finding("DIR-03", {"meeting": facts.meeting, "because": because, "why": why})


@rule("DIR-11", on="meeting.issue")
def no_minutes_yet(facts: DraftFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Number and day of issue are entered for minutes that stand; of a draft they are said when it is confirmed (A-02).

    Clause: review of 13.01.2026, foot. Our reading: minutes may be issued after they are on record. Who may settle a
    doubt: Director of Mines.
    """
    policy.at("DIR-11", at)
    return None if facts.fits else Finding("DIR-11", {"meeting": facts.meeting})


@rule("DIR-06", on="meeting.take_in")
def twice(facts: PaperFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """One paper is taken in once (A-01).

    Clause: review of 13.01.2026, head. Our reading: the same file is the same paper. Who may settle a doubt: Director
    of Mines.
    """
    policy.at("DIR-06", at)
    return Finding("DIR-06", {"meeting": facts.known_as}) if facts.known_as else None


@rule("DIR-04", on="direction.answer")
def not_the_owner(facts: AnswerFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Who answers for a direction reports on it while it is open, and nobody else (A-01).

    Clause: review of 13.01.2026, the owner under each point. Our reading: the post that the point names, in its own
    district. Who may settle a doubt: the chair of the meeting.
    """
    policy.at("DIR-04", at)
    why = "closed" if facts.state == CLOSED else "" if facts.is_owner else "other"
    because = policy.words("DIR-04", why) if why else {}
    return Finding("DIR-04", {"direction": facts.direction, "because": because, "why": why}) if why else None


@rule("DIR-05", on="direction.close")
def not_by_its_owner(facts: CloseFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A direction is closed, or sent back, by the chair of its meeting, never by who answers for it (A-01).

    Clause: review of 13.01.2026, head: the chair gave the directions. Our reading: whoever gave it says that it is
    done; an owner never does, even where he chairs. Who may settle a doubt: the Secretary.
    """
    policy.at("DIR-05", at)
    why = "closed" if facts.state == CLOSED else "owner" if facts.is_owner else "" if facts.is_chair else "other"
    if not why:
        return None
    because = policy.words("DIR-05", why, chair=facts.chair)
    return Finding("DIR-05", {"direction": facts.direction, "because": because, "why": why})


@rule("DIR-08", on="direction.raise")
def raised_already(facts: RaiseFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A difficulty is raised once, and settled before another one is (A-31).

    Clause: review of 13.01.2026, point xvi. Our reading: one open difficulty a direction. Who may settle a doubt:
    Director of Mines.
    """
    policy.at("DIR-08", at)
    return Finding("DIR-08", {"direction": facts.direction}) if facts.difficulty else None


@rule("DIR-09", on="direction.settle")
def nothing_to_settle(facts: RaiseFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Only a difficulty that was raised is settled (A-31).

    Clause: review of 13.01.2026, point xvi. Our reading: headquarters answers in words. Who may settle a doubt:
    Director of Mines.
    """
    policy.at("DIR-09", at)
    return Finding("DIR-09", {"direction": facts.direction}) if facts.difficulty else None


@rule("DIR-10", on="meeting.read")
def not_copied(facts: CopyFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Who got a copy of the minutes says once that he has read them (A-32).

    Clause: review of 13.01.2026, foot. Our reading: each reader of a post that the foot or a point names. Who may
    settle a doubt: Director of Mines.
    """
    policy.at("DIR-10", at)
    why = "draft" if not facts.stands else "other" if not facts.is_copied else "read" if facts.has_read else ""
    if not why:
        return None
    return Finding("DIR-10", {"meeting": facts.meeting, "because": policy.words("DIR-10", why), "why": why})
