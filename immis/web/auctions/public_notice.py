"""A notice in public: programme and corrigenda, venue, contacts, release, ghats, tender document (E-001, E-013)."""

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from immis import clock
from immis.auctions import gates, selectors
from immis.auctions.services.publication import PARTS
from immis.core.errors import Refusal
from immis.rules.catalogue import find
from immis.rules.policy import book
from immis.web.auctions.office_notices import district_word
from immis.web.auctions.words import named_beside
from immis.web.shell import wording
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.views import PUBLIC, page

_CONTENT_TYPES = {"PDF": "application/pdf", "JPG": "image/jpeg", "PNG": "image/png"}


@page(PUBLIC)
def notices(request: HttpRequest) -> HttpResponse:
    """All notices in force, newest first."""
    rows = [row for row in selectors.notices(request.actor, replaced_by__isnull=True) if row.code]
    columns = [
        Column(_("Notice"), "number", link=to("public_notice", "code")),
        Column("", "title", under=True, on="page"),
        Column(_("District"), "district", "district"),
        Column(_("Ghats"), lambda notice: len(notice.lots.all()), "number"),
        Column(_("Published"), "imported_at", "at"),
    ]
    hint = _("Notices appear here when a district office takes them in.")
    table = Table("public-notices", _("Notices inviting e-auction"), columns, (_("No notice yet"), hint))
    return list_response(request, table, rows, ListPage())


@page(PUBLIC)
def notice(request: HttpRequest, code: str) -> HttpResponse:
    """One notice as it is in force, with what was changed in it and why."""
    row, lang = selectors.published_notice(code), wording.lang()
    shut = find("notice.download", gates.download_facts(row, request.actor), policy=book(), at=clock.now())
    context = {
        "notice": row,
        "district": district_word(row.district),
        "programme": selectors.programme_rows(row, lang),
        "changes": selectors.changes_of(row, lang),
        "lots": selectors.lots(request.actor, notice=row),
        "parts": [{**part, "name_of": PARTS[part["part"]]} for part in row.parts],
        "shut": shut,
        "listed": selectors.lists_of(row).first(),
        "contacts": [(contact["phone"], named_beside(contact["text"])) for contact in row.contacts],
        "issued_by": named_beside(row.issued_by),
        "venue": named_beside(row.programme.get("prebid_venue") or ""),
    }
    return render(request, "auctions/public_notice.html", context)


@page(PUBLIC)
def notice_part(request: HttpRequest, code: str, part: str) -> HttpResponseBase:
    """The file of one paper of the tender document, for who paid its fee and for the office (E-004)."""
    row = selectors.published_notice(code)
    paper, path = selectors.part_of(row, part)
    if shut := find("notice.download", gates.download_facts(row, request.actor), policy=book(), at=clock.now()):
        raise Refusal(shut)
    name = f"{row.code}-{part}.{paper['type'].lower()}"
    answer = FileResponse(path.open("rb"), content_type=_CONTENT_TYPES[paper["type"]], filename=name)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
    return answer
