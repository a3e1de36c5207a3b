"""Asking for messages and their deliveries, registered SMS texts, and addresses."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.grants import require_grant
from immis.core.scope import visible
from immis.messaging.models import Contact, Delivery, Message, SmsText, Wish


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


def mails_about_lease(number: str, party_id: int) -> QuerySet[Delivery]:
    """E-mails to a settlee about a settlement, newest first. The caller has checked that the viewer may see it."""
    about = Q(message__subject_kind="lease", message__subject_id=number) | Q(message__facts__lease=number)
    to = {"message__to_kind": "party", "message__to_id": str(party_id)}
    rows = Delivery.objects.select_related("message").filter(about, channel="email", **to)
    return rows.order_by("-message__at", "-id")


def due_emails(*, at: datetime, limit: int) -> list[Delivery]:
    """E-mails whose turn it is, locked for this transaction."""
    return _due("email", ("queued", "failed"), at=at, limit=limit)


def due_sms(*, at: datetime, limit: int) -> list[Delivery]:
    """SMS whose turn it is, locked for this transaction."""
    return _due("sms", ("queued",), at=at, limit=limit)


def _due(channel: str, states: Iterable[str], *, at: datetime, limit: int) -> list[Delivery]:
    rows = Delivery.objects.select_for_update(skip_locked=True, of=("self",)).select_related("message")
    due = rows.filter(channel=channel, state__in=tuple(states), next_try_at__lte=at)
    return list(due.order_by("id")[:limit])


def unreported(*, vendor: str, at: datetime, limit: int) -> list[Delivery]:
    """SMS that a gateway has, and whose report is to be asked for now."""
    rows = Delivery.objects.filter(channel="sms", vendor=vendor, state__in=("sent", "unknown"), next_try_at__lte=at)
    return list(rows.exclude(gateway_id="").order_by("next_try_at")[:limit])


def was_sent(key: str) -> bool:
    """Whether the message of a key is on record already."""
    return Message.objects.filter(key=key).exists()


def sms_state_of(message_id: int) -> str:
    """What became of the SMS of a message, a state of ``Delivery``; empty where none was sent."""
    delivery = Delivery.objects.filter(message_id=message_id, channel="sms").first()
    return delivery.state if delivery else ""


def deliveries(viewer: Actor, **filters: object) -> QuerySet[Delivery]:
    """Deliveries by e-mail and SMS that this post looks over, newest first: the State all, a district its own."""
    require_grant(viewer, "message.oversee")
    rows = Delivery.objects.select_related("message", "registered").exclude(channel="portal").filter(**filters)
    return rows.filter(visible(viewer, "message.oversee", district="message__district")).order_by("-id")


def delivery_of(viewer: Actor, pk: int) -> Delivery:
    """One delivery with its reports. Raises NotFound for another district's."""
    row = deliveries(viewer, pk=pk).prefetch_related("reports").first()
    if row is None:
        raise NotFound(f"delivery {pk}")
    return row


def registered_text(template: str, lang: str) -> SmsText | None:
    """The text of a message that is registered in a language now."""
    return SmsText.objects.filter(template=template, lang=lang, ended_at__isnull=True).first()


def sms_texts(viewer: Actor) -> QuerySet[SmsText]:
    """Registered texts, the ended ones among them."""
    require_grant(viewer, "sms_text.read")
    return SmsText.objects.all()


def sms_text_of(viewer: Actor, pk: int) -> SmsText:
    """One registered text. Raises NotFound."""
    row = sms_texts(viewer).filter(pk=pk).first()
    if row is None:
        raise NotFound(f"SMS text {pk}")
    return row


def contact_of(viewer: Actor, pk: int) -> Contact:
    """One address that messages went to. Raises NotFound for another district's."""
    require_grant(viewer, "message.oversee")
    row = Contact.objects.filter(visible(viewer, "message.oversee"), pk=pk).first()
    if row is None:
        raise NotFound(f"contact {pk}")
    return row


def contact_at(channel: str, address: str) -> Contact | None:
    """What is known of an address; None where nothing was reported of it."""
    return Contact.objects.filter(channel=channel, address=address).first()


def deliveries_to(viewer: Actor, contact: Contact) -> QuerySet[Delivery]:
    """What was sent to an address, newest first."""
    return deliveries(viewer, channel=contact.channel, address=contact.address)


def is_dead(channel: str, address: str) -> bool:
    """Whether nothing reaches an address any more."""
    return Contact.objects.filter(channel=channel, address=address, dead_at__isnull=False).exists()


def wish_of(to_kind: str, to_id: str) -> Wish | None:
    """How a reader wants to be told; None who never said."""
    return Wish.objects.filter(to_kind=to_kind, to_id=to_id).first()


def phones(*, limit: int) -> list[str]:
    """The numbers to which SMS went, the latest first; for the training installation, which shows their screens."""
    rows = Delivery.objects.filter(channel="sms").order_by("-id").values_list("address", flat=True)[: 20 * limit]
    return list(dict.fromkeys(rows))[:limit]


def sms_to(phone: str) -> QuerySet[Delivery]:
    """What went to a number, oldest first; for the training installation, which shows its screen."""
    rows = Delivery.objects.select_related("message", "registered").filter(channel="sms", address=phone)
    return rows.order_by("id")
