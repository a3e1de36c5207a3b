"""The district's side of an auction: who applied, the papers, pass or fail; who leads only after the close."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from immis import clock
from immis.auctions import gates, selectors
from immis.auctions.services import note_reading
from immis.core.acts import offers
from immis.core.errors import NotFound
from immis.reading import whole_number
from immis.rules.catalogue import Finding
from immis.web.auctions.public_list import LotFilter, filtered_lots, lot_columns, lot_rows
from immis.web.auctions.words import technical_chip
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.tables import Column, ListPage, Table, list_response
from immis.web.shell.views import page


def _counts(lots: list[Any]) -> dict[int, dict[str, int]]:
    rows = selectors.bid_counts([lot.pk for lot in lots])
    return {row["lot_id"]: row for row in rows}


@page("lot.oversee")
def office_auctions(request: HttpRequest) -> HttpResponse:
    """The district's auctions: how many applied, how many wait for a decision, how each stands."""
    at = clock.now()
    form = LotFilter(request.GET or {})
    lots = filtered_lots(request, form, at, notice__in=selectors.notices(request.actor))
    counts = _counts(lots)
    empty = {"applied": 0, "passed": 0, "failed": 0, "all": 0}
    rows = [{**row, "count": counts.get(row["lot"].pk, empty)} for row in lot_rows(lots, at)]
    shown = ListPage(form=form, template="auctions/office_list.html", rows_a_page=max(1, len(rows)))
    return list_response(request, _table(), rows, shown)


def _table() -> Table:
    def counts(on: str) -> list[Column]:
        return [
            Column(_("Applications"), "count.all", "number", on=on),
            Column(_("To decide"), "count.applied", "number", on=on),
            Column(_("Successful"), "count.passed", "number", on=on),
        ]

    columns = [*lot_columns("office_auction", *counts("page")), *counts("file")]
    empty = (_("No auction fits"), _("Take in a notice inviting e-auction; its ghats appear here."))
    return Table("office-auctions", _("Auctions of the district"), columns, empty)


@page("lot.oversee")
def office_auction(request: HttpRequest, code: str) -> HttpResponse:
    """One lot of the district: its technical bids with payments and papers, and the decision."""
    lot, at = selectors.lot_of(code), clock.now()
    if lot.mock or not request.actor.sees_district(lot.district):
        raise NotFound(f"lot {code}")
    tried = None
    if request.method == "POST":
        tried = _decision(request, lot, at)
        if answer := tried.take():
            answer["Location"] += f"#bid-{tried.number}"
            return answer
    note_reading("applications", lot=lot, by=request.actor, at=at)
    context = {
        "row": lot_rows([lot], at)[0],
        "lot": lot,
        "state": selectors.lot_state(lot, at),
        "outcome": selectors.outcome_of(lot, at),
        "bids": _bid_rows(request, lot, at, tried),
        "programme": selectors.programme_rows(lot.notice, wording.lang()),
        "audit": f"auctions/{lot.code}.json" if lot.result_announced_at else "",
    }
    return render(request, "auctions/office_lot.html", context, status=tried.status if tried else 200)


def _decision(request: HttpRequest, lot: Any, at: datetime) -> PageActs:
    """The decision that was sent on one technical bid of the lot: ``bid`` and ``verdict``."""
    bid = _bid_of(request.POST.get("bid", ""), lot.code, request)
    acts = PageActs(request, "application", bid, place="application", at=at, default=request.POST.get("verdict", ""))
    return acts.among("bid", str(bid.pk), {})


def _bid_of(number: str, code: str, request: HttpRequest) -> Any:
    bid = selectors.technical_bid_of(whole_number(number) or 0, request.actor)
    if bid.lot.code != code:
        raise NotFound(f"technical bid {bid.pk} of {code}")
    return bid


def _bid_rows(request: HttpRequest, lot: Any, at: datetime, tried: PageActs | None) -> list[dict[str, Any]]:
    """The technical bids with their acts; registers and ledger are asked once for all of them."""
    bids = list(selectors.technical_bids(request.actor, lot=lot))
    money, facts, in_time = selectors.emd_states(bids), selectors.facts_to_pass(bids, at=at), gates.in_time_facts(bids)
    rows = []
    for bid in bids:
        gathered = {gates.pass_of: facts[bid.pk], gates.in_time_of: in_time[bid.pk]}
        acts = PageActs(request, "application", bid, place="application", at=at)
        acts = tried if tried and tried.number == str(bid.pk) else acts.among("bid", str(bid.pk), gathered)
        papers = offers("application", bid, by=request.actor, at=at, place="papers", gathered=gathered)
        shown = _bid_row(bid, money[bid.pk], acts, papers=any(offer.fits for offer in papers))
        rows.append({**shown, "mean": _mean(facts[bid.pk].turnover_rupees)})
    return rows


def _bid_row(bid: Any, money: selectors.EmdState, acts: PageActs, *, papers: bool) -> dict[str, Any]:
    return {
        "bid": bid,
        "money": money,
        "chip": technical_chip(bid, money),
        "papers": selectors.papers_of(bid),
        "judged": list(selectors.paper_decisions(bid).values()),
        "joint": [member["name"] for member in bid.members],
        "acts": acts,
        "against": _against(bid, acts),
        "may_judge": papers,
    }


def _against(bid: Any, acts: PageActs) -> Sequence[Finding]:
    """What stands against a pass of an application that is not decided."""
    shut = [offer.findings for offer in acts.shut if offer.act.word == "pass"]
    return shut[0] if shut and bid.state == "applied" else ()


def _mean(turnover_rupees: Sequence[int]) -> int:
    """The mean of the years, joint bidders with it, as the rule reckons it (E-029)."""
    return sum(turnover_rupees) // max(1, len(turnover_rupees))


@page("application.decide")
def judge(request: HttpRequest, code: str) -> HttpResponse:
    """Keep the committee's finding on one paper of a technical bid."""
    home = reverse("office_auction", args=[code])
    if request.method != "POST":
        return redirect(home)
    bid = _bid_of(request.POST.get("paper_of", ""), code, request)
    acts = PageActs(
        request, "application", bid, place="papers", at=clock.now(), default="judge", home=f"{home}#bid-{bid.pk}"
    )
    return acts.take_and_leave()
