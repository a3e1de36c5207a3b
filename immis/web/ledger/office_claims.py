"""Claims for money on account before the offices: one asks, the Collector decides, the treasury pays (A-11, A-19)."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from immis import clock
from immis.ledger import selectors
from immis.ledger.selectors import refunds
from immis.registry.selectors import users
from immis.web.ledger.words import CLAIM_KINDS, CLAIM_STATES, RETURN_ORDERS, claim_rows
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.views import page

_A_PAGE = 50


class ClaimFilter(forms.Form):
    """Which claims to show."""

    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[("", gettext_lazy("all")), *((name, word) for name, (_drawn, word) in CLAIM_STATES.items())],
    )


@page("claim.oversee")
def index(request: HttpRequest) -> HttpResponse:
    """Claims of the office, newest first; filter and export."""
    form = ClaimFilter(request.GET)
    state = form.cleaned_data["state"] if form.is_valid() else ""
    result = refunds.claims(request.actor, **({"state": state} if state else {}))
    return list_response(request, _table(), result, ListPage(form=form, template="ledger/claims.html"))


def _table() -> Table:
    hint = _("A party's claim to an excess payment, and a district's proposal to return a refused one, appear here.")
    columns = [
        Column(_("Number"), "number", link=to("office_claim", "number"), decide=True),
        Column(_("Kind"), lambda claim: CLAIM_KINDS[claim.kind], under=True),
        Column(_("Asked at"), "asked_at", "at", under=True),
        Column(_("Party"), "party", "name"),
        Column(_("Settlement"), "subject_id", under=True),
        Column(_("Amount"), "amount_paise", "paise"),
        Column(_("Account"), "account", on="file"),
        Column(_("Reason"), "reason"),
        Column(_("State"), lambda claim: CLAIM_STATES[claim.state], "chip"),
        Column("", lambda claim: RETURN_ORDERS[claim.order.state][1] if claim.order else "", under=True, on="page"),
        Column(_("Decided at"), "decided_at", "at", on="file"),
        Column(_("Decision"), "decision", on="file"),
    ]
    return Table("claims", _("Claims for money on account"), columns, (_("No claim here"), hint))


@page("claim.oversee", write="claim.decide")
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One claim with what is free on account; the Collector approves or rejects it."""
    claim, at = refunds.claim_of(number, request.actor), clock.now()
    acts = PageActs(request, "claim", claim, place="office", at=at)
    if request.method == "POST" and (answer := acts.take()):
        return answer
    subject = (claim.subject_kind, claim.subject_id)
    people = {user.pk: wording.name_of(user) for user in users(pk__in=[claim.asked_by, claim.decided_by or 0])}
    context = {
        "row": claim_rows([claim])[0],
        "claim": claim,
        "free_paise": refunds.free_paise(subject, party_id=claim.party_id),
        "overdue_paise": refunds.overdue_paise(subject, party_id=claim.party_id, at=at),
        "asked_by": people.get(claim.asked_by, ""),
        "decided_by": people.get(claim.decided_by or 0, ""),
        "acts": acts,
        "lease_code": claim.subject_id if claim.subject_kind == "lease" else "",
    }
    return render(request, "ledger/claim.html", context, status=acts.status)


@require_POST
@page("claim.propose_return")
def propose(request: HttpRequest, number: str) -> HttpResponse:
    """Propose that a payment which the district refused goes back to the account it came from."""
    receipt = selectors.receipt_of(number, request.actor)
    acts = PageActs(request, "receipt", receipt, place="office", at=clock.now(), default="propose_return")
    return acts.take() or redirect("office_payment", number)
