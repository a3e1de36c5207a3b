"""The register of a settlement: post-dated cheques, DMF drafts, GST proofs and income tax (E-101, E-103…E-105)."""

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from immis import clock
from immis.leases.acts.register import INSTRUMENT_KINDS
from immis.leases.selectors import lease_of
from immis.ledger import selectors
from immis.rules.ledger.instruments import expected_tax_paise
from immis.rules.policy import book
from immis.web.ledger import words as ledger_words
from immis.web.shell.acts import PageActs
from immis.web.shell.exports import wanted_format
from immis.web.shell.tables import Column, table_response
from immis.web.shell.views import page


@page("instrument.oversee", write="instrument.keep")
def index(request: HttpRequest, code: str) -> HttpResponse:
    """The register of one settlement, and the acts on it."""
    lease = lease_of(code, request.actor)
    subject = ("lease", lease.number)
    if wanted_format(request):
        rows = selectors.instruments_on(subject)
        return table_response(request, columns=_columns(), rows=rows, name=f"cheques-{lease.number}")
    acts = PageActs(request, "lease", lease, place="register", at=clock.now())
    if request.method == "POST" and (answer := acts.take()):
        return answer
    context = {**_shown(lease), "lease": lease, "acts": acts}
    return render(request, "ledger/register.html", context, status=acts.status)


def register_context(lease: Any) -> dict[str, Any]:
    """What the pages of a settlement show of its register, to settlee and office alike."""
    subject = ("lease", lease.number)
    return {
        "instruments": ledger_words.instrument_rows(selectors.instruments_on(subject)),
        "taxes": ledger_words.tax_rows(selectors.tax_items_on(subject)),
        "credit_paise": selectors.credit_on(subject),
    }


def _shown(lease: Any) -> dict[str, Any]:
    """The register, each tax with what is expected of it at the rate on record."""
    known = register_context(lease)
    for row in known["taxes"]:
        base = row["one"].demand.amount_paise
        row["expected_paise"] = expected_tax_paise(row["one"].kind, base, policy=book(), at=lease.auction_closed_at)
    return known


def _columns() -> list[Column]:
    return [
        Column(_("Kind"), lambda row: str(INSTRUMENT_KINDS[row.kind])),
        Column(_("Number"), "number"),
        Column(_("Bank and branch"), "bank"),
        Column(_("Date on it"), "dated_on", "day"),
        Column(_("Amount (₹)"), lambda row: paise_text(row.amount_paise)),
        Column(_("For"), "demand.label", "name"),
        Column(_("State"), lambda row: ledger_words.instrument_rows([row])[0]["word"]),
        Column(_("Bank's reference"), "bank_ref"),
        Column(_("Reason"), "reason"),
    ]


def paise_text(amount_paise: int) -> Decimal:
    return Decimal(amount_paise) / 100
