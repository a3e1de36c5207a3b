"""The operators of SMS, as the simulator stands in for them, and an office that sends through them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from immis.adapters.sms.simulator import SmsSimulator
from immis.core.access.permissions import Actor
from immis.messaging import gateways
from immis.messaging.services import NewText, register_text
from immis.messaging.texts import sms_proposed

AT = datetime(2026, 6, 5, 7, 30, tzinfo=UTC)
HQ = Actor(role="hq", user_id=9, office_id=1)


@contextmanager
def listening() -> Iterator[SmsSimulator]:
    """The simulator on a port of its own."""
    server = SmsSimulator("127.0.0.1", 0)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def connected(settings: Any) -> Iterator[SmsSimulator]:
    """An office whose SMS go through the simulator as C-DAC Mobile Seva."""
    with listening() as server:
        settings.SMS_VENDOR, settings.SMS_URL = "cdac", f"{server.url}/esms/sendsmsrequestDLT"
        settings.SMS_REPORT_URL = f"{server.url}/ReportAPI/csvreport"
        settings.SMS_USER, settings.SMS_PASSWORD, settings.SMS_KEY = server.user, server.password, server.key
        gateways.sms_gateway.cache_clear()
        yield server
        gateways.sms_gateway().close()
        gateways.sms_gateway.cache_clear()


def register(template: str, *langs: str) -> None:
    """Headquarters enters the registered texts of a message."""
    for number, lang in enumerate(langs or ("hi", "en"), 1):
        text = sms_proposed(template, lang)
        new = NewText(template, lang, f"11071{number}", "BHMINE", "service_implicit", text)
        register_text(new=new, by=HQ, at=AT)
