"""A draft of minutes before its officer: what the reader found of each point, and what is asked about it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from immis import clock
from immis.core.access.permissions import Actor
from immis.core.facts import typed
from immis.directions.models import Meeting
from immis.rules.directions.due import Due, due_days
from immis.rules.directions.facts import PARAGRAPH, MinutesFacts, PointFacts
from immis.rules.directions.owners import ALL, Answerer, Named, answerers, named_in, owners_of
from immis.rules.policy import book


@dataclass(frozen=True)
class DraftPoint:
    """One point of a draft: its place, what it states, who is named, its days, and what is asked."""

    place: int
    facts: PointFacts
    named: Named
    due: Due

    @property
    def asks(self) -> tuple[str, ...]:
        """What the reader is not sure of: ``owner``, ``also``, ``earlier``, ``kind``."""
        more = [name for name, is_so in (("earlier", self.facts.earlier), ("kind", self.is_doubtful)) if is_so]
        return (*self.named.asks, *more)

    @property
    def is_doubtful(self) -> bool:
        """Whether it is a direction at all: a paragraph that only reads like one."""
        return self.facts.kind == PARAGRAPH


def facts_of_draft(row: Meeting) -> MinutesFacts:
    """The facts of minutes as they were read."""
    read: Mapping[str, Any] = row.reading
    known = {field.name for field in fields(MinutesFacts)}
    points = [PointFacts(**{name: typed(value) for name, value in point.items()}) for point in read["points"]]
    return MinutesFacts(**{k: typed(v) for k, v in read.items() if k in known and k != "points"}, points=points)


def points_of(facts: MinutesFacts, *, issued_on: date | None, at: datetime) -> Iterator[DraftPoint]:
    """The points of minutes with whom they name and when they are due, by both readings."""
    known = answerers(book(), at)
    for place, point in enumerate(facts.points, 1):
        named = owners_of(point.owner, point.text, known, about_all=point.about_all)
        yield DraftPoint(place, point, named, due_of(point, facts.held_on, issued_on, at))


def due_of(point: PointFacts, held_on: date | None, issued_on: date | None, at: datetime) -> Due:
    """The days of a point (DIR-01)."""
    return due_days(days=point.days, by_on=point.by_on, held_on=held_on, issued_on=issued_on, policy=book(), at=at)


def points_of_draft(row: Meeting, at: datetime) -> list[DraftPoint]:
    """The points of a draft."""
    return list(points_of(facts_of_draft(row), issued_on=row.issued_on, at=at))


def choices(at: datetime) -> dict[str, Answerer]:
    """Whoever may answer for a direction, by key; ``all`` stands for everybody whom the other points name."""
    known = {key: row for key, row in answerers(book(), at).items() if not row.outside}
    return {**known, ALL: Answerer(ALL, book().words("DIR-02", ALL))}


def choices_by_key() -> Collection[str]:
    """The keys of whoever may answer for a direction now."""
    return choices(clock.now()).keys()


def chair_of(row: Meeting, by: Actor, at: datetime) -> str:
    """The post that the paper names as the chair, where this house knows it; else it is asked."""
    known = answerers(book(), at)
    return next((known[key].post for key in named_in(row.chair, known) if known[key].post), "")
