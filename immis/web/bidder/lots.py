"""A bidder's page of one lot: what to pay, what to fill in, what to upload, how it stands, when to bid."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from immis import clock
from immis.auctions import selectors
from immis.auctions.services import add_document, apply_for_lot
from immis.core.errors import Refusal
from immis.rules.catalogue import Finding
from immis.rules.policy import book
from immis.web import wording
from immis.web.bidder.registration import technical_chip
from immis.web.components import Step
from immis.web.public.auctions import lot_chip
from immis.web.views import Role, page

_CONTENT_TYPES = {"PDF": "application/pdf", "JPG": "image/jpeg", "PNG": "image/png"}


class TechnicalForm(forms.Form):
    """Account and turnover of a technical bid."""

    def __init__(self, *args: Any, years: list[str], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["bank_account"] = forms.CharField(
            label=_("Own bank account"),
            max_length=30,
            help_text=_("Earnest money counts only from this account."),
        )
        for place, year in enumerate(years):
            self.fields[f"turnover_{place}"] = forms.IntegerField(
                label=_("Turnover %(year)s in rupees") % {"year": year}, min_value=0, max_value=10**13
            )

    def facts(self) -> dict[str, Any]:
        """The form as the service takes it."""
        years = [value for name, value in self.cleaned_data.items() if name.startswith("turnover_")]
        return {"bank_account": self.cleaned_data["bank_account"], "turnover_rupees": years}


def _years(lot: Any) -> list[str]:
    return list(book().value("AUC-10", lot.opens_at)["named_years"])


def _initial(bid: Any, party: Any) -> dict[str, Any]:
    if bid is None:
        return {"bank_account": party.bank_account}
    turnover = {f"turnover_{place}": value for place, value in enumerate(bid.turnover_rupees)}
    return {"bank_account": bid.bank_account, **turnover}


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
            _("%(n)d missing") % {"n": missing} if missing else _("complete"),
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


def _gate(bid: Any, done: Any, open_state: str) -> str:
    if done:
        return "done"
    return open_state if bid else "todo"


@page((Role.PARTY,))
def bidder_lot(request: HttpRequest, code: str) -> HttpResponse:
    """One lot of the bidder: application, payments, papers, decision."""
    lot, at = selectors.lot_of(code), clock.now()
    bidder = selectors.bidder_of(request.actor.party_id)
    if bidder is None:
        raise Refusal(Finding("AUC-20"))
    bid = selectors.my_technical_bids(request.actor).filter(lot=lot).first()
    form = TechnicalForm(request.POST or None, years=_years(lot), initial=_initial(bid, bidder.party))
    if request.method == "POST" and request.POST.get("act") == "papers" and bid:
        return _take_papers(request, bid, at)
    if request.method == "POST" and form.is_valid():
        apply_for_lot(lot=lot, bidder=bidder, form=form.facts(), by=request.actor, at=at)
        messages.success(request, _("Your application is kept. Pay and upload the papers until the last date."))
        return redirect("bidder_lot", code=lot.code)
    return render(
        request,
        "auctions/bidder_lot.html",
        _context(request, lot, bid, form, at),
        status=422 if form.is_bound and form.errors else 200,
    )


def _context(request: HttpRequest, lot: Any, bid: Any, form: TechnicalForm, at: datetime) -> dict[str, Any]:
    state = selectors.lot_state(lot, at)
    money = selectors.emd_state(bid) if bid else None
    papers = selectors.papers_of(bid) if bid else []
    last = selectors.programme_of(lot).get("last_date_at")
    return {
        "lot": lot,
        "state": state,
        "lot_chip": lot_chip(state, selectors.outcome_of(lot, at)),
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
        ]
        if bid and money
        else [],
        "papers": papers,
        "upload": book().value("AUC-16", at),
        "form": form,
        "editable": (bid is None or bid.state == "applied") and (last is None or at <= last),
        "steps": _steps(bid, money, papers, lot, at),
        "programme": selectors.programme_rows(lot.notice, wording.lang()),
    }


def _take_papers(request: HttpRequest, bid: Any, at: datetime) -> HttpResponse:
    """Keep every paper that was chosen; each that is not taken is named with its reason."""
    kept, refused = 0, []
    for letter, file in request.FILES.items():
        try:
            add_document(bid=bid, letter=letter, filename=file.name or "", content=file.read(), by=request.actor, at=at)
            kept += 1
        except Refusal as refusal:
            refused += refusal.findings
    if kept:
        messages.success(request, _("Papers kept: %(n)d.") % {"n": kept})
    for finding in refused:
        messages.error(request, wording.say(finding))
    if not kept and not refused:
        messages.error(request, _("No file was chosen."))
    return redirect(f"{reverse('bidder_lot', args=[bid.lot.code])}#papers")


@page((Role.PARTY, Role.DISTRICT, Role.COLLECTOR))
def bid_paper(request: HttpRequest, pk: int, sha256: str) -> HttpResponseBase:
    """One handed-in paper, for its bidder and for the district's office."""
    bid = selectors.technical_bid_of(pk, request.actor)
    row, path = selectors.document_of(bid, sha256)
    name = f"{bid.lot.code}-{bid.pk}-{row['sha256'][:8]}.{row['type'].lower()}"
    response = FileResponse(path.open("rb"), content_type=_CONTENT_TYPES[row["type"]], filename=name)
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
    )
    return response
