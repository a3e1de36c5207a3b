"""Orders and notices of a settlement before the office: clocks, notices, endings, amounts, each with its clause."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from immis import clock
from immis.core.acts import offers
from immis.core.grants import may
from immis.leases import selectors
from immis.registry.selectors import users
from immis.web.leases import life_words
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.views import page


@page("lease.oversee")
def detail(request: HttpRequest, code: str) -> HttpResponse:
    """Clocks, notices, orders and deposits of a settlement, with the acts that this post may do now."""
    lease, at = selectors.lease_of(code, request.actor), clock.now()
    acts = PageActs(request, "lease", lease, place="life", at=at)
    if request.method == "POST" and (answer := acts.take()):
        return answer
    context = {
        "lease": lease,
        **life_words.life_context(lease, at),
        "officers": {user.pk: wording.name_of(user) for user in users()},
        "acts": acts,
        "stops": any(offer.fits for offer in offers("lease", lease, by=request.actor, at=at, place="suspend")),
        "ghat_page": may(request.actor, "ghat.correct"),
    }
    return render(request, "leases/office_life.html", context, status=acts.status)
