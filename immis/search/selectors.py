"""Finding records by what somebody typed: the index filters by his reach, each row is confirmed by its noun."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound, NotPermitted
from immis.core.grants import may
from immis.rules.search.words import Wanted
from immis.search.declared import SEARCHED, Searched
from immis.search.engines import rows_of
from immis.search.models import SearchRow
from immis.search.tokens import question, rank, secret_question

#: How many rows of one noun are looked at for those that fit best.
_LOOKED_AT = 60


@dataclass(frozen=True)
class Hit:
    """A record that was meant: its noun, its number, the record, and how well it fits (0 best)."""

    kind: str
    number: str
    record: Any
    rank: int
    by_secret: bool = False


def hits(
    viewer: Actor, wanted: Wanted, *, most: int, kinds: Collection[str] | None = None, secrets: bool = False
) -> list[Hit]:
    """The records that a typed text may mean and that this viewer may see, at most so many of each noun.

    With ``secrets`` also those of a person whose whole phone or PAN was typed, for who may see it.
    """
    rows: list[Hit] = []
    for searched in SEARCHED.values():
        if kinds is None or searched.kind in kinds:
            rows += _of_noun(viewer, searched, wanted, most=most, secrets=secrets)
    return sorted(rows, key=lambda hit: hit.rank)


def _of_noun(viewer: Actor, searched: Searched, wanted: Wanted, *, most: int, secrets: bool) -> list[Hit]:
    reach = searched.reach_of(viewer)
    results: list[Hit] = []
    if secrets and searched.secrets_for and may(viewer, searched.secrets_for):
        by_secret = secret_question(searched, wanted, reach)
        rows = rows_of(by_secret, most=_LOOKED_AT) if by_secret else []
        results += _confirmed(viewer, searched, ((number, 0) for number, _body in rows), most=most, by_secret=True)
    asked = question(searched, wanted, reach)
    rows = rows_of(asked, most=_LOOKED_AT) if asked else []
    if len(rows) == _LOOKED_AT and wanted.keys:  # a whole number does not drown in what begins alike
        exact = question(searched, Wanted(wanted.text, keys=wanted.keys), reach)
        rows = [*(rows_of(exact, most=most) if exact else ()), *rows]
    best = {number: rank(searched, wanted, body) for number, body in rows}
    taken = {hit.number for hit in results}
    ranked = sorted((place, order, number) for order, (number, place) in enumerate(best.items()) if number not in taken)
    return results + _confirmed(viewer, searched, ((number, place) for place, _, number in ranked), most=most)


def _confirmed(
    viewer: Actor, searched: Searched, rows: Iterable[tuple[str, int]], *, most: int, by_secret: bool = False
) -> list[Hit]:
    """The rows that the noun itself gives to this viewer, the first so many."""
    results: list[Hit] = []
    for number, place in rows:
        if len(results) == most:
            break
        try:
            record = searched.record(number, viewer)
        except (NotFound, NotPermitted):
            continue
        results.append(Hit(searched.kind, number, record, place, by_secret))
    return results


def row_counts() -> dict[str, int]:
    """How many rows the index has of each noun."""
    from django.db.models import Count

    return dict(SearchRow.objects.order_by("kind").values_list("kind").annotate(n=Count("pk")))
