"""Taking e-mails and SMS out of the queue, and asking gateways how SMS fared."""

from datetime import datetime

from immis.messaging.services import ask_reports, claim_deliveries, deliver_one
from immis.messaging.services import deliver_sms as hand_over

_BATCH = 20


def deliver(*, at: datetime) -> int:
    """Send the e-mails whose turn it is; answers how many went out."""
    return sum(deliver_one(delivery, at=at) for delivery in claim_deliveries(at=at, limit=_BATCH))


def deliver_sms(*, at: datetime) -> int:
    """Hand the SMS whose turn it is to the gateway; answers how many left the queue."""
    return hand_over(at=at)


def ask_sms_reports(*, at: datetime) -> int:
    """Ask the gateway what became of SMS, where it does not tell by itself; answers how many reports came."""
    return ask_reports(at=at)
