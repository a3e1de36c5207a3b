"""A driver's phone in place of a faulty device: ordered on the fault's ticket, set up by a QR code, ended (DEV-17)."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.validators import RegexValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.errors import Refusal
from immis.rules.policy import book
from immis.tracking import phones
from immis.web.shell.views import page
from immis.web.tracking.office_faults import fault_item, fault_of

#: What the app is told to do: its documented parameters; a fix every ten seconds, kept while there is no network.
_APP = {"accuracy": "highest", "distance": 0, "interval": 10, "buffer": "true", "wakelock": "true"}


class PhoneForm(forms.Form):
    """Whose phone stands in, for how long and why."""

    holder = forms.CharField(label=gettext_lazy("Whose phone"), max_length=160)
    msisdn = forms.CharField(
        label=gettext_lazy("Mobile number"),
        max_length=13,
        validators=[RegexValidator(r"^(\+91)?[6-9]\d{9}$", gettext_lazy("Ten digits that begin with 6 to 9."))],
        widget=forms.TextInput({"inputmode": "tel", "autocomplete": "off"}),
    )
    days = forms.IntegerField(label=gettext_lazy("For how many days"), min_value=1, max_value=365)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300)


@page("phone.stand_in")
def fault_phone(request: HttpRequest, code: str) -> HttpResponse:
    """Order that a phone stands in while a fault is mended, or end it."""
    fault, at = fault_of(request, code), clock.now()
    running = phones.stand_ins(fault=fault, ended_at__isnull=True).first()
    if request.method == "POST" and "end" in request.POST:
        if running:
            phones.end_stand_in(running, by=request.actor, at=at)
            messages.success(request, _("The phone reports no more; the device is in the vehicle again."))
        return redirect("fault", code)
    most = int(book().value("DEV-17", at)["days"])
    form, findings = PhoneForm(request.POST or None, initial={"days": most}), []
    if request.method == "POST" and form.is_valid():
        try:
            made = phones.stand_in(fault=fault, by=request.actor, at=at, **form.cleaned_data)
        except Refusal as refusal:
            findings = refusal.findings
        else:
            messages.success(request, _("The phone stands in. Set it up now with the code below."))
            return redirect("device", made.phone.imei)
    context = {**fault_item(fault), "form": form, "findings": findings, "running": running}
    return render(request, "tracking/phone_new.html", context, status=422 if form.is_bound else 200)


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
