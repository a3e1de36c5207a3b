"""What counts against the cap of clause 3(ii): blocks that a bidder leads, has won, or holds by a settlement."""

from datetime import datetime

from django.db.models import Q

from immis.auctions.models import Lot
from immis.auctions.store import Asker
from immis.leases.models import Lease
from immis.rules.auctions import HeldBlock
from immis.rules.calendar import india_day


def held_blocks(bidder: Asker, *, besides: Lot, at: datetime) -> tuple[HeldBlock, ...]:
    """All blocks but this lot's that the bidder leads in any district, has won, or holds (E-020…E-022).

    The caller holds the bidder's row lock: only the bidder's own bids add to it, so it is exact
    without locking the other lots. A settlement that was cancelled or has ended counts no more.
    """
    day = india_day(at)
    settled = Lease.objects.select_related("block").filter(party_id=bidder.party_id)
    over = settled.filter(Q(cancelled_at__isnull=False) | Q(period_to__lt=day)).values("lot_code")
    led = Lot.every.select_related("block").filter(
        mock=besides.mock, highest_bidder_id=bidder.bidder_id, result__in=("open", "sold")
    )
    found = {lot.block_id: lot.block for lot in led.exclude(code__in=over)}
    found |= {lease.block_id: lease.block for lease in settled.exclude(lot_code__in=over)}
    found.pop(besides.block_id, None)
    blocks = sorted(found.values(), key=lambda block: block.code)
    return tuple(HeldBlock(block.code, block.river, block.area_ha) for block in blocks)
