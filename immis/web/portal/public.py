"""The first page: the ghats on map and list, what is being auctioned now, how to check a challan."""

from collections import Counter
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from immis import clock
from immis.auctions.selectors import lots
from immis.core.installation.first_start import is_waiting
from immis.registry.selectors import blocks
from immis.rules.land.geometry import distance_to_polygon_m
from immis.web.auctions.public import result_words
from immis.web.leases.public_ghats import LotOnPage, lots_on_page
from immis.web.shell.districts import district_name
from immis.web.shell.exports import wanted_format
from immis.web.shell.tables import Column, table_response
from immis.web.shell.views import PUBLIC, page

_A_PAGE = 60


def _lots_by_block(at: Any) -> dict[int, LotOnPage]:
    return {row.lot.block_id: row for row in lots_on_page(list(lots(PUBLIC)), at)}


def _matches(block: Any, wanted: str) -> bool:
    places = f"{block.district} {district_name(block.district, 'hi')} {block.river}"
    words = f"{block.code} {block.name_hi} {block.name_en} {block.block_no} {places}".casefold()
    return all(word in words for word in wanted.casefold().split())


def _place(text: str) -> tuple[float, float] | None:
    """Where the reader is, from ``25.37,86.47`` (latitude, longitude); None where it is no place of India."""
    lat, _comma, lon = text.partition(",")
    try:
        place = float(lat), float(lon)
    except ValueError:
        return None
    return place if 6 <= place[0] <= 38 and 68 <= place[1] <= 98 else None


def _by_distance(rows: list[dict[str, Any]], place: tuple[float, float]) -> list[dict[str, Any]]:
    """The ghats nearest to a place first, each with its distance as the crow flies."""
    far = [{**row, "metres": distance_to_polygon_m(row["block"].corners, *place)} for row in rows]
    return sorted(far, key=lambda row: row["metres"])


def _columns() -> list[Column]:
    return [
        Column(_("Code"), "block.code"),
        Column(_("Name (Hindi)"), "block.name_hi"),
        Column(_("Name (English)"), "block.name_en"),
        Column(_("District"), "block.district"),
        Column(_("Area (hectares)"), "block.area_ha"),
        Column(_("Sand a year (cubic metres)"), "block.quantity_m3"),
        Column(_("Auction"), lambda row: row["lot"].words if row["lot"] else ""),
        Column(_("Highest bid (rupees)"), lambda row: row["lot"].state.highest_rupees if row["lot"] else ""),
    ]


@page(PUBLIC)
def home(request: HttpRequest) -> HttpResponse:
    """Ghats (``?q=`` searches name, number, district and river; ``?near=`` begins with the nearest), auctions first."""
    if is_waiting():
        return redirect("first_start")
    wanted = request.GET.get("q", "")[:80]
    by_block = _lots_by_block(clock.now())
    rows = [{"block": b, "lot": by_block.get(b.pk)} for b in blocks() if _matches(b, wanted)]
    if near := _place(request.GET.get("near", "")[:40]):
        rows = _by_distance(rows, near)
    if wanted_format(request):
        return table_response(request, columns=_columns(), rows=rows, name="ghats")
    running = sorted(
        (row for row in by_block.values() if row.state.phase == "running"), key=lambda row: row.state.ends_at
    )
    context = {
        "rows": Paginator(rows, _A_PAGE).get_page(request.GET.get("page")),
        "found": len(rows),
        "wanted": wanted,
        "near": near,
        "running": running,
        "figures": _figures(rows, by_block),
    }
    return render(request, "portal/home.html", context)


def _figures(rows: list[dict[str, Any]], by_block: dict[int, LotOnPage]) -> dict[str, Any]:
    ended = Counter(row.result for row in by_block.values())
    phases = [item.state.phase for item in by_block.values()]
    return {
        "ghats": len(rows),
        "quantity_m3": sum(row["block"].quantity_m3 for row in rows),
        "running": phases.count("running"),
        "ended": [(word, ended[result]) for result, (_drawn, word) in result_words().items() if ended[result]],
    }
