"""The published lists of technically decided applications (E-006): by number, names only where clause 10 lets them."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from immis import clock
from immis.auctions import selectors
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.views import PUBLIC, page


@page(PUBLIC)
def technical_results(request: HttpRequest) -> HttpResponse:
    """All published lists, newest first."""
    return list_response(request, _lists(), selectors.result_lists())


def _lists() -> Table:
    columns = [
        Column(_("Notice"), "notice.number", link=to("technical_result", "notice_id")),
        Column(_("District"), "notice.district", "district", under=True),
        Column(_("Published"), "published_at", "at"),
        Column(_("Applications"), lambda row: len(row.rows), "number"),
    ]
    hint = _("The Collector publishes a list when every application of a notice is decided.")
    return Table("technical-results", _("Results of the technical bids"), columns, (_("No list yet"), hint))


@page(PUBLIC)
def technical_result(request: HttpRequest, pk: int) -> HttpResponse:
    """One published list: applications by number and what was decided."""
    listed = selectors.result_list_of(pk)
    rows = _rows(request, listed)
    shown = ListPage(template="auctions/result_list.html", rows_a_page=max(1, len(rows)), more={"list": listed})
    return list_response(request, _table(listed), rows, shown)


def _rows(request: HttpRequest, listed: Any) -> list[dict[str, Any]]:
    words = {"passed": ("good", _("Technically successful")), "failed": ("bad", _("Technically not successful"))}
    named = selectors.named_bids([row["bid"] for row in listed.rows], request.actor, clock.now())
    return [{**row, "chip": words[row["state"]], "who": named.get(row["bid"])} for row in listed.rows]


def _table(listed: Any) -> Table:
    title = f"{_('Results of the technical bids')}: {listed.notice.number}"
    columns = [
        Column(_("Application"), "number"),
        Column(_("Auction"), "lot", on="file"),
        Column(_("Ghat"), "ghat", "name", link=to("auction_room", "lot")),
        Column(_("Result"), "chip", "chip"),
        Column(_("Bidder"), "who", "name"),
    ]
    return Table(f"technical-results-{listed.notice_id}", title, columns)
