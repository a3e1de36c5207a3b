"""Taking e-mails out of the queue."""

from datetime import datetime

from immis.messaging.services import claim_deliveries, deliver_one

_BATCH = 20


def deliver(*, at: datetime) -> int:
    """Send the e-mails whose turn it is; answers how many went out."""
    return sum(deliver_one(delivery, at=at) for delivery in claim_deliveries(at=at, limit=_BATCH))
