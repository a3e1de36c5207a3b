"""The board of directions for the chair: what is open and late by owner, and what the system itself sees."""

from collections import defaultdict
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from immis import clock
from immis.core.access.permissions import Actor
from immis.directions import selectors
from immis.rules.calendar import india_day
from immis.web.directions import words
from immis.web.shell.tables import Column, Table, list_response, to
from immis.web.shell.views import page


def _owners(viewer: Actor, today: date) -> list[dict[str, Any]]:
    """Each owner with his open directions: how many, how many late, with a difficulty, the oldest in days."""
    groups: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for share in selectors.open_assignments(viewer):
        groups[share.post, share.district].append(share)
    return sorted((_owner(shares, today) for shares in groups.values()), key=lambda row: (-row["late"], -row["oldest"]))


def _owner(shares: list[Any], today: date) -> dict[str, Any]:
    rows = {share.direction_id: share.direction for share in shares}.values()
    late = [selectors.late_days(row, today) for row in rows]
    return {
        "name": words.assigned(shares[0]),
        "url": f"{reverse('office_directions')}?state=open&post={shares[0].post}",
        "open": len(rows),
        "late": sum(1 for days in late if days),
        "latest": max(late),
        "difficulties": sum(1 for row in rows if row.difficulty),
        "repeated": sum(1 for row in rows if row.carried),
        "oldest": max(selectors.open_days(row, today) for row in rows),
    }


def _owner_table() -> Table:
    columns = [
        Column(_("Who answers"), "name", link=lambda row: row["url"]),
        Column(_("Still open"), "open", "number", total=True),
        Column(_("Day is over"), "late", "number", total=True),
        Column(_("Days overdue, at most"), "latest", "number"),
        Column(_("With a difficulty"), "difficulties", "number", total=True),
        Column(_("Given before"), "repeated", "number", total=True),
        Column(_("Oldest, in days"), "oldest", "number"),
    ]
    hint = _("What owners have still to report appears here.")
    return Table("directions-by-owner", _("Open directions by owner"), columns, (_("Nothing is open"), hint))


def _seen(viewer: Actor, at: datetime) -> list[tuple[Any, Any, Any]]:
    """Open directions that the system itself can see, with the figure as it stands."""
    rows = selectors.directions(viewer).exclude(figure="").exclude(state="closed")[:50]
    figures = [(row, words.figure(row, at)) for row in rows]
    return [(row, figure.words, words.MET[figure.met]) for row, figure in figures if figure]


def _waits(viewer: Actor) -> Table:
    columns = [
        Column(_("Direction of a meeting"), "number", link=to("office_direction", "number")),
        Column(_("Words of the direction"), lambda row: row.text[:160], under=True),
        Column(_("Report given on"), "state_at", "at"),
    ]
    return Table("directions-before-the-chair", _("Reported, before the chair"), columns, (_("Nothing waits"), ""))


@page("direction.read")
def office_directions_board(request: HttpRequest) -> HttpResponse:
    """Open directions by owner with their age, what waits for the chair, and the live figures."""
    at = clock.now()
    owners = _owners(request.actor, india_day(at))
    if request.GET.get("format"):
        return list_response(request, _owner_table(), owners)
    rows = selectors.directions(request.actor)
    waits = _waits(request.actor)
    context = {
        "title": _("Directions: open and late"),
        "counts": [
            (_("Still open"), rows.filter(state="open").count()),
            (_("Day is over"), rows.filter(state="open", due_on__lt=india_day(at)).count()),
            (_("Reported, before the chair"), rows.filter(state="reported").count()),
            (_("With a difficulty"), rows.exclude(difficulty="").exclude(state="closed").count()),
            (_("Closed directions"), rows.filter(state="closed").count()),
        ],
        "tables": [
            waits.listed(rows.filter(state="reported")[:50]),
            _owner_table().listed(owners),
        ],
        "seen": _seen(request.actor, at),
    }
    return render(request, "directions/board.html", context)
