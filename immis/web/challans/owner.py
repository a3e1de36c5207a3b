"""The owner of trucks: the e-challans on which his own vehicles drive, whoever issued them (E-118, E-157)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from immis import clock
from immis.challans import selectors
from immis.challans.selectors.driver_link import token_of
from immis.registry import things
from immis.web.challans import words as challan_words
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.views import page


def _table(at: Any) -> Table:
    def state(challan: Any) -> tuple[str, Any]:
        chip = challan_words.state_chip(challan, at=at)
        return chip.state, chip.label

    columns = [
        Column(_("Vehicle"), "vehicle.registration", link=to("vehicle", "vehicle.registration")),
        Column(_("State"), state, "chip"),
        Column(_("Number"), "number", link=lambda row: reverse("driver_pass", args=[token_of(row)])),
        Column(_("Settlee"), "party", "name", under=True),
        Column(_("Ghat"), "lease.block", "name"),
        Column(_("Destination"), "place", "name"),
        Column(_("Valid until"), "valid_until", "at"),
    ]
    hint = _("Each e-challan that is issued for a vehicle of yours appears here at once.")
    return Table("own-trucks", _("E-challans of my vehicles"), columns, (_("No e-challan here"), hint))


@page("challan.own")
def owner_passes(request: HttpRequest) -> HttpResponse:
    """Passes of the reader's own vehicles, newest first, each with the link that its driver has."""
    at = clock.now()
    mine = things.vehicles_listed(request.actor).values_list("pk", flat=True)
    return list_response(request, _table(at), selectors.passes_of_vehicles(list(mine)), ListPage())
