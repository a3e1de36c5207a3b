"""Registered SMS texts and addresses as nouns: who sees one, and the pages that show them and their acts."""

from operator import attrgetter

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.nouns import Noun, Page, declare_noun
from immis.messaging.models import Contact, SmsText
from immis.messaging.selectors import contact_of, sms_text_of
from immis.reading import whole_number


def _contact(number: str, viewer: Actor) -> Contact:
    pk = whole_number(number)
    if pk is None:
        raise NotFound(f"contact {number}")
    return contact_of(viewer, pk)


def _sms_text(number: str, viewer: Actor) -> SmsText:
    pk = whole_number(number)
    if pk is None:
        raise NotFound(f"SMS text {number}")
    return sms_text_of(viewer, pk)


declare_noun(
    Noun(
        "contact",
        find=_contact,
        number=lambda contact: str(contact.pk),
        district=attrgetter("district"),
        pages={"contact": ("contact",)},
        address="contacts",
        page=lambda number, facts: Page("contact", (number,)),
    )
)
declare_noun(
    Noun(
        "sms_text",
        find=_sms_text,
        number=lambda text: str(text.pk),
        district=lambda text: None,
        pages={"text": ("sms_text",), "new": ("sms_text_new",)},
        address="sms-texts",
        page=lambda number, facts: Page("sms_text", (number,)),
    )
)
declare_noun(Noun("reader"))
declare_noun(Noun("sms_words", page=lambda number, facts: Page("sms_texts_lacking")))
