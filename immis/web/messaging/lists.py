"""Where messages, their deliveries and the texts of SMS stand among the ways through the house."""

from django.utils.translation import gettext_lazy as _

from immis.web.shell.ways import Form, Way

LISTS = (
    Way(
        "messages",
        _("Messages"),
        "own.account",
        20,
        record=("message",),
        parts={"message_wish": _("How I am told")},
    ),
    Way(
        "deliveries",
        _("Deliveries"),
        "officer.office",
        60,
        record=("delivery",),
        parts={"contact": _("Number or address")},
        nouns=("contact",),
    ),
    Way(
        "sms_texts",
        _("SMS texts"),
        "officer.office",
        70,
        record=("sms_text",),
        parts={"sms_texts_lacking": _("Lacking texts")},
        forms=(
            Form("sms_text_new", _("Enter a registered SMS text")),
            Form("sms_texts_import", _("Take in SMS texts from a file"), verb="file"),
        ),
        nouns=("sms_text",),
    ),
    Way("training_phones", _("Phones of the training"), "public.help", 90, hidden=True),
)
