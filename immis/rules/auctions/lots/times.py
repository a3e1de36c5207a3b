"""The end of a lot, which a late bid moves."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from immis.rules.catalogue import Finding, rule
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class AcceptedFacts:
    """An accepted bid, for the question whether it prolongs the auction."""

    opens_at: datetime
    closes_at: datetime
    extensions: int


def extended_end(facts: AcceptedFacts, *, policy: PolicyBook, at: datetime) -> datetime | None:
    """When the auction ends now if a bid accepted at ``at`` prolongs it; None when it does not."""
    terms = policy.value("AUC-03", facts.opens_at)
    window = timedelta(minutes=int(terms["window_minutes"]))
    inside = facts.closes_at - window <= at < facts.closes_at
    if not inside or facts.extensions >= int(terms["times"]):
        return None
    begins = at if terms["counts_from"] == "bid" else facts.closes_at
    return begins + timedelta(minutes=int(terms["extension_minutes"]))


@rule("AUC-03", on="auction.accepted")
def late_bid_prolongs(facts: AcceptedFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause 12: a bid in the last five minutes prolongs the auction by one hour, once only.

    Our reading: the last five minutes are [end - 5 min, end); the hour runs from
    the scheduled end; only an accepted bid prolongs, so that nobody can stall
    with bids that are refused. The department may settle a doubt.
    """
    ends_at = extended_end(facts, policy=policy, at=at)
    if ends_at is None:
        return None
    return Finding("AUC-03", {"was_at": facts.closes_at, "ends_at": ends_at}, "warning")
