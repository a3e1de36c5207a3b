"""Whose a bid is: one's own at once, everybody's only when the lot is over (clause 10)."""

from collections import Counter
from datetime import datetime

from immis.auctions.models import Bidder, Lot, TechnicalBid
from immis.auctions.sealing import alias_of, parties_by_alias


def own_alias(bid: TechnicalBid) -> str:
    """Under which alias an application stands in its lot's chain, for the bidder himself. Raises Refusal (AUC-106)."""
    return bid.alias or alias_of(bid.lot.code, bid.lot.seal, bid.bidder.party_id)


def bids_by_alias(lot: Lot) -> dict[str, TechnicalBid]:
    """The applications of a lot by alias, in the order of aliases; asked only where the lot is over.

    Raises Refusal (AUC-106) where the lot is not opened yet and its key is not here.
    """
    bids = list(TechnicalBid.objects.select_related("bidder__party").filter(lot=lot))
    parties = {bid.bidder.party_id: bid for bid in bids if not bid.alias}
    sealed = parties_by_alias(lot.code, lot.seal, parties) if parties else {}
    named = {bid.alias: bid for bid in bids if bid.alias} | {alias: parties[party] for alias, party in sealed.items()}
    return dict(sorted(named.items()))


def leader_of(lot: Lot, at: datetime) -> Bidder | None:
    """Who leads a lot whose time is over, announced or not; None before, and where nobody bid."""
    if lot.highest_bidder_id:
        return lot.highest_bidder
    if not lot.highest_alias or (lot.result == "open" and (lot.paused_at is not None or at < lot.ends_at)):
        return None
    bid = bids_by_alias(lot).get(lot.highest_alias)
    return bid.bidder if bid else None


def sealed_lots() -> Counter[str]:
    """How many lots that are not closed each key seals, by its name."""
    return Counter(seal.partition(":")[0] for seal in Lot.every.filter(result="open").values_list("seal", flat=True))
