"""One sand ghat as anybody may see it: where it is, how large, what the notice says, its auction and settlement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from immis import clock
from immis.auctions.selectors import lot_of, lot_state, outcomes_of
from immis.core.errors import NotFound
from immis.leases.life import price_on
from immis.leases.selectors import lease_on_block
from immis.registry.selectors import block_of
from immis.rules.calendar import india_day
from immis.rules.land.geometry import area_ha, format_dms
from immis.rules.policy import NotInForce, book
from immis.web.auctions.public import lot_chip
from immis.web.registry.features import block_feature
from immis.web.shell import wording
from immis.web.shell.views import PUBLIC, page

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class LotOnPage:
    """A lot with its state now, as lists and the ghat's page show it."""

    lot: Any
    state: Any
    chip: str
    words: str
    result: str = ""


def phase_words(state: Any, outcome: Any, at: datetime) -> tuple[str, str]:
    """Chip state and words for the phase of a lot; how it ended by the words of its list and its room."""
    if state.phase == "running":
        return "warn", _("Bidding, %(span)s left") % {"span": wording.span((state.ends_at - at).total_seconds())}
    if state.phase == "upcoming":
        return "info", _("Bidding from %(at)s") % {"at": wording.clock_time(state.opens_at)}
    return lot_chip(state, outcome)


def lots_on_page(lots: Sequence[Any], at: datetime) -> list[LotOnPage]:
    """Some lots with their state now, and how those that are over ended."""
    outcomes, shown = outcomes_of(lots, at), []
    for lot in lots:
        state, outcome = lot_state(lot, at), outcomes[lot.pk]
        result = (outcome.result if outcome else "open") if state.phase == "closed" else ""
        shown.append(LotOnPage(lot, state, *phase_words(state, outcome, at), result))
    return shown


def _auction_of(code: str, at: datetime) -> LotOnPage | None:
    try:
        return lots_on_page([lot_of(code)], at)[0]
    except NotFound:
        return None


def area_check(block: Any, at: datetime) -> dict[str, Any]:
    """The printed area beside the one computed from the corners, judged by the tolerance in force (NTC-09)."""
    computed = round(float(area_ha(block.corners)), 2)
    off_percent = round(abs(computed / float(block.area_ha) - 1) * 100, 1)
    try:
        differs = off_percent > book().value("NTC-09", at, district=block.district)
    except NotInForce:
        differs = None
    return {"computed_ha": computed, "off_percent": off_percent, "differs": differs}


def _corner_rows(block: Any) -> list[dict[str, str]]:
    return [
        {
            "letter": _LETTERS[i % 26],
            "lat": format_dms(lat, axis="lat"),
            "lon": format_dms(lon, axis="lon"),
            "feature": f"{block.code}-{_LETTERS[i % 26]}",
        }
        for i, (lat, lon) in enumerate(block.corners)
    ]


@page(PUBLIC)
def ghat(request: HttpRequest, code: str) -> HttpResponse:
    """Map, corners in degrees, area as printed and as computed on the ellipsoid, auction, settlement."""
    block, at = block_of(code), clock.now()
    context = {
        "ghat": block,  # not "block": inside a template block that name is Django's own
        "corners": _corner_rows(block),
        "area": area_check(block, at),
        "auction": _auction_of(code, at),
        "lease": lease_on_block(code),
        "price": price_on(block, india_day(at)),
    }
    return render(request, "leases/ghat.html", context)


@page(PUBLIC)
def ghat_geojson(request: HttpRequest, code: str) -> HttpResponse:
    """One ghat with its lettered corners, for the map of its page."""
    block = block_of(code)
    points = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [lon, lat]},
            "properties": {"id": row["feature"], "kind": "corner", "name": row["letter"]},
        }
        for row, (lat, lon) in zip(_corner_rows(block), block.corners, strict=True)
    ]
    body = {"type": "FeatureCollection", "features": [block_feature(block), *points]}
    return JsonResponse(body, content_type="application/geo+json")
