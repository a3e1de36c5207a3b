"""The own data: what is kept of me, who looked at it, a file of it all, and asking for correction or erasure (DPDP)."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from immis import clock
from immis.registry.people import charges, data_rights
from immis.registry.people.request_acts import REQUEST_KINDS
from immis.registry.selectors import users
from immis.rules.policy import book
from immis.rules.writing.numbers import cited_in_hindi
from immis.web.law.public import figure
from immis.web.registry.people.office_looks import look_table
from immis.web.registry.words import charge_table
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.tags import clause
from immis.web.shell.views import PUBLIC, page

_A_PAGE = 50


@page("data_request.make")
def mine(request: HttpRequest) -> HttpResponse:
    """What is kept of me, who looked at my vehicles' trails, what I asked and what was answered.

    Who is not signed in reads what he might ask.
    """
    user, at = users(pk=request.actor.user_id or 0).first(), clock.now()
    context: dict[str, Any] = {"days": book().value("PPL-09", at), "person": user, "status": 200}
    if user is not None:
        acts = PageActs(request, "data_request", None, place="mine", at=at)
        if request.method == "POST" and (answer := acts.take()):
            return answer
        context |= {"acts": acts, "status": acts.status, **_kept(request.actor, user, at)}
    return render(request, "registry/people/my_data.html", context, status=context["status"])


def _kept(by: Any, user: Any, at: Any) -> dict[str, Any]:
    parties = data_rights.parties_of(user)
    return {
        "charges": charge_table(at, with_person=False).listed(charges.charges(by, user=user)),
        "requests": _requests_table(at, link="").listed(data_rights.requests(by, user=user)),
        "looks": look_table(with_person=False).listed(data_rights.looks_at(parties)[:_A_PAGE]) if parties else None,
    }


@require_POST
@page("data_request.make")
def take_along(request: HttpRequest) -> HttpResponse:
    """Everything that is kept of me, as one file of JSON; that it was taken stands in the log."""
    kept = data_rights.take_along(by=request.actor, at=clock.now())
    text = json.dumps(kept, ensure_ascii=False, indent=1, default=str)
    answer = HttpResponse(text, content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return answer


def _chip(row: Any, at: Any) -> tuple[str, str]:
    if row.state == row.OPEN:
        return ("bad", _("late")) if row.due_at < at else ("info", _("waits for its answer"))
    return ("good", _("granted")) if row.state == row.GRANTED else ("plain", _("refused"))


def _requests_table(at: Any, *, link: str) -> Table:
    kinds = dict(REQUEST_KINDS)
    who = [Column(_("Person"), lambda row: wording.name_of(row.user)), Column("", "user.username", under=True)]
    columns = [
        Column(_("Number"), "number", link=to(link, "number") if link else None),
        *(who if link else []),
        Column(_("What is asked"), lambda row: str(kinds.get(row.kind, row.kind))),
        Column(_("Text"), "text"),
        Column(_("Asked at"), "asked_at", "at"),
        Column(_("Answer by"), "due_at", "at", under=True, named=True),
        Column(_("State"), lambda row: _chip(row, at), "chip"),
        Column(_("Answer"), "answer"),
    ]
    hint = _("Requests to correct or erase data, and complaints about them, stand here.")
    return Table("data-requests", _("Requests about data"), columns, (_("No request"), hint))


@page("data_request.answer")
def requests(request: HttpRequest) -> HttpResponse:
    """All requests about data, newest first, for who answers them."""
    table = _requests_table(clock.now(), link="data_request")
    return list_response(
        request, table, data_rights.requests(request.actor), ListPage(template="registry/people/people_list.html")
    )


@page("data_request.answer")
def answer_one(request: HttpRequest, number: str) -> HttpResponse:
    """One request: what the person asked, what the law lets go, and the answer."""
    row, at = data_rights.request_of(request.actor, number), clock.now()
    acts = PageActs(request, "data_request", row, place="answer", at=at)
    if request.method == "POST" and (answer := acts.take()):
        return answer
    context = {
        "row": row,
        "chip": _chip(row, at),
        "kind": str(dict(REQUEST_KINDS).get(row.kind, row.kind)),
        "erasable": ", ".join(figure(name) for name in data_rights.erasable(row.user, at=at)),
        "acts": acts,
    }
    return render(request, "registry/people/data_request.html", context, status=acts.status)


@page(PUBLIC)
def retention(request: HttpRequest) -> HttpResponse:
    """How long each kind of record is kept, by which clause, from the rule book (RET-…)."""
    at = clock.now()
    codes = sorted(code for code in book().entries if code.startswith("RET-"))
    rows = [{"code": code, "entry": book().entry(code), "value": book().at(code, at)} for code in codes]
    columns = [
        Column(_("Record"), lambda row: wording.name_of(row["entry"].title)),
        Column(_("Kept"), lambda row: figure(row["value"].value, row["value"].unit)),
        Column(_("By which clause"), lambda row: clause(row["code"]), on="page"),
        Column(_("By which clause"), _cites, on="file"),
        Column(_("Note"), lambda row: wording.note_of(row["entry"])),
    ]
    table = Table("retention", _("How long records are kept"), columns)
    return list_response(
        request, table, rows, ListPage(template="registry/people/retention.html", rows_a_page=len(rows))
    )


def _cites(row: Any) -> str:
    text = row["value"].cites
    return cited_in_hindi(text) if wording.lang() == "hi" else text
