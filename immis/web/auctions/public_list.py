"""The list of auctions for everybody; its filter and columns serve the lists of the office and of practice too."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from immis import clock
from immis.auctions import selectors
from immis.auctions.selectors.lots import PHASES, in_phase
from immis.web.auctions.public import lot_chip, phase_words
from immis.web.shell import wording
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.views import PUBLIC, page

_A_PAGE = 50


class LotFilter(forms.Form):
    """Filters of the list of auctions."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        words = phase_words()
        self.fields["phase"] = forms.ChoiceField(
            label=_("Phase"), required=False, choices=[("", _("all")), *((row, words[row]) for row in PHASES)]
        )
        self.fields["q"] = forms.CharField(label=_("Ghat or number"), required=False, max_length=60)
        self.fields["q"].widget.input_type = "search"


def filtered_lots(request: HttpRequest, form: LotFilter, at: datetime, **own: Any) -> list[Any]:
    """The lots of the list by the filters of the address."""
    rows = selectors.lots(request.actor, **own)
    if not form.is_valid():
        return list(rows)
    rows = in_phase(rows, form.cleaned_data["phase"], at)
    wanted = form.cleaned_data["q"].casefold().strip()
    results = []
    for lot in rows:
        text = f"{lot.code} {lot.block.name_en} {lot.block.name_hi} {lot.block.block_no}".casefold()
        if wanted in text:
            results.append(lot)
    return results


def lot_rows(lots: Sequence[Any], at: datetime) -> list[dict[str, Any]]:
    """Lots as rows of a list: state, chip, the figure to show."""
    rows, outcomes = [], selectors.outcomes_of(lots, at)
    for lot in lots:
        state = selectors.lot_state(lot, at)
        rows.append({"lot": lot, "state": state, "chip": lot_chip(state, outcomes[lot.pk])})
    return rows


def lot_columns(view: str, *between: Column) -> list[Column]:
    """Columns of a list of auctions, whose ghats lead to a page; ``between`` stand on the page behind the state."""
    return [
        Column(_("Auction"), "lot.code", on="file"),
        Column(_("Ghat"), "lot.block", "name", link=to(view, "lot.code")),
        Column(_("Auction"), "lot.code", under=True, on="page"),
        Column(_("District"), "lot.notice.district", on="file"),
        Column(_("Area (hectare)"), "lot.block.area_ha", on="file"),
        Column(_("State"), "chip", "chip", on="page"),
        *between,
        Column(_("Reserve price"), "lot.reserve_rupees", "rupees"),
        Column(_("Earnest money"), "lot.emd_rupees", "rupees", on="file"),
        Column(_("Starts"), "lot.opens_at", "at", on="file"),
        Column(_("Ends"), "lot.ends_at", "at", on="file"),
        Column(_("Highest bid"), "lot.highest_rupees", "rupees", on="file"),
        Column(_("Highest bid"), _highest, "html", on="page", css="num"),
        Column(_("Ends"), "state.ends_at", "at", on="page"),
        Column(_("Starts"), "state.opens_at", "at", under=True, named=True, on="page"),
        Column(_("State"), lambda row: row["chip"][1], on="file"),
    ]


def _highest(row: dict[str, Any]) -> SafeString:
    """The highest bid, where the script of the room writes a newer one."""
    rupees = row["state"].highest_rupees
    return format_html("<b data-highest>{}</b>", wording.rupees(rupees) if rupees else "—")


@page(PUBLIC)
def auctions(request: HttpRequest) -> HttpResponse:
    """All auctions with phase, reserve price and time."""
    at = clock.now()
    form = LotFilter(request.GET or {})
    rows = lot_rows(filtered_lots(request, form, at), at)
    running = [row["lot"].code for row in rows if row["state"].phase == "running"]
    more = {"total": len(rows), "running": running}
    shown = ListPage(form=form, template="auctions/list.html", rows_a_page=_A_PAGE, more=more)
    return list_response(request, _table(), rows, shown)


def _table() -> Table:
    hint = _("Auctions appear here when a district office takes in a notice inviting e-auction.")
    return Table(
        "auctions",
        _("E-auctions of sand ghats"),
        lot_columns("auction_room"),
        (_("No auction fits"), hint),
        row_attrs=lambda row: {"data-lot": row["lot"].code},
    )
