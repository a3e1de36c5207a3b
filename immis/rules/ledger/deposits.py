"""What becomes of earnest money after an auction: forfeited, returned, or kept while a single tender is decided."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from immis.rules.catalogue import Finding, rule
from immis.rules.policy import PolicyBook
from immis.rules.writing.texts import texts

CAUSES = texts("auctions/forfeitures")


@dataclass(frozen=True)
class DepositFacts:
    """One bidder's earnest money in one lot after its end.

    ``technical`` is passed, applied or failed; ``attempt`` counts the auctions of the ghat; ``default`` names why
    the winner lost it, ``decided`` that the department decided on a second single tender.
    """

    result: str
    technical: str
    closed_on: date
    opens_at: datetime
    winner: bool = False
    default: str = ""
    attempt: int = 1
    decided: bool = False


@dataclass(frozen=True)
class SingleFacts:
    """A single tender that is to be settled: how often it was called, the bid, recommendation and approval."""

    attempt: int
    bid_rupees: int
    reserve_rupees: int
    recommendation: str
    approval: str
    opens_at: datetime


@dataclass(frozen=True)
class AbortFacts:
    """A deposit in a lot that was aborted: whether its bidder led at that moment."""

    led: bool
    opens_at: datetime


@rule("AUC-101", on="auction.aborted")
def leader_waits(facts: AbortFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause 20(iii)(gha): when an auction is cancelled, the successful bidder's money may be returned.

    Our reading: "may" is a decision of the office about who led when it was aborted; everybody else's earnest money
    goes back by itself, as nothing is left that it could secure (E-084). The department may settle it.
    """
    waits = bool(policy.value("AUC-101", facts.opens_at)["leader_waits_for_order"])
    return Finding("AUC-101", {}, "warning") if facts.led and waits else None


@rule("AUC-90", on="auction.deposit")
def earnest_money_forfeited(facts: DepositFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clauses 19(iii), 19(v) and 4(v): earnest money is forfeited where nobody bids, and of a winner who withdraws.

    Our reading: where nobody bids it is that of all technically successful bidders, of nobody else (E-072); of the
    winner it is all that is held of him for the lot (E-070). The Collector orders it.
    """
    policy.at("AUC-90", facts.opens_at)
    if facts.default:
        return Finding("AUC-90", {"cause": dict(CAUSES[facts.default])})
    if facts.result == "no_bids" and facts.technical == "passed":
        return Finding("AUC-90", {"cause": dict(CAUSES["no_bids"])})
    return None


@rule("AUC-91", on="auction.deposit")
def earnest_money_returned(facts: DepositFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause 17 keeps only the fees; what is not forfeited or adjusted goes back to the account it came from.

    Our reading: the tender names no day; it goes back so many days after the auction to everybody but the winner,
    and on a second single tender after the department's decision. The department may settle it.
    """
    days = int(policy.value("AUC-91", facts.opens_at))
    if facts.result == "open" or facts.winner or facts.default:
        return None
    if facts.technical == "passed" and facts.result == "no_bids":
        return None
    if facts.technical == "passed" and facts.result == "single_bid" and facts.attempt > 1 and not facts.decided:
        return None
    return Finding("AUC-91", {"due_on": facts.closed_on + timedelta(days=days)}, "warning")


@rule("AUC-92", on="auction.single")
def single_not_settled(facts: SingleFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause 19(vi): a single tender is called again; single again and above the reserve price it is settled.

    Our reading: with the Collector's recommendation and the department's approval, both named by a document, the
    approval before the settlement; "above" excludes the reserve price itself (E-073, E-074).
    """
    tries = int(policy.value("AUC-92", facts.opens_at)["least_attempts"])
    above = facts.bid_rupees > facts.reserve_rupees
    if facts.attempt >= tries and above and facts.recommendation and facts.approval:
        return None
    return Finding(
        "AUC-92",
        {
            "attempt": facts.attempt,
            "least_attempts": tries,
            "bid_rupees": facts.bid_rupees,
            "reserve_rupees": facts.reserve_rupees,
            "recommendation": facts.recommendation or "—",
            "approval": facts.approval or "—",
        },
    )
