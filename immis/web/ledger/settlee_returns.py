"""The settlee's money on account: what stands there, asking for it back, and what became of earlier claims (A-11)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from immis import clock
from immis.leases import selectors
from immis.ledger.selectors import refunds
from immis.web.ledger.words import claim_rows
from immis.web.shell.acts import PageActs
from immis.web.shell.views import page


@page("credit.claim")
def returns(request: HttpRequest, code: str) -> HttpResponse:
    """The credit of one settlement with its claims; a new claim goes to the Collector."""
    lease, at = selectors.lease_of(code, request.actor), clock.now()
    acts = PageActs(request, "lease", lease, place="returns", at=at, default="claim")
    if request.method == "POST" and (answer := acts.take()):
        return answer
    subject = ("lease", lease.number)
    context: dict[str, Any] = {
        "lease": lease,
        "free_paise": max(refunds.free_paise(subject, party_id=lease.party_id), 0),
        "overdue_paise": refunds.overdue_paise(subject, party_id=lease.party_id, at=at),
        "rows": claim_rows(refunds.claims(request.actor, subject_kind="lease", subject_id=lease.number)),
        "acts": acts,
    }
    return render(request, "ledger/returns.html", context, status=acts.status)
