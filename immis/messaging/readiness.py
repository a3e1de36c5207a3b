"""What of the sending of messages is not set up, and what that means: asked by the page that checks an installation."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from immis.adapters.sms.vendors import VENDORS
from immis.messaging.gateways import sms_vendor
from immis.messaging.models import SmsText
from immis.messaging.texts import sms_templates

_FILES = "django.core.mail.backends.filebased.EmailBackend"


@dataclass(frozen=True)
class Check:
    """One thing that is set or not: its name, the settings that make it so, and how many of a whole are there."""

    name: str
    is_set: bool
    settings: tuple[str, ...] = ()
    count: int = 0
    of: int = 0


def readiness(*, at: datetime) -> list[Check]:
    """E-mail, SMS, its reports and registered texts; each by a name that ``web.messaging.words.CHECKS`` words."""
    codes = sms_templates()
    standing = SmsText.objects.filter(ended_at__isnull=True, template__in=codes).count()
    return [
        Check("email", settings.EMAIL_BACKEND != _FILES, ("IMMIS_SMTP_URL", "IMMIS_EMAIL_FROM")),
        Check("sms", sms_vendor() in VENDORS, ("IMMIS_SMS_VENDOR", "IMMIS_SMS_URL", "IMMIS_SMS_USER")),
        Check("sms_secret", _has_secrets(), ("IMMIS_SMS_PASSWORD", "IMMIS_SMS_KEY", "IMMIS_SMS_ENTITY")),
        Check("sms_reports", _hears_reports(), ("IMMIS_SMS_REPORT_URL", "IMMIS_SMS_REPORT_KEY")),
        Check("sms_texts", standing == 2 * len(codes), count=standing, of=2 * len(codes)),
    ]


def _has_secrets() -> bool:
    needed = {"cdac": (settings.SMS_PASSWORD, settings.SMS_KEY), "nic": (settings.SMS_PASSWORD, settings.SMS_ENTITY)}
    return all(needed.get(sms_vendor(), (settings.SMS_PASSWORD,)))


def _hears_reports() -> bool:
    """SMPP reports over its own line; Mobile Seva is asked; the others call."""
    vendor = sms_vendor()
    return bool({"smpp": True, "cdac": settings.SMS_REPORT_URL}.get(vendor, settings.SMS_REPORT_KEY)) and bool(vendor)
