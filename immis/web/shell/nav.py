"""The navigation: at most seven entries a post, as ``posts.yaml`` names them, each with a count of what waits there.

A part that wants a count names a selector ``count(actor) -> int`` by its dotted
path; it is asked only for readers who see the entry.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from django.urls import resolve, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from immis.core.access.permissions import Actor
from immis.core.grants import may
from immis.rules.marks import nearest
from immis.rules.posts import Post


@dataclass(frozen=True)
class NavItem:
    """One entry: where it leads, its label, and the selector that counts what waits."""

    url_name: str
    label: str | Promise
    count: str = ""
    also: tuple[str, ...] = ()  # pages of another room under these addresses belong to the entry as well


@dataclass(frozen=True)
class Entry:
    """One entry as it is drawn for one reader."""

    url: str
    label: str | Promise
    current: bool
    count: int


#: Pages of rooms that have no entry of their own.
_DESK = ("/messages/", "/registers/", "/entries/", "/things/", "/account/", "/office/tasks/")
#: What lies under these addresses belongs to an entry of its own first: home is the home page alone, the desk the rest.
_WIDE = ("/", "/office/")

_ITEMS = (
    NavItem("home", _("Sand ghats")),
    NavItem("desk", _("My desk"), "immis.enforcement.selectors:waiting_count", _DESK),
    NavItem("auctions", _("Auctions")),
    NavItem("office_auctions", _("Auctions"), "immis.auctions.selectors:undecided_bid_count"),
    NavItem("bidder_home", _("My bids")),
    NavItem("settlee_home", _("My settlements")),
    NavItem("office_leases", _("Settlements")),
    NavItem("office_dues", _("Dues")),
    NavItem("office_payments", _("Payments"), "immis.ledger.selectors:unverified_receipt_count"),
    NavItem("settlee_challans", _("E-challans")),
    NavItem("office_challans", _("E-challans")),
    NavItem("checkpost", _("Check post")),
    NavItem("monitoring", _("Vehicles"), also=("/devices/", "/office/questions/")),
    NavItem("office_cases", _("Cases"), "immis.enforcement.selectors:open_case_count"),
    NavItem("registers", _("Registers"), also=("/things/",)),
    NavItem("verify", _("Check an e-challan")),
    NavItem("devices", _("My vehicles"), also=("/things/",)),
    NavItem("messages", _("Messages"), "immis.messaging.selectors:unread_count"),
    NavItem("law", _("Rules and rates")),
    NavItem("office_offices", _("Offices and people"), also=("/office/data-requests/",)),
    NavItem("log", _("Action log")),
    NavItem("installation", _("Installation")),
)
#: Every entry that the menu of a post may name.
NAV: dict[str, NavItem] = {item.url_name: item for item in _ITEMS}


@cache
def _counter(path: str) -> Callable[[Actor], int]:
    module, _dot, name = path.partition(":")
    return getattr(import_module(module), name)


def items_of(post: Post) -> list[NavItem]:
    """The entries of a post, in the order of its menu. Raises LookupError for an entry that there is not."""
    if unknown := [name for name in post.menu if name not in NAV]:
        raise LookupError(f"the menu of {post.code} names {unknown[0]!r}; {nearest(unknown[0], NAV)}")
    return [NAV[name] for name in post.menu]


def entries_for(actor: Actor, path: str, drawn_by: str = "") -> list[Entry]:
    """The navigation of one reader, with the entry of this page marked; ``drawn_by`` is the module of its view."""
    return list(_entries(actor, path, drawn_by))


def _opens(actor: Actor, url: str) -> bool:
    grant = getattr(resolve(url).func, "page_grant", None)
    return grant is None or may(actor, grant)


def _entries(actor: Actor, path: str, drawn_by: str) -> Iterable[Entry]:
    placed = [(reverse(item.url_name), item) for item in items_of(actor.post)]
    if actor.only is not None:  # who acts within limits finds no entry that would turn him away
        placed = [(url, item) for url, item in placed if _opens(actor, url)]
    here = _here(placed, path, drawn_by)
    for url, item in placed:
        yield Entry(url, item.label, url == here, _counter(item.count)(actor) if item.count else 0)


def _here(placed: Sequence[tuple[str, NavItem]], path: str, drawn_by: str) -> str | None:
    """The entry of a page: whose address it lies under, else whose room draws it for the same readers, or the desk."""
    under = [
        url
        for url, item in placed
        if path == url or (url not in _WIDE and path.startswith(url)) or path.startswith(item.also or ("\0",))
    ]
    room = _room(drawn_by)
    beside = under or [url for url, _item in placed if room and url not in _WIDE and _room_of(url) == room]
    desk = [url for url, _item in placed if url == "/office/" and path.startswith(url)]
    return max(beside or desk, key=len, default=None)


def _room(module: str) -> tuple[str, str] | None:
    """The room of a view and its readers: ``leases`` and ``office`` of ``immis.web.leases.office_prices``."""
    parts = module.split(".")
    return (parts[2], parts[-1].partition("_")[0]) if parts[:2] == ["immis", "web"] else None


@cache
def _room_of(url: str) -> tuple[str, str] | None:
    return _room(resolve(url).func.__module__)
