"""The district's side of an auction: who applied, the papers, pass or fail; who leads only after the close."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from immis import clock
from immis.auctions import selectors
from immis.auctions.services import decide_technical, judge_paper, note_reading
from immis.core.errors import NotFound
from immis.core.grants import may
from immis.rules.auctions.tenders import DecisionFacts
from immis.rules.catalogue import find
from immis.rules.policy import book
from immis.web.auctions.public import LotFilter, filtered_lots, lot_columns, lot_rows
from immis.web.registry.bidder import technical_chip
from immis.web.shell import wording
from immis.web.shell.exports import wanted_format
from immis.web.shell.tables import Column, table_response
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
    if wanted_format(request):
        more = [
            Column(_("Applications"), "count.all"),
            Column(_("To decide"), "count.applied"),
            Column(_("Successful"), "count.passed"),
        ]
        return table_response(request, columns=[*lot_columns(), *more], rows=rows, name="office-auctions")
    return render(request, "auctions/office_list.html", {"filter": form, "rows": rows})


class DecisionForm(forms.Form):
    """The committee's decision on one technical bid."""

    bid = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    verdict = forms.ChoiceField(choices=[("pass", "pass"), ("fail", "fail")])
    reasons = forms.CharField(required=False, max_length=600, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["reasons"].label = _("Reasons (needed where a bid fails)")


@page("lot.oversee")
def office_auction(request: HttpRequest, code: str) -> HttpResponse:
    """One lot of the district: its technical bids with payments and papers, and the decision."""
    lot, at = selectors.lot_of(code), clock.now()
    if lot.mock or not request.actor.sees_district(lot.notice.district):
        raise NotFound(f"lot {code}")
    if request.method == "POST":
        return _decide(request, lot, at)
    note_reading("applications", lot=lot, by=request.actor, at=at)
    state = selectors.lot_state(lot, at)
    bids = list(selectors.technical_bids(request.actor, lot=lot))
    money, facts = selectors.emd_states(bids), selectors.facts_to_pass(bids, at=at)
    context = {
        "row": lot_rows([lot], at)[0],
        "lot": lot,
        "state": state,
        "outcome": selectors.outcome_of(lot, at),
        "bids": [_bid_row(bid, money[bid.pk], facts[bid.pk], at) for bid in bids],
        "may_decide": may(request.actor, "application.decide"),
        "out_of_time": _out_of_time(lot, at),
        "programme": selectors.programme_rows(lot.notice, wording.lang()),
        "audit": f"auctions/{lot.code}.json" if lot.result_announced_at else "",
    }
    return render(request, "auctions/office_lot.html", context)


def _out_of_time(lot: Any, at: datetime) -> list[Any]:
    programme = selectors.programme_of(lot)
    asked = DecisionFacts(programme.get("last_date_at"), programme.get("result_on"), lot.opens_at)
    return find("auction.technical_decision", asked, policy=book(), at=at)


def _bid_row(bid: Any, money: selectors.EmdState, facts: Any, at: datetime) -> dict[str, Any]:
    return {
        "bid": bid,
        "money": money,
        "chip": technical_chip(bid, money),
        "papers": selectors.papers_of(bid),
        "judged": list(selectors.paper_decisions(bid).values()),
        "mean": sum(bid.turnover_rupees) // max(1, len(bid.turnover_rupees)),
        "against": find("auction.technical_pass", facts, policy=book(), at=at),
        "form": DecisionForm(initial={"bid": bid.pk, "reasons": bid.reasons}, auto_id=f"bid{bid.pk}_%s"),
    }


def _decide(request: HttpRequest, lot: Any, at: datetime) -> HttpResponse:
    form = DecisionForm(request.POST)
    here = reverse("office_auction", args=[lot.code])
    if not form.is_valid():
        messages.error(request, _("The decision could not be read."))
        return redirect(here)
    bid = selectors.technical_bid_of(form.cleaned_data["bid"], request.actor)
    if bid.lot_id != lot.pk:
        raise NotFound(f"technical bid {bid.pk} of {lot.code}")
    passed = form.cleaned_data["verdict"] == "pass"
    decide_technical(bid=bid, passed=passed, reasons=form.cleaned_data["reasons"], by=request.actor, at=at)
    messages.success(request, _("The decision is kept and the bidder can see it."))
    return redirect(f"{here}#bid-{bid.pk}")


class PaperForm(forms.Form):
    """What the committee found of one paper."""

    paper_of = forms.IntegerField(min_value=1, max_value=10**12)
    letter = forms.CharField(max_length=4)
    fit = forms.TypedChoiceField(choices=[("1", "1"), ("0", "0")], coerce=lambda value: value == "1")
    reason = forms.CharField(required=False, max_length=300)


@page("application.decide")
def judge(request: HttpRequest, code: str) -> HttpResponse:
    """Keep the committee's finding on one paper of a technical bid."""
    here = redirect("office_auction", code)
    if request.method != "POST":
        return here
    form = PaperForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("The decision could not be read."))
        return here
    sent = form.cleaned_data
    bid = selectors.technical_bid_of(sent["paper_of"], request.actor)
    if bid.lot.code != code:
        raise NotFound(f"technical bid {bid.pk} of {code}")
    judge_paper(
        bid=bid, letter=sent["letter"], fit=sent["fit"], reason=sent["reason"], by=request.actor, at=clock.now()
    )
    here["Location"] += f"#bid-{bid.pk}"
    return here
