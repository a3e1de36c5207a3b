"""Check posts by written order: who is on duty, and what passed them today without a check (E-121)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from immis import clock
from immis.challans import selectors
from immis.registry.selectors import users
from immis.web.shell import wording
from immis.web.shell.views import page


def _row(day: selectors.PostDay) -> dict[str, Any]:
    people = users(username__in=day.on_duty) if day.on_duty else []
    return {
        "order": day.order,
        "name": wording.name_of(day.place) if day.place else day.order.values["place"],
        "on_duty": [wording.name_of(person) for person in people],
        "passed": len(day.passages),
        "unchecked": day.unchecked,
    }


@page("scan.read")
def office_checkposts(request: HttpRequest) -> HttpResponse:
    """Each check post of the reach with its order, hours, officers on duty, passages and those without a check."""
    rows = [_row(day) for day in selectors.posts_today(request.actor, at=clock.now())]
    return render(request, "challans/posts.html", {"rows": rows, "at": clock.now()})
