"""The ways through the house, declared once: groups, their lists, and what stands under each list.

A room declares its lists in its ``lists.py``; the navigation, the crumbs, the page of new things and the search read
them from here. A module that adds a list adds no menu: it names the group.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import import_module
from pkgutil import iter_modules
from typing import Literal

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from immis import web

Audience = Literal["officer", "party", "public", "own"]


@dataclass(frozen=True)
class Group:
    """One of the few groups of a reader's navigation; ``icon`` is the path of its drawing, 20 units wide.

    ``bar`` is its name in the bottom bar of a phone; without one it lies behind "more".
    """

    code: str
    audience: Audience
    label: str | Promise
    icon: str
    bar: str | Promise = ""


@dataclass(frozen=True)
class Form:
    """A form that has an address of its own and needs no record first; ``verb`` is the heading that it stands under."""

    url_name: str
    label: str | Promise
    args: tuple[str, ...] = ()
    verb: str = "enter"


@dataclass(frozen=True)
class Way:
    """One list of a group and what stands under it.

    ``group`` is ``<audience>.<code>``, ``rank`` its place in it; ``record`` the pages of one row by its number, the
    first its own page; ``parts`` pages of a row or of the list, with their names; ``forms`` begin something new.
    ``nouns`` are chosen here before something is done to them; ``count`` is a selector ``count(actor) -> int``
    of what waits; ``called`` the noun whose title names a row, where its number says nothing to a reader.
    ``hidden``: reached from its group's other lists, no tab of its own.
    """

    url_name: str
    label: str | Promise
    group: str
    rank: int
    record: tuple[str, ...] = ()
    parts: Mapping[str, str | Promise] = field(default_factory=dict)
    forms: tuple[Form, ...] = ()
    nouns: tuple[str, ...] = ()
    count: str = ""
    called: str = ""
    hidden: bool = False

    @cached_property
    def url(self) -> str:
        return reverse(self.url_name)

    def stands_under(self) -> set[str]:
        """The names of all pages that belong to the list."""
        return {self.url_name, *self.record, *self.parts, *(form.url_name for form in self.forms if not form.args)}


_GROUPS = (
    Group("desk", "officer", _("My desk"), "M3 5h14v8H3zM7 17h6M10 13v4", _("Desk")),
    Group("mining", "officer", _("Mining"), "M2 16l5-9 4 6 3-4 4 7z"),
    Group("money", "officer", _("Money"), "M3 6h14v9H3zM10 8.5a2 2 0 100 4 2 2 0 000-4"),
    Group("movement", "officer", _("Movement"), "M2 6h9v7H2zM11 9h4l3 3v1h-7zM5 15a1 1 0 100-1M14 15a1 1 0 100-1"),
    Group("enforcement", "officer", _("Enforcement"), "M10 3v14M4 6h12M4 6l-2 5h4zM16 6l-2 5h4z"),
    Group("office", "officer", _("Office"), "M4 17V4h8v13M12 8h4v9M6.5 7h3M6.5 10h3M6.5 13h3"),
    Group("boards", "officer", _("Boards and reports"), "M3 17V9M8 17V4M13 17v-6M18 17H2"),
    Group("today", "party", _("Today"), "M3 5h14v12H3zM3 9h14M7 3v4M13 3v4", _("Today")),
    Group("challans", "party", _("E-challans"), "M2 6h9v7H2zM11 9h4l3 3v1h-7z", _("E-challan")),
    Group("payments", "party", _("Payments"), "M3 6h14v9H3zM10 8.5a2 2 0 100 4 2 2 0 000-4", _("Payment")),
    Group("leases", "party", _("Settlements"), "M2 16l5-9 4 6 3-4 4 7z", _("Settlement")),
    Group("bids", "party", _("Auctions"), "M3 17h9M5 11l6-6 4 4-6 6zM8 8l4 4"),
    Group("vehicles", "party", _("Vehicles"), "M5 15a1 1 0 100-1M14 15a1 1 0 100-1M2 6h9v7H2zM11 9h4l3 3v1h-7z"),
    Group("firm", "party", _("The firm"), "M4 17V4h8v13M12 8h4v9M6.5 7h3M6.5 10h3"),
    Group("check", "public", _("Check an e-challan"), "M4 10l4 4 8-9", _("Check an e-challan")),
    Group("ghats", "public", _("Ghats and prices"), "M2 16l5-9 4 6 3-4 4 7z", _("Ghats and prices")),
    Group("auctions", "public", _("Auctions"), "M3 17h9M5 11l6-6 4 4-6 6zM8 8l4 4", _("Auctions")),
    Group("complaints", "public", _("Complaints"), "M4 4h12v9H9l-4 3v-3H4z", _("Complaint")),
    Group("help", "public", _("Help"), "M10 14v.1M8 8a2 2 0 114 0c0 2-2 2-2 4"),
    Group("law", "public", _("Rules and rates"), "M4 4h9l3 3v10H4zM7 9h6M7 12h6"),
    Group("account", "own", _("My account"), "M10 4a3 3 0 100 6 3 3 0 000-6M4 17q6-8 12 0"),
    Group("way", "own", _("The house"), "M4 10h.1M10 10h.1M16 10h.1"),
)
#: The groups by ``<audience>.<code>``, in the order in which readers see them.
GROUPS: Mapping[str, Group] = {f"{group.audience}.{group.code}": group for group in _GROUPS}


@cache
def lists() -> tuple[Way, ...]:
    """Every declared list, by group and rank. Raises ValueError for a group that there is not, or a page twice."""
    rows: list[Way] = []
    for room in iter_modules(web.__path__):
        if room.ispkg and any(part.name == "lists" for part in iter_modules([f"{web.__path__[0]}/{room.name}"])):
            rows += import_module(f"{web.__name__}.{room.name}.lists").LISTS
    order = list(GROUPS)
    if unknown := [row for row in rows if row.group not in GROUPS]:
        raise ValueError(f"{unknown[0].url_name} is in the group {unknown[0].group!r}; there are {', '.join(order)}")
    return tuple(sorted(rows, key=lambda row: (order.index(row.group), row.rank)))


@cache
def by_page() -> Mapping[tuple[str, str], Way]:
    """The list to which a page belongs, by audience and name of the page. Raises ValueError for one under two lists."""
    known: dict[tuple[str, str], Way] = {}
    for row in lists():
        for name in sorted(row.stands_under()):
            key = (GROUPS[row.group].audience, name)
            if known.setdefault(key, row) is not row:
                raise ValueError(f"the page {name} stands under {known[key].url_name} and under {row.url_name}")
    return known
