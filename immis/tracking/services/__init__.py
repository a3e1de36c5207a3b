"""Taking the gateway's news into the records, each event once."""

from immis.tracking.services.days import count_day
from immis.tracking.services.intake import CURSOR, UNFITTED_KINDS, take_in_batch
from immis.tracking.services.snapshot import snapshot_body

__all__ = [
    "CURSOR",
    "UNFITTED_KINDS",
    "count_day",
    "snapshot_body",
    "take_in_batch",
]
