"""Who acts for us: the settlee's authorised persons and operators, with their limits and what each did."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from immis import clock
from immis.core.selectors import acts_of_person
from immis.leases.acts.authorities import KINDS
from immis.registry.people import authorities
from immis.rules.posts import chart
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.technical import act_done
from immis.web.shell.views import page

_SHOWN = 50


@page("authority.give")
def index(request: HttpRequest) -> HttpResponse:
    """The people who act for the settlee; naming one more."""
    at = clock.now()
    acts = PageActs(request, "authority", None, place="new", at=at)
    if request.method == "POST" and (answer := acts.take()):
        return answer
    shown = ListPage(template="registry/people/settlee_people.html", more={"acts": acts}, status=acts.status)
    return list_response(request, _table(at), authorities.authorities(request.actor), shown)


def _chip(row: Any, at: Any) -> tuple[str, str]:
    return ("good", _("acts for us")) if authorities.is_standing(row, at) else ("plain", _("over"))


def _table(at: Any) -> Table:
    columns = [
        Column(_("Person"), lambda row: wording.name_of(row.user), link=to("settlee_person", "pk")),
        Column(_("User name"), "user.username", under=True),
        Column(_("As what"), lambda row: str(dict(KINDS)[row.kind])),
        Column(_("Settlements"), lambda row: ", ".join(row.leases) or _("all")),
        Column(_("E-challans a day"), "challans_a_day", "number"),
        Column(_("Since"), "begins_at", "at"),
        Column(_("Until"), lambda row: row.ended_at or row.ends_at, "at"),
        Column(_("State"), lambda row: _chip(row, at), "chip"),
    ]
    hint = _("Who issues e-challans for you needs a log-in of his own, with limits that you set.")
    return Table("representatives", _("Who acts for us"), columns, (_("Nobody yet besides you"), hint))


@page("authority.give")
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them: limits, what he did for the party, changing and ending it."""
    row, at = authorities.authority_of(request.actor, pk), clock.now()
    acts = PageActs(request, "authority", row, place="authority", at=at)
    if request.method == "POST" and (answer := acts.take()):
        return answer
    until = min(row.ended_at or at, row.ends_at or at)
    done = acts_of_person(row.user_id, role=request.actor.role, at__range=(row.begins_at, until))[:_SHOWN]
    context = {
        "authority": row,
        "chip": _chip(row, at),
        "kind": str(dict(KINDS)[row.kind]),
        "grants": [wording.name_of(chart().grant(name).title) for name in row.grants],
        "done": _done_table().listed(done),
        "acts": acts,
    }
    return render(request, "registry/people/settlee_person.html", context, status=acts.status)


def _done_table() -> Table:
    columns = [
        Column(_("At"), "at", "at"),
        Column(_("Act"), act_done),
        Column(_("Record"), lambda row: f"{wording.record_kind(row.subject_kind)} {row.subject_id}"),
    ]
    return Table("done", _("What this person did for us"), columns, (_("Nothing yet"), ""))
