"""Figures over entries, reports by what is counted, and rankings of offices; unknown is never nil."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet

from immis.core.access.permissions import Actor
from immis.core.errors import Refusal
from immis.core.services import log_action
from immis.registers.declaration import Measure, Ranking, Register, Report
from immis.registers.models import Entry, FrozenRanking
from immis.registers.selectors import entries
from immis.registry.selectors import Office
from immis.rules.calendar import end_of, india_day, start_of
from immis.rules.catalogue import Finding


@dataclass(frozen=True)
class Figure:
    """A figure and the entries that it opens to; ``value`` is None where nothing can be said."""

    value: Decimal | None
    numbers: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """One place of a ranking: the office, its score of 100, and the figures that it came from."""

    rank: int | None
    office: str
    score: Decimal | None
    figures: dict[str, Figure]


def figure(measure: Measure, rows: Sequence[Entry]) -> Figure:
    """A measure over some entries."""
    rows = [row for row in rows if not measure.among or row.state in measure.among]
    counted = [row for row in rows if not measure.states or row.state in measure.states]
    numbers = tuple(row.number for row in counted)
    if measure.how == "count":
        return Figure(Decimal(len(counted)), numbers)
    if measure.how == "share":
        return Figure(Decimal(100 * len(counted)) / len(rows) if rows else None, numbers)
    values = [row.values[measure.field] for row in counted if row.values.get(measure.field) is not None]
    if measure.how == "distinct":
        return Figure(Decimal(len({str(value) for value in values})), numbers)
    if not values:
        return Figure(None, numbers)
    total = sum((Decimal(str(value)) for value in values), Decimal(0))
    return Figure(total if measure.how == "sum" else total / len(values), numbers)


def within(register: Register, first: date, last: date) -> QuerySet[Entry]:
    """Entries that were made in a span of days."""
    span = {"entered_at__gte": start_of(first), "entered_at__lt": end_of(last)}
    return Entry.objects.filter(register=register.name, **span)


def report(register: Register, wanted: Report, viewer: Actor, *, first: date, last: date) -> list[tuple[str, Figure]]:
    """The figure of a report for each value of what it goes by, over what the viewer may see, greatest first."""
    rows = entries(viewer, register).select_related("office").filter(entered_at__lt=end_of(last))
    if wanted.over == "period":
        rows = rows.filter(entered_at__gte=start_of(first))
    groups: dict[str, list[Entry]] = defaultdict(list)
    for row in rows.iterator(chunk_size=2000):
        groups[_group(row, wanted.by)].append(row)
    measure = register.measures[wanted.measure]
    results = [(name, figure(measure, each)) for name, each in groups.items()]
    return sorted(results, key=lambda pair: (-(pair[1].value or 0), pair[0]))


def _group(row: Entry, by: str) -> str:
    if by == "office":
        return row.office.code if row.office else ""
    if by == "month":
        return f"{india_day(row.entered_at):%Y-%m}"
    if by in ("district", "state"):
        return str(getattr(row, by))
    value = row.values.get(by)
    return str(value["answer"] if isinstance(value, dict) and "answer" in value else value or "")


def ranked(register: Register, ranking: Ranking, *, first: date, last: date, offices: Iterable[Office]) -> list[Place]:
    """The offices by their score of 100: each measure counts by its weight beside the best office's figure.

    An office of which a measure says nothing is not assessed and has no rank. Equal scores have the same rank.
    """
    groups: dict[int, list[Entry]] = defaultdict(list)
    for row in within(register, first, last).iterator(chunk_size=2000):
        groups[row.office_id or 0].append(row)
    figures = {
        office: {name: figure(register.measures[name], groups[office.pk]) for name in ranking.weights}
        for office in offices
    }
    best = {
        name: max((each[name].value or Decimal(0) for each in figures.values()), default=Decimal(0))
        for name in ranking.weights
    }
    scored = [(office, _score(each, ranking, best), each) for office, each in figures.items()]
    assessed = sorted((score for _, score, _ in scored if score is not None), reverse=True)
    places = [
        Place(assessed.index(score) + 1 if score is not None else None, office.code, score, each)
        for office, score, each in scored
    ]
    return sorted(places, key=lambda place: (place.rank is None, place.rank or 0, place.office))


def _score(figures: dict[str, Figure], ranking: Ranking, best: dict[str, Decimal]) -> Decimal | None:
    if any(figures[name].value is None for name in ranking.weights) or not any(
        each.numbers for each in figures.values()
    ):
        return None
    whole = sum(ranking.weights.values())
    parts = [
        weight * (figures[name].value or Decimal(0)) / best[name] if best[name] else Decimal(0)
        for name, weight in ranking.weights.items()
    ]
    return (100 * sum(parts, Decimal(0)) / whole).quantize(Decimal("0.1"))


@transaction.atomic
def freeze_ranking(
    register: Register, ranking: Ranking, places: Sequence[Place], *, first: date, last: date, by: Actor, at: datetime
) -> FrozenRanking:
    """Publish a ranking: it stays as it is whatever happens to the entries. Raises Refusal (RGS-05) before its end."""
    if india_day(at) <= last:
        raise Refusal(Finding("RGS-05", {"last_on": last}))
    rows = [
        {
            "rank": place.rank,
            "office": place.office,
            "score": None if place.score is None else str(place.score),
            "figures": {
                name: {"value": None if each.value is None else str(each.value), "entries": list(each.numbers)}
                for name, each in place.figures.items()
            },
        }
        for place in places
    ]
    row, new = FrozenRanking.objects.get_or_create(
        register=register.name, ranking=ranking.name, first_on=first,
        defaults={"last_on": last, "rows": rows, "frozen_at": at},
    )  # fmt: skip
    if new:
        subject = ("register", register.name)
        log_action("register.ranked", subject=subject, by=by, at=at, facts={"ranking": ranking.name, "first_on": first})
    return row
