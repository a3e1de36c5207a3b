"""Addresses that nothing reaches any more, those that work again, and how somebody wants to be told."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from immis.core.access.permissions import Actor
from immis.core.errors import Refusal
from immis.core.grants import require_grant
from immis.core.services import emit, log_action
from immis.messaging.events import ContactAlive, ContactDead, TextRefused
from immis.messaging.models import Contact, Delivery, Wish
from immis.messaging.texts import ending
from immis.rules.calendar import india_day
from immis.rules.catalogue import find
from immis.rules.messages.sending import RevivalFacts, is_fault_of_text
from immis.rules.messages.wishes import WishFacts
from immis.rules.policy import book


def _contact(delivery: Delivery) -> Contact:
    """The address of a delivery, locked, with the reader to whom it went last."""
    message = delivery.message
    whose = {"to_kind": message.to_kind, "to_id": message.to_id, "district": message.district}
    known = {"channel": delivery.channel, "address": delivery.address}
    row, _new = Contact.objects.select_for_update().get_or_create(**known, defaults=whose)
    row.to_kind, row.to_id, row.district = message.to_kind, message.to_id, message.district or row.district
    return row


@transaction.atomic
def note_arrived(delivery: Delivery, *, at: datetime) -> None:
    """Something arrived at an address: what was missed before counts no longer."""
    known = Contact.objects.select_for_update().filter(channel=delivery.channel, address=delivery.address)
    row = known.filter(misses__gt=0).first()
    if row is None:
        return
    row.misses = 0
    _bring_back(row, at=at)
    row.save()


def note_refused_text(delivery: Delivery, *, at: datetime) -> None:
    """An SMS that failed for its registered text: headquarters learns it, once a day for each text and code."""
    if not is_fault_of_text(delivery.code):
        return
    template, lang = delivery.message.template, delivery.lang
    key = f"sms-refused:{template}:{lang}:{delivery.code}:{india_day(at)}"
    news = TextRefused(template=template, lang=lang, why=delivery.code)
    emit(news, subject=("sms_words", f"{template}-{lang}"), at=at, key=key)


@transaction.atomic
def note_missed(delivery: Delivery, *, at: datetime, for_good: bool) -> None:
    """Nothing arrived at an address; for good, or too often in a row, it is dead and lands on a desk (SMS-03)."""
    row = _contact(delivery)
    row.misses += 1
    if row.dead_at is None and (for_good or row.misses >= book().value("SMS-03", at)["in_a_row"]):
        row.dead_at, row.why = at, "refused" if for_good else "often"
        row.save()
        news = ContactDead(**_told(row), why=row.why, times=row.misses)
        emit(news, subject=("contact", str(row.pk)), at=at)
    row.save()


def _told(row: Contact) -> dict[str, str]:
    return {
        "contact": str(row.pk),
        "channel": row.channel,
        "ending": ending(row.address),
        "district": row.district,
    }


def _bring_back(row: Contact, *, at: datetime) -> None:
    if row.dead_at is None:
        return
    row.dead_at, row.why, row.misses = None, "", 0
    emit(ContactAlive(**_told(row)), subject=("contact", str(row.pk)), at=at)


@transaction.atomic
def revive_contact(*, contact: Contact, reason: str, by: Actor, at: datetime) -> Contact:
    """An officer finds that an address works again; messages go to it from now on.

    Raises NotPermitted for another district's, Refusal (SMS-04) for one that works.
    """
    require_grant(by, "contact.revive", district=contact.district)
    row = Contact.objects.select_for_update().get(pk=contact.pk)
    if findings := find("contact.revive", revival_of(row, by, at), policy=book(), at=at):
        raise Refusal(findings)
    before = {"dead_at": row.dead_at, "why": row.why, "misses": row.misses}
    _bring_back(row, at=at)
    row.save()
    facts = {"reason": reason, "before": before}
    log_action("contact.revived", subject=("contact", str(row.pk)), by=by, at=at, facts=facts)
    return row


def revival_of(row: Contact, by: Actor, at: datetime) -> RevivalFacts:
    """What the rules need to know of an address that is to be brought back."""
    return RevivalFacts(is_dead=row.dead_at is not None)


@transaction.atomic
def note_wish(*, sms: bool | None, lang: str, off: Collection[str] = (), by: Actor, at: datetime) -> Wish:
    """A party says whether it wants SMS, in which language it reads, and which kinds do not come by which way.

    Raises Refusal (SMS-08) for a kind that the law sends that way.
    """
    require_grant(by, "message.choose")
    if findings := find("message.wish", WishFacts(tuple(sorted(set(off)))), policy=book(), at=at):
        raise Refusal(findings)
    whose = {"to_kind": "party", "to_id": str(by.party_id)}
    row, new = Wish.objects.select_for_update().get_or_create(**whose, defaults={"changed_at": at})
    before = {} if new else {"sms": row.sms, "lang": row.lang, "off": row.off}
    row.sms, row.lang, row.off, row.changed_at, row.changed_by = sms, lang, sorted(set(off)), at, by.user_id
    row.save()
    facts = {"before": before, "after": {"sms": sms, "lang": lang, "off": row.off}}
    log_action("message.wish", subject=("reader", f"party-{by.party_id}"), by=by, at=at, facts=facts)
    return row
