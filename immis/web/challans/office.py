"""The office's list of e-challans with their states (A-21, A-24)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from immis.challans import selectors
from immis.web.challans import words as challan_words
from immis.web.challans.settlee import COLUMNS, list_context
from immis.web.shell.exports import table_response, wanted_format
from immis.web.shell.views import page


@page("challan.oversee")
def office_challans(request: HttpRequest) -> HttpResponse:
    """Challans of the jurisdiction: filter, export, how many stand in each state."""
    context = list_context(request)
    if wanted_format(request):
        return table_response(request, columns=COLUMNS, rows=context["found"], name="e-challans")
    counts = selectors.state_counts(request.actor)
    states = [
        {"chip": challan_words.Chip(*words), "state": state, "count": counts.get(state, 0)}
        for state, words in challan_words.STATES.items()
    ]
    return render(request, "challans/office_list.html", {**context, "states": states})
