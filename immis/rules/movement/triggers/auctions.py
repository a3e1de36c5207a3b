"""Auctions that closed."""

from dataclasses import dataclass, field
from datetime import datetime

from immis.rules.catalogue import (
    Consequence,
    SendMessage,
    trigger,
)
from immis.rules.movement.triggers.common import Name, facts_of
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class LotFacts:
    """A closed auction and its highest bidder, if any."""

    lot: str
    ghat: Name
    district: str
    winner_party_id: int | None = None
    winner: Name = field(default_factory=dict)
    amount_rupees: int = 0


@trigger("TRG-10", on="lot.closed")
def auction_closed(facts: LotFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """The auction is over: the highest bidder is told by e-mail and on the portal.

    Clause: Munger tender 2026, clause 13 (E-062). Our reading: at the announcement of the result. The Collector
    may settle a doubt.
    """
    policy.at("TRG-10", at)
    if facts.winner_party_id is None:
        return []
    return [SendMessage("party", str(facts.winner_party_id), "MSG-10", facts_of(facts))]
