"""One task: its facts, clause and history, and the decision on it (A-12, A-24)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from immis import clock
from immis.core.selectors import history_of
from immis.enforcement import selectors, services
from immis.enforcement.services.cases import CASE_OF
from immis.messaging.selectors import messages_about
from immis.web.enforcement import words
from immis.web.enforcement.office import proposed_act
from immis.web.shell.components import Action
from immis.web.shell.views import page


class DecisionForm(forms.Form):
    """What the officer did, or why nothing is to be done."""

    note = forms.CharField(
        label=gettext_lazy("Reason or what was done"),
        help_text=gettext_lazy("Needed when the task is dismissed."),
        widget=forms.Textarea({"rows": 3, "maxlength": 2000}),
        max_length=2000,
        required=False,
    )


def _acts(row: Any) -> list[Action]:
    """The proposed act; an inspection that has shown an offence may also become a case."""
    proposed = proposed_act(row)
    if row.act != "inspect" or row.code not in CASE_OF or row.case_id is not None:
        return [proposed]
    return [Action(words.ACTS["open_case"], reverse("task_open_case", args=[row.pk]), method="post")]


@page("task.read")
def task(request: HttpRequest, task_id: int) -> HttpResponse:
    """One task with its facts (A-24), clause, history and proposed act."""
    row = selectors.task_of(request.actor, task_id)
    context = {
        "task": row,
        "what": words.task_text(row),
        "facts": words.fact_rows(row.facts),
        "subject_url": words.subject_link(row.subject_kind, row.subject_id, row.facts),
        "act": _acts(row) if row.state == "open" and services.is_for(request.actor, row) else [],
        "mine": services.is_for(request.actor, row),
        "state_label": words.TASK_STATES[row.state],
        "form": DecisionForm(),
        "history": words.log_lines(history_of("task", str(row.pk))),
        "sent": messages_about(row.subject_kind, row.subject_id),
    }
    return render(request, "enforcement/task.html", context)


@require_POST
@page("task.decide")
def decide(request: HttpRequest, task_id: int) -> HttpResponse:
    """Decide a task: done, or dismissed with a reason; a refusal says which clause refuses."""
    row = selectors.task_of(request.actor, task_id)
    form = DecisionForm(request.POST)
    note = form.cleaned_data["note"] if form.is_valid() else ""
    decision = request.POST.get("decision")
    if decision not in ("done", "dismissed"):
        raise BadRequest("no such decision")
    services.decide_task(row, done=decision == "done", note=note, by=request.actor, at=clock.now())
    messages.success(request, _("The task is decided."))
    return redirect("desk")


@require_POST
@page("task.decide")
def open_case(request: HttpRequest, task_id: int) -> HttpResponse:
    """Open the case that a task proposes, with its facts as evidence (A-24)."""
    row = selectors.task_of(request.actor, task_id)
    case = services.open_case_from_task(row, by=request.actor, at=clock.now())
    messages.success(request, _("Case %(number)s is open.") % {"number": case.number})
    return redirect("office_case", case.number)


@require_POST
@page("task.decide")
def remind(request: HttpRequest, task_id: int) -> HttpResponse:
    """Send the settlee the message about the due amount again."""
    row = selectors.task_of(request.actor, task_id)
    services.remind(row, by=request.actor, at=clock.now())
    messages.success(request, _("The settlee was reminded."))
    return redirect("task", row.pk)
