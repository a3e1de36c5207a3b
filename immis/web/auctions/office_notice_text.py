"""A notice written at the desk: from the last one or from a published one, checked as it is typed."""

from importlib.resources import files
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from immis import clock
from immis.adapters.notices import NoticeUnreadable
from immis.auctions import selectors, services
from immis.core.papers.files import path_of
from immis.web.auctions.office_notices import worded
from immis.web.shell import wording
from immis.web.shell.views import page

#: What a notice looks like that can be read, where the district has none of its own yet.
_SAMPLE = files("immis.adapters.notices").joinpath("samples/munger_2026.txt")


@page("notice.import")
def notice_write(request: HttpRequest) -> HttpResponse:
    """Write a notice: the last one of the district stands there to be changed."""
    last = next((row for row in selectors.notices(request.actor) if _is_text(row)), None)
    text = path_of(last.source_sha256).read_text("utf8", "replace") if last else _SAMPLE.read_text("utf8")
    return render(request, "auctions/notice_write.html", {"last": last, "text": text})


def _is_text(notice: Any) -> bool:
    return notice.source_name.endswith(".txt") and path_of(notice.source_sha256).exists()


@require_POST
@page("notice.import")
def notice_check(request: HttpRequest) -> HttpResponse:
    """What the reader finds in a text that is not given yet; nothing is kept of it."""
    try:
        _facts, findings = services.read_notice(request.POST.get("text", "").encode(), "notice.txt", at=clock.now())
    except NoticeUnreadable as error:
        return render(request, "auctions/_notice_found.html", {"unreadable": error.message(wording.lang())})
    errors = sum(finding.severity == "error" for finding in findings)
    rows = [worded(row) for row in sorted(findings, key=lambda row: row.severity != "error")]
    context = {"findings": rows, "errors": errors, "warnings": len(findings) - errors}
    return render(request, "auctions/_notice_found.html", context)
