"""The papers of a case as PDF, and the documents that were handed in for it: for the office and for the accused."""

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse

from immis.enforcement import selectors
from immis.enforcement.papers.link import case_of_token
from immis.enforcement.papers.print import paper_pdf
from immis.web.shell.uploads import paper_response
from immis.web.shell.views import PUBLIC, page


def _paper(case: Any, number: str) -> HttpResponse:
    paper = selectors.paper_of(case, number)
    name = f'inline; filename="{paper.number}.pdf"'
    return HttpResponse(paper_pdf(paper), content_type="application/pdf", headers={"Content-Disposition": name})


def _file(case: Any, sha256: str) -> FileResponse:
    if sha256 not in selectors.documents_of(case):
        raise Http404("no document of this case")
    return paper_response(sha256, f"{case.number}-{sha256[:8]}")


@page("case.oversee")
def office_paper(request: HttpRequest, number: str, paper: str) -> HttpResponse:
    """A notice or order of a case (A-15)."""
    return _paper(selectors.case_of(request.actor, number), paper)


@page("case.oversee")
def office_file(request: HttpRequest, number: str, sha256: str) -> FileResponse:
    """A document of a reply, or the proof that a notice was served."""
    return _file(selectors.case_of(request.actor, number), sha256)


@page("case.answer")
def own_paper(request: HttpRequest, number: str, paper: str) -> HttpResponse:
    """A notice or order against the reader."""
    return _paper(selectors.case_of(request.actor, number), paper)


@page("case.answer")
def own_file(request: HttpRequest, number: str, sha256: str) -> FileResponse:
    """A document that the reader handed in."""
    return _file(selectors.case_of(request.actor, number), sha256)


@page(PUBLIC)
def linked_paper(request: HttpRequest, token: str, paper: str) -> HttpResponse:
    """A notice or order, by the secret link of its case."""
    return guarded(_paper(case_of_token(token), paper))


def guarded(response: HttpResponse) -> HttpResponse:
    """A secret address: neither kept by the phone's proxy, nor told on, nor found by a search."""
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response
