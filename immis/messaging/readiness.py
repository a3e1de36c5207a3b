"""Whether messages can leave the house."""

import smtplib
from datetime import datetime

from django.conf import settings
from django.core.mail import get_connection
from django.utils.translation import gettext_lazy as _

from immis.core.installation.readiness import Check, Finding, declare


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
)
