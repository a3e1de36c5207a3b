"""The desk of the district: what wants a decision, by when, by which clause, with the proposed act (A-12, A-14)."""

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.access.permissions import Actor
from immis.core.acts import ACTS, holds
from immis.core.grants import may
from immis.core.selectors import dead_letters
from immis.enforcement import selectors
from immis.messaging.selectors import unread_count
from immis.registry.bank_accounts import open_account_count
from immis.registry.pans import open_proof_count
from immis.rules import catalogue
from immis.rules.policy import book
from immis.rules.writing.numbers import number_in_words
from immis.web.enforcement import words
from immis.web.shell import wording
from immis.web.shell.components import Action, DeskItem
from immis.web.shell.exports import wanted_format
from immis.web.shell.tables import Column, table_response
from immis.web.shell.views import page

_A_PAGE = 50
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

    def query(self) -> Q:
        """The filter of the selector; a wrong value filters nothing."""
        wanted, at = (self.cleaned_data if self.is_valid() else {}), clock.now()
        chosen = Q(state=wanted.get("state") or "open")
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


def proposed_act(task: Any, by: Actor) -> Action:
    """The act that a task proposes: its own as a button where it is this post's, another as a link to its page."""
    own = reverse("task", args=[task.pk])
    if task.case_id is not None:
        return Action(words.ACTS["send_notice"], reverse("office_case", args=[task.case.number]), primary=True)
    act = ACTS.get(f"task.{task.act}")
    if act is not None:
        if not holds(by, act, task):
            return Action(str(act.label), own)
        return Action(str(act.label), own, primary=True, method="post", fields={"act": act.sent})
    declared = ACTS.get(f"{task.subject_kind}.{task.act}")
    label = declared.label if declared else words.ACTS.get(task.act, words.ACTS["inspect"])
    if task.act == "life":
        return Action(label, words.link("office_lease_life", task.facts.get("lease") or "") or own, primary=True)
    if task.act == "inspect":
        return Action(label, own)
    return Action(label, words.subject_link(task.subject_kind, task.subject_id, task.facts) or own, primary=True)


def desk_item(task: Any, by: Actor) -> DeskItem:
    """A task as a row of the desk; one that cannot be worded still stands there, with its link."""
    return wording.guarded(
        lambda row: _item(row, by), task, code=task.code, instead=lambda words: _unshown(task, words)
    )


def _unshown(task: Any, words: str) -> DeskItem:
    return DeskItem(title=words, url=reverse("task", args=[task.pk]), subject=f"{task.code} · {task.pk}", state="bad")


def _item(task: Any, by: Actor) -> DeskItem:
    open_still = task.state == "open"
    shown = words.TASK_STATES[task.state] if not open_still else (_("escalated") if task.escalated_at else "")
    chip = "bad" if open_still else "good" if task.state == "done" else "plain"
    return DeskItem(
        title=words.task_text(task),
        url=reverse("task", args=[task.pk]),
        subject=f"{task.code} · {task.subject_id} · {wording.name_of(task.office)}",
        clause_code=task.code,
        due_at=task.due_at if open_still else None,
        state=chip,
        state_label=shown,
        act=proposed_act(task, by) if open_still else None,
    )


def _columns() -> list[Column]:
    return [
        Column(_("No."), "pk"),
        Column(_("Cause"), "code"),
        Column(_("Task"), words.task_text),
        Column(_("Record"), "subject_id"),
        Column(_("Office"), "office", "name"),
        Column(_("Landed at"), "opened_at", "at"),
        Column(_("Due by"), "due_at", "at"),
        Column(_("State"), lambda task: words.TASK_STATES[task.state]),
        Column(_("Decided at"), "decided_at", "at"),
        Column(_("Decided by"), "decided_by_name"),
        Column(_("Reason"), "note"),
    ]


@page("task.read")
def desk(request: HttpRequest) -> HttpResponse:
    """The tasks of this office, the most urgent first (A-12); headquarters also sees events that failed."""
    form = DeskFilter(request.GET or {"state": "open"})
    rows = selectors.tasks(request.actor).filter(form.query())
    if wanted_format(request):
        return table_response(request, columns=_columns(), rows=rows, name="tasks")
    shown = Paginator(rows, _A_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": shown,
        "items": [desk_item(task, request.actor) for task in shown],
        "counts": selectors.desk_counts(request.actor, at=clock.now()),
        "soon_days": selectors.SOON.days,
        "unread": unread_count(request.actor),
        "pan_cards": open_proof_count(request.actor),
        "accounts": open_account_count(request.actor),
        "failed": selectors.failed_events(request.actor) if may(request.actor, "event.read") else [],
        "dead": dead_letters(request.actor) if may(request.actor, "event.read") else None,
    }
    return render(request, "enforcement/desk.html", context)
