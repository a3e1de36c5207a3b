"""Who tries too often, or is refused too often, waits."""

from dataclasses import dataclass
from datetime import datetime

from immis.rules.catalogue import Finding, rule
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class RefusedFacts:
    """How many refused bids of one bidder the chain of one lot has; whether one is left to him in this minute."""

    refused: int
    opens_at: datetime
    left: bool = True


@dataclass(frozen=True)
class TriesFacts:
    """Somebody who may not bid in a lot tries to: whether a try was left to him."""

    left: bool
    opens_at: datetime


@rule("AUC-100", on="auction.turned_away")
def tries_too_often(facts: TriesFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clauses 8 and 19(ii): who is not technically successful takes no part; his tries are logged, and limited.

    Our reading: each try gets an answer and a line in the action log, so that it can be proved; more than some in a
    while say nothing new and are turned away unread. The tender is silent; the department sets the number.
    """
    terms = policy.value("AUC-100", facts.opens_at)
    if facts.left:
        return None
    return Finding("AUC-100", {"most_tries": terms["most_tries"], "within_minutes": terms["within_minutes"]})


@rule("AUC-107", on="auction.refused_again")
def refused_too_often(facts: RefusedFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Our safeguard beside clauses 10 and 12: a chain takes so many refused bids of one bidder and no more.

    Our reading: each refusal is kept with its reason, so that it can be proved; hundreds of one bidder prove nothing
    new and only swell the log that everybody replays. Beyond the number a bid that does not fit is refused without
    an event, and so many bids of him are read a minute; one that fits is taken as before. The tender is silent; the
    department sets the numbers.
    """
    terms = policy.value("AUC-107", facts.opens_at)
    if facts.left and facts.refused < int(terms["most_refused"]):
        return None
    return Finding("AUC-107", {"most": terms["most_refused"], "a_minute": terms["then_a_minute"]})
