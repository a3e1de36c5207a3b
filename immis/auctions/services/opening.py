"""Opening who stood behind the bids of a lot, when it is over: the seal is broken once, and the log says so."""

from datetime import datetime

from immis.auctions.models import Lot
from immis.auctions.selectors.identities import bids_by_alias
from immis.core.access.permissions import SYSTEM
from immis.core.services import log_action


def open_identities(lot: Lot, *, at: datetime) -> None:
    """Write down the alias of every application and who leads, in the transaction of the close (clause 10, AUC-106).

    The caller has locked the lot, closes it and saves it. Raises Refusal (AUC-106) where its key is not here.
    """
    bids = bids_by_alias(lot)
    for alias, bid in bids.items():
        if not bid.alias:
            bid.alias = alias
            bid.save(update_fields=["alias"])
    leader = bids.get(lot.highest_alias)
    lot.highest_bidder = leader.bidder if leader else None
    log_action("lot.identities_opened", subject=("lot", lot.code), by=SYSTEM, at=at, facts={"bidders": len(bids)})
