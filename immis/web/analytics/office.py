"""Questions over a month: the answer as bars, table and download, filtered to the reader's jurisdiction."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from immis import clock
from immis.analytics import answers
from immis.analytics.asked import QUESTIONS, Span, usual_night
from immis.rules.calendar import india_day
from immis.web.shell import wording
from immis.web.shell.districts import NAMES_HI, district_name
from immis.web.shell.exports import wanted_format
from immis.web.shell.fields import DayField
from immis.web.shell.tables import Column, Table, table_response
from immis.web.shell.views import page

_A_PAGE, _BARS = 50, 12
_LONGEST = timedelta(days=366)
NAMES = {
    "night_trips": gettext_lazy("Who drives by night"),
    "pass_mills": gettext_lazy("Passes without a truck"),
    "five_way_balance": gettext_lazy("Five-way balance of a ghat"),
}
SAYS = {
    "night_trips": gettext_lazy(
        "Kilometres on the road by night, loads that left a ghat, and those for which no e-challan ran."
    ),
    "pass_mills": gettext_lazy(
        "E-challans whose vehicle made no trip from the ghat, or whose device was never near it."
    ),
    "five_way_balance": gettext_lazy(
        "What a ghat may give, against e-challans, trips, weighbridges, surveys and what works have consumed."
    ),
}
HEADS = {
    "vehicle": gettext_lazy("Vehicle"), "ghat": gettext_lazy("Ghat"), "nights": gettext_lazy("Nights"),
    "km": gettext_lazy("Kilometres by night"), "loads": gettext_lazy("Loads by night"),
    "without_pass": gettext_lazy("Without an e-challan"), "passes": gettext_lazy("E-challans"),
    "vehicles": gettext_lazy("Vehicles"), "most_a_day": gettext_lazy("Most for one vehicle in a day"),
    "without_trip": gettext_lazy("Without a trip"), "never_near": gettext_lazy("Vehicle never near the ghat"),
    "never_near_percent": gettext_lazy("Never near, %"), "permitted_m3": gettext_lazy("Permitted, m³"),
    "passes_m3": gettext_lazy("E-challans, m³"), "driven_m3": gettext_lazy("With a trip, m³"),
    "weighed_m3": gettext_lazy("Weighed, m³"), "surveyed_m3": gettext_lazy("Surveyed, m³"),
    "consumed_m3": gettext_lazy("Consumed, m³"), "unexplained_m3": gettext_lazy("Unexplained, m³"),
}  # fmt: skip


class Asked(forms.Form):
    """Which question, about which days, what counts as night, and which rows to show."""

    name = forms.ChoiceField(label=gettext_lazy("Question"), choices=list(NAMES.items()))
    first = DayField(label=gettext_lazy("First day"))
    last = DayField(label=gettext_lazy("Last day"))
    since = forms.TimeField(label=gettext_lazy("Night begins"), widget=forms.TimeInput(attrs={"type": "time"}))
    until = forms.TimeField(label=gettext_lazy("Night ends"), widget=forms.TimeInput(attrs={"type": "time"}))
    district = forms.ChoiceField(label=gettext_lazy("District"), required=False)

    def __init__(self, data: Any, **more: Any) -> None:
        super().__init__(data, **more)
        named = [(code, district_name(code, wording.lang())) for code in NAMES_HI]
        self.fields["district"].choices = [("", _("all")), *named]

    def clean(self) -> dict[str, Any]:
        form_data = super().clean() or {}
        if not self.errors:
            try:
                form_data["span"] = Span(form_data["first"], form_data["last"], form_data["since"], form_data["until"])
            except ValueError:
                raise forms.ValidationError(
                    _("The last day must not lie before the first, and a night must end before it begins again.")
                ) from None
            if form_data["last"] - form_data["first"] > _LONGEST:
                raise forms.ValidationError(_("A question covers at most %(n)s days.") % {"n": _LONGEST.days})
        return form_data


@page("question.ask")
def index(request: HttpRequest) -> HttpResponse:
    """The answer to one question as it was last asked; ``?format=`` takes it along."""
    form = Asked(_asked(request.GET))
    if not form.is_valid():
        return render(request, "analytics/index.html", {"form": form, "says": SAYS}, status=400)
    form_data = form.cleaned_data
    answer = answers.kept(form_data["name"], form_data["span"])
    rows = answers.seen_by(request.actor, answer, district=form_data["district"]) if answer else []
    table = _table(form_data["name"])
    if answer and wanted_format(request):
        return table_response(request, columns=table.columns, rows=rows, name=table.name)
    shown = Paginator(rows, _A_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form, "answer": answer, "says": SAYS[form_data["name"]], "page": shown, "span": form_data["span"],
        **table.listed(shown), "bars": _bars(form_data["name"], rows),
        "figure": HEADS[QUESTIONS[form_data["name"]].figure], "asked": form.data,
    }  # fmt: skip
    return render(request, "analytics/index.html", context)


@page("question.ask")
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Ask now; what is too much for a page is said, with the command that has no such limit."""
    form = Asked(_asked(request.POST))
    back = f"{reverse('office_questions')}?{urlencode(form.data)}"
    if not form.is_valid():
        return redirect(back)
    form_data = form.cleaned_data
    days = {"first": form_data["first"].isoformat(), "last": form_data["last"].isoformat()}
    try:
        answers.ask(form_data["name"], form_data["span"], by=request.actor, most=answers.MOST_AT_A_PAGE)
    except answers.TooMuch as fault:
        messages.error(
            request,
            _("%(rows)s positions are too many for a page. Let the administrator run: %(command)s")
            % {
                "rows": f"{fault.rows:,}",
                "command": f"immis questions ask {form_data['name']} --from {days['first']} --to {days['last']}",
            },
        )
        return redirect(back)
    except (OSError, ValueError):
        messages.error(request, _("The positions or volumes could not be read. The answer of before stands."))
        return redirect(back)
    return redirect(back)


