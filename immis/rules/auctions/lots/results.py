"""How a lot ends, and what may be settled without an auction."""

from dataclasses import dataclass
from datetime import datetime

from immis.rules.catalogue import Finding, rule
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class SettleFacts:
    """What a settlement is to rest on: the winner's technical bid, the result, an approval of a single tender."""

    lot: str
    technical: str
    result: str
    opens_at: datetime
    approved: bool = False


@dataclass(frozen=True)
class CloseFacts:
    """A lot whose time is over: how many passed, how many accepted bids there were."""

    opens_at: datetime
    passed: int
    accepted_bids: int


@rule("AUC-110", on="auction.settle")
def settled_without_auction(facts: SettleFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clauses 3(iii) and 19(i): ghats are settled by e-tender-cum-auction, among the technically successful.

    Our reading: no settlement is opened but on a sold lot or an approved single tender, to a bidder who passed.
    """
    words = policy.value("AUC-110", facts.opens_at)
    decided = facts.result == "sold" or (facts.result == "single_bid" and facts.approved)
    why = "result" if not decided else "technical" if facts.technical != "passed" else ""
    return Finding("AUC-110", {"lot": facts.lot, "why": dict(words[why])}) if why else None


def result_of(facts: CloseFacts, *, policy: PolicyBook) -> str:
    """How a lot ended: ``sold``, ``single_bid`` (one technically successful bidder) or ``no_bids``."""
    if not facts.accepted_bids:
        return "no_bids"
    least = int(policy.value("AUC-17", facts.opens_at)["least_bidders"])
    return "sold" if facts.passed >= least else "single_bid"


@rule("AUC-17", on="auction.close")
def auction_failed(facts: CloseFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause 19(v), (vi): nobody bids: all earnest money is forfeited; a single tender: a short re-tender.

    Our reading: a tender is single when one bidder only was technically
    successful; two successful bidders of whom one bids make a sale to him.
    """
    result = result_of(facts, policy=policy)
    return None if result == "sold" else Finding("AUC-17", {"result": result, "passed": facts.passed}, "warning")
