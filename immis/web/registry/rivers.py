"""The register of rivers: those of clause 3(ii) marked, others entered by an office."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from immis import clock
from immis.registry.rivers import known_rivers, river_of
from immis.web.shell.acts import PageActs
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.views import page


@page("river.read", write="river.enter")
def index(request: HttpRequest) -> HttpResponse:
    """Every river with its spellings and how many ghats lie on it; a new one where the post may enter it."""
    at = clock.now()
    acts = PageActs(request, "river", None, place="new", at=at).alone("enter")
    if request.method == "POST" and (answer := acts.take()):
        return answer
    shown = ListPage(template="registry/things/rivers.html", more={"acts": acts}, status=acts.status)
    return list_response(request, _table(), known_rivers(at), shown)


def _table() -> Table:
    def ghats(row: Any) -> str:
        return f"{reverse('office_ghats')}?river={row.name_en}" if row.ghats else ""

    columns = [
        Column(_("River"), lambda row: row, "name", link=to("river", "code")),
        Column(_("Other spellings"), lambda row: ", ".join(row.spellings), under=True),
        Column(_("Cap of clause 3(ii)"), lambda row: ("info", _("cap holds")) if row.is_capped else None, "chip"),
        Column(_("Ghats"), "ghats", "number", link=ghats),
        Column(_("Known by"), lambda row: _("the rule book") if row.by_law else _("entry of an office")),
    ]
    return Table("rivers", _("Rivers"), columns, (_("No river here"), ""))


@page("river.read", write="river.enter")
def detail(request: HttpRequest, code: str) -> HttpResponse:
    """One river; the spellings of one that an office entered are changed with the reason."""
    at = clock.now()
    river = river_of(code, at)
    acts = PageActs(request, "river", river, place="river", at=at)
    if request.method == "POST" and (answer := acts.take()):
        return answer
    return render(request, "registry/things/river.html", {"river": river, "acts": acts}, status=acts.status)
