"""The settlee's side of a settlement's life: running clocks, notices to answer, giving the settlement up."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from immis import clock
from immis.leases import selectors
from immis.web.leases import life_words
from immis.web.shell.acts import PageActs
from immis.web.shell.views import page


@page("lease.own")
def detail(request: HttpRequest, code: str) -> HttpResponse:
    """Clocks, notices and orders of my settlement; answering a notice, asking to surrender."""
    lease, at = selectors.lease_of(code, request.actor), clock.now()
    acts = PageActs(request, "lease", lease, place="life", at=at, default="reply")
    if request.method == "POST" and (answer := acts.take()):
        return answer
    context = {"lease": lease, **life_words.life_context(lease, at), "acts": acts}
    return render(request, "leases/settlee_life.html", context, status=acts.status)
