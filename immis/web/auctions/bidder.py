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
from immis.auctions.papers import technical_bid_pdf
from immis.auctions.services import add_document, apply_for_lot, note_reading
from immis.auctions.services.bidders import FORM_TEXTS
from immis.core.errors import Refusal
from immis.reading import whole_number
from immis.rules.catalogue import Finding
from immis.rules.policy import book
from immis.rules.writing.texts import texts
from immis.web.auctions.public import lot_chip
from immis.web.auctions.words import deposit_words
from immis.web.registry.bidder import technical_chip
from immis.web.shell import wording
from immis.web.shell.components import Step
from immis.web.shell.views import page

_CONTENT_TYPES = {"PDF": "application/pdf", "JPG": "image/jpeg", "PNG": "image/png"}


def _gst_words() -> list[tuple[str, str]]:
    return [
        ("", "—"),
        ("registered", _("Registered, certificate attached")),
        ("undertaking", wording.name_of(texts("papers/bidders")["gst_undertaking"])),
    ]


def _dues_words() -> list[tuple[str, str]]:
    return [("", "—"), ("certificate", _("Certificate attached")), ("declaration", _("Declaration attached"))]


class TechnicalForm(forms.Form):
    """Form 3 of a technical bid: account, bank, turnover of all who bid jointly, declarations."""

    def __init__(self, *args: Any, years: list[str], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["bank_account"] = forms.CharField(
            label=_("Own bank account"),
            max_length=30,
            help_text=_("Earnest money counts only from this account."),
        )
        self.fields["emd_bank"] = forms.CharField(
            label=_("Bank and branch of the earnest money"), max_length=200, required=False
        )
        for place, year in enumerate(years):
            self.fields[f"turnover_{place}"] = forms.IntegerField(
                label=_("Turnover %(year)s in rupees") % {"year": year}, min_value=0, max_value=10**13
            )

        self.fields["members"] = forms.CharField(
            label=_("Joint bidders"),
            required=False,
            max_length=4000,
            widget=forms.Textarea({"rows": 2}),
            help_text=_("One a line: name; PAN; turnover of each year, separated by semicolons."),
        )
        self.fields["gst"] = forms.ChoiceField(label="GST", required=False, choices=_gst_words)
        self.fields["no_dues"] = forms.ChoiceField(label=_("No dues"), required=False, choices=_dues_words)
        self.fields["declared_by"] = forms.CharField(
            label=_("Name under the declaration"),
            required=False,
            max_length=160,
            help_text=_("I declare that the particulars are true and that I read and accept the terms."),
        )

    def clean_members(self) -> list[dict[str, Any]]:
        """Joint bidders as the service takes them; a line that cannot be read is named."""
        rows = [line.split(";") for line in self.cleaned_data["members"].splitlines() if line.strip()]
        members = []
        for row in rows:
            sums = [whole_number(amount.strip().replace(",", "")) for amount in row[2:]]
            if len(row) < 3 or None in sums:
                raise forms.ValidationError(
                    _("“%(line)s” cannot be read: name; PAN; turnover of each year.") % {"line": ";".join(row)[:60]}
                )
            members.append({"name": row[0].strip(), "pan": row[1].strip(), "turnover_rupees": sums})
        return members

    def facts(self) -> dict[str, Any]:
        """The form as the service takes it."""
        sent = self.cleaned_data
        years = [value for name, value in sent.items() if name.startswith("turnover_")]
        kept = {name: sent[name] for name in ("bank_account", "members", *FORM_TEXTS)}
        return {**kept, "turnover_rupees": years}


def _years(lot: Any) -> list[str]:
    return list(book().value("AUC-10", lot.opens_at)["named_years"])


def _initial(bid: Any, party: Any) -> dict[str, Any]:
    if bid is None:
        return {"bank_account": party.bank_account}
    turnover = {f"turnover_{place}": value for place, value in enumerate(bid.turnover_rupees)}
    members = "\n".join(
        "; ".join([member["name"], member["pan"], *(str(rupees) for rupees in member["turnover_rupees"])])
        for member in bid.members
    )
    return {"bank_account": bid.bank_account, "members": members, **turnover, **bid.form}


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
