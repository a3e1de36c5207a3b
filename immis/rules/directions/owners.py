"""Whom a paper names: the names of posts as they are written, matched to those who answer (DIR-02). Never guessed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from immis.rules.policy import PolicyBook
from immis.rules.writing.offices import western_digits, words_of

ALL = "all"
_BETWEEN_LETTERS = re.compile(r"[\s.0\u0970\u0964]+")


@dataclass(frozen=True)
class Answerer:
    """Who answers under a name: the post, whether that of each district, both names; nobody of this house has none."""

    key: str
    names: Mapping[str, str]
    post: str = ""
    every: str = ""
    known_as: tuple[str, ...] = ()

    @property
    def outside(self) -> bool:
        return not self.post


def _even(text: str) -> str:
    return _BETWEEN_LETTERS.sub("", western_digits(text)).lower()


def answerers(policy: PolicyBook, at: datetime) -> Mapping[str, Answerer]:
    """Everybody whom papers name, by key, as DIR-02 has it on a day."""
    written = words_of("minutes")["known_as"]
    return {
        key: Answerer(
            key,
            policy.words("DIR-02", key),
            row.get("post", ""),
            row.get("every", ""),
            tuple(_even(name) for name in written[key]),
        )
        for key, row in policy.value("DIR-02", at).items()
    }


def named_in(text: str, known: Mapping[str, Answerer]) -> list[str]:
    """The keys of those whom a text names, in the order of the text; where names overlap the longest counts."""
    even = _even(text)
    names = sorted(((name, key) for key, row in known.items() for name in row.known_as), key=lambda row: -len(row[0]))
    result: list[tuple[int, str]] = []
    for name, key in names:
        while (place := even.find(name)) >= 0:
            result.append((place, key))
            even = f"{even[:place]}{chr(0) * len(name)}{even[place + len(name) :]}"
    return list(dict.fromkeys(key for _place, key in sorted(result)))


@dataclass(frozen=True)
class Named:
    """Who answers for a point as the paper has it; what the reader is not sure of stands in ``asks``."""

    owners: tuple[str, ...]
    also: tuple[str, ...]
    asks: tuple[str, ...]
    proposed: str = ""


def owners_of(owner: str, text: str, known: Mapping[str, Answerer], *, about_all: bool) -> Named:
    """Who is named as the owner of a point, who else in its text, and what is to be asked.

    ``owner``: nobody is named, or a name that nobody knows; ``also``: its text directs somebody else as well.
    """
    stated = named_in(owner, known)
    also = [key for key in named_in(text, known) if key not in stated]
    asks = ["owner"] if not stated else ["also"] if also else []
    return Named(tuple(stated), tuple(also), tuple(asks), ALL if about_all and not stated else "")
