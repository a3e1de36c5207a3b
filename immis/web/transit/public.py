"""What anybody may know of transit passes: whether they are in force, what they cost, how one is taken."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from immis import clock
from immis.transit.selectors import switch_now
from immis.web.shell.views import PUBLIC, page
from immis.web.transit import words


@page(PUBLIC)
def istp(request: HttpRequest) -> HttpResponse:
    """Whether passes are in force and by which order, the fee and the hours with their clauses, and the way to one."""
    at = clock.now()
    now = switch_now(at)
    figures = words.figures(at)
    fee = figures.get("IST_02")
    context = {
        "chip": words.SWITCH[now.state],
        "switch": words.switch_words(now),
        "open": now.state == "in_force",
        "fees": [(words.unit(unit), rate) for unit, rate in fee.value.items()] if fee else [],
        "hours": figures["IST_03"].value if "IST_03" in figures else "",
        "doubted": any(value.status == "unverified" for value in figures.values()),
        "is_party": request.actor.is_party,
    }
    return render(request, "transit/public.html", context)
