"""A bidder's first page: registration with the terms, own bids, and where bidding is possible."""

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.auctions import selectors
from immis.auctions.papers.forms import registration_pdf
from immis.auctions.services import challenge_text, register_bidder, verify_signature
from immis.core.errors import NotFound
from immis.registry.selectors import party_of
from immis.rules.calendar import india_day
from immis.rules.policy import book
from immis.web.auctions.next_step import next_step
from immis.web.auctions.public import own_chip
from immis.web.auctions.words import technical_chip
from immis.web.registry.bidder_pan import standing_of
from immis.web.shell import wording
from immis.web.shell.fields import DayField
from immis.web.shell.views import page
from immis.web.signin import robot

#: The steps of clause 2 of which the rule book says how it reads them: user ID and e-mail, signature, documents,
#: question against machines, fee (E-015, E-016).
_READ = ("AUC-111", "AUC-80", "AUC-103", "AUC-81", "AUC-83", "AUC-82")


class RegistrationForm(forms.Form):
    """The registration form of clause 2(ii): who registers, where he is reached, his signature, the terms."""

    signatory = forms.CharField(label=gettext_lazy("Name of the bidder or authorised signatory"), max_length=160)
    father_name = forms.CharField(
        label=gettext_lazy("Father's name"),
        max_length=160,
        help_text=gettext_lazy("For a firm, company or society: of the signatory."),
    )
    correspondence_address = forms.CharField(
        label=gettext_lazy("Address for letters"), max_length=300, widget=forms.Textarea({"rows": 2})
    )
    permanent_address = forms.CharField(
        label=gettext_lazy("Permanent address"), max_length=300, widget=forms.Textarea({"rows": 2})
    )
    phone_office = forms.CharField(label=gettext_lazy("Telephone, office"), max_length=15, required=False)
    phone_home = forms.CharField(label=gettext_lazy("Telephone, residence"), max_length=15, required=False)
    mobile = forms.RegexField(r"^[+0-9 -]{10,15}$", label=gettext_lazy("Mobile number"))
    email = forms.EmailField(label=gettext_lazy("E-mail"))
    gstin = forms.CharField(
        label="GSTIN",
        max_length=15,
        required=False,
        help_text=gettext_lazy("Without one, declare with each bid that you register within a month."),
    )
    aadhaar = forms.CharField(
        label=gettext_lazy("Aadhaar number"),
        max_length=14,
        widget=forms.TextInput({"autocomplete": "off", "inputmode": "numeric"}),
        help_text=gettext_lazy("Only its last four digits and a check value are kept."),
    )
    dsc_serial = forms.CharField(label=gettext_lazy("Serial number of the digital signature"), max_length=64)
    dsc_class = forms.TypedChoiceField(
        label=gettext_lazy("Class of the digital signature"), coerce=int, choices=[(3, "3"), (2, "2")]
    )
    dsc_issuer = forms.CharField(label=gettext_lazy("Issued by"), max_length=160, required=False)
    dsc_valid_until = DayField(label=gettext_lazy("Valid until"))
    citizen = forms.BooleanField(label=gettext_lazy("I am a citizen of India."), required=False)
    accept_terms = forms.BooleanField(
        label=gettext_lazy(
            "We have read the terms of the tender and accept them; own computers and lines are our own risk."
        ),
        required=False,
    )

    def __init__(self, *args: Any, bidder: Any = None, at: datetime, place: str = "", **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.place = place
        if bidder is not None and bidder.aadhaar_last4:
            self.fields["aadhaar"].required = False
            self.fields["aadhaar"].help_text = _("Kept: xxxx xxxx %(last)s. Leave empty to keep it.") % {
                "last": bidder.aadhaar_last4
            }
        if book().value("AUC-83", at)["step"] == "arithmetic":
            question = robot.question(self.data.get("sum_token", "") if self.is_bound else "", place=place)
            self.fields["sum_token"] = forms.CharField(widget=forms.HiddenInput, initial=question.token)
            self.fields["sum"] = forms.IntegerField(label=question.label)

    def clean(self) -> dict[str, Any]:
        sent = super().clean() or {}
        if "sum" in self.fields and not robot.answers(
            sent.get("sum_token", ""), sent.get("sum"), place=self.place, spend=not self.errors
        ):
            self.add_error("sum", wording.say(("AUC-83", {})))
            robot.ask_anew(self, place=self.place)
        return sent


def _first_values(party: Any, bidder: Any) -> dict[str, Any]:
    """What the form starts with: what is kept already, else what the register says of the party."""
    kept = dict(bidder.particulars) if bidder else {}
    certificate = bidder.certificates.first() if bidder else None
    signature = (
        {
            "dsc_serial": certificate.serial,
            "dsc_class": certificate.klass,
            "dsc_issuer": certificate.issuer,
            "dsc_valid_until": certificate.valid_until,
        }
        if certificate
        else {}
    )
    register = {
        "signatory": wording.name_of(party) if party.kind in ("individual", "proprietor") else "",
        "correspondence_address": party.address,
        "permanent_address": party.address,
        "mobile": party.phone,
        "email": party.email,
        "gstin": party.gstin,
    }
    return {**register, **signature, **kept}


def _readings() -> list[dict[str, str]]:
    """How each step of the registration is read, and who may settle it, by code."""
    entries = [book().entry(code) for code in _READ]
    names = wording.name_of
    return [{"code": row.code, "title": names(row.title), "words": wording.note_of(row)} for row in entries]


def _my_rows(request: HttpRequest, at: datetime) -> list[dict[str, Any]]:
    bids, rows = list(selectors.my_technical_bids(request.actor)), []
    paid, outcomes = selectors.emd_states(bids), selectors.outcomes_of([bid.lot for bid in bids], at)
    for bid in bids:
        state, money = selectors.lot_state(bid.lot, at), paid[bid.pk]
        position = selectors.my_position(bid.lot, request.actor.party_id, at)
        rows.append(
            {
                "bid": bid,
                "state": state,
                "money": money,
                "chip": technical_chip(bid, money),
                "lot_chip": own_chip(state, outcomes[bid.lot_id], position),
                "position": position,
                "next": next_step(bid, request.actor, at) if state.phase == "closed" else None,
            }
        )
    return rows


@page("bidder.register")
def bidder_home(request: HttpRequest) -> HttpResponse:
    """My bids: what is registered, what is missing, when and where to bid."""
    at = clock.now()
    party = party_of(request.actor.party_id)
    bidder = selectors.bidder_of(party.pk)
    if request.method == "POST" and request.POST.get("act") == "proof" and bidder:
        return _prove(request, bidder, at)
    form = RegistrationForm(
        request.POST or None,
        bidder=bidder,
        at=at,
        place=robot.place_of(request, "register"),
        initial=_first_values(party, bidder),
    )
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data
        register_bidder(party=party, accept_terms=sent["accept_terms"], particulars=sent, by=request.actor, at=at)
        messages.success(request, _("You are registered for e-auctions."))
        return redirect("bidder_home")
    mine = _my_rows(request, at)
    known = {row["bid"].lot_id for row in mine}
    lots = selectors.lots(request.actor, opens_at__gt=at).exclude(pk__in=known)
    context = {
        "party": party,
        "bidder": bidder,
        "pan_chip": standing_of(party),
        "valid": bidder is not None and bidder.valid_until >= at.astimezone(clock.INDIA).date(),
        "form": form,
        "certificate": bidder.certificates.first() if bidder else None,
        "fee": None if bidder is None or selectors.paid_in_full(bidder.fee_demand) else bidder.fee_demand,
        "mine": mine,
        "window": {bid.pk for bid in selectors.activity_window(request.actor, at)},
        "open_lots": [{"lot": lot, "last": selectors.programme_of(lot)} for lot in lots],
        "readings": _readings(),
        "months": book().value("AUC-13", at),
        "at": at,
        "roots": settings.DSC_ROOTS.is_dir() and any(settings.DSC_ROOTS.iterdir()),
        "proof": ProofForm(),
        "challenge_days": book().value("AUC-103", at)["challenge_days"],
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "registry/bidder_home.html", context, status=status)


class ProofForm(forms.Form):
    """A signature over the own text, made with the digital signature certificate."""

    signature = forms.FileField(label=gettext_lazy("Signature file (.p7s)"), max_length=200)


def _prove(request: HttpRequest, bidder: Any, at: datetime) -> HttpResponse:
    form = ProofForm(request.POST, request.FILES)
    if form.is_valid():
        row = verify_signature(bidder=bidder, signature=form.cleaned_data["signature"].read(), by=request.actor, at=at)
        messages.success(request, _("The signature is verified: certificate %(serial)s.") % {"serial": row.serial})
    else:
        messages.error(request, _("No file was chosen."))
    return redirect("bidder_home")


@page("bidder.register")
def signature_text(request: HttpRequest) -> HttpResponse:
    """The text of today that the party signs to prove its certificate."""
    at = clock.now()
    text = challenge_text(party_of(request.actor.party_id), india_day(at))
    headers = {"Content-Disposition": f'attachment; filename="immis-sign-{india_day(at).isoformat()}.txt"'}
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers=headers)


@page("bidder.register")
def registration_form(request: HttpRequest) -> HttpResponse:
    """The own registration as a paper to print (E-017)."""
    bidder = selectors.bidder_of(request.actor.party_id)
    if bidder is None:
        raise NotFound("registration")
    name = f"registration-{bidder.party.code}.pdf"
    return HttpResponse(
        registration_pdf(bidder),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )
