"""The gate log of a check post: noted on the device first, sent to the register when there is a network (E-121)."""

from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from immis.web.shell.views import PUBLIC, page

_WORKER = Path(__file__).parents[1] / "static" / "js" / "gate-worker.js"


@page("checkpost.work")
def gate_log(request: HttpRequest) -> HttpResponse:
    """Note what passes; the page opens and keeps entries for a shift without a network, and sends each once."""
    return render(request, "challans/gate_log.html")


@page(PUBLIC)
@never_cache
def gate_worker(request: HttpRequest) -> HttpResponse:
    """The script that keeps the page of the gate log on the device; it speaks for this page alone."""
    return HttpResponse(_WORKER.read_text(encoding="utf8"), content_type="text/javascript")
