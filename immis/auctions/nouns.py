"""Lots, notices and orders on auctions as nouns: their records, their names, and the pages that draw their acts."""

from operator import attrgetter

from immis.auctions import selectors
from immis.auctions.models import AuctionOrder, EprocExport, Lot, Notice, TechnicalBid
from immis.auctions.selectors.eproc import export_of
from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.nouns import Noun, Page, declare_noun
from immis.reading import whole_number
from immis.search.declared import Handles, Searched, declare_search, follow


def _lot(code: str, by: Actor) -> Lot:
    """A real lot of the office's reach; bidders see every one."""
    lot = selectors.lot_of(code)
    if lot.mock or not (by.party_id or by.sees_district(lot.district)):
        raise NotFound(f"lot {code}")
    return lot


def _notice(number: str, by: Actor) -> Notice:
    return selectors.notice_of(whole_number(number) or 0, by)


def _application(number: str, by: Actor) -> TechnicalBid:
    return selectors.technical_bid_of(whole_number(number) or 0, by)


def _export(number: str, by: Actor) -> EprocExport:
    return export_of(whole_number(number) or 0, by)


def _order(number: str, by: Actor) -> AuctionOrder:
    return selectors.order_of(whole_number(number) or 0, by)


declare_noun(
    Noun(
        name="lot",
        find=_lot,
        number=lambda lot: lot.code,
        pages={
            "after": ("office_after",),
            "orders": ("auction_orders",),
            "apply": ("bidder_lot",),
            "bid": (),  # the auction room draws it as it runs
        },
        address="lots",
        page=lambda number, facts: Page("office_after", (number,)),
    )
)
declare_noun(
    Noun(
        name="notice",
        find=_notice,
        number=lambda notice: str(notice.pk),
        pages={"notice": ("office_notice",), "import": ()},  # taken in once its check is read
        address="notices",
    )
)
declare_noun(Noun("debarment"))
declare_noun(
    Noun(
        name="application",
        find=_application,
        number=lambda bid: str(bid.pk),
        pages={"application": (), "papers": (), "own": ()},  # drawn on the pages of its lot
        address="applications",
    )
)
declare_noun(
    Noun(
        name="eproc",
        find=_export,
        number=lambda export: str(export.pk),
        district=attrgetter("notice.district"),
        pages={"exports": ("office_eproc",), "export": ("office_eproc_export",)},
        address="eproc-exports",
        page=lambda number, facts: Page("office_eproc_export", (number,)),
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


def _public_lot(code: str, viewer: Actor) -> Lot:
    """A lot of a real auction, which everybody may read."""
    lot = selectors.lots(viewer, code=code).first()
    if lot is None:
        raise NotFound(f"lot {code}")
    return lot


def _handles(lot: Lot) -> Handles:
    block = lot.block
    return Handles((block.name_en, block.name_hi, block.block_no), (lot.code,))


def _of_notice(pk: str, field: str) -> list[str]:
    return list(Lot.objects.filter(notice=whole_number(pk) or 0).values_list(field, flat=True))


declare_search(
    Searched(
        "lot",
        "lo",
        records=lambda: Lot.objects.select_related("block"),
        by="code",
        handles=_handles,
        find=_public_lot,
        follows={
            "notice": lambda pk: _of_notice(pk, "code"),
            "block": lambda code: Lot.objects.filter(block__code=code).values_list("code", flat=True),
        },
    )
)
follow("ghat", "notice", lambda pk: _of_notice(pk, "block__code"))
