"""Whether messages can leave the house, by e-mail and by SMS, and whether anybody learns that they arrived."""

import smtplib
from datetime import datetime

from django.conf import settings
from django.core.mail import get_connection
from django.utils.translation import gettext_lazy as _

from immis.adapters.sms.vendors import VENDORS
from immis.core.installation.readiness import Check, Finding, declare
from immis.messaging.gateways import sms_vendor
from immis.messaging.models import SmsText
from immis.messaging.texts import sms_templates


def _mail(at: datetime) -> Finding:
    if not settings.EMAIL_HOST:
        return Finding("missing")
    state = "weak" if settings.DEFAULT_FROM_EMAIL.endswith(".invalid") else "set"
    return Finding(state, f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}, {settings.DEFAULT_FROM_EMAIL}")


def _reach_mail() -> None:
    """Open a session with the mail service, log in, and close it; nothing is sent."""
    service = get_connection(timeout=5)
    try:
        service.open()
        service.close()
    except smtplib.SMTPException as error:
        raise OSError(str(error)) from error


def _sms(at: datetime) -> Finding:
    vendor = sms_vendor()
    return Finding("set", vendor) if vendor in VENDORS else Finding("missing", settings.SMS_VENDOR)


def _sms_secret(at: datetime) -> Finding:
    needed = {"cdac": (settings.SMS_PASSWORD, settings.SMS_KEY), "nic": (settings.SMS_PASSWORD, settings.SMS_ENTITY)}
    return Finding("set" if all(needed.get(sms_vendor(), (settings.SMS_PASSWORD,))) else "missing")


def _sms_reports(at: datetime) -> Finding:
    """SMPP reports over its own line; Mobile Seva is asked; the others call."""
    heard = {"smpp": True, "cdac": settings.SMS_REPORT_URL, "nic": settings.SMS_REPORT_KEY}.get(sms_vendor())
    return Finding("set" if heard else "missing")


def _sms_texts(at: datetime) -> Finding:
    """How many messages have their registered text, in both languages."""
    codes = sms_templates()
    standing, needed = SmsText.objects.filter(ended_at__isnull=True, template__in=codes).count(), 2 * len(codes)
    state = "set" if standing == needed else "weak" if standing else "missing"
    return Finding(state, f"{standing} / {needed}")


declare(
    Check(
        "mail",
        _("E-mail"),
        _("Without it no bidder gets a user ID and no head of an auction is told; messages wait as files in the data."),
        "IMMIS_SMTP_URL, IMMIS_EMAIL_FROM",
        _mail,
        needed=True,
        attempt=_reach_mail,
    ),
    Check(
        "sms",
        _("SMS service"),
        _("No SMS goes out; messages stand on the portal and go by e-mail, and no phone can be proved by a code."),
        "IMMIS_SMS_VENDOR, IMMIS_SMS_URL, IMMIS_SMS_USER",
        _sms,
    ),
    Check(
        "sms_secret",
        _("Secrets of the SMS service"),
        _("The gateway refuses every SMS."),
        "IMMIS_SMS_PASSWORD, IMMIS_SMS_KEY, IMMIS_SMS_ENTITY",
        _sms_secret,
    ),
    Check(
        "sms_reports",
        _("Delivery reports"),
        _("Nobody learns whether an SMS arrived."),
        "IMMIS_SMS_REPORT_URL, IMMIS_SMS_REPORT_KEY",
        _sms_reports,
    ),
    Check(
        "sms_texts",
        _("Registered SMS texts"),
        _("Messages without a registered text go by no SMS."),
        "/office/sms-texts/",
        _sms_texts,
    ),
)
