"""The conformance kit for makers of weighbridge software: the protocol, its test vectors, how to be examined."""

from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

import immis.agent
from immis.rules.policy import book
from immis.web.shell import wording
from immis.web.shell.tables import Column, Table
from immis.web.shell.views import PUBLIC, page

#: What the rules say of a weighment, in the order of their codes.
_CODES = ("WB-04", *(f"WB-{n}" for n in range(10, 20)), "WB-28", "WB-30")
_PAGE = Path(immis.agent.__file__).parents[2] / "docs" / "weighbridge-protocol.md"


@page(PUBLIC)
def kit(request: HttpRequest) -> HttpResponse:
    """How other makers' software talks to this office, and how it is examined (E-158)."""
    known = book()
    rows = [{"code": code, "title": wording.name_of(known.entry(code).title)} for code in _CODES]
    columns = [Column(_("Code"), "code", "code"), Column(_("What it says"), "title")]
    table = Table("weighbridge-findings", _("What may be said of a weighment"), columns)
    context = {"listed": table.listed(rows), "base": request.build_absolute_uri("/").rstrip("/")}
    return render(request, "weighbridges/kit.html", context)


@page(PUBLIC)
def vectors(request: HttpRequest) -> HttpResponse:
    """Frames, rest, canonical texts, hashes and signatures with their key: what parser and signer must answer."""
    return _file((Path(immis.agent.__file__).parent / "vectors.json").read_bytes(), "application/json", "vectors.json")


@page(PUBLIC)
def protocol(request: HttpRequest) -> HttpResponse:
    """The page of the protocol as it is written for makers."""
    if not _PAGE.exists():
        raise Http404("the documentation is not installed here")
    return _file(_PAGE.read_bytes(), "text/plain; charset=utf-8", "weighbridge-protocol.txt")


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
