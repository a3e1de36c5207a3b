"""The rules of an e-auction while it runs: which bid counts, when it ends, who has won, who may be named.

The rule in force on the day a lot opens governs the whole of its auction, so
that an amendment never moves the ground under a running lot. Money is whole
rupees; instants are aware.
"""

from immis.rules.auctions.lots.bids import (
    BidFacts,
    HeldBlock,
    JumpFacts,
    increment_rupees,
    jump_not_confirmed,
    least_steps,
    not_higher,
    not_passed,
    off_the_steps,
    offered_amount,
    outside_the_window,
    over_the_cap,
)
from immis.rules.auctions.lots.results import (
    CloseFacts,
    SettleFacts,
    auction_failed,
    result_of,
    settled_without_auction,
)
from immis.rules.auctions.lots.secrecy import ShowFacts, identity_is_secret
from immis.rules.auctions.lots.times import AcceptedFacts, extended_end, late_bid_prolongs
from immis.rules.auctions.lots.tries import RefusedFacts, TriesFacts, refused_too_often, tries_too_often

__all__ = [
    "AcceptedFacts",
    "BidFacts",
    "CloseFacts",
    "HeldBlock",
    "JumpFacts",
    "RefusedFacts",
    "SettleFacts",
    "ShowFacts",
    "TriesFacts",
    "auction_failed",
    "extended_end",
    "identity_is_secret",
    "increment_rupees",
    "jump_not_confirmed",
    "late_bid_prolongs",
    "least_steps",
    "not_higher",
    "not_passed",
    "off_the_steps",
    "offered_amount",
    "outside_the_window",
    "over_the_cap",
    "refused_too_often",
    "result_of",
    "settled_without_auction",
    "tries_too_often",
]
