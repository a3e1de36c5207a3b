"""Changing auctions: notices in, bidders registered, bids judged, results announced."""

from immis.auctions.services.bidders import (
    add_document,
    apply_for_lot,
    decide_technical,
    register_bidder,
)
from immis.auctions.services.bidding import BidAnswer, place_bid
from immis.auctions.services.notices import import_notice
from immis.auctions.services.orders import ask_order, confirm_order, withdraw_order
from immis.auctions.services.presence import note_presence
from immis.auctions.services.results import announce_result, write_audit_document

__all__ = [
    "BidAnswer",
    "add_document",
    "announce_result",
    "apply_for_lot",
    "ask_order",
    "confirm_order",
    "decide_technical",
    "import_notice",
    "note_presence",
    "place_bid",
    "register_bidder",
    "withdraw_order",
    "write_audit_document",
]
