"""Finding records by what somebody typed: the index filters by his reach, each row is confirmed by its noun."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound, NotPermitted
from immis.core.grants import may
from immis.rules.search.words import Wanted
from immis.search.declared import SEARCHED, Searched
from immis.search.engines import Rows, rows_of
from immis.search.models import SearchRow
from immis.search.tokens import Expression, question, rank, secret_question

#: How many rows of one noun are looked at for those that fit best.
_LOOKED_AT = 60
Reaches = Mapping[str, Sequence[str] | None]


@dataclass(frozen=True)
class Hit:
    """A record that was meant: its noun, its number, the record, and how well it fits (0 best)."""

    kind: str
    number: str
    record: Any
    rank: int
    by_secret: bool = False


def hits(
    viewer: Actor,
    wanted: Wanted,
    *,
    most: int,
    kinds: Collection[str] | None = None,
    in_all: int | None = None,
    secrets: bool = False,
) -> list[Hit]:
    """Records that a typed text may mean and that this viewer may see: the best first, at most so many of each noun.

    What fits alike stands in the order of ``kinds``. ``in_all`` ends it with so many of all nouns. With ``secrets``
    also those of a person whose whole phone or PAN was typed, for who may see it.
    """
    asked = [SEARCHED[kind] for kind in (SEARCHED if kinds is None else kinds)]
    reach = {row.kind: row.reach_of(viewer) for row in asked}
    ranked = _by_secret(viewer, wanted, asked, reach) if secrets else []
    ranked += _by_words(wanted, asked, reach)
    results: dict[tuple[str, str], Hit] = {}
    counts: Counter[str] = Counter()
    for hit in sorted(ranked, key=lambda hit: hit.rank):
        if in_all is not None and len(results) == in_all:
            break
        if (hit.kind, hit.number) not in results and counts[hit.kind] < most and (seen := _confirmed(hit, viewer)):
            results[hit.kind, hit.number] = seen
            counts[hit.kind] += 1
    return list(results.values())


def _by_words(wanted: Wanted, asked: Sequence[Searched], reach: Reaches) -> list[Hit]:
    """The rows that bear the number or the words, as yet unconfirmed."""
    rows = _rows(asked, lambda row: question(row, wanted, reach[row.kind]))
    full = [row for row in asked if len(rows.get(row.kind, ())) == _LOOKED_AT and wanted.keys]
    whole = Wanted(wanted.text, keys=wanted.keys)  # a whole number does not drown in what begins alike
    exact = _rows(full, lambda row: question(row, whole, reach[row.kind]))
    return [
        Hit(row.kind, number, None, rank(row, wanted, body))
        for row in asked
        for number, body in (*exact.get(row.kind, ()), *rows.get(row.kind, ()))
    ]


def _by_secret(viewer: Actor, wanted: Wanted, asked: Sequence[Searched], reach: Reaches) -> list[Hit]:
    may_look = [row for row in asked if row.secrets_for and may(viewer, row.secrets_for)]
    rows = _rows(may_look, lambda row: secret_question(row, wanted, reach[row.kind]))
    return [Hit(kind, number, None, 0, by_secret=True) for kind, each in rows.items() for number, _body in each]


def _rows(asked: Iterable[Searched], ask: Callable[[Searched], Expression | None]) -> Rows:
    questions = {row.kind: expression for row in asked if (expression := ask(row)) is not None}
    return rows_of(questions, most=_LOOKED_AT)


def _confirmed(hit: Hit, viewer: Actor) -> Hit | None:
    """The same with its record, if the noun itself gives it to this viewer."""
    try:
        return replace(hit, record=SEARCHED[hit.kind].record(hit.number, viewer))
    except (NotFound, NotPermitted):
        return None


def row_counts() -> dict[str, int]:
    """How many rows the index has of each noun."""
    return dict(SearchRow.objects.order_by("kind").values_list("kind").annotate(n=Count("pk")))
