"""The desk of the district: what wants a decision, by when, by which clause, with the proposed act (A-12, A-14)."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.access.permissions import Actor
from immis.core.grants import may
from immis.core.selectors import dead_letters
from immis.enforcement import selectors
from immis.rules import catalogue
from immis.rules.policy import book
from immis.rules.writing.numbers import number_in_words
from immis.web.enforcement import words
from immis.web.enforcement.rows import desk_items
from immis.web.shell import wording
from immis.web.shell.districts import district_name
from immis.web.shell.exports import wanted_format
from immis.web.shell.tables import Column, table_response
from immis.web.shell.views import page

_A_PAGE = 100
_SOON_WORDS = lazy(lambda: number_in_words(selectors.SOON.days, wording.lang()), str)()
_STATES = [("open", gettext_lazy("open")), ("done", gettext_lazy("done")), ("dismissed", gettext_lazy("dismissed"))]


def _codes() -> list[tuple[str, str]]:
    catalogue.load_all()
    worded = [code for code in sorted(catalogue.TRIGGERS) if book().entry(code).message]
    return [("", _("all")), *((code, wording.name_of(book().entry(code).title)) for code in worded)]


class DeskFilter(forms.Form):
    """What to show on the desk."""

    state = forms.ChoiceField(label=gettext_lazy("State"), choices=_STATES, required=False)
    code = forms.ChoiceField(label=gettext_lazy("Cause"), choices=_codes, required=False)
    due = forms.ChoiceField(
        label=gettext_lazy("Due by"),
        required=False,
        choices=[
            ("", gettext_lazy("all")),
            ("late", gettext_lazy("late")),
            ("soon", format_lazy(gettext_lazy("within {days} days"), days=_SOON_WORDS)),
            ("escalated", gettext_lazy("escalated")),
        ],
    )
    q = forms.CharField(
        label=gettext_lazy("Search"), required=False, max_length=60, widget=forms.TextInput({"type": "search"})
    )

    district = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    lane = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)

    def narrows(self) -> bool:
        """Whether anything but the lane is asked for."""
        return any(value for name, value in self._wanted().items() if name not in ("lane", "district"))

    def _wanted(self) -> dict[str, Any]:
        return self.cleaned_data if self.is_valid() else {}

    def query(self, lane: Q) -> Q:
        """The filter of the selector: a lane, or another state of all tasks; a wrong value filters nothing."""
        wanted, at = self._wanted(), clock.now()
        chosen = Q(state=wanted["state"]) if wanted.get("state") in ("done", "dismissed") else lane
        if wanted.get("district"):
            chosen &= Q(office__district=wanted["district"])
        if wanted.get("code"):
            chosen &= Q(code=wanted["code"])
        if wanted.get("q"):
            chosen &= Q(subject_id__icontains=wanted["q"]) | Q(facts__registration__icontains=wanted["q"])
        due = {
            "late": Q(due_at__lt=at),
            "soon": Q(due_at__gte=at, due_at__lt=at + selectors.SOON),
            "escalated": Q(escalated_at__isnull=False),
        }
        return chosen & due.get(wanted.get("due", ""), Q())


def _columns() -> list[Column]:
    return [
        Column(_("No."), "pk"),
        Column(_("Cause"), "code"),
        Column(_("Task"), words.task_text),
        Column(_("Record"), "subject_number"),
        Column(_("Office"), "office", "name"),
        Column(_("Landed at"), "opened_at", "at"),
        Column(_("Due by"), "due_at", "at"),
        Column(_("State"), lambda task: words.TASK_STATES[task.state]),
        Column(_("Decided at"), "decided_at", "at"),
        Column(_("Decided by"), "decided_by_name"),
        Column(_("Reason"), "note"),
    ]


_LANES = {
    "mine": gettext_lazy("My own"),
    "office": gettext_lazy("Of the office"),
    "up": gettext_lazy("Sent up"),
    "done": gettext_lazy("Done today"),
}


@dataclass(frozen=True)
class Lane:
    """One lane of the desk as it is drawn."""

    name: str
    label: Any
    count: int
    current: bool


@page("task.read")
def desk(request: HttpRequest) -> HttpResponse:
    """The tasks of this post, of its office, and what went up, the most urgent first (A-12)."""
    form, at, by = DeskFilter(request.GET), clock.now(), request.actor
    counts = selectors.lane_counts(by, at=at)
    chosen = _lane(request, counts)
    rows = selectors.tasks(by).filter(form.query(selectors.lane(by, chosen, at=at)))
    if wanted_format(request):
        return table_response(request, columns=_columns(), rows=rows, name="tasks")
    shown = Paginator(rows, _A_PAGE).get_page(request.GET.get("page"))
    by_district = chosen == "up" and by.statewide
    context = {
        "form": form,
        "filtered": form.narrows(),
        "page": shown,
        "lane": chosen,
        "lanes": [Lane(name, label, counts[name], name == chosen) for name, label in _LANES.items()],
        "items": desk_items(shown, by, at),
        "counts": counts,
        "soon_days": selectors.SOON.days,
        "at": at,
        "districts": _escalations(by) if by_district else [],
        "failed": selectors.failed_events(by) if may(by, "event.read") else [],
        "dead": dead_letters(by) if may(by, "event.read") else None,
    }
    return render(request, "enforcement/desk.html", context)


def _lane(request: HttpRequest, counts: dict[str, int]) -> str:
    """The lane that was asked for; else one's own, and where nothing is in it what went up."""
    asked = request.GET.get("lane", "")
    if asked in selectors.LANES:
        return asked
    return "up" if request.actor.statewide and counts["up"] and not counts["mine"] else "mine"


def _escalations(by: Actor) -> list[dict[str, Any]]:
    """What went up, by district, with the address of its tasks."""
    return [
        {
            **row,
            "name": district_name(row["office__district"], wording.lang()),
            "query": _query(row["office__district"]),
        }
        for row in selectors.escalations_by_district(by)
    ]


def _query(district: str) -> str:
    return urlencode({"lane": "up", "district": district})
