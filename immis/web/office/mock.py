"""Acts of an office about a whole notice: its mock auction, and its list of technically decided applications."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.auctions import selectors, services
from immis.core.permissions import Role
from immis.rules.policy import book
from immis.web.views import page


class MockForm(forms.Form):
    """When a mock auction starts (in India) and how long it lasts."""

    starts_at = forms.DateTimeField(
        label=gettext_lazy("Starts"),
        input_formats=["%Y-%m-%dT%H:%M"],
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    minutes = forms.IntegerField(label=gettext_lazy("Minutes"), min_value=1, max_value=1440)

    def times(self) -> tuple[datetime, datetime]:
        """Start and end as instants; what is written is India's time."""
        starts_at = self.cleaned_data["starts_at"].replace(tzinfo=clock.INDIA)
        return starts_at, starts_at + timedelta(minutes=self.cleaned_data["minutes"])


def mock_form(notice: Any, at: datetime) -> MockForm:
    """The form with what is usual: the pre-bid training of the notice where it lies ahead, else the next full hour."""
    planned = selectors.programme_rows_by_step(notice).get("prebid_at")
    next_hour = (at + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    starts_at = planned if isinstance(planned, datetime) and planned > at else next_hour
    usual = book().value("AUC-95", max(at, next_hour))["usual_minutes"]
    return MockForm(initial={"starts_at": starts_at.astimezone(clock.INDIA).replace(tzinfo=None), "minutes": usual})


@page((Role.DISTRICT, Role.COLLECTOR))
def notice_act(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a mock auction on copies of the lots, or publish the list of decided applications."""
    notice = selectors.notice_of(pk, request.actor)
    if request.method != "POST":
        return redirect("office_notice", pk)
    if request.POST.get("act") == "list":
        services.publish_result_list(notice=notice, by=request.actor, at=clock.now())
        messages.success(request, _("The list is published."))
        return redirect("technical_result", pk)
    form = MockForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the start and the minutes of the mock auction."))
        return redirect("office_notice", pk)
    starts_at, ends_at = form.times()
    services.hold_mock_auction(notice=notice, starts_at=starts_at, ends_at=ends_at, by=request.actor, at=clock.now())
    messages.success(request, _("The mock auction is on the public list."))
    return redirect("mock_auctions")
