"""One transit pass, and one party of another State, as their pages show them to whoever may see them."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from immis import clock
from immis.challans.signed.qr import qr_svg
from immis.ledger.selectors import demands_by_number
from immis.transit import selectors
from immis.transit.papers import pass_pdf
from immis.web.ledger.words import due_chip
from immis.web.registry.things import changes
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.components import Action, ReasonCard
from immis.web.shell.record import Link, Record, Tab, link_to, links
from immis.web.shell.uploads import paper_response
from immis.web.shell.views import page
from immis.web.transit import words


def _reasons(row: Any, state: str, viewer: Any) -> list[ReasonCard]:
    """Why there is no pass in force, and what is done now."""
    pays = [Action(_("Pay now"), reverse("pay", args=[row.demand]), primary=True)] if viewer.is_party else []
    if state == "applied":
        what = _("The pass is given as soon as the treasury has %(fee)s, until %(until)s.")
        told = {"fee": wording.paise(row.fee_paise), "until": wording.clock_time(row.due_at)}
        return [ReasonCard("warn", _("Fee to be paid"), what % told, "IST-03", actions=pays)]
    if state == "late":
        what = _("Paid at %(at)s, after the last instant.") % {"at": wording.clock_time(row.paid_at)}
        lifts = _("An officer orders the fee back; ask the district office.")
        return [ReasonCard("bad", _("No pass"), what, "IST-03", lifts=lifts)]
    if state == "withdrawn":
        what = _("Order %(order)s: %(reason)s") % {"order": row.withdrawn_order, "reason": row.withdrawn_reason}
        return [ReasonCard("bad", _("Withdrawn"), what, "IST-11")]
    return []


def _record(row: Any, viewer: Any, at: datetime) -> Record:
    state = selectors.state_of(row, at)
    demand = demands_by_number([row.demand])[row.demand]
    page_of_demand = "pay" if viewer.is_party else "office_demand"
    pdf = Link(_("Printed pass (PDF)"), reverse("istp_pdf", args=[row.number])) if row.pass_text else None
    paper = Link(_("Challan of the origin"), reverse("istp_paper", args=[row.number])) if row.document else None
    return Record(
        name=f"{_('Transit pass')} {row.number}",
        number=row.number,
        chip=words.STATES[state],
        tabs=[Tab("summary", "transit/_summary.html"), Tab("history", "registry/things/_changes.html")],
        facts=[row.vehicle.registration, wording.name_of(row.party), words.state_name(row.origin_state)],
        reasons=_reasons(row, state, viewer),
        links=links(
            link_to(viewer, row.demand, page_of_demand, row.demand, chip=due_chip(demand, at=at)),
            pdf,
            paper,
            link_to(viewer, row.vehicle.registration, "vehicle", row.vehicle.registration, count="›"),
        ),
    )


@page("istp.read")
def istp_pass(request: HttpRequest, number: str) -> HttpResponse:
    """One pass: its QR, the challan of the origin and how it was checked, its fee, its entry, and what may be done."""
    row, at = selectors.pass_of(number, request.actor), clock.now()
    acts = PageActs(request, "istp", row, place="pass", at=at)
    if request.method == "POST" and (answer := acts.take()):
        return answer
    signed = row.pass_text and row.state == row.ISSUED
    context = {
        "record": _record(row, request.actor, at),
        "istp": row,
        "state_name": words.state_name(row.origin_state),
        "mineral": words.mineral(row),
        "quantity": words.quantity(row),
        "checked": words.checked(row),
        "qr": mark_safe(qr_svg(row.pass_text, title=_("QR of the signed pass"))) if signed else "",
        "changes": changes("istp", row.number),
        "acts": acts,
    }
    return render(request, "record.html", context, status=acts.status)


@page("istp.read")
def istp_pdf(request: HttpRequest, number: str) -> HttpResponse:
    """The printed pass, A4, both languages; 404 while there is none."""
    row, at = selectors.pass_of(number, request.actor), clock.now()
    if not row.pass_text:
        raise Http404
    named = {"Content-Disposition": f'inline; filename="istp-{row.number}.pdf"'}
    return HttpResponse(pass_pdf(row, at=at), content_type="application/pdf", headers=named)


@page("istp.read")
def istp_paper(request: HttpRequest, number: str) -> Any:
    """The challan of the origin as it was handed in."""
    row = selectors.pass_of(number, request.actor)
    if not row.document:
        raise Http404
    return paper_response(row.document, f"origin-{row.number}")


@page("istp.read")
def istp_party(request: HttpRequest, number: str) -> HttpResponse:
    """One party of another State: what it is there, its proof, its passes; stopped and opened by an officer."""
    row, at = selectors.registration_of(number, request.actor), clock.now()
    acts = PageActs(request, "istp_party", row, place="party", at=at)
    if request.method == "POST" and (answer := acts.take()):
        return answer
    context = {
        "row": row,
        "chip": words.PARTIES[row.state],
        "state_name": words.state_name(row.state_code),
        "kind": words.kind(row.kind),
        "count": selectors.passes(request.actor, party_id=row.party_id).count(),
        "acts": acts,
    }
    return render(request, "transit/party.html", context, status=acts.status)


@page("istp.read")
def istp_party_paper(request: HttpRequest, number: str) -> Any:
    """The proof of a registration as it was handed in."""
    row = selectors.registration_of(number, request.actor)
    return paper_response(row.document, f"proof-{row.number}")
