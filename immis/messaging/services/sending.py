"""Sending a message: kept for the portal at once, queued for e-mail and SMS in the same transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from immis.core.access.permissions import SYSTEM, Actor
from immis.core.errors import NotFound
from immis.core.facts import plain
from immis.core.nouns import NOUNS
from immis.messaging.gateways import sms_vendor
from immis.messaging.models import Delivery, Message, Wish
from immis.messaging.selectors import message_of, wish_of
from immis.messaging.texts import known, sms_words
from immis.rules.messages.wishes import is_always, is_off
from immis.rules.policy import PolicyError, book

_LANGUAGE = "hi"


@dataclass(frozen=True)
class Recipient:
    """Who gets a message (``party`` or ``office`` with its id) and by which addresses; ``others`` of an office.

    ``lang`` is the language of the reader, where his own wish does not say another.
    """

    kind: str
    id: str
    email: str = ""
    phone: str = ""
    others: tuple[str, ...] = ()
    lang: str = ""


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
        "district": str(facts.get("district") or "") or _district_of(subject),
        "at": at,
    }
    if key is None:
        message, new = Message.objects.create(**fields), True
    else:
        message, new = Message.objects.get_or_create(key=key, defaults=fields)
    if new:
        Delivery.objects.bulk_create(_deliveries(message, to, at))
    return message


def _district_of(subject: tuple[str, str]) -> str:
    """The district of the record that a message is about, so that its office sees how it was delivered."""
    noun = NOUNS.get(subject[0])
    if noun is None or noun.find is None:
        return ""
    try:
        return noun.district(noun.find(subject[1], SYSTEM)) or ""
    except NotFound:
        return ""


def _deliveries(message: Message, to: Recipient, at: datetime) -> list[Delivery]:
    rows = [Delivery(message=message, channel="portal", state="sent", sent_at=at)] if to.kind != "phone" else []
    wish = wish_of(message.to_kind, message.to_id)
    off = is_off(message.template, "email", wish.off if wish else (), policy=book(), at=at)
    state: dict[str, Any] = {"state": "refused", "code": "SMS-07"} if off else {"state": "queued", "next_try_at": at}
    for address in dict.fromkeys(filter(None, (to.email, *to.others))):
        rows.append(Delivery(message=message, channel="email", address=address, **state))
    if to.phone and sms_words(message.template, _LANGUAGE):
        rows.append(_sms(message, to, wish, at))
    return rows


def _sms(message: Message, to: Recipient, wish: Wish | None, at: datetime) -> Delivery:
    """The SMS of a message: queued, or kept as one that does not go out, with the reason."""
    lang = (wish.lang if wish else "") or to.lang or _LANGUAGE
    row = Delivery(message=message, channel="sms", address=to.phone, lang=lang, vendor=sms_vendor())
    if not row.vendor:
        row.state = "no_service"
    elif code := _unwanted(message.template, wish, at):
        row.state, row.code = "refused", code
    else:
        row.state, row.next_try_at = "queued", at
    return row


def _unwanted(template: str, wish: Wish | None, at: datetime) -> str:
    """By which rule a reader has no SMS of this message; empty where he has it, or the law sends it in any case."""
    if wish is None or is_always(template, "sms", policy=book(), at=at):
        return ""
    if wish.sms is False:
        return "SMS-05"
    return "SMS-07" if is_off(template, "sms", wish.off, policy=book(), at=at) else ""


def mark_read(message: Message, *, by: Actor, at: datetime) -> None:
    """Note who first read a message and when. Raises NotFound for a message to somebody else."""
    if by != SYSTEM:
        message_of(by, message.pk)
    Message.objects.filter(pk=message.pk, read_at__isnull=True).update(read_at=at, read_by=by.user_id)
