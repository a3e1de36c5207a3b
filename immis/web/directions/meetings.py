"""Meetings: the list with the door for minutes, and one meeting with its points, copies and receipts."""

from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from immis import clock
from immis.core.grants import may
from immis.core.papers.files import path_of
from immis.directions import selectors
from immis.directions.papers import compliance_pdf
from immis.rules.calendar import india_day
from immis.web.directions import words
from immis.web.registry.things import changes
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.components import Action, ReasonCard
from immis.web.shell.record import Link, Record, Tab, links
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.views import page


def _table() -> Table:
    columns = [
        Column(_("Number"), "number", link=to("office_meeting", "number")),
        Column(_("Series of meetings"), lambda row: row.series.name if row.series else row.subject[:120], under=True),
        Column(_("Kind"), lambda row: str(words.KINDS[row.kind])),
        Column(_("Held on"), "held_on", "day"),
        Column(_("Memo number"), "memo_no"),
        Column(_("Issued on"), "issued_on", "day"),
        Column(_("Directions"), lambda row: row.directions.count(), "number"),
        Column(_("State"), lambda row: words.MEETINGS[row.state], "chip"),
    ]
    hint = _("Take in the minutes of a meeting above; what is not clear in them is asked back.")
    return Table("meetings", _("Meetings and minutes"), columns, (_("No meeting yet"), hint))


@page("direction.read", write="meeting.keep")
def office_meetings(request: HttpRequest) -> HttpResponse:
    """Meetings of the reach; who keeps minutes takes them in here."""
    acts = PageActs(request, "meeting", None, place="import", at=clock.now())
    if may(request.actor, "meeting.keep"):
        acts = acts.alone("take_in")
    if request.method == "POST" and (answer := acts.take()):
        return answer
    shown = ListPage(template="directions/meetings.html", more={"acts": acts}, status=acts.status)
    return list_response(request, _table(), selectors.meetings(request.actor), shown)


def _record(row: Any, viewer: Any) -> Record:
    review = reverse("office_meeting_review", args=[row.number])
    reasons = []
    if row.state == row.DRAFT:
        acts = [Action(_("Answer what is asked back"), review, primary=True)] if may(viewer, "meeting.keep") else []
        what = _("Nothing of these minutes counts before an officer has confirmed them.")
        reasons = [ReasonCard("warn", _("To be confirmed"), what, "DIR-03", actions=acts)]
    paper = reverse("office_meeting_paper", args=[row.number])
    report = Link(_("Compliance, point by point (PDF)"), reverse("office_meeting_report", args=[row.number]))
    listed = f"{reverse('office_directions')}?meeting={row.number}"
    stands = row.state == row.CONFIRMED
    return Record(
        name=f"{words.KINDS[row.kind]} {row.number}",
        number=row.number,
        chip=words.MEETINGS[row.state],
        tabs=[
            Tab("summary", "directions/_meeting.html"),
            Tab("orders", "directions/_points.html", row.directions.count()),
            Tab("history", "registry/things/_changes.html"),
        ],
        facts=[wording.day(row.held_on), row.memo_no, row.series.name if row.series else ""],
        reasons=reasons,
        links=links(
            Link(_("The paper as it was handed in"), paper),
            report if stands else None,
            Link(_("Directions"), listed, count=row.directions.count()) if stands else None,
        ),
    )


@page("direction.read")
def office_meeting(request: HttpRequest, number: str) -> HttpResponse:
    """One meeting: head and foot of its minutes, its points with owner and both days, who has read them."""
    row, at = selectors.meeting_of(number, request.actor), clock.now()
    acts = PageActs(request, "meeting", row, place="meeting", at=at)
    if request.method == "POST" and (answer := acts.take()):
        return answer
    today = india_day(at)
    points = selectors.directions(request.actor).filter(meeting=row).order_by("place")
    context = {
        "record": _record(row, request.actor),
        "meeting": row,
        "chair": words.post_title(row.chair_post),
        "counts": words.setting_words(at),
        "points": [(point, words.owners(point, at), words.chip(point, today)) for point in points],
        "copies": [(copy, words.post_title(copy.post)) for copy in row.copies.all()],
        "receipts": [(receipt, words.post_title(receipt.post)) for receipt in row.acknowledgements.all()],
        "changes": changes("meeting", row.number),
        "acts": acts,
    }
    return render(request, "record.html", context, status=acts.status)


@page("direction.read")
def office_meeting_paper(request: HttpRequest, number: str) -> FileResponse:
    """The minutes as they were handed in: text, to be taken along and never run."""
    row = selectors.meeting_of(number, request.actor)
    content = path_of(row.document).open("rb")
    return FileResponse(
        content, as_attachment=True, filename=f"{row.number}.txt", content_type="text/plain; charset=utf-8"
    )


@page("direction.read")
def office_meeting_report(request: HttpRequest, number: str) -> HttpResponse:
    """The compliance with the directions of a meeting, point by point, as PDF."""
    row = selectors.meeting_of(number, request.actor)
    named = {"Content-Disposition": f'inline; filename="compliance-{row.number}.pdf"'}
    pdf = compliance_pdf(row, selectors.directions(request.actor), at=clock.now())
    return HttpResponse(pdf, content_type="application/pdf", headers=named)
