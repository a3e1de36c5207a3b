"""Who bids is secret until the end."""

from dataclasses import dataclass
from datetime import datetime

from immis.rules.catalogue import Finding, rule
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class ShowFacts:
    """Somebody asks who stands behind a bid: ``winner`` or ``other`` bidder, while the lot runs or after it."""

    whose: str
    closed: bool
    own: bool = False


@rule("AUC-08", on="auction.identity")
def identity_is_secret(facts: ShowFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause 10: names and identities of bidders are fully secret; only the highest amount is shown.

    Our reading: until the end nobody but the bidder himself sees whose a bid is,
    officers included; after it ``reveal_after_close`` opens the winner only, or all.
    """
    reveal = policy.value("AUC-08", at)["reveal_after_close"]
    open_now = facts.own or (facts.closed and (facts.whose == "winner" or reveal == "all"))
    return None if open_now else Finding("AUC-08", {"closed": facts.closed})
