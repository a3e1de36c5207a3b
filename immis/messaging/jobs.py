"""Taking e-mails and SMS out of the queue, and asking gateways how SMS fared."""

from datetime import datetime, timedelta

from immis.core.retention import delete_oldest, delete_rows
from immis.messaging.models import Delivery, DeliveryReport, Message, PhoneCode
from immis.messaging.services import ask_reports, claim_deliveries, deliver_one
from immis.messaging.services import deliver_sms as hand_over
from immis.rules.policy import book

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


def forget_codes(*, at: datetime) -> int:
    """Delete codes past the days of the policy (RET-06) with the SMS that brought them; answers how many."""
    before = at - timedelta(days=int(book().value("RET-06", at)))
    delete_rows(DeliveryReport.objects.filter(delivery__message__to_kind="phone", delivery__message__at__lt=before))
    delete_rows(Delivery.objects.filter(message__to_kind="phone", message__at__lt=before))
    delete_rows(Message.objects.filter(to_kind="phone", at__lt=before))
    return delete_oldest(PhoneCode.objects.all(), field="sent_at", before=before)
