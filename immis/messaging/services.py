"""Sending messages: kept for the portal at once, queued for e-mail and SMS."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from immis.core.access.permissions import SYSTEM, Actor
from immis.core.facts import plain
from immis.messaging.models import Delivery, Message
from immis.messaging.selectors import due_deliveries, message_of
from immis.messaging.texts import body, known, title
from immis.rules.policy import PolicyError, book
from immis.rules.writing.texts import text

log = logging.getLogger(__name__)
_FIRST_RETRY = timedelta(minutes=1)
_LAST_RETRY = timedelta(hours=6)
_MAX_ATTEMPTS = 20
_CLAIM = timedelta(minutes=5)


@dataclass(frozen=True)
class Recipient:
    """Who gets a message (``party`` or ``office`` with its id) and by which addresses; ``others`` of an office."""

    kind: str
    id: str
    email: str = ""
    phone: str = ""
    others: tuple[str, ...] = ()


@transaction.atomic
def send(
    template: str,
    *,
    to: Recipient,
    facts: Mapping[str, Any],
    at: datetime,
    subject: tuple[str, str] = ("", ""),
    key: str | None = None,
) -> Message:
    """Send the policy message ``template``: readable on the portal at once, by e-mail and SMS through the worker.

    With a ``key`` the same message is sent once. Raises PolicyError for a template without words.
    """
    if not known(template):
        raise PolicyError(f"{template} is no message of the rule book")
    fields = {
        "to_kind": to.kind,
        "to_id": str(to.id),
        "template": template,
        "facts": plain(facts),
        "subject_kind": subject[0],
        "subject_id": subject[1],
        "at": at,
    }
    if key is None:
        message, new = Message.objects.create(**fields), True
    else:
        message, new = Message.objects.get_or_create(key=key, defaults=fields)
    if new:
        Delivery.objects.bulk_create(_deliveries(message, to, at))
    return message


def _deliveries(message: Message, to: Recipient, at: datetime) -> list[Delivery]:
    rows = [Delivery(message=message, channel="portal", state="sent", sent_at=at)]
    for address in dict.fromkeys(filter(None, (to.email, *to.others))):
        rows.append(Delivery(message=message, channel="email", address=address, state="queued", next_try_at=at))
    if to.phone:
        # No SMS service is connected yet: the delivery stays on record as one that waits for the service.
        rows.append(Delivery(message=message, channel="sms", address=to.phone, state="no_service"))
    return rows


def email_text(message: Message) -> tuple[str, str]:
    """Subject and text of the e-mail of a message, Hindi first, English below, with the clause it rests on."""
    policy = book()
    cites = policy.entry(message.template).values[-1].cites
    subject = f"{title(message.template, 'hi')} / {title(message.template, 'en')}"
    if settings.TRAINING:
        subject = " / ".join([*text("papers/head", "training").values(), subject])
    parts = [body(message.template, message.facts, lang) for lang in ("hi", "en")]
    return subject, "\n\n".join([*parts, f"{message.template}: {cites}", settings.PUBLIC_URL])


@transaction.atomic
def claim_deliveries(*, at: datetime, limit: int) -> list[Delivery]:
    """Take e-mails whose turn it is; another worker sees them again only when this one did not finish in time."""
    due = due_deliveries(at=at, limit=limit)
    Delivery.objects.filter(pk__in=[row.pk for row in due]).update(next_try_at=at + _CLAIM)
    return due


def deliver_one(delivery: Delivery, *, at: datetime) -> bool:
    """Word one e-mail and hand it to the mail service; a failure is kept and tried again, later each time.

    Call outside a transaction: a slow mail service must not hold the database's lock.
    """
    delivery.attempts += 1
    try:
        subject, text = email_text(delivery.message)
        EmailMessage(subject, text, to=[delivery.address]).send()
    except Exception as error:  # whatever its own words or the mail service say is kept on the record
        log.warning("message %s (%s) not sent", delivery.message_id, delivery.message.template, exc_info=True)
        delivery.error = f"{type(error).__name__}: {error}"[:300]
        delivery.state = "failed"
        wait = min(_FIRST_RETRY * 2 ** min(delivery.attempts - 1, 20), _LAST_RETRY)
        delivery.next_try_at = None if delivery.attempts >= _MAX_ATTEMPTS else at + wait
    else:
        delivery.state, delivery.error, delivery.sent_at, delivery.next_try_at = "sent", "", at, None
    delivery.save()
    return delivery.state == "sent"


def mark_read(message: Message, *, by: Actor, at: datetime) -> None:
    """Note who first read a message and when. Raises NotFound for a message to somebody else."""
    if by != SYSTEM:
        message_of(by, message.pk)
    Message.objects.filter(pk=message.pk, read_at__isnull=True).update(read_at=at, read_by=by.user_id)
