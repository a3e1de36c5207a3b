"""The office's list of e-challans with their states (A-21, A-24)."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from immis import clock
from immis.challans import selectors
from immis.rules.calendar import india_day
from immis.web.challans import words as challan_words
from immis.web.challans.settlee import challans_response
from immis.web.shell.views import page

COUNTED_DAYS = 7


@page("challan.oversee")
def office_challans(request: HttpRequest) -> HttpResponse:
    """Challans of the jurisdiction: filter, export, how many of the last days stand in each state."""
    from_on = india_day(clock.now()) - timedelta(days=COUNTED_DAYS - 1)
    counts = selectors.state_counts(request.actor, from_on=from_on)
    states = [
        {"chip": challan_words.Chip(*words), "state": state, "count": counts.get(state, 0)}
        for state, words in challan_words.STATES.items()
    ]
    hint = _("E-challans of your jurisdiction appear here as soon as a settlee issues them.")
    empty = (_("No e-challan by these filters"), hint)
    return challans_response(request, "challans/office_list.html", empty, states=states, from_on=from_on)
