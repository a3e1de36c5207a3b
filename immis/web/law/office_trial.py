"""A draft figure tried on days that are over: what would have followed, beside what did; nothing is stored."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis.enforcement.again.trying import MOST_ON_A_PAGE, Trial, figure_of, kept_count, try_figure
from immis.rules.calendar import end_of, start_of
from immis.rules.policy import NotInForce, PolicyError
from immis.web.shell import wording
from immis.web.shell.fields import DayField
from immis.web.shell.tables import Column, ListPage, Table, list_response
from immis.web.shell.views import page

_FIGURES = {
    "cases": gettext_lazy("Cases"),
    "penalties_paise": gettext_lazy("Penalties proposed"),
    "stops": gettext_lazy("Stops ordered"),
    "tasks": gettext_lazy("Tasks"),
    "refused": gettext_lazy("Loads refused"),
    "vehicles": gettext_lazy("Vehicles concerned"),
}


class TrialForm(forms.Form):
    """Which figure, and on which days."""

    code = forms.CharField(label=gettext_lazy("Code of the figure (PEN-01)"), max_length=20)
    figure = forms.DecimalField(label=gettext_lazy("Draft figure"), max_digits=14, decimal_places=4, min_value=0)
    from_on = DayField(label=gettext_lazy("From day"))
    to_on = DayField(label=gettext_lazy("Up to day"))

    def clean(self) -> dict[str, Any]:
        """The code has one figure in force on the first day, and the days are not too many for a page."""
        given = super().clean() or {}
        if self.errors:
            return given
        given["code"] = str(given["code"]).strip().upper()
        start, end = start_of(given["from_on"]), end_of(given["to_on"])
        try:
            figure_of(given["code"], given["from_on"])
        except (PolicyError, NotInForce, TypeError):
            self.add_error("code", _("This code has no single figure on that day."))
        if end <= start:
            self.add_error("to_on", _("The last day lies before the first."))
        elif kept_count(start, end) > MOST_ON_A_PAGE:
            self.add_error("to_on", _("Too much for a page: take fewer days, or the command immis law try."))
        return given


def _line(side: Mapping[str, Any]) -> str:
    """What one event or decision led to, in a few words."""
    shown = [(label, _value(name, side[name])) for name, label in _FIGURES.items() if name != "vehicles" and side[name]]
    return ", ".join(f"{label}: {value}" for label, value in shown) or "—"


def _value(name: str, value: Any) -> str:
    if name == "penalties_paise":
        return wording.paise(value)
    return wording.number(Decimal(len(value) if isinstance(value, list) else value))


def _sums(trial: Trial) -> Sequence[tuple[Any, str, str]]:
    done, tried = trial.done.row(), trial.tried.row()
    return [(label, _value(name, done[name]), _value(name, tried[name])) for name, label in _FIGURES.items()]


def _table() -> Table:
    columns = [
        Column(_("At"), lambda row: row["at"], "at"),
        Column(_("Rule"), lambda row: row["code"]),
        Column(_("Record"), lambda row: row["subject"], under=True),
        Column(_("As it was"), lambda row: _line(row["done"])),
        Column(_("With the draft"), lambda row: _line(row["tried"])),
    ]
    hint = _("Name a code, its draft figure and the days: nothing is stored, and the records of today are not asked.")
    return Table("trial", _("Try a draft figure"), columns, (_("Nothing would have ended otherwise"), hint))


@page("law.try")
def trial(request: HttpRequest) -> HttpResponse:
    """Run a draft figure over past events and decisions; the first that it changes, and the sums of all."""
    form = TrialForm(request.GET or None)
    result = None
    if form.is_valid():
        given = form.cleaned_data
        span = {"start": start_of(given["from_on"]), "end": end_of(given["to_on"])}
        result = try_figure(given["code"], given["figure"], **span)
    more = {"trial": result, "sums": _sums(result) if result else ()}
    shown = ListPage(form=form, template="law/trial.html", more=more)
    return list_response(request, _table(), result.rows if result else [], shown)
