"""A driver's phone in place of a faulty device: ordered on the fault's ticket, set up by a QR code, ended (DEV-17)."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from immis import clock
from immis.tracking.services import phones
from immis.web.shell.acts import PageActs
from immis.web.shell.views import page
from immis.web.tracking.office_faults import fault_item, fault_of

#: What the app is told to do: its documented parameters; a fix every ten seconds, kept while there is no network.
_APP = {"accuracy": "highest", "distance": 0, "interval": 10, "buffer": "true", "wakelock": "true"}


@page("phone.stand_in")
def fault_phone(request: HttpRequest, code: str) -> HttpResponse:
    """Order that a phone stands in while a fault is mended, or end it."""
    fault, home = fault_of(request, code), reverse("fault", args=[code])
    acts = PageActs(request, "device_fault", fault, place="phone", at=clock.now(), home=home)
    if request.method == "POST":
        acts.alone("end_phone" if "end" in request.POST else "let_phone_in")
        if answer := acts.take():
            return answer
    return render(request, "tracking/phone_new.html", {**fault_item(fault), "acts": acts}, status=acts.status)


def phone_card(device: Any) -> dict[str, Any] | None:
    """What the page of a phone shows of its order and how to set it up; None for a device."""
    row = phones.stand_in_of(device) if device.is_phone else None
    if row is None:
        return None
    setup = f"{settings.PHONE_URL}?{urlencode({'id': device.imei, **_APP})}"
    running = row.ended_at is None and row.until > clock.now()
    return {
        "one": row, "running": running, "setup": setup, "url": settings.PHONE_URL,
        "code": fault_item(row.fault)["code"],
    }  # fmt: skip
