"""Lots, notices and orders on auctions as nouns: their records, their names, and the pages that draw their acts."""

from immis.auctions import selectors
from immis.auctions.models import AuctionOrder, Lot, Notice, TechnicalBid
from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.nouns import Noun, Page, declare_noun
from immis.reading import whole_number


def _lot(code: str, by: Actor) -> Lot:
    """A real lot of the office's reach."""
    lot = selectors.lot_of(code)
    if lot.mock or not by.sees_district(lot.district):
        raise NotFound(f"lot {code}")
    return lot


def _notice(number: str, by: Actor) -> Notice:
    return selectors.notice_of(whole_number(number) or 0, by)


def _application(number: str, by: Actor) -> TechnicalBid:
    return selectors.technical_bid_of(whole_number(number) or 0, by)


def _order(number: str, by: Actor) -> AuctionOrder:
    return selectors.order_of(whole_number(number) or 0, by)


declare_noun(
    Noun(
        name="lot",
        find=_lot,
        number=lambda lot: lot.code,
        pages={"after": ("office_after",), "orders": ("auction_orders",)},
        address="lots",
        page=lambda number, facts: Page("office_after", (number,)),
    )
)
declare_noun(
    Noun(
        name="notice",
        find=_notice,
        number=lambda notice: str(notice.pk),
        pages={"notice": ("office_notice",)},
        address="notices",
    )
)
declare_noun(Noun("debarment"))
declare_noun(
    Noun(
        name="application",
        find=_application,
        number=lambda bid: str(bid.pk),
        pages={"application": (), "papers": ()},  # drawn on the page of its lot
        address="applications",
    )
)
declare_noun(
    Noun(
        name="auction_order",
        find=_order,
        number=lambda order: str(order.pk),
        pages={"order": ()},  # drawn on the page of its auction's orders
        address="auction-orders",
    )
)
