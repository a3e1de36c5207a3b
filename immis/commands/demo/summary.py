"""What a season left behind, counted from the stores of the office and of the gateway."""

from typing import Any

from immis import clock
from immis.auctions import selectors as auctions
from immis.challans import selectors as challans
from immis.core.access.permissions import SYSTEM
from immis.core.selectors import broken_link
from immis.enforcement import selectors as enforcement
from immis.gateway.store.parquet import count_positions
from immis.holds import selectors as holds
from immis.leases import selectors as leases
from immis.ledger import selectors as ledger
from immis.registry import selectors as registry
from immis.tracking import selectors as tracking


def counted() -> dict[str, Any]:
    """The summary of the contract, without ``seconds``."""
    lots = auctions.lots(SYSTEM)
    spells = holds.spells()
    return {
        "ghats": registry.blocks().count(),
        "auctions": {
            "held": lots.filter(result="sold").count(),
            "extended": lots.filter(extended_at__isnull=False).count(),
            "single_tender": lots.filter(result="single_bid").count(),
            "no_bid": lots.filter(result="no_bids").count(),
        },
        "lois": leases.leases(SYSTEM, loi_on__isnull=False).count(),
        "leases": leases.leases(SYSTEM, deed_on__isnull=False).count(),
        "receipts_verified": ledger.receipts(SYSTEM, state__in=["verified", "reconciled"]).count(),
        "challans_issued": challans.challans(SYSTEM).count(),
        "positions_stored": count_positions(clock.data_dir()),
        "trips_completed": tracking.trips(ended_at__isnull=False).count(),
        "triggers": enforcement.trigger_counts(),
        "holds": {"placed": spells.count(), "lifted": spells.filter(ended_at__isnull=False).count()},
        "ledger_balanced": not ledger.problems(),
        "log_verified": broken_link() is None,
    }
