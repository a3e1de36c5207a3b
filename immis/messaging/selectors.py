"""Asking for messages and their deliveries."""

from datetime import datetime

from django.db.models import QuerySet

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.messaging.models import Delivery, Message


def inbox(viewer: Actor) -> QuerySet[Message]:
    """Messages to the viewer's party or office, newest first."""
    rows = Message.objects.prefetch_related("deliveries").order_by("-at", "-id")
    if viewer.is_party and viewer.party_id is not None:
        return rows.filter(to_kind="party", to_id=str(viewer.party_id))
    if viewer.office_id is not None:
        return rows.filter(to_kind="office", to_id=str(viewer.office_id))
    return rows.none()


def unread_count(viewer: Actor) -> int:
    return inbox(viewer).filter(read_at__isnull=True).count()


def message_of(viewer: Actor, message_id: int) -> Message:
    """One message of the viewer's inbox. Raises NotFound for any other."""
    message = inbox(viewer).filter(pk=message_id).first()
    if message is None:
        raise NotFound(f"message {message_id}")
    return message


def messages_about(kind: str, subject_id: str) -> QuerySet[Message]:
    """Messages about one record, oldest first. The caller has checked that the viewer may see the record."""
    rows = Message.objects.filter(subject_kind=kind, subject_id=subject_id)
    return rows.prefetch_related("deliveries").order_by("id")


def due_deliveries(*, at: datetime, limit: int) -> list[Delivery]:
    """E-mails whose turn it is, locked for this transaction."""
    rows = Delivery.objects.select_for_update(skip_locked=True, of=("self",)).select_related("message")
    due = rows.filter(channel="email", state__in=["queued", "failed"], next_try_at__lte=at)
    return list(due.order_by("id")[:limit])


def was_sent(key: str) -> bool:
    """Whether the message of a key is on record already."""
    return Message.objects.filter(key=key).exists()
