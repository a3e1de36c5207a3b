"""The settlee's side of a settlement's life: running clocks, notices to answer, giving the settlement up."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.leases import life, selectors, services
from immis.rules.calendar import india_day
from immis.web.leases import life_words
from immis.web.leases.office_life import Refill
from immis.web.shell.views import page


class Reply(forms.Form):
    """The reply to a notice; it is given once."""

    reply = forms.CharField(label=gettext_lazy("Your reply"), max_length=4000, widget=forms.Textarea({"rows": 4}))


class Surrender(forms.Form):
    """Giving the settlement up, with two deliberate steps: the reason and the tick."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300)
    sure = forms.BooleanField(
        label=gettext_lazy(
            "I know that security and other money paid are forfeited and that the storage licence as settlee lapses."
        )
    )


def _refill(request: HttpRequest, lease: Any, said: dict[str, Any], at: Any) -> HttpResponse:
    services.report_refill(lease=lease, by=request.actor, at=at, **said)
    messages.success(request, _("The refilling is on record."))
    return redirect("settlee_lease_life", lease.code)


@page("lease.own")
def detail(request: HttpRequest, code: str) -> HttpResponse:
    """Clocks, notices and orders of my settlement; answering a notice, asking to surrender."""
    lease, at = selectors.lease_of(code, request.actor), clock.now()
    reply, surrender, status = Reply(), Surrender(auto_id="surrender_%s"), 200
    refill = Refill(initial={"on": india_day(at)}, auto_id="refill_%s")
    if request.method == "POST":
        if request.POST.get("act") == "refill":
            refill = Refill(request.POST, auto_id="refill_%s")
            if refill.is_valid():
                return _refill(request, lease, refill.cleaned_data, at)
        elif request.POST.get("act") == "surrender":
            surrender = Surrender(request.POST, auto_id="surrender_%s")
            if surrender.is_valid():
                return _surrender(request, lease, surrender.cleaned_data["reason"], at)
        else:
            reply = Reply(request.POST)
            if reply.is_valid():
                return _reply(request, lease, request.POST.get("notice", ""), reply.cleaned_data["reply"], at)
        status = 422
    context = {
        "lease": lease,
        **life_words.life_context(lease, at),
        "reply": reply,
        "surrender": surrender,
        "refill": refill if lease.permitted_at and not lease.cancelled_at else None,
        "may_surrender": lease.deed_on and not lease.cancelled_at and not life.acts_of(lease, "surrender_asked"),
    }
    return render(request, "leases/settlee_life.html", context, status=status)


def _reply(request: HttpRequest, lease: Any, number: str, text: str, at: Any) -> HttpResponse:
    services.reply_to_notice(notice=life.notice_of(number, request.actor), reply=text, by=request.actor, at=at)
    messages.success(request, _("Your reply is with the Collector."))
    return redirect("settlee_lease_life", lease.code)


def _surrender(request: HttpRequest, lease: Any, reason: str, at: Any) -> HttpResponse:
    services.ask_surrender(lease=lease, reason=reason, by=request.actor, at=at)
    messages.success(request, _("Your request is with the Collector. The whole amount of the year is payable first."))
    return redirect("settlee_lease_life", lease.code)
