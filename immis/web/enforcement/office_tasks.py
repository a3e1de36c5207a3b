"""One task: its facts, clause and history, the decision on it, and what can be done to its record (A-12, A-24)."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from immis import clock
from immis.core.access.permissions import Actor
from immis.core.acts import Offer, offer_of, offers, perform, record_of
from immis.core.errors import NotFound, NotPermitted, Refusal
from immis.core.nouns import NOUNS
from immis.core.selectors import history_of
from immis.enforcement import selectors
from immis.enforcement.nouns import is_for
from immis.enforcement.proposals import AT_ONCE, proposed_offer
from immis.web.enforcement import words
from immis.web.enforcement.places import places_of
from immis.web.enforcement.rows import proposed_act
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.components import Action
from immis.web.shell.views import page

_TOGETHER = ("complete", "remind", "proposed")
_MOST_AT_ONCE = 200
_WORDS = ("open_case", "remind", "done", "dismissed")


@page("task.read", write="task.decide")
def task(request: HttpRequest, task_id: int) -> HttpResponse:
    """One task with its facts (A-24), clause, history, its own acts and those of its record that this post may do."""
    row, at = selectors.task_of(request.actor, task_id), clock.now()
    acts = PageActs(request, "task", row, place="task", at=at)
    if request.method == "POST" and (answer := acts.take()):
        return answer
    context = {
        "task": row,
        "what": words.task_text(row),
        "facts": words.fact_rows(row.facts),
        "subject_url": words.subject_link(row.subject_kind, row.subject_id, row.facts),
        "acts": acts,
        "links": _links(row, request.actor, at) if row.state == "open" and is_for(request.actor, row) else [],
        "state_label": words.TASK_STATES[row.state],
        "history": words.log_lines(history_of("task", str(row.pk))),
        "subject": row.subject_number,
        "sent": words.sent_about(row.subject_kind, row.subject_id),
        "places": places_of(row.facts),
    }
    return render(request, "enforcement/task.html", context, status=acts.status)


def _links(row: Any, by: Actor, at: datetime) -> list[Action]:
    """The act that the task proposes, where another page does it, and what this post may do to the record now."""
    proposed, own = proposed_act(row, by, at), reverse("task", args=[row.pk])
    first = [proposed] if proposed and proposed.method == "get" and proposed.url != own else []
    kind, number = ("case", row.case.number) if row.case_id else (row.subject_kind, row.subject_id)
    noun = NOUNS.get(kind)
    if noun is None or noun.find is None or not noun.pages:
        return first
    try:
        result = offers(kind, record_of(kind, number, by), by=by, at=at)
    except (NotFound, NotPermitted):
        return first
    pages = {place: words.link(names[0], number) for place, names in noun.pages.items() if names}
    fitting = [offer for offer in result if offer.fits and offer.act.place in pages]
    links = [Action(offer.label, f"{pages[offer.act.place]}#act-{offer.act.sent}") for offer in fitting]
    return first + [link for link in links if link.url not in {action.url for action in first}]


@require_POST
@page("task.decide")
def act(request: HttpRequest, task_id: int, act: str = "") -> HttpResponse:
    """Do one act on a task at an address of its own: open the case, remind, or what the form decides."""
    row, word = selectors.task_of(request.actor, task_id), act or request.POST.get("decision", "")
    if word not in _WORDS:
        raise BadRequest("no such decision")
    acts = PageActs(
        request, "task", row, place="task", at=clock.now(), default=word, home=reverse("task", args=[row.pk])
    )
    return acts.take_and_leave()


@require_POST
@page("task.decide")
def together(request: HttpRequest) -> HttpResponse:
    """One act on many tasks of one kind; each is done by itself, and what the law refuses is told beside its number."""
    word, at = request.POST.get("act", ""), clock.now()
    if word not in _TOGETHER:
        raise BadRequest("no such act on many tasks")
    numbers = list(dict.fromkeys(request.POST.getlist("task")))[:_MOST_AT_ONCE]
    results = [_done_to(number, word, request, at) for number in numbers]
    done = results.count("")
    if done:
        text = ngettext("%(n)d task is done.", "%(n)d tasks are done.", done) % {"n": done}
        messages.success(request, text)
    for problem in filter(None, results):
        messages.error(request, problem)
    return redirect("desk")


def _done_to(number: str, word: str, request: HttpRequest, at: datetime) -> str:
    """Do one act to one task; what refused it in words, empty where it is done."""
    try:
        offer = _offer(number, word, request.actor, at)
        if offer is None:
            return f"{number}: {_('No act of your post fits it now.')}"
        perform(offer, {"note": request.POST.get("note", "")[:2000]} if word == "complete" else {})
    except Refusal as refusal:
        return f"{number}: {' '.join(wording.say(finding) for finding in refusal.findings)}"
    return ""


def _offer(number: str, word: str, by: Actor, at: datetime) -> Offer | None:
    """An act of the task itself, or the one that it proposes and that asks nothing."""
    if word != "proposed":
        return offer_of(f"task.{word}", number, by=by, at=at)
    row = record_of("task", number, by)
    offer = proposed_offer(row, by, at) if row.act in AT_ONCE and is_for(by, row) else None
    return offer if offer and not offer.act.fields else None
