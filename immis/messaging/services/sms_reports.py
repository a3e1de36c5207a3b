"""What became of SMS: reports that gateways give or are asked for, each kept once, each moving a state only forward."""

from datetime import datetime, timedelta

from django.db import transaction

from immis.adapters.sms.port import Report
from immis.messaging.gateways import sms_gateway, sms_vendor
from immis.messaging.models import Delivery, DeliveryReport
from immis.messaging.selectors import unreported
from immis.messaging.services.contacts import note_arrived, note_missed, note_refused_text
from immis.rules.messages.sending import goes_forward, is_fault_of_text
from immis.rules.policy import book

_BATCH = 20


@transaction.atomic
def note_report(report: Report, *, vendor: str, at: datetime) -> bool:
    """Keep a report and move the SMS that it is about; answers whether it said anything new.

    The same state a second time is none; a report of an SMS that is not known (yet) is kept and waits for it.
    """
    about = {"vendor": vendor, "gateway_id": report.gateway_id, "state": report.state}
    said = {"code": report.code, "words": report.words, "reported_at": report.reported_at or at, "received_at": at}
    row, new = DeliveryReport.objects.get_or_create(**about, defaults=said)
    if not new:
        return False
    rows = Delivery.objects.select_for_update().select_related("message")
    delivery = rows.filter(channel="sms", vendor=vendor, gateway_id=report.gateway_id).order_by("-pk").first()
    if delivery is not None:
        _apply(row, delivery, at=at)
    return True


def match_reports(delivery: Delivery, *, at: datetime) -> None:
    """Reports that came before the gateway's answer was kept belong to this SMS."""
    waiting = {"vendor": delivery.vendor, "gateway_id": delivery.gateway_id, "delivery": None}
    for row in DeliveryReport.objects.filter(**waiting):
        _apply(row, delivery, at=at)


def _apply(row: DeliveryReport, delivery: Delivery, *, at: datetime) -> None:
    row.delivery = delivery
    row.save()
    if row.state == "waiting" or not goes_forward(delivery.state, row.state):
        return
    delivery.state, delivery.code, delivery.error = row.state, row.code, row.words
    delivery.reported_at, delivery.next_try_at = row.reported_at, None
    delivery.save()
    if row.state == "delivered":
        note_arrived(delivery, at=at)
    elif is_fault_of_text(row.code):
        note_refused_text(delivery, at=at)
    else:
        note_missed(delivery, at=at, for_good=row.code in book().value("SMS-03", at)["dead_codes"])


def ask_reports(*, at: datetime) -> int:
    """Ask the gateway what became of SMS that it has; later each time, and no longer than SMS-06 says."""
    if not sms_vendor():
        return 0
    due = {row.gateway_id: row for row in unreported(vendor=sms_vendor(), at=at, limit=_BATCH)}
    if not due:
        return 0
    reports = sms_gateway().reports(list(due))
    new = sum(note_report(report, vendor=sms_vendor(), at=at) for report in reports)
    for row in due.values():
        _ask_again(row, at=at)
    return new


def _ask_again(row: Delivery, *, at: datetime) -> None:
    terms = book().value("SMS-06", at)
    since = at - (row.sent_at or row.message.at)
    wait = max(timedelta(minutes=int(terms["first_minutes"])), since)
    later = at + wait if since < timedelta(days=int(terms["days"])) else None
    Delivery.objects.filter(pk=row.pk, state__in=("sent", "unknown")).update(next_try_at=later)
