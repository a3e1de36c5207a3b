"""The gateway of SMS that the settings name, one for each process."""

from functools import cache

from django.conf import settings

from immis.adapters.sms.port import Line, SmsGateway
from immis.adapters.sms.vendors import make


def sms_vendor() -> str:
    """The vendor that the settings name (``cdac``, ``nic``, ``smpp``); empty where no SMS service is connected."""
    return settings.SMS_VENDOR if settings.SMS_URL else ""


@cache
def sms_gateway() -> SmsGateway:
    """The gateway of this installation; its line is kept between calls."""
    return make(
        settings.SMS_VENDOR,
        Line(
            url=settings.SMS_URL,
            user=settings.SMS_USER,
            password=settings.SMS_PASSWORD,
            key=settings.SMS_KEY,
            entity=settings.SMS_ENTITY,
            report_url=settings.SMS_REPORT_URL,
            tags=settings.SMPP_TAGS,
        ),
    )
