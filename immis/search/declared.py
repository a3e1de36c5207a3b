"""How the records of a noun are found by typing: declared once, beside the noun. Howto:
``docs/howto/make-a-noun-found-by-search.md``."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from immis.core.access.permissions import Actor
from immis.core.grants import reach_of
from immis.core.nouns import NOUNS

#: Numbers of records that a subject of news changes, by the number of the subject.
Follows = Callable[[str], Iterable[str]]


@dataclass(frozen=True)
class Handles:
    """What one record is found by.

    ``names`` are searched word by word, in both scripts; ``numbers`` whole, in any writing, and by their parts, those
    of other records that it belongs to are ``related``;
    ``secrets`` (phone, PAN, by kind) only whole, by who may see them: the index has a keyed hash of them.
    ``districts``, ``party_id`` and ``offices`` say within whose reach it lies, ``reach`` what a noun keeps beside.
    """

    names: Sequence[str] = ()
    numbers: Sequence[str] = ()
    related: Sequence[str] = ()
    secrets: Mapping[str, Sequence[str]] = field(default_factory=dict)
    districts: Sequence[str] = ()
    party_id: int | None = None
    offices: Sequence[int] = ()
    reach: Sequence[str] = ()

    def reach_keys(self) -> tuple[str, ...]:
        """Within whose reach it lies, as the index keeps it."""
        own = [f"p{self.party_id}"] if self.party_id else []
        return (*map(district_key, self.districts), *own, *(f"o{pk}" for pk in self.offices), *self.reach)


@dataclass(frozen=True)
class Searched:
    """How the records of a noun are found.

    ``mark`` is the noun's mark in the index, two small letters that no other has and that never change. ``records``
    are all of its records, ``by`` the field of their number, ``handles`` what one is found by (None: not at all).
    ``grant`` reaches those that a viewer sees; empty: everybody sees all. ``reach`` answers the reach of a viewer where
    a grant alone does not say it: keys of which a record has one, none for nothing, None for all. ``find`` confirms
    each row that is drawn; without it the noun's own. ``secrets_for`` is the grant of who may look a person up by phone
    or PAN. ``follows``: news about which other nouns changes what records are found by. ``by_whole_number``: so many
    records that only a whole number or plate finds one, not the letters with which all their numbers begin.
    """

    kind: str
    mark: str
    records: Callable[[], QuerySet[Any]]
    by: str
    handles: Callable[[Any], Handles | None]
    grant: str = ""
    reach: Callable[[Actor], Sequence[str] | None] | None = None
    find: Callable[[str, Actor], Any] | None = None
    secrets_for: str = ""
    follows: Mapping[str, Follows] = field(default_factory=dict)
    by_whole_number: bool = False

    def reach_of(self, viewer: Actor) -> Sequence[str] | None:
        """Keys of which a record has one that the viewer may see; None: he sees all."""
        if self.reach is not None:
            return self.reach(viewer)
        return granted(viewer, self.grant) if self.grant else None

    def record(self, number: str, viewer: Actor) -> Any:
        """The record, as its noun gives it to this viewer; raises NotFound where it does not."""
        find = self.find or NOUNS[self.kind].find
        assert find is not None, f"the noun {self.kind} tells no record"
        return find(number, viewer)


SEARCHED: dict[str, Searched] = {}
_MORE: dict[str, dict[str, list[Follows]]] = {}


def declare_search(searched: Searched) -> Searched:
    """Have the records of a noun found. Raises ValueError for a second declaration, or a mark that is taken."""
    marks = {row.mark: row.kind for row in SEARCHED.values()}
    if (
        len(searched.mark) != 2
        or not searched.mark.isalpha()
        or marks.get(searched.mark, searched.kind) != searched.kind
    ):
        raise ValueError(f"the mark {searched.mark!r} of {searched.kind} is no mark, or another noun's")
    if SEARCHED.setdefault(searched.kind, searched) != searched:
        raise ValueError(f"how {searched.kind} is found is declared twice")
    for subject, numbers in searched.follows.items():
        follow(searched.kind, subject, numbers)
    return searched


def follow(kind: str, subject: str, numbers: Follows) -> None:
    """Have news about a subject looked at for the records of a noun: for a domain that stands higher than the noun."""
    _MORE.setdefault(subject, {}).setdefault(kind, []).append(numbers)


def changed_by(subject: str, number: str) -> list[tuple[str, str]]:
    """The records (noun, number) that news about a subject may change in the index."""
    rows = [(subject, number)] if subject in SEARCHED else []
    for kind, ways in _MORE.get(subject, {}).items():
        rows += [(kind, other) for numbers in ways for other in numbers(number)]
    return rows


def district_key(district: str) -> str:
    """A district as the index keeps it: small letters and digits alone."""
    return "d" + "".join(letter for letter in district.casefold() if letter.isalnum() and letter.isascii())


def granted(viewer: Actor, grant: str) -> Sequence[str] | None:
    """The reach of a grant as keys of the index; None: all of the State, nothing for who does not hold it."""
    reach = reach_of(viewer, grant)
    if reach == "state":
        return None
    if reach == "division":
        return [district_key(name) for name in sorted(viewer.districts)]
    own = {
        "district": district_key(viewer.district) if viewer.district else "",
        "own_party": f"p{viewer.party_id}" if viewer.party_id else "",
        "own_office": f"o{viewer.office_id}" if viewer.office_id else "",
    }.get(reach, "")
    return [own] if own else []
