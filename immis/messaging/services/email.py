"""E-mails: worded in both languages, tried again while the mail service is away, given up where an address bounces."""

import logging
from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from immis.messaging.models import Delivery, Message
from immis.messaging.selectors import due_emails, is_dead
from immis.messaging.services.contacts import note_arrived, note_missed
from immis.messaging.texts import body, title
from immis.rules.policy import book
from immis.rules.writing.texts import text as words

log = logging.getLogger(__name__)
_FIRST_RETRY = timedelta(minutes=1)
_LAST_RETRY = timedelta(hours=6)
_MAX_ATTEMPTS = 20
_CLAIM = timedelta(minutes=5)
_PERMANENT = range(500, 600)  # replies of SMTP after which the same letter is refused again


def email_text(message: Message) -> tuple[str, str]:
    """Subject and text of the e-mail of a message, Hindi first, English below, with the clause it rests on."""
    policy = book()
    cites = policy.entry(message.template).values[-1].cites
    subject = f"{title(message.template, 'hi')} / {title(message.template, 'en')}"
    if settings.TRAINING:
        subject = " / ".join([*words("papers/head", "training").values(), subject])
    parts = [body(message.template, message.facts, lang) for lang in ("hi", "en")]
    return subject, "\n\n".join([*parts, f"{message.template}: {cites}", settings.PUBLIC_URL])


@transaction.atomic
def claim_deliveries(*, at: datetime, limit: int) -> list[Delivery]:
    """Take e-mails whose turn it is; another worker sees them again only when this one did not finish in time."""
    due = due_emails(at=at, limit=limit)
    Delivery.objects.filter(pk__in=[row.pk for row in due]).update(next_try_at=at + _CLAIM)
    return due


def deliver_one(delivery: Delivery, *, at: datetime) -> bool:
    """Word one e-mail and hand it to the mail service; a failure is kept and tried again, later each time.

    An address that the mail service refuses for good has bounced. Call outside a transaction: a slow mail service
    must not hold the database's lock.
    """
    delivery.attempts += 1
    try:
        if is_dead("email", delivery.address):
            delivery.state, delivery.code, delivery.next_try_at = "refused", "SMS-03", None
        else:
            subject, text = email_text(delivery.message)
            EmailMessage(subject, text, to=[delivery.address]).send()
            delivery.state, delivery.error, delivery.sent_at, delivery.next_try_at = "sent", "", at, None
            note_arrived(delivery, at=at)
    except Exception as error:  # whatever its own words or the mail service say is kept on the record
        log.warning("message %s (%s) not sent", delivery.message_id, delivery.message.template, exc_info=True)
        delivery.error = f"{type(error).__name__}: {error}"[:300]
        _give_up(delivery, at) if _has_bounced(error) else _try_later(delivery, at)
    delivery.save()
    return delivery.state == "sent"


def _has_bounced(error: Exception) -> bool:
    """Whether the mail service refuses every recipient for good."""
    if not isinstance(error, SMTPRecipientsRefused):
        return False
    return all(code in _PERMANENT for code, _words in error.recipients.values())


def _give_up(delivery: Delivery, at: datetime) -> None:
    delivery.state, delivery.next_try_at, delivery.reported_at = "undelivered", None, at
    note_missed(delivery, at=at, for_good=True)


def _try_later(delivery: Delivery, at: datetime) -> None:
    delivery.state = "failed"
    wait = min(_FIRST_RETRY * 2 ** min(delivery.attempts - 1, 20), _LAST_RETRY)
    delivery.next_try_at = None if delivery.attempts >= _MAX_ATTEMPTS else at + wait
