"""Every trigger with its clause, its mode, what it did lately and what it would have done (TRM-01)."""

from collections import Counter
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from immis import clock
from immis.enforcement.modes import MODES, TriggerRow, triggers_with_modes
from immis.registers import loader
from immis.rules.calendar import india_day
from immis.rules.districts import district_name
from immis.rules.policy import book
from immis.web.shell import wording
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.views import page

_DAYS = 30
CHIPS = {
    "enforce": ("good", gettext_lazy("in force")),
    "report": ("warn", gettext_lazy("report only")),
    "stopped": ("plain", gettext_lazy("off")),
}


class TriggerFilter(forms.Form):
    """Which triggers to show."""

    q = forms.CharField(
        label=gettext_lazy("Code or words"), required=False, max_length=60, widget=forms.TextInput({"type": "search"})
    )
    mode = forms.ChoiceField(
        label=gettext_lazy("Mode"),
        required=False,
        choices=[("", gettext_lazy("all")), *((code, label) for code, (_drawn, label) in CHIPS.items())],
    )

    def takes(self, row: TriggerRow) -> bool:
        """Whether a row is wanted."""
        wanted = self.cleaned_data if self.is_valid() else {}
        text = f"{row.code} {' '.join(book().entry(row.code).title.values())}".casefold()
        return wanted.get("q", "").strip().casefold() in text and wanted.get("mode") in ("", None, row.mode)


@page("event.read")
def triggers(request: HttpRequest) -> HttpResponse:
    """The triggers of this installation; a mode is ordered in the register of orders about them."""
    form = TriggerFilter(request.GET)
    rows = [row for row in triggers_with_modes(request.actor, at=clock.now(), days=_DAYS) if form.takes(row)]
    may_order = request.actor.role in loader.current(MODES, india_day(clock.now())).acts["order"].who
    more = {
        "new_url": reverse("register_new", args=(MODES, "order")) if may_order else "",
        "new_label": _("Order a mode"),
    }
    shown = ListPage(form=form, template="registry/things/thing_list.html", more=more)
    return list_response(request, _table(), rows, shown)


def _table() -> Table:
    columns = [
        Column(_("Trigger"), lambda row: wording.name_of(book().entry(row.code).title), link=to("law_code", "code")),
        Column(_("Code"), "code", under=True),
        Column(_("Clause"), lambda row: wording.citation(book().entry(row.code).values[-1].cites)),
        Column(_("Mode"), lambda row: CHIPS[row.mode], "chip"),
        Column(_("Otherwise in"), _elsewhere),
        Column(_("Events of a month"), "events", "number"),
        Column(_("What followed"), lambda row: _counts(row.done)),
        Column(_("What would have followed"), lambda row: _counts(row.would)),
        Column(_("Cases that were dropped"), "dropped", "number"),
    ]
    empty = (_("No trigger here"), _("No trigger of this mode or with these words."))
    return Table("triggers", _("Triggers"), columns, empty)


def _elsewhere(row: TriggerRow) -> str:
    return ", ".join(
        f"{district_name(order.district, get_language() or 'hi')}: {CHIPS[order.mode][1]}" for order in row.elsewhere
    )


def _counts(counts: Counter[str]) -> str:
    """Counts of consequences by their kind, in words."""
    kinds: dict[str, Any] = {
        "OpenTask": pgettext("of a trigger", "tasks"),
        "OpenCase": pgettext("of a trigger", "cases"),
        "PlaceHold": pgettext("of a trigger", "stops"),
        "SendMessage": pgettext("of a trigger", "messages"),
        "ChangeState": pgettext("of a trigger", "changes of state"),
    }
    return ", ".join(f"{kinds[kind]}: {wording.number(count)}" for kind, count in sorted(counts.items()))
