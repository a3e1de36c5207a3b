"""One skeleton of a record: identity and state, one reason with one act, tabs, what is linked with counts, next dates.

A page builds a ``Record`` and draws ``record.html``; its tabs are fragments of its own. All tabs stand in the page, so
that it reads and prints whole without a script; the address behind ``#`` opens one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import NoReverseMatch, resolve, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from immis.core.access.permissions import Actor
from immis.core.grants import may
from immis.web.shell.components import Action, ReasonCard

Words = str | Promise

#: The tabs of every record, in their order; a record leaves out those that it has nothing for.
TABS: dict[str, Words] = {
    "summary": _("Summary"),
    "money": _("Money"),
    "approvals": _("Approvals"),
    "movement": _("Movement"),
    "cases": _("Cases"),
    "orders": _("Orders"),
    "history": _("History"),
}


@dataclass(frozen=True)
class Tab:
    """One tab: which of ``TABS``, the fragment that fills it, and how many matters in it ask for a look."""

    key: str
    template: str
    count: int = 0

    @property
    def label(self) -> Words:
        return TABS[self.key]


@dataclass(frozen=True)
class Link:
    """Another record or list that belongs to this one, with how many or in which state."""

    label: Words
    url: str
    count: int | str = ""
    chip: tuple[str, Any] | None = None


@dataclass(frozen=True)
class NextDate:
    """A day that is coming for this record."""

    label: Words
    on: date | datetime
    state: str = "plain"


@dataclass(frozen=True)
class Record:
    """A record as its page draws it; the first reason is the one that counts."""

    name: str
    number: str
    chip: tuple[str, Any]
    tabs: Sequence[Tab]
    facts: Sequence[Words] = ()
    reasons: Sequence[ReasonCard] = ()
    main: Action | None = None  # the main act where no reason has one
    links: Sequence[Link] = ()
    dates: Sequence[NextDate] = ()

    @property
    def reason(self) -> ReasonCard | None:
        return self.reasons[0] if self.reasons else None

    @property
    def further_reasons(self) -> Sequence[ReasonCard]:
        return self.reasons[1:]

    @property
    def main_acts(self) -> Sequence[Action]:
        return (self.main_act,) if self.main_act else ()

    @property
    def main_act(self) -> Action | None:
        """The one main act, where the reason does not bring one."""
        return None if self.reason and any(act.primary for act in self.reason.actions) else self.main


def link_to(viewer: Actor, label: Words, page: str, *args: Any, query: str = "", **more: Any) -> Link | None:
    """A link to a page that this viewer may open; None for another one, and for one that is not there."""
    try:
        url = reverse(page, args=args)
    except NoReverseMatch:
        return None
    grant = getattr(resolve(url).func, "page_grant", None)
    if grant is not None and not may(viewer, grant):
        return None
    return Link(label, f"{url}?{query}" if query else url, **more)


def links(*rows: Link | None) -> list[Link]:
    """Those of some links that are open to the viewer and lead to something."""
    return [row for row in rows if row is not None and row.count != 0]


def coming(rows: Iterable[tuple[Words, date | None, bool]], *, today: date, most: int = 4) -> list[NextDate]:
    """The next days of some (label, day, whether it presses), soonest first; past ones are left out."""
    dated = [(label, on, presses) for label, on, presses in rows if on is not None and on >= today]
    dated.sort(key=lambda row: row[1])
    return [NextDate(label, on, "warn" if presses else "plain") for label, on, presses in dated[:most]]
