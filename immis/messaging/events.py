"""What messaging tells: an address that nothing reaches, one that works again; the nouns of its pages."""

from django.utils.translation import gettext_lazy as _

from immis.core.events import Payload, event, step
from immis.messaging import nouns as nouns

step("contact.revived", _("An officer found that the address works again"))
step("message.wish", _("The reader chose how to be told"))
step("sms_text.registered", _("A registered SMS text was entered"))
step("sms_text.ended", _("A registered SMS text ended"))
step("sms_text.imported", _("Registered SMS texts were taken in from a file"))


@event("contact.dead", _("A number or address is dead"), about="contact")
class ContactDead(Payload):
    """Nothing reaches a number or address any more (A-09)."""

    contact: str
    channel: str
    ending: str
    why: str
    times: int
    district: str


@event("contact.alive", _("A number or address works again"), about="contact")
class ContactAlive(Payload):
    """A delivery, or an officer, shows that an address works again."""

    contact: str
    channel: str
    ending: str
    district: str


@event("sms_text.refused", _("An SMS was refused for its registered text"), about="sms_words")
class TextRefused(Payload):
    """Our own check, or an operator's, found fault with a registered text (A-09)."""

    template: str
    lang: str
    why: str
