"""What a complaint is about, by the page from which it was begun: its address, its number, its district."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.urls import Resolver404, ResolverMatch, resolve

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound, NotPermitted
from immis.core.nouns import NOUNS
from immis.registry.selectors import working_districts
from immis.rules.policy import book
from immis.web.shell.nav import place_of
from immis.web.shell.ways import Way

_MOST_LETTERS = 200
_ARGUMENT = re.compile(r"<[^>]+>")


@dataclass(frozen=True)
class AboutPage:
    """A page of this house: its address without what is asked of it, the number of its record, its district."""

    path: str = ""
    number: str = ""
    district: str = ""
    rule: str = ""

    @property
    def values(self) -> dict[str, str]:
        """As the fields of a complaint take it; what is unknown is left out."""
        known = {"page": self.path, "about": self.number, "refused_by": self.rule}
        return {name: value for name, value in known.items() if value}


def about_page(viewer: Actor, page: str, rule: str = "") -> AboutPage:
    """What is known of a page by the address that a reader's browser sent; of none of ours nothing is."""
    code = rule if rule in book().entries else ""
    path = urlsplit(page[:_MOST_LETTERS]).path if page.startswith("/") and not page.startswith("//") else ""
    try:
        match = resolve(path) if path else None
    except Resolver404:
        match = None
    if match is None:
        return AboutPage(path, rule=code)  # a page that there is not: just this is the problem
    row = place_of(viewer, match).row
    named = row is not None and bool(row.record or row.nouns)
    number = str(next(iter(match.kwargs.values()), ""))[:60] if named else ""
    path = _without_secrets(match, number)
    return AboutPage(path, number, _district(viewer, row, number) if row and number else "", code)


def _without_secrets(match: ResolverMatch, number: str) -> str:
    """The address of a page with the number of its record; what else stands in it may be a key, and is left out."""
    return "/" + _ARGUMENT.sub("…", _ARGUMENT.sub(number or "…", match.route, count=1))


def _district(viewer: Actor, row: Way, number: str) -> str:
    """Where the record lies that a page shows this reader; empty where it shows him none, or the State's."""
    for name in filter(None, (row.called, *row.nouns)):
        noun: Any = NOUNS.get(name)
        if noun is None or noun.find is None:
            continue
        try:
            district = noun.district(noun.find(number, viewer)) or ""
        except (NotFound, NotPermitted):
            continue
        return district if district in working_districts() else ""
    return ""
