"""Tasks as rows of a desk: what it is, why, till when, and the one act that its reader may do to it now."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from immis import clock
from immis.core.access.permissions import Actor
from immis.core.acts import ACTS, Offer, offer_of
from immis.core.errors import NotFound, NotPermitted
from immis.core.grants import holders
from immis.enforcement.nouns import is_for
from immis.enforcement.proposals import AT_ONCE, PROPOSES, Row, proposed_offer, rows_of
from immis.enforcement.selectors import vacant_posts
from immis.rules.policy import book
from immis.rules.posts import chart
from immis.web.enforcement import words
from immis.web.shell import wording
from immis.web.shell.components import Action, DeskItem, Together


def desk_items(tasks: Iterable[Any], by: Actor, at: datetime) -> list[DeskItem]:
    """The rows of a desk, the most urgent first; one that cannot be worded still stands there, with its link."""
    rows = rows_of(tasks, by)
    others = [task for row in rows for task in row.tasks if task.state == "open" and not is_for(by, task)]
    vacant = vacant_posts(others)
    return [_row_item(row, by, at, vacant) for row in rows]


def _row_item(row: Row, by: Actor, at: datetime, vacant: Collection[tuple[int, str]]) -> DeskItem:
    first = _guarded(row.first, by, at, vacant)
    if not row.others:
        return first
    inner = [_guarded(task, by, at, vacant, plain=True) for task in row.tasks]
    if not row.together:
        return replace(first, others=inner[1:])
    title = wording.name_of(row.first.facts.get("what") or book().entry(row.first.code).title)
    number = ngettext("%(n)d record", "%(n)d records", len(inner)) % {"n": len(inner)}
    word = "remind" if row.first.act == "remind" else "proposed" if row.first.act in AT_ONCE else "complete"
    name = PROPOSES[row.first.act][0] if word == "proposed" else f"task.{word}"
    together = Together(str(ACTS[name].label), reverse("tasks_together"), word, word == "complete")
    return replace(
        first,
        title=f"{title}: {number}",
        subject=wording.name_of(row.first.office),
        clause_code="",
        act=None,
        others=inner,
        many=True,
        together=together,
    )


def _guarded(
    task: Any, by: Actor, at: datetime, vacant: Collection[tuple[int, str]], *, plain: bool = False
) -> DeskItem:
    return wording.guarded(
        lambda row: _item(row, by, at, vacant, plain=plain),
        task,
        code=task.code,
        instead=lambda text: _unshown(task, text),
    )


def _unshown(task: Any, text: str) -> DeskItem:
    return DeskItem(title=text, url=reverse("task", args=[task.pk]), subject=f"{task.code} · {task.pk}", state="bad")


def _item(task: Any, by: Actor, at: datetime, vacant: Collection[tuple[int, str]], *, plain: bool) -> DeskItem:
    is_open = task.state == "open"
    shown = words.TASK_STATES[task.state] if not is_open else (_("escalated") if task.escalated_at else "")
    chip = "bad" if is_open else "good" if task.state == "done" else "plain"
    act = proposed_act(task, by, at) if is_open and not plain else None
    stuck = act is not None and task.act in PROPOSES and act.label == str(words.ACTS["inspect"])
    return DeskItem(
        title=words.task_text(task),
        url=reverse("task", args=[task.pk]),
        number=str(task.pk),
        subject=f"{task.subject_number} · {wording.name_of(task.office)}",
        clause_code=task.code,
        due_at=task.due_at if is_open else None,
        state=chip,
        state_label=shown,
        act=act,
        holder=_holder(task) if is_open and task.role != by.role else _others_act(task, by) if stuck else "",
        vacant=(task.office_id, task.role) in vacant,
    )


def _others_act(task: Any, by: Actor) -> str:
    """Whose the act is that a task of one's own asks for, where no act of one's own fits it now."""
    posts = {post for name in PROPOSES.get(task.act, ()) if name in ACTS for post in holders(ACTS[name].grant)}
    named = [wording.role_name(post) for post in sorted(posts) if post != by.role and chart().post(post).is_office]
    return _("The order is for: %(posts)s") % {"posts": ", ".join(named)} if named else ""


def _holder(task: Any) -> str:
    """Whose task it is and for how long, said to who may not do it."""
    span = wording.span((clock.now() - task.opened_at).total_seconds())
    return _("On the desk of: %(post)s, for %(span)s") % {"post": wording.role_name(task.role), "span": span}


def proposed_act(task: Any, by: Actor, at: datetime) -> Action | None:
    """The act that this post may do to a task now: as a button, or as a link to the page that does it."""
    own = reverse("task", args=[task.pk])
    if not is_for(by, task):
        return _reminder(task, by, at, own)
    if task.case_id is not None:
        return Action(words.ACTS["send_notice"], reverse("office_case", args=[task.case.number]), primary=True)
    if offer := proposed_offer(task, by, at):
        return _offered(offer, task, own)
    if task.act in PROPOSES or task.act == "inspect":
        return Action(str(words.ACTS["inspect"]), own)
    page = words.subject_link(task.subject_kind, task.subject_id, task.facts)
    return Action(words.ACTS.get(task.act, words.ACTS["inspect"]), page or own, primary=True)


def _offered(offer: Offer, task: Any, own: str) -> Action:
    """An act that fits: a task's own is done from the desk, another is done on the page that draws it."""
    act = offer.act
    if act.kind == "task":
        return Action(offer.label, own, primary=True, method="post", fields={"act": act.sent})
    label = words.ACTS.get(task.act, offer.label) if len(PROPOSES[task.act]) == 1 else offer.label
    names = act.noun.pages.get(act.place, ())
    page = words.link(names[0], act.noun.number(offer.record)) if names else ""
    return Action(str(label), f"{page}#act-{act.sent}" if page else own, primary=True)


def _reminder(task: Any, by: Actor, at: datetime, own: str) -> Action | None:
    """The reminder of the post that has a task, where it was not reminded lately."""
    try:
        offer = offer_of("task.urge", str(task.pk), by=by, at=at)
    except (NotFound, NotPermitted):
        return None
    return Action(offer.label, own, method="post", fields={"act": offer.act.sent}) if offer.fits else None
