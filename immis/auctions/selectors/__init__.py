"""Asking about auctions: lots and their state, results, technical bids, notices."""

from immis.auctions.selectors.bidders import (
    bid_counts,
    bidder_of,
    document_of,
    my_technical_bids,
    papers_of,
    technical_bid_of,
    technical_bids,
    undecided_bid_count,
)
from immis.auctions.selectors.lots import (
    LogRow,
    LotState,
    Outcome,
    Position,
    bid_log,
    changed_lots,
    lot_of,
    lot_state,
    lots,
    my_position,
    outcome_of,
    states_of,
)
from immis.auctions.selectors.notices import notice_of, notices, programme_of, programme_rows
from immis.auctions.selectors.orders import office_orders, order_of, orders_on, presences, published_orders
from immis.auctions.selectors.payments import EmdState, emd_state, pass_facts
from immis.auctions.selectors.results import audit_document, audit_path

__all__ = [
    "EmdState",
    "LogRow",
    "LotState",
    "Outcome",
    "Position",
    "audit_document",
    "audit_path",
    "bid_counts",
    "bid_log",
    "bidder_of",
    "changed_lots",
    "document_of",
    "emd_state",
    "lot_of",
    "lot_state",
    "lots",
    "my_position",
    "my_technical_bids",
    "notice_of",
    "notices",
    "office_orders",
    "order_of",
    "orders_on",
    "outcome_of",
    "papers_of",
    "pass_facts",
    "presences",
    "programme_of",
    "programme_rows",
    "published_orders",
    "states_of",
    "technical_bid_of",
    "technical_bids",
    "undecided_bid_count",
]
