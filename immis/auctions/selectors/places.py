"""Whether an auction of a ghat, or the settlement after it, is over, so that the ghat may be auctioned again."""

from datetime import datetime

from django.db.models import Q

from immis.auctions.models import Lot
from immis.auctions.selectors.registers import follow_up_of
from immis.leases.models import Lease
from immis.registry.models import Block
from immis.rules.calendar import india_day


def running_settlement(block: Block, *, before: datetime) -> Lease | None:
    """The settlement of a ghat that has not ended and whose period is not over before this instant."""
    rows = Lease.objects.filter(block=block, cancelled_at__isnull=True)
    return rows.filter(Q(period_to__isnull=True) | Q(period_to__gte=india_day(before))).order_by("-id").first()


def over(lot: Lot) -> bool:
    """Whether a lot's auction is over and left no settlement to come.

    So it is where nobody bid, after an abort, after a default, and for a single tender that was not approved; of a
    lot that was settled the settlement tells.
    """
    if lot.result in ("no_bids", "aborted"):
        return True
    if lot.result not in ("sold", "single_bid"):
        return False
    orders = follow_up_of(lot).orders
    if lot.result == "single_bid" and "approve" not in orders:
        return True
    return "default" in orders or Lease.objects.filter(lot_code=lot.code).exists()


def standing_on(block: Block, last: Lot | None, *, before: datetime) -> str:
    """The number of the auction or settlement of a ghat that is not over; empty where it is free."""
    if lease := running_settlement(block, before=before):
        return lease.number
    return last.code if last is not None and not over(last) else ""
