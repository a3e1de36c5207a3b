"""Where notices, auctions and what follows them stand among the ways through the house."""

from django.utils.translation import gettext_lazy as _

from immis.web.shell.ways import Form, Way

_UNDECIDED = "immis.auctions.selectors:undecided_bid_count"
_AUCTIONS = {"auction_bid": _("Bid")}
LISTS = (
    Way(
        "office_auctions",
        _("Auctions"),
        "officer.mining",
        20,
        record=("office_auction",),
        parts={
            "auction_orders": _("Orders on the auction"),
            "auction_presence": _("Who was present"),
            "office_papers": _("Papers"),
            "office_after": _("What follows the auction"),
        },
        nouns=("lot", "application", "auction_order"),
        count=_UNDECIDED,
    ),
    Way(
        "office_notices",
        _("Notices of e-auctions"),
        "officer.mining",
        30,
        record=("office_notice", "office_notice_act"),
        parts={"office_notice_check": _("Check the text")},
        forms=(Form("office_notice_write", _("Write a notice"), verb="write"),),
        nouns=("notice",),
    ),
    Way(
        "office_eproc",
        _("Auctions held on E-Proc"),
        "officer.mining",
        40,
        record=("office_eproc_export",),
        nouns=("eproc",),
    ),
    Way("office_registers", _("Debarments"), "officer.enforcement", 30),
    Way("bidder_home", _("My bids"), "party.bids", 10, record=("bidder_lot",), nouns=("lot",)),
    Way(
        "auctions",
        _("Auctions"),
        "party.bids",
        20,
        record=("auction_room",),
        parts=_AUCTIONS,
    ),
    Way("auctions", _("Auctions"), "public.auctions", 10, record=("auction_room",), parts=_AUCTIONS, nouns=("lot",)),
    Way(
        "public_notices",
        _("Notices of e-auctions"),
        "public.auctions",
        20,
        record=("public_notice",),
        parts={"public_notice_part": _("Part of the notice")},
    ),
    Way("technical_results", _("Technical results"), "public.auctions", 30, record=("technical_result",)),
    Way("orders", _("Orders on auctions"), "public.auctions", 40),
    Way("mock_auctions", _("Mock auctions"), "public.auctions", 60, parts={"mock_join": _("Take part")}),
)
