"""A bidder's page of one lot: what to pay, what to fill in, what to upload, how it stands, when to bid."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from immis import clock
from immis.auctions import selectors
from immis.auctions.papers.forms import technical_bid_pdf
from immis.auctions.services import note_reading
from immis.core.errors import Refusal
from immis.rules.catalogue import Finding
from immis.rules.policy import book
from immis.web.auctions.public import own_chip
from immis.web.auctions.words import deposit_words, technical_chip
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.components import Step
from immis.web.shell.views import page

_CONTENT_TYPES = {"PDF": "application/pdf", "JPG": "image/jpeg", "PNG": "image/png"}


def _pay_url(demand: str) -> str:
    try:
        return reverse("pay", args=[demand])
    except NoReverseMatch:
        return ""


def _steps(bid: Any, money: Any, papers: list[Any], lot: Any, at: datetime) -> list[Step]:
    """The way to the auction as a path of gates."""
    missing = sum(1 for paper in papers if paper.required and not paper.document)
    last = selectors.programme_of(lot).get("last_date_at")
    until = _("until %(at)s") % {"at": wording.clock_time(last)} if last else ""
    late = last is not None and at > last
    open_state = "late" if late else "now"
    decided = {"passed": _("successful"), "failed": _("not successful")}.get(bid.state, "") if bid else ""
    phase = selectors.lot_state(lot, at).phase
    return [
        Step(
            _("Application"),
            "done" if bid else open_state,
            wording.clock_time(bid.applied_at) if bid else until,
            "AUC-09",
        ),
        Step(_("Document fee and earnest money"), _gate(bid, money and money.paid, open_state), until, "AUC-07"),
        Step(
            _("Papers"),
            _gate(bid, bid and not missing, open_state),
            _papers_in_words(missing) if bid else until,
            "AUC-14",
        ),
        Step(
            _("Scrutiny"),
            {"passed": "done", "failed": "late"}.get(bid.state, "todo") if bid else "todo",
            decided or wording.day(selectors.programme_of(lot).get("result_on")),
            "AUC-12",
        ),
        Step(
            _("Live bidding"),
            {"running": "now", "closed": "done"}.get(phase, "todo"),
            wording.clock_time(lot.opens_at),
            "AUC-02",
        ),
    ]


def _papers_in_words(missing: int) -> str:
    return _("%(n)d missing") % {"n": missing} if missing else _("complete")


def _gate(bid: Any, done: Any, open_state: str) -> str:
    if done:
        return "done"
    return open_state if bid else "todo"


@page("application.make")
def bidder_lot(request: HttpRequest, code: str) -> HttpResponse:
    """One lot of the bidder: application, payments, papers, decision."""
    lot, at = selectors.lot_of(code), clock.now()
    if lot.mock:
        return redirect("mock_auctions")
    bidder = selectors.bidder_of(request.actor.party_id)
    if bidder is None:
        raise Refusal(Finding("AUC-20"))
    bid = selectors.my_technical_bids(request.actor).filter(lot=lot).first()
    apply = PageActs(request, "lot", lot, place="apply", at=at, default="apply")
    papers = PageActs(request, "application", bid, place="own", at=at) if bid else None
    if request.method == "POST":
        sent = papers if papers and request.POST.get("act") == "papers" else apply
        if answer := _take_papers(request, papers) if papers and sent is papers else apply.take():
            return answer
    context = {**_context(lot, bid, at), "apply": apply, "hand_in": papers is not None and bool(papers.fitting)}
    return render(request, "auctions/bidder_lot.html", context, status=apply.status)


def _take_papers(request: HttpRequest, papers: PageActs) -> HttpResponse:
    """Keep the papers that were chosen; why one was not taken is told beside the others."""
    papers.home = f"{request.path}#papers"
    try:
        return papers.take_and_leave()
    except Refusal as refusal:
        for finding in refusal.findings:
            messages.error(request, wording.say(finding))
        return redirect(papers.home)


def _context(lot: Any, bid: Any, at: datetime) -> dict[str, Any]:
    state = selectors.lot_state(lot, at)
    money = selectors.emd_state(bid) if bid else None
    papers = selectors.papers_of(bid) if bid else []
    position = selectors.my_position(lot, bid.bidder.party_id if bid else None, at)
    return {
        "lot": lot,
        "state": state,
        "lot_chip": own_chip(state, selectors.outcome_of(lot, at), position),
        "bid": bid,
        "chip": technical_chip(bid, money) if bid else None,
        "money": money,
        "pay": [
            (
                _("Tender document fee"),
                lot.document_fee_rupees,
                money.fee_state,
                _pay_url(bid.fee_demand),
                bid.fee_demand,
            ),
            (_("Earnest money"), lot.emd_rupees, money.emd_state, _pay_url(bid.emd_demand), bid.emd_demand),
            (
                _("Processing fee"),
                selectors.processing_fee_rupees(lot),
                money.processing_state,
                _pay_url(bid.processing_demand),
                bid.processing_demand,
            ),
        ]
        if bid and money
        else [],
        "papers": papers,
        "upload": book().value("AUC-16", at),
        "judged": selectors.paper_decisions(bid) if bid else {},
        "deposit": deposit_words(selectors.deposit_of(bid)) if bid and state.phase == "closed" else None,
        "steps": _steps(bid, money, papers, lot, at),
        "programme": selectors.programme_rows(lot.notice, wording.lang()),
    }


@page("application.read")
def bid_form(request: HttpRequest, pk: int) -> HttpResponse:
    """Form 3 of one technical bid as a paper, for its bidder and for the office."""
    bid = selectors.technical_bid_of(pk, request.actor)
    note_reading("form3", lot=bid.lot, by=request.actor, at=clock.now())
    name = f"form3-{bid.lot.code}-{bid.pk}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(technical_bid_pdf(bid), content_type="application/pdf", headers=headers)


@page("application.read_papers")
def bid_paper(request: HttpRequest, pk: int, sha256: str) -> HttpResponseBase:
    """One handed-in paper, for its bidder and for the district's office."""
    bid = selectors.technical_bid_of(pk, request.actor)
    row, path = selectors.document_of(bid, sha256)
    note_reading("paper", lot=bid.lot, by=request.actor, at=clock.now())
    name = f"{bid.lot.code}-{bid.pk}-{row['sha256'][:8]}.{row['type'].lower()}"
    response = FileResponse(path.open("rb"), content_type=_CONTENT_TYPES[row["type"]], filename=name)
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
    )
    return response