def _asked(given: Any) -> dict[str, str]:
    """What was asked, with the running month where nothing was said."""
    today = india_day(clock.now())
    since, until = (f"{at:%H:%M}" for at in usual_night(today))
    usual = {
        "name": "night_trips", "first": today.replace(day=1).isoformat(), "last": today.isoformat(), "since": since,
        "until": until, "district": "",
    }  # fmt: skip
    return {name: given.get(name, "")[:20] or value for name, value in usual.items()}


def _bars(name: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with the highest figure, each with its share of the highest of all."""
    figure = QUESTIONS[name].figure
    highest = sorted((row for row in rows if row[figure]), key=lambda row: row[figure], reverse=True)[:_BARS]
    most = highest[0][figure] if highest else 0
    return [
        {
            "label": row.get("vehicle") or wording.name_of(row["name"]) or row["ghat"], "value": row[figure],
            "percent": round(100 * row[figure] / most),
        }
        for row in highest
    ]  # fmt: skip


def _table(name: str) -> Table:
    columns: list[Column] = []
    for column in QUESTIONS[name].columns:
        if column == "ghat":
            columns.append(Column(str(HEADS[column]), _ghat, on="page"))
            columns.append(Column(str(HEADS[column]), "ghat", on="file"))
            columns.append(Column(_("Name"), "name", "name", on="file"))
            columns.append(Column(_("District"), "district", "district", under=True))
        else:
            columns.append(Column(str(HEADS[column]), column, css="" if column == "vehicle" else "num"))
    nothing = _("No row of the answer lies in your district, or nothing was found for these days.")
    return Table(name.replace("_", "-"), str(NAMES[name]), columns, (_("Nothing stands out"), nothing))


def _ghat(row: dict[str, Any]) -> str:
    return wording.name_of(row["name"]) or row["ghat"]
