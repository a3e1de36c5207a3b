"""A party of another State: its passes, its registration, and asking for a pass."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.rules.transit.passes import writing_of
from immis.rules.transit.switch import IN_FORCE
from immis.transit.selectors import passes, registration_of_party, switch_now
from immis.web.shell.acts import PageActs
from immis.web.shell.fields import DayField
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.views import page
from immis.web.transit import words


class PassFilter(forms.Form):
    """Which passes to show."""

    q = forms.CharField(label=gettext_lazy("Number, challan or vehicle"), required=False, max_length=40)
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)
    from_on = DayField(label=gettext_lazy("From day"), required=False)
    to_on = DayField(label=gettext_lazy("Up to day"), required=False)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        kept = [(key, label) for key, (_drawn, label) in words.STATES.items() if key not in ("entered", "expired")]
        self.fields["state"].choices = [("", _("all")), *kept]

    def apply(self, rows: Any) -> Any:
        """The rows that the filter leaves; a wrong value leaves all."""
        sent = self.cleaned_data if self.is_valid() else {}
        if text := sent.get("q", "").strip().upper():
            result = rows.filter(number=text) | rows.filter(origin_key=writing_of(text))
            rows = result | rows.filter(vehicle__registration=text.replace(" ", "").replace("-", ""))
        if sent.get("state"):
            rows = rows.filter(state=sent["state"])
        if sent.get("from_on"):
            rows = rows.filter(applied_at__date__gte=sent["from_on"])
        return rows.filter(applied_at__date__lte=sent["to_on"]) if sent.get("to_on") else rows


def pass_table(title: str, empty: tuple[str, str], at: Any) -> Table:
    """The list of passes, for their party and the offices alike."""
    columns = [
        Column(_("Number"), "number", link=to("istp_pass", "number")),
        Column(_("Challan of the origin"), "origin_number", under=True),
        Column(_("State of origin"), lambda row: words.state_name(row.origin_state)),
        Column(_("Vehicle"), "vehicle.registration", under=True),
        Column(_("Party"), "party", "name"),
        Column(_("Mineral"), words.mineral, under=True),
        Column(_("Quantity"), words.quantity),
        Column(_("Fee"), "fee_paise", "paise"),
        Column(_("District"), "district", "district"),
        Column(_("Asked for"), "applied_at", "at", under=True),
        Column(_("Valid until"), "origin_until", "at"),
        Column(_("Entered the State"), "entered_at", "at", on="file"),
        Column(_("Origin"), words.checked, on="file"),
        Column(_("State"), lambda row: words.chip(row, at), "chip"),
    ]
    return Table("transit-passes", title, columns, empty)


@page("istp.apply")
def istp_own(request: HttpRequest) -> HttpResponse:
    """One's own passes, and the way to a new one."""
    form, at = PassFilter(request.GET), clock.now()
    now, mine = switch_now(at), registration_of_party(request.actor.party_id)
    hint = _("A pass that you ask for stands here from the first minute, with what is still to be paid.")
    table = pass_table(_("Transit passes (ISTP)"), (_("No transit pass yet"), hint), at)
    more = {
        "open": now.state == IN_FORCE,
        "switch": words.switch_words(now),
        "mine": mine,
        "mine_chip": words.PARTIES[mine.state] if mine else None,
    }
    shown = ListPage(form=form, template="transit/own.html", more=more)
    return list_response(request, table, form.apply(passes(request.actor)), shown)


@page("istp.apply")
def istp_new(request: HttpRequest) -> HttpResponse:
    """Ask for the pass of one load; every reason against it stands above the form with its clause."""
    return _form(request, "istp", "apply", _("Ask for a transit pass"))


@page("istp.apply")
def istp_register(request: HttpRequest) -> HttpResponse:
    """Register as a party of another State, with the paper that proves it."""
    return _form(request, "istp_party", "register", _("Register as a party of another State"))


def _form(request: HttpRequest, noun: str, word: str, title: str) -> HttpResponse:
    at = clock.now()
    acts = PageActs(request, noun, None, place="new", at=at).alone(word)
    if request.method == "POST" and (answer := acts.take()):
        return answer
    mine = registration_of_party(request.actor.party_id)
    context = {"acts": acts, "title": title, "mine": mine, "figures": words.figures(at), "asks": noun == "istp"}
    return render(request, "transit/form.html", context, status=acts.status)
