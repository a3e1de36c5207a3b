"""Mock auctions for everybody to watch and for registered bidders to practise in (E-003)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from immis import clock
from immis.auctions import selectors, services
from immis.auctions.selectors.lots import in_phase
from immis.core.errors import NotFound
from immis.web.auctions.public import phase_words
from immis.web.auctions.public_list import LotFilter, lot_columns
from immis.web.shell.tables import Column, ListPage, Table, list_response, row_form
from immis.web.shell.views import PUBLIC, page

_CHIPS = {"upcoming": "plain", "running": "warn", "closed": "plain"}


@page(PUBLIC)
def mock_auctions(request: HttpRequest) -> HttpResponse:
    """The copies of lots that stand open for practice, newest first."""
    at = clock.now()
    form = LotFilter(request.GET or {})
    form_data = form.cleaned_data if form.is_valid() else {"phase": "", "q": ""}
    result = in_phase(selectors.mock_lots(request.actor), form_data["phase"], at)
    wanted = form_data["q"].casefold().strip()
    rows = [_row(request, lot, at) for lot in result if wanted in _text(lot)]
    registered = selectors.bidder_of(request.actor.party_id) is not None
    more = {"party": request.actor.is_party, "registered": registered}
    shown = ListPage(form=form, template="auctions/mock_list.html", rows_a_page=max(1, len(rows)), more=more)
    return list_response(request, _table(request, registered), rows, shown)


def _table(request: HttpRequest, registered: bool) -> Table:
    def join(row: dict[str, Any]) -> str:
        if row["joined"]:
            return _("You take part")
        may_join = registered and row["state"].phase != "closed"
        return row_form(request, "auctions/_mock_join.html", lot=row["lot"]) if may_join else ""

    columns = lot_columns("auction_room", Column(_("Take part"), join, "html", on="page"))
    empty = (_("No mock auction"), _("A district office opens one for the pre-bid training."))
    return Table("mock-auctions", _("Mock auctions"), columns, empty)


def _text(lot: Any) -> str:
    return f"{lot.code} {lot.block.name_en} {lot.block.name_hi}".casefold()


def _row(request: HttpRequest, lot: Any, at: Any) -> dict[str, Any]:
    state = selectors.lot_state(lot, at)
    joined = bool(selectors.my_position(lot, request.actor.party_id, at).technical)
    return {"lot": lot, "state": state, "chip": (_CHIPS[state.phase], phase_words()[state.phase]), "joined": joined}


@page("mock.join")
def mock_join(request: HttpRequest, code: str) -> HttpResponse:
    """Take part in one mock lot; then its room lets the reader bid."""
    lot = selectors.lot_of(code)
    if not lot.mock:
        raise NotFound(_("This is no mock auction."))
    if request.method == "POST":
        services.join_mock(lot=lot, by=request.actor, at=clock.now())
    return redirect("auction_room", lot.code)
