"""The published lists of technically decided applications (E-006): by number, names only where clause 10 lets them."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from immis import clock
from immis.auctions import selectors
from immis.web.shell import wording
from immis.web.shell.exports import wanted_format
from immis.web.shell.tables import Column, table_response
from immis.web.shell.views import PUBLIC, page


@page(PUBLIC)
def technical_results(request: HttpRequest) -> HttpResponse:
    """All published lists, newest first."""
    result = selectors.result_lists()
    if wanted_format(request):
        columns = [
            Column(_("Notice"), "notice.number"),
            Column(_("District"), "notice.district"),
            Column(_("Published"), "published_at", "at"),
            Column(_("Applications"), lambda row: len(row.rows)),
        ]
        return table_response(request, columns=columns, rows=result, name="technical-results")
    rows = [{"list": item, "count": len(item.rows)} for item in result]
    return render(request, "auctions/result_lists.html", {"rows": rows})


@page(PUBLIC)
def technical_result(request: HttpRequest, pk: int) -> HttpResponse:
    """One published list: applications by number and what was decided."""
    listed = selectors.result_list_of(pk)
    rows = _rows(request, listed)
    if wanted_format(request):
        return table_response(request, columns=_columns(), rows=rows, name=f"technical-results-{pk}")
    return render(request, "auctions/result_list.html", {"list": listed, "rows": rows})


def _rows(request: HttpRequest, listed: Any) -> list[dict[str, Any]]:
    words = {"passed": ("good", _("Technically successful")), "failed": ("bad", _("Technically not successful"))}
    named = selectors.named_bids([row["bid"] for row in listed.rows], request.actor, clock.now())
    return [{**row, "chip": words[row["state"]], "who": named.get(row["bid"])} for row in listed.rows]


def _columns() -> list[Column]:
    return [
        Column(_("Application"), "number"),
        Column(_("Auction"), "lot"),
        Column(_("Ghat"), lambda row: wording.name_of(row["ghat"])),
        Column(_("Result"), lambda row: row["chip"][1]),
        Column(_("Bidder"), lambda row: wording.name_of(row["who"]) if row["who"] else ""),
    ]
