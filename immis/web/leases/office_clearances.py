"""Clearances of a settlement: versions with documents, validity, and where each proposal stands on PARIVESH."""

from typing import Any

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.leases import clearances, selectors
from immis.rules.leases.clearances import KINDS
from immis.web.shell.acts import PageActs
from immis.web.shell.views import page

_CONTENT_TYPES = {"PDF": "application/pdf", "JPG": "image/jpeg", "PNG": "image/png"}
PROBLEMS = {
    "unknown": gettext_lazy("PARIVESH knows no proposal of this number"),
    "unreachable": gettext_lazy("PARIVESH did not answer; it is asked again"),
}


@page("clearance.read", write="clearance.record")
def lease_clearances(request: HttpRequest, code: str) -> HttpResponse:
    """Every clearance with its versions, documents and proposal; the office records newer ones (E-087, E-123, A-20)."""
    lease, at = selectors.lease_of(code, request.actor), clock.now()
    acts = PageActs(request, "lease", lease, place="clearances", at=at)
    if request.method == "POST" and (answer := acts.take()):
        return answer
    context = {
        "lease": lease,
        "rows": [_row(row) for row in clearances.shown_of(lease, at=at)],
        "permitted_m3": selectors.permitted_quantity(lease),
        "acts": acts,
        "may_follow": any(shown.word == "proposal" for shown in acts.fitting),
        "followed": bool(settings.PARIVESH_URL),
    }
    return render(request, "leases/clearances.html", context, status=acts.status)


def _row(shown: clearances.Shown) -> dict[str, Any]:
    row = shown.clearance
    if row.refused_on:
        chip = ("bad", _("permission refused"))
    elif row.granted_on is None:
        chip = ("warn", _("application pending"))
    else:
        chip = ("bad", _("run out")) if shown.run_out else ("good", _("in force"))
    problem = PROBLEMS.get(shown.proposal.problem, "") if shown.proposal else ""
    named = {"name": KINDS[row.kind], "prepared_by": selectors.rqp_of(row.prepared_by)}
    return {"one": shown, "chip": chip, "problem": problem, **named}


@page("clearance.read")
def paper(request: HttpRequest, code: str, sha256: str) -> HttpResponseBase:
    """One document of a settlement's clearances, for its party and its offices."""
    lease = selectors.lease_of(code, request.actor)
    row, path = clearances.document_of(lease, sha256)
    name = f"{lease.number}-{row['sha256'][:8]}.{row['type'].lower()}"
    response = FileResponse(path.open("rb"), content_type=_CONTENT_TYPES[row["type"]], filename=name)
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
    )
    return response
