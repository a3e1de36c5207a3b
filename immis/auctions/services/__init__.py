"""Changing auctions: notices in, bidders registered, bids judged, results announced."""

from immis.auctions.services.after import (
    call_again,
    decide_single,
    forfeit_where_nobody_bid,
    order_refunds,
    recommend_single,
    return_after_abort,
)
from immis.auctions.services.bidders import apply_for_lot, correct_reasons, decide_technical, judge_paper
from immis.auctions.services.bidding import BidAnswer, BidRefused, place_bid
from immis.auctions.services.defaults import declare_default, declare_false_certificate
from immis.auctions.services.handed_in import HandedPaper, add_document, add_documents
from immis.auctions.services.mock import hold_mock_auction, join_mock
from immis.auctions.services.notices import import_notice, name_obtainer, read_notice, set_contacts
from immis.auctions.services.orders import ask_order, confirm_order, withdraw_order
from immis.auctions.services.presence import note_presence
from immis.auctions.services.reads import note_reading
from immis.auctions.services.registers import (
    publish_result_list,
)
from immis.auctions.services.registration import is_aadhaar_of, register_bidder
from immis.auctions.services.results import announce_result, write_audit_document
from immis.auctions.services.signatures import challenge_text, verify_signature

__all__ = [
    "BidAnswer",
    "BidRefused",
    "HandedPaper",
    "add_document",
    "add_documents",
    "announce_result",
    "apply_for_lot",
    "ask_order",
    "confirm_order",
    "call_again",
    "challenge_text",
    "decide_single",
    "decide_technical",
    "declare_default",
    "declare_false_certificate",
    "forfeit_where_nobody_bid",
    "hold_mock_auction",
    "import_notice",
    "name_obtainer",
    "read_notice",
    "set_contacts",
    "note_presence",
    "note_reading",
    "is_aadhaar_of",
    "join_mock",
    "correct_reasons",
    "judge_paper",
    "order_refunds",
    "place_bid",
    "publish_result_list",
    "recommend_single",
    "return_after_abort",
    "register_bidder",
    "withdraw_order",
    "verify_signature",
    "write_audit_document",
]
