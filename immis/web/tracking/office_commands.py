"""Commands to a device: the allowed list in its own syntax, sent with a reason, with what became of each (DEV-18)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.errors import NotFound, Refusal
from immis.rules.policy import book
from immis.tracking import commands
from immis.tracking import devices as tracking
from immis.web.shell.views import page

ACTS = {
    "ask": gettext_lazy("Ask for a sign of life"),
    "interval": gettext_lazy("Report every so many seconds on the way"),
    "interval_rest": gettext_lazy("Report every so many seconds at rest"),
    "emergency_off": gettext_lazy("End the emergency"),
}
SYNTAXES = {"cdac": gettext_lazy("C-DAC, VT (SET, GET)"), "amendment3": gettext_lazy("AIS-140 Amendment 3 ($…*)")}
STATES = {
    "queued": ("info", gettext_lazy("waits for the device")),
    "sent": ("warn", gettext_lazy("sent, not answered yet")),
    "answered": ("good", gettext_lazy("answered")),
    "failed": ("bad", gettext_lazy("given up")),
}


class CommandForm(forms.Form):
    """What a device shall do, in which syntax, and why."""

    act = forms.ChoiceField(label=gettext_lazy("Command"))
    seconds = forms.IntegerField(
        label=gettext_lazy("Seconds"), required=False, min_value=1, help_text=gettext_lazy("Only for an interval.")
    )
    form = forms.ChoiceField(
        label=gettext_lazy("Syntax of the device"),
        choices=list(SYNTAXES.items()),
        help_text=gettext_lazy("It stands in the manual of the model."),
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        allowed = book().value("DEV-18", clock.now())["acts"]
        self.fields["act"].choices = [(act, label) for act, label in ACTS.items() if act in allowed]

    def clean(self) -> dict[str, Any]:
        form_data = super().clean() or {}
        act = form_data.get("act", "")
        if act in commands.ACTS_WITH_SECONDS and not form_data.get("seconds"):
            self.add_error("seconds", _("Say how many seconds."))
        if act and act not in commands.acts_of(form_data.get("form", "")):
            self.add_error("form", _("This syntax has no such command."))
        return form_data


@page("device.command")
def device_command(request: HttpRequest, imei: str) -> HttpResponse:
    """Send a device a command; it waits until the device is on line."""
    row, at = tracking.device_of(request.actor, imei), clock.now()
    if row.is_phone:
        raise NotFound(f"commands of {imei}")
    form, findings = CommandForm(request.POST or None, initial={"form": commands.usual_form(row)}), []
    if request.method == "POST" and form.is_valid():
        try:
            commands.order_command(device=row, by=request.actor, at=at, **form.cleaned_data)
        except Refusal as refusal:
            findings = refusal.findings
        else:
            messages.success(request, _("The command goes out as soon as the device is on line."))
            return redirect("device", imei)
    context = {"device": row, "form": form, "findings": findings}
    return render(request, "tracking/command_new.html", context, status=422 if form.is_bound else 200)


def command_items(device: Any) -> list[dict[str, Any]]:
    """The last commands of a device as its page shows them."""
    at = clock.now()
    results = []
    for row in commands.commands_of(device)[:20]:
        over = row.state in ("queued", "sent") and row.until < at
        results.append(
            {"row": row, "label": ACTS.get(row.act, row.act), "chip": STATES["failed" if over else row.state]}
        )
    return results
