"""The log of deliveries before the office: what went out by e-mail and SMS, and whether it arrived (A-09)."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from immis import clock
from immis.core.selectors import history_of
from immis.messaging import selectors
from immis.messaging.texts import ending
from immis.web.enforcement.words import log_lines
from immis.web.messaging import words
from immis.web.messaging.inbox import title_of
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.views import page

_ALL = ("", gettext_lazy("all"))


class DeliveryFilter(forms.Form):
    """Which deliveries to show."""

    channel = forms.ChoiceField(
        label=gettext_lazy("Channel"),
        required=False,
        choices=[_ALL, ("sms", wording.CHANNELS["sms"]), ("email", wording.CHANNELS["email"])],
    )
    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[_ALL, *((name, word) for name, (_drawn, word) in words.STATES.items())],
    )
    template = forms.CharField(label=gettext_lazy("Message (code)"), required=False, max_length=20)
    ends = forms.CharField(label=gettext_lazy("Number or address ends in"), required=False, max_length=40)

    def chosen(self) -> dict[str, Any]:
        """The filters of the selector."""
        payload = self.cleaned_data if self.is_valid() else {}
        names = {
            "channel": "channel",
            "state": "state",
            "template": "message__template__iexact",
            "ends": "address__endswith",
        }
        return {names[name]: value.strip() for name, value in payload.items() if value.strip()}


@page("message.oversee")
def log(request: HttpRequest) -> HttpResponse:
    """E-mails and SMS of the jurisdiction with their states, newest first."""
    form = DeliveryFilter(request.GET)
    rows = selectors.deliveries(request.actor, **form.chosen())
    return list_response(request, _table(), rows, ListPage(form=form, template="messaging/log.html"))


def _table() -> Table:
    columns = [
        Column(_("At"), "message.at", "at", link=to("delivery", "pk")),
        Column(_("Message"), lambda row: title_of(row.message)),
        Column(_("Code"), "message.template", under=True),
        Column(_("Channel"), lambda row: str(wording.CHANNELS[row.channel])),
        Column(pgettext("recipient", "To"), lambda row: ending(row.address), under=True),
        Column(_("State"), words.state_of, "chip"),
        Column(_("Reason"), words.reason_of, under=True),
        Column(_("Sent at"), "sent_at", "at"),
        Column(_("Reported at"), "reported_at", "at"),
        Column(_("Number of the gateway"), "gateway_id", on="file"),
    ]
    hint = _("E-mails and SMS stand here from the moment a message is written.")
    return Table("deliveries", _("Deliveries"), columns, (_("Nothing was sent"), hint))


@page("message.oversee")
def delivery(request: HttpRequest, pk: int) -> HttpResponse:
    """One delivery: the text as it went out, its states, and every report of the gateway."""
    row = selectors.delivery_of(request.actor, pk)
    context = {
        "row": row,
        "title": title_of(row.message),
        "channel": wording.CHANNELS[row.channel],
        "address": ending(row.address),
        "chip": words.state_of(row),
        "reason": words.reason_of(row),
        "vendor": words.VENDORS.get(row.vendor, row.vendor),
        "reports": [(report, words.STATES.get(report.state, ("plain", report.state))) for report in row.reports.all()],
        "contact": selectors.contact_at(row.channel, row.address),
    }
    return render(request, "messaging/delivery.html", context)


@page("message.oversee", write="contact.revive")
def contact(request: HttpRequest, pk: int) -> HttpResponse:
    """One number or address: whether anything reaches it, what was sent to it, and the act that brings it back."""
    row = selectors.contact_of(request.actor, pk)
    acts = PageActs(request, "contact", row, place="contact", at=clock.now())
    if request.method == "POST" and (answer := acts.take()):
        return answer
    sent = selectors.deliveries_to(request.actor, row)[:20]
    context = {
        "row": row,
        "channel": wording.CHANNELS[row.channel],
        "address": ending(row.address),
        "why": words.WHY_DEAD.get(row.why, ""),
        "acts": acts,
        "sent": [(each, title_of(each.message), words.state_of(each)) for each in sent],
        "history": log_lines(history_of("contact", str(row.pk))),
    }
    return render(request, "messaging/contact.html", context, status=acts.status)
