"""The navigation: at most seven entries a post, as ``posts.yaml`` names them, each with a count of what waits there.

A part that wants a count names a selector ``count(actor) -> int`` by its dotted
path; it is asked only for readers who see the entry.
"""

from collections.abc import Callable, Iterable
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
    also: tuple[str, ...] = ()  # pages under these addresses belong to the entry as well


@dataclass(frozen=True)
class Entry:
    """One entry as it is drawn for one reader."""

    url: str
    label: str | Promise
    current: bool
    count: int


_DESK = (
    "/messages/",
    "/registers/",
    "/entries/",
    "/office/pans/",
    "/office/accounts/",
    "/things/",
    "/office/deliveries/",
    "/office/contacts/",
    "/office/sms-texts/",
    "/account/",
)
#: Pages of the account that stand under no entry of their own.
_MONEY = ("/office/dues/", "/office/demands/", "/office/scrolls/", "/office/claims/", "/office/refunds/")
_AUCTION = ("/office/notices/", "/office/eproc/", "/office/registers/")
_SETTLEMENT = ("/office/holds/", "/office/suspensions/", "/office/prices/", "/office/ghats/")

_PEOPLE = ("/office/people/", "/office/charges/", "/office/handovers/", "/office/looks/", "/office/data-requests/")

_ITEMS = (
    NavItem("home", _("Sand ghats")),
    NavItem("desk", _("My desk"), "immis.enforcement.selectors:waiting_count", _DESK),
    NavItem("auctions", _("Auctions")),
    NavItem("office_auctions", _("Auctions"), "immis.auctions.selectors:undecided_bid_count", _AUCTION),
    NavItem("bidder_home", _("My bids")),
    NavItem("settlee_home", _("My settlements")),
    NavItem("office_leases", _("Settlements"), also=_SETTLEMENT),
    NavItem("office_dues", _("Dues"), also=_MONEY),
    NavItem("office_payments", _("Payments"), "immis.ledger.selectors:unverified_receipt_count", _MONEY),
    NavItem("settlee_challans", _("E-challans")),
    NavItem("office_challans", _("E-challans")),
    NavItem("checkpost", _("Check post")),
    NavItem("monitoring", _("Vehicles"), also=("/devices/", "/fences/", "/office/questions/")),
    NavItem("office_cases", _("Cases"), "immis.enforcement.selectors:open_case_count"),
    NavItem("registers", _("Registers"), also=("/entries/", "/things/")),
    NavItem("verify", _("Check an e-challan")),
    NavItem("devices", _("My vehicles"), also=("/things/",)),
    NavItem("messages", _("Messages"), "immis.messaging.selectors:unread_count"),
    NavItem("law", _("Rules and rates")),
    NavItem("office_offices", _("Offices and people"), also=_PEOPLE),
    NavItem("log", _("Action log"), also=("/office/offices/", *_PEOPLE)),
    NavItem("office_posts", _("Posts and what they may do")),
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


def entries_for(actor: Actor, path: str) -> list[Entry]:
    """The navigation of one reader, with the entry of this page marked."""
    return list(_entries(actor, path))


def _opens(actor: Actor, url: str) -> bool:
    grant = getattr(resolve(url).func, "page_grant", None)
    return grant is None or may(actor, grant)


def _entries(actor: Actor, path: str) -> Iterable[Entry]:
    placed = [(reverse(item.url_name), item) for item in items_of(actor.post)]
    if actor.only is not None:  # who acts within limits finds no entry that would turn him away
        placed = [(url, item) for url, item in placed if _opens(actor, url)]
    inside = [
        url
        for url, item in placed
        if path == url or (url != "/" and path.startswith(url)) or path.startswith(item.also or ("\0",))
    ]
    here = max(inside, key=len, default=None)
    for url, item in placed:
        yield Entry(url, item.label, url == here, _counter(item.count)(actor) if item.count else 0)
