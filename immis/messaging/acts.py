"""What a post may do to registered SMS texts and to addresses: enter one, end one, say that one works again."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, Gate, declare
from immis.core.nouns import Page
from immis.messaging import nouns as nouns
from immis.messaging import services
from immis.messaging.models import SmsText
from immis.messaging.services.contacts import revival_of
from immis.messaging.services.sms_texts import ending_of
from immis.messaging.texts import sms_templates, title
from immis.rules.messages.registration import CATEGORIES

LANGUAGES = {"hi": _("Hindi"), "en": _("English")}
CATEGORY_WORDS = {
    "service_implicit": _("service implicit"),
    "service_explicit": _("service explicit"),
    "transactional": _("transactional (banks only)"),
    "promotional": _("promotional"),
}


def _messages(_record: None, by: Actor, at: datetime) -> list[tuple[str, Any]]:
    """Every message that goes by SMS, by its code and title."""
    return [(code, {lang: f"{code} · {title(code, lang)}" for lang in ("en", "hi")}) for code in sms_templates()]


def _register(*, by: Actor, at: datetime, **fields: str) -> SmsText:
    return services.register_text(new=services.NewText(**fields), by=by, at=at)


_REASON = Field("reason", "text", _("Reason"))

declare(
    Act(
        "sms_text.register",
        "",
        "DLT-08",
        _register,
        (
            Field("template", "choice", _("Message"), choices=_messages),
            Field("lang", "choice", _("Language"), choices=tuple(LANGUAGES.items())),
            Field("number", "text", _("Number of the text (template ID)"), max_length=30),
            Field("header", "text", _("Header"), max_length=11, help=_("Six letters, as they were registered.")),
            Field(
                "category",
                "choice",
                _("Category"),
                choices=tuple((name, CATEGORY_WORDS[name]) for name in CATEGORIES),
            ),
            Field("text", "long_text", _("Text as it was registered"), max_length=1000),
            Field("reason", "text", _("Recorded reason of a third variable"), required=False),
        ),
        opens=True,
        word="register",
        leads_to=lambda text: Page("sms_text", (str(text.pk),)),
    ),
    place="new",
)
declare(
    Act(
        "sms_text.end",
        "",
        "DLT-08",
        services.end_text,
        (_REASON,),
        fits=(Gate("sms_text.end", ending_of),),
        ends=_("I know that this message goes by no SMS until another text is entered."),
        word="end",
    ),
    place="text",
)
declare(
    Act(
        "contact.revive",
        "",
        "SMS-03",
        services.revive_contact,
        (_REASON,),
        fits=(Gate("contact.revive", revival_of),),
        word="revive",
    ),
    place="contact",
)
