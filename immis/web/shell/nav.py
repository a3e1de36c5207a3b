"""The navigation: at most seven entries a role, each with a count of what waits there.

A part that wants a count names a selector ``count(actor) -> int`` by its dotted
path; it is asked only for readers who see the entry.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from immis.core.permissions import Actor, Role


@dataclass(frozen=True)
class NavItem:
    """One entry: where it leads, its label, who sees it, and the selector that counts what waits."""

    url_name: str
    label: str | Promise
    roles: tuple[Role, ...]
    count: str = ""
    also: tuple[str, ...] = ()  # pages under these addresses belong to the entry as well


@dataclass(frozen=True)
class Entry:
    """One entry as it is drawn for one reader."""

    url: str
    label: str | Promise
    current: bool
    count: int


_PUBLIC, _PARTY, _HQ, _MON, _CHECK = Role.PUBLIC, Role.PARTY, Role.HQ, Role.MONITORING, Role.CHECKPOST
_DISTRICT = (Role.DISTRICT, Role.COLLECTOR)

_DESK = ("/messages/", "/registers/", "/entries/", "/office/pans/")
#: Pages of the account that stand under no entry of their own.
_MONEY = ("/office/dues/", "/office/demands/", "/office/scrolls/", "/office/claims/", "/office/refunds/")
_AUCTION = ("/office/notices/", "/office/eproc/", "/office/registers/")
_SETTLEMENT = ("/office/holds/", "/office/suspensions/", "/office/prices/", "/office/ghats/")

NAV: tuple[NavItem, ...] = (
    NavItem("home", _("Sand ghats"), (_PUBLIC,)),
    NavItem("desk", _("My desk"), (*_DISTRICT, _HQ), "immis.enforcement.selectors:waiting_count", _DESK),
    NavItem("auctions", _("Auctions"), (_PUBLIC, _PARTY)),
    NavItem("office_auctions", _("Auctions"), _DISTRICT, "immis.auctions.selectors:undecided_bid_count", _AUCTION),
    NavItem("bidder_home", _("My bids"), (_PARTY,)),
    NavItem("settlee_home", _("My settlements"), (_PARTY,)),
    NavItem("office_leases", _("Settlements"), (*_DISTRICT, _HQ), also=_SETTLEMENT),
    NavItem("office_dues", _("Dues"), (_HQ,), also=_MONEY),
    NavItem("office_payments", _("Payments"), _DISTRICT, "immis.ledger.selectors:unverified_receipt_count", _MONEY),
    NavItem("settlee_challans", _("E-challans"), (_PARTY,)),
    NavItem("office_challans", _("E-challans"), (*_DISTRICT, _MON)),
    NavItem("checkpost", _("Check post"), (_CHECK,)),
    NavItem("monitoring", _("Vehicles"), (*_DISTRICT, _HQ, _MON), also=("/devices/", "/fences/", "/office/questions/")),
    NavItem("office_cases", _("Cases"), (*_DISTRICT, _HQ, _MON), "immis.enforcement.selectors:open_case_count"),
    NavItem("registers", _("Registers"), (_MON, _CHECK), also=("/entries/",)),
    NavItem("verify", _("Check an e-challan"), (_PUBLIC, _CHECK)),
    NavItem("devices", _("My vehicles"), (_PARTY,)),
    NavItem("messages", _("Messages"), (_PARTY, _MON, _CHECK), "immis.messaging.selectors:unread_count"),
    NavItem("law", _("Rules and rates"), (_PUBLIC, _HQ)),
    NavItem("log", _("Action log"), (_HQ,)),
)


@cache
def _counter(path: str) -> Callable[[Actor], int]:
    module, _dot, name = path.partition(":")
    return getattr(import_module(module), name)


def items_of(role: Role) -> list[NavItem]:
    """The entries of a role, in the order of the list."""
    return [item for item in NAV if role in item.roles]


def entries_for(actor: Actor, path: str) -> list[Entry]:
    """The navigation of one reader, with the entry of this page marked."""
    return list(_entries(actor, path))


def _entries(actor: Actor, path: str) -> Iterable[Entry]:
    placed = [(reverse(item.url_name), item) for item in items_of(actor.role)]
    inside = [
        url
        for url, item in placed
        if path == url or (url != "/" and path.startswith(url)) or path.startswith(item.also or ("\0",))
    ]
    here = max(inside, key=len, default=None)
    for url, item in placed:
        yield Entry(url, item.label, url == here, _counter(item.count)(actor) if item.count else 0)
