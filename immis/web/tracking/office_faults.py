"""Tickets of faults of devices: reported by owner or office, followed until they are mended (A-30)."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.errors import NotFound
from immis.core.selectors import history_of
from immis.registry import devices as register
from immis.registry import phones
from immis.tracking import devices as tracking
from immis.web.shell.acts import PageActs
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.views import page
from immis.web.tracking import words as device_words

_A_PAGE = 50


def fault_item(fault: Any) -> dict[str, Any]:
    """A ticket as lists show it."""
    return {
        "fault": fault,
        "code": fault.number,
        "kind": device_words.fault_kind(fault.kind),
        "chip": device_words.fault_chip(fault),
    }


class FaultFilter(forms.Form):
    """Which tickets to show."""

    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[
            ("", gettext_lazy("not closed")),
            ("overdue", gettext_lazy("overdue")),
            *[(state, label) for state, (_drawn, label) in device_words.FAULT_STATES.items()],
            ("all", gettext_lazy("all")),
        ],
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", gettext_lazy("all")), *device_words.fault_kinds()]

    def filters(self, at: datetime) -> dict[str, Any]:
        payload = self.cleaned_data if self.is_valid() else {}
        state, kind = payload.get("state", ""), payload.get("kind", "")
        chosen: dict[str, Any] = {"kind": kind} if kind else {}
        if state in ("", "overdue"):
            chosen["closed_at__isnull"] = True
        if state == "overdue":
            chosen["due_at__lt"] = at
        elif state not in ("", "all"):
            chosen["state"] = state
        return chosen


@page("device.read_faults")
def faults(request: HttpRequest) -> HttpResponse:
    """Tickets of faults by state and kind; exported as they are filtered."""
    at, form = clock.now(), FaultFilter(request.GET)
    result = register.faults_of(tracking.devices_for(request.actor), **form.filters(at))
    more = {"office": not request.actor.is_party}
    return list_response(request, _table(), result, ListPage(form=form, template="tracking/faults.html", more=more))


def _table() -> Table:
    columns = [
        Column(_("Ticket"), "number", link=to("fault", "number")),
        Column(_("Vehicle"), "vehicle.registration"),
        Column("IMEI", "device.imei", under=True),
        Column(_("Vendor"), "device.vendor", under=True),
        Column(_("Fault"), lambda fault: device_words.fault_kind(fault.kind)),
        Column(_("State"), device_words.fault_chip, "chip"),
        Column(_("Reported at"), "opened_at", "at"),
        Column(_("To be mended by"), "due_at", "at"),
        Column("", "due_at", "since", under=True, on="page"),
        Column(_("Closed at"), "closed_at", "at", on="file"),
        Column(_("Words"), "words", on="file"),
    ]
    empty = (_("No ticket here"), _("A fault is reported on the page of its device."))
    return Table("device-faults", _("Faults of devices"), columns, empty)


@page("device.read_faults")
def fault(request: HttpRequest, code: str) -> HttpResponse:
    """One ticket with what was done to it; the next step as a button."""
    item = fault_of(request, code)
    acts = PageActs(request, "device_fault", item, place="fault", at=clock.now(), default="move")
    if request.method == "POST" and (answer := acts.take()):
        return answer
    stood_in = list(phones.stand_ins(fault=item))
    phone_acts = PageActs(request, "device_fault", item, place="phone", at=clock.now())
    context = {
        **fault_item(item), "acts": acts, "history": _fault_history(item), "phones": stood_in,
        "office": not request.actor.is_party,
        "may_phone": any(act.word == "let_phone_in" for act in phone_acts.fitting),
    }  # fmt: skip
    return render(request, "tracking/fault.html", context, status=acts.status)


def fault_of(request: HttpRequest, code: str) -> Any:
    """The ticket of an address, if this person may see it. Raises NotFound."""
    result = register.faults_of(tracking.devices_for(request.actor), number=code).first()
    if result is None:
        raise NotFound(f"fault {code}")
    return result


def _fault_history(row: Any) -> list[dict[str, Any]]:
    return [
        {
            "at": line.at,
            "role": line.role,
            "state": device_words.FAULT_STATES[line.facts.get("to", "open")][1],
            "words": line.facts.get("words", ""),
        }
        for line in history_of("device_fault", row.number)
    ]
