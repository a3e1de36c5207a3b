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
from immis.core.grants import require_grant
from immis.rules.policy import book
from immis.web.shell.fields import InstantField
from immis.web.shell.views import page


class MockForm(forms.Form):
    """When a mock auction starts (in India) and how long it lasts."""

    starts_at = InstantField(
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


class ObtainerForm(forms.Form):
    """Who obtains plan and EC for the ghats of a notice, and by which order."""

    who = forms.ChoiceField(
        label=gettext_lazy("Who obtains plan and EC"),
        choices=[("settlee", gettext_lazy("Settlee")), ("department", gettext_lazy("Department"))],
    )
    reference = forms.CharField(label=gettext_lazy("Order number"), max_length=120)


class ContactsForm(forms.Form):
    """Whom bidders may ask: a post and its telephone number on each line."""

    contacts = forms.CharField(
        label=gettext_lazy("Post; telephone number"),
        help_text=gettext_lazy("One contact a line. Posts, not persons."),
        max_length=1500,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def lines(self) -> list[tuple[str, str]]:
        """What is written, as pairs; without a semicolon the number is missing."""
        parts = [line.rpartition(";") if ";" in line else (line, "", "") for line in self._written()]
        return [(text.strip(), phone.strip()) for text, _, phone in parts]

    def _written(self) -> list[str]:
        return [line for line in self.cleaned_data["contacts"].splitlines() if line.strip()]


def contacts_form(notice: Any) -> ContactsForm:
    """The form with the contacts as they are."""
    return ContactsForm(
        initial={"contacts": "\n".join(f"{contact['text']}; {contact['phone']}" for contact in notice.contacts)}
    )


def _set_contacts(request: HttpRequest, notice: Any) -> HttpResponse:
    form = ContactsForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give at least one contact."))
    else:
        services.set_contacts(notice=notice, contacts=form.lines(), by=request.actor, at=clock.now())
        messages.success(request, _("The contacts are kept."))
    return redirect("office_notice", notice.pk)


def _name_obtainer(request: HttpRequest, notice: Any) -> HttpResponse:
    form = ObtainerForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say who obtains them, and by which order."))
    else:
        services.name_obtainer(notice=notice, **form.cleaned_data, by=request.actor, at=clock.now())
        messages.success(request, _("The term of the notice is kept."))
    return redirect("office_notice", notice.pk)


@page("notice.oversee")
def notice_act(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a mock auction, publish the list, name who obtains the clearances, or change the contacts."""
    notice = selectors.notice_of(pk, request.actor)
    if request.method != "POST":
        return redirect("office_notice", pk)
    if request.POST.get("act") == "obtainer":
        return _name_obtainer(request, notice)
    if request.POST.get("act") == "contacts":
        require_grant(request.actor, "notice.set_contacts")
        return _set_contacts(request, notice)
    if request.POST.get("act") == "list":
        listed = services.publish_result_list(notice=notice, by=request.actor, at=clock.now())
        messages.success(request, _("The list is published."))
        return redirect("technical_result", listed.notice_id)
    require_grant(request.actor, "mock.hold")
    form = MockForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the start and the minutes of the mock auction."))
        return redirect("office_notice", pk)
    starts_at, ends_at = form.times()
    services.hold_mock_auction(notice=notice, starts_at=starts_at, ends_at=ends_at, by=request.actor, at=clock.now())
    messages.success(request, _("The mock auction is on the public list."))
    return redirect("mock_auctions")
