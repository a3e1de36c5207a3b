"""The settlee's money on account: what stands there, asking for it back, and what became of earlier claims (A-11)."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.leases import selectors
from immis.ledger.selectors import refunds
from immis.ledger.services.claims import claim_credit
from immis.rules.money import paise
from immis.web.ledger.words import claim_rows
from immis.web.shell.views import page


class Claim(forms.Form):
    """How much is to go back, and why."""

    amount = forms.DecimalField(
        label=gettext_lazy("Amount (₹)"), max_digits=15, decimal_places=2, min_value=Decimal("0.01")
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300)


@page("credit.claim")
def returns(request: HttpRequest, code: str) -> HttpResponse:
    """The credit of one settlement with its claims; a new claim goes to the Collector."""
    lease, at = selectors.lease_of(code, request.actor), clock.now()
    subject = ("lease", lease.number)
    free = refunds.free_paise(subject, party_id=lease.party_id)
    form, status = Claim(initial={"amount": Decimal(free) / 100 if free > 0 else None}), 200
    if request.method == "POST":
        form = Claim(request.POST)
        if form.is_valid():
            return _ask(request, lease, form.cleaned_data)
        status = 422
    context: dict[str, Any] = {
        "lease": lease,
        "free_paise": max(free, 0),
        "overdue_paise": refunds.overdue_paise(subject, party_id=lease.party_id, at=at),
        "rows": claim_rows(refunds.claims(request.actor, subject_kind="lease", subject_id=lease.number)),
        "form": form,
        "may_ask": free > 0 and not refunds.open_claim_on(subject, party_id=lease.party_id),
    }
    return render(request, "ledger/returns.html", context, status=status)


def _ask(request: HttpRequest, lease: Any, said: dict[str, Any]) -> HttpResponse:
    claim = claim_credit(
        party=lease.party,
        subject=("lease", lease.number),
        amount_paise=paise(said["amount"]),
        reason=said["reason"],
        by=request.actor,
        at=clock.now(),
    )
    messages.success(request, _("Claim %(number)s is with the Collector.") % {"number": claim.number})
    return redirect("settlee_returns", lease.number)
