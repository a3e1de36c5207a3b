"""Directions: the list with filter and export, and one direction with its owners, evidence and what may be done."""

from datetime import date
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.directions import selectors
from immis.rules.calendar import india_day
from immis.rules.posts import chart
from immis.web.directions import words
from immis.web.registry.things import changes
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.components import ReasonCard
from immis.web.shell.record import Record, Tab, coming, link_to, links
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.uploads import paper_response
from immis.web.shell.views import page

_STATES = [("", gettext_lazy("all")), *((key, label) for key, (_drawn, label) in words.DIRECTIONS.items())]


class DirectionFilter(forms.Form):
    """Which directions to show."""

    q = forms.CharField(label=gettext_lazy("Words or number"), required=False, max_length=80)
    meeting = forms.CharField(label=gettext_lazy("Meeting"), required=False, max_length=20)
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False, choices=_STATES)
    post = forms.ChoiceField(label=gettext_lazy("Who answers"), required=False)
    only = forms.ChoiceField(
        label=gettext_lazy("Only"),
        required=False,
        choices=[
            ("", gettext_lazy("all")),
            ("late", gettext_lazy("day is over")),
            ("difficulty", gettext_lazy("with a difficulty")),
            ("repeated", gettext_lazy("given before")),
        ],
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        posts = [(post.code, wording.name_of(post.title)) for post in chart().posts.values() if post.is_office]
        self.fields["post"].choices = [("", _("all")), *posts]

    def apply(self, rows: Any, today: date) -> Any:
        """The rows that the filter leaves; a wrong value leaves all."""
        sent = self.cleaned_data if self.is_valid() else {}
        if text := sent.get("q", "").strip():
            rows = rows.filter(text__icontains=text) | rows.filter(number=text.upper())
        if sent.get("meeting"):
            rows = rows.filter(meeting__number=sent["meeting"])
        if sent.get("state"):
            rows = rows.filter(state=sent["state"])
        if sent.get("post"):
            rows = selectors.answered_by(rows, sent["post"])
        return _only(rows, sent.get("only", ""), today)


def _only(rows: Any, which: str, today: date) -> Any:
    if which == "late":
        return rows.filter(due_on__lt=today, state="open")
    if which == "difficulty":
        return rows.exclude(difficulty="")
    return rows.filter(carried__gt=0) if which == "repeated" else rows


def _last(row: Any) -> str:
    update = row.updates.last()
    return f"{words.UPDATES[update.kind]}: {update.text}" if update else ""


def _table(today: date, at: Any) -> Table:
    columns = [
        Column(_("Direction of a meeting"), "number", link=to("office_direction", "number")),
        Column(_("Point"), "mark", under=True, named=True),
        Column(_("Words of the direction"), lambda row: row.text[:160], on="page"),
        Column(_("Words of the direction"), "text", on="file"),
        Column("", words.carried, under=True, on="page"),
        Column(_("Meeting"), "meeting.number", on="file"),
        Column(_("Held on"), "meeting.held_on", "day", on="file"),
        Column(_("Who answers"), lambda row: words.owners(row, at)),
        Column(_("Due on"), "due_on", "day"),
        Column(_("From the meeting"), "due_by_meeting", "day", on="file"),
        Column(_("From the issue"), "due_by_circulation", "day", on="file"),
        Column(_("Given before"), "carried", "number", on="file"),
        Column(_("Last written"), _last, on="file"),
        Column(_("State"), lambda row: words.chip(row, today), "chip"),
    ]
    hint = _("Directions appear here as soon as the minutes of a meeting are confirmed.")
    return Table("directions", _("Directions of meetings"), columns, (_("No direction here"), hint))


@page("direction.read")
def office_directions(request: HttpRequest) -> HttpResponse:
    """Directions of the reach: filter, export."""
    form, at = DirectionFilter(request.GET), clock.now()
    today = india_day(at)
    rows = form.apply(selectors.directions(request.actor).prefetch_related("assignments"), today)
    return list_response(request, _table(today, at), rows, ListPage(form=form))


def _reasons(row: Any, today: date) -> list[ReasonCard]:
    if row.difficulty and row.state != row.CLOSED:
        title = _("Difficulty: %(kind)s") % {"kind": words.difficulty(row)}
        last = row.updates.filter(kind="difficulty").last()
        return [ReasonCard("bad", title, last.text if last else "", "DIR-08")]
    late = selectors.late_days(row, today)
    if late and row.state == row.OPEN:
        return [ReasonCard("bad", _("Day is over"), wording.late_or_left(row.due_on)[1], "DIR-01")]
    return []


def _record(row: Any, viewer: Any, at: Any) -> Record:
    today = india_day(at)
    meeting = link_to(viewer, row.meeting.number, "office_meeting", row.meeting.number, count="›")
    earlier = row.repeats and link_to(viewer, row.repeats.number, "office_direction", row.repeats.number, count="›")
    return Record(
        name=_("Point %(mark)s of %(meeting)s") % {"mark": row.mark, "meeting": row.meeting.number},
        number=row.number,
        chip=words.chip(row, today),
        tabs=[Tab("summary", "directions/_direction.html"), Tab("history", "registry/things/_changes.html")],
        facts=[wording.day(row.meeting.held_on), words.owners(row, at), words.carried(row)],
        reasons=_reasons(row, today),
        links=links(meeting, earlier or None),
        dates=coming([(_("Due on"), row.due_on, True)], today=today),
    )


@page("direction.read")
def office_direction(request: HttpRequest, number: str) -> HttpResponse:
    """One direction: what was directed, by when by both readings, who answers, what the system sees, what was done."""
    row, at = selectors.direction_of(number, request.actor), clock.now()
    acts = PageActs(request, "direction", row, place="direction", at=at)
    if request.method == "POST" and (answer := acts.take()):
        return answer
    figure = words.figure(row, at)
    context = {
        "record": _record(row, request.actor, at),
        "direction": row,
        "counts": words.setting_words(at),
        "chair": words.post_title(row.meeting.chair_post),
        "shares": [(share, words.assigned(share)) for share in row.assignments.select_related("office")],
        "updates": [
            (update, words.UPDATES[update.kind], words.post_title(update.by_post)) for update in row.updates.all()
        ],
        "figure": figure,
        "figure_chip": words.MET[figure.met] if figure else None,
        "repeated_by": list(row.repeated_by.all()),
        "changes": changes("direction", row.number),
        "acts": acts,
    }
    return render(request, "record.html", context, status=acts.status)


@page("direction.read")
def office_direction_evidence(request: HttpRequest, number: str, pk: int) -> Any:
    """The evidence of a report as it was handed in."""
    update = selectors.direction_of(number, request.actor).updates.filter(pk=pk).exclude(document="").first()
    if update is None:
        raise Http404
    return paper_response(update.document, f"evidence-{number}-{pk}")
