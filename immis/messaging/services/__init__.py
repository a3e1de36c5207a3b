"""Sending messages by portal, e-mail and SMS; texts registered for SMS; addresses; codes that prove a phone."""

from immis.messaging.services.codes import check_code, send_code
from immis.messaging.services.contacts import note_wish, revive_contact
from immis.messaging.services.email import claim_deliveries, deliver_one, email_text
from immis.messaging.services.sending import Recipient, mark_read, send
from immis.messaging.services.sms import deliver_sms
from immis.messaging.services.sms_reports import ask_reports, note_report
from immis.messaging.services.sms_texts import NewText, end_text, import_texts, register_text

__all__ = [
    "NewText",
    "Recipient",
    "ask_reports",
    "check_code",
    "claim_deliveries",
    "deliver_one",
    "deliver_sms",
    "email_text",
    "end_text",
    "import_texts",
    "mark_read",
    "note_report",
    "note_wish",
    "register_text",
    "revive_contact",
    "send",
    "send_code",
]
