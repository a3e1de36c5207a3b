"""Why somebody reads a person's trail: asked once for a vehicle and a working day, kept in the session (DEV-10)."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.errors import NotFound
from immis.registry import selectors as registry
from immis.rules.catalogue import find
from immis.rules.movement.devices import LookFacts
from immis.rules.policy import book
from immis.tracking import selectors as tracking
from immis.web.shell import wording
from immis.web.shell.views import page

_KEPT = "looks"
_MOST = 50


class ReasonForm(forms.Form):
    """The purpose of reading a trail."""

    reason = forms.CharField(
        label=gettext_lazy("Why do you read this trail?"),
        max_length=200,
        help_text=gettext_lazy("For example the number of the case, the e-challan or the complaint."),
    )


def device_seen(request: HttpRequest, registration: str) -> Any:
    """The device in a vehicle whose trail this reader may see. Raises NotFound."""
    vehicle = registry.vehicle_of(registration)
    device = registry.device_of(vehicle) if vehicle else None
    if device is None:
        raise NotFound(f"vehicle {registration}")
    return tracking.seen_device(request.actor, device.imei)


def reason_for(request: HttpRequest, registration: str) -> str:
    """The reason that this reader gave for this vehicle and that still holds; else nothing."""
    reason, until = request.session.get(_KEPT, {}).get(registration, ("", ""))
    return reason if until and datetime.fromisoformat(until) > clock.now() else ""


def ask(request: HttpRequest, registration: str) -> HttpResponse:
    """Send the reader to say why, and back here after."""
    query = urlencode({"next": request.get_full_path()})
    return redirect(f"{reverse('trail_reason', args=[registration])}?{query}")


@page("look.read")
def trail_reason(request: HttpRequest, registration: str) -> HttpResponse:
    """Ask for the reason once; it then holds for this vehicle for the hours of DEV-10."""
    mark, at = device_seen(request, registration).vehicle.registration, clock.now()
    kept: dict[str, Any] = request.session.get(_KEPT, {})
    newest = list(kept.values())[-1][0] if kept else ""
    form = ReasonForm(request.POST or None, initial={"reason": newest})
    if request.method == "POST" and form.is_valid():
        findings = find("trail.read", LookFacts(mark, form.cleaned_data["reason"]), policy=book(), at=at)
        if not findings:
            until = at + timedelta(hours=int(book().value("DEV-10", at)["hours"]))
            kept.pop(mark, None)
            kept[mark] = [form.cleaned_data["reason"], until.isoformat()]
            request.session[_KEPT] = dict(list(kept.items())[-_MOST:])
            return redirect(_back(request, mark))
        form.add_error("reason", wording.say(findings[0]))
    context = {"form": form, "registration": mark, "next": request.GET.get("next", "")}
    return render(request, "tracking/reason.html", context, status=422 if form.is_bound else 200)


def _back(request: HttpRequest, mark: str) -> str:
    wanted = request.GET.get("next", "")
    own = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return wanted if own else reverse("monitoring_vehicle", args=[mark])
