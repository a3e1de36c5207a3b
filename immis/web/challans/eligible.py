"""May this vehicle load now: the explained answer as a page, for the office and the settlee (E-118, E-150, E-157)."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.challans.acts import read_destination
from immis.challans.eligibility import Eligibility, eligibility
from immis.challans.services import Load
from immis.core.errors import Unreadable
from immis.leases import selectors as leases
from immis.registry.selectors import vehicle_of
from immis.web.challans import words as challan_words
from immis.web.shell import wording
from immis.web.shell.components import ReasonCard
from immis.web.shell.views import page


class LoadForm(forms.Form):
    """One load that is asked about: from where, on which vehicle, whereto, how much, who drives."""

    lease = forms.ChoiceField(label=gettext_lazy("Settlement"))
    vehicle = forms.CharField(
        label=gettext_lazy("Number of the vehicle"),
        max_length=14,
        widget=forms.TextInput({"autocapitalize": "characters", "autocomplete": "off"}),
    )
    place = forms.CharField(
        label=gettext_lazy("Destination"),
        help_text=gettext_lazy("Its name, or the beginning of it, or its code"),
        max_length=170,
    )
    quantity_m3 = forms.DecimalField(
        label=gettext_lazy("Quantity in cubic metres"),
        help_text=gettext_lazy("Left open: what the vehicle is registered for"),
        required=False,
        min_value=Decimal("0.001"),
        max_digits=7,
        decimal_places=3,
    )
    driver_name = forms.CharField(label=gettext_lazy("Driver's name"), required=False, max_length=120)

    def __init__(self, *args: Any, viewer: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.leases = {row.number: row for row in leases.leases(viewer) if row.deed_on}
        named = [(number, f"{number} · {wording.name_of(row.block)}") for number, row in self.leases.items()]
        self.fields["lease"].choices = named

    def clean_place(self) -> Any:
        try:
            return read_destination(self.cleaned_data["place"])
        except Unreadable as unreadable:
            raise forms.ValidationError(str(unreadable)) from unreadable

    @property
    def load(self) -> Load:
        sent = self.cleaned_data
        known = vehicle_of(sent["vehicle"])
        least = known.capacity_m3 if known else Decimal(1)
        return Load(
            lease=self.leases[sent["lease"]],
            vehicle=sent["vehicle"],
            place=sent["place"],
            quantity_m3=sent["quantity_m3"] or least,
            driver_name=sent["driver_name"] or "…",
        )


def cards_of(answer: Eligibility, *, may_pay: bool) -> list[ReasonCard]:
    """A card for each reason, with the instant from which it is none where time alone lifts it."""
    cards = []
    for reason in answer.reasons:
        rows = challan_words.refusal_cards([reason.finding], may_pay=may_pay)
        if reason.fit_from:
            fit = f"{_('Fit from')}: {wording.clock_time(reason.fit_from)}"
            rows = [replace(row, lifts=f"{row.lifts} {fit}".strip()) for row in rows]
        cards += rows
    return cards


@page("challan.list")
def may_load(request: HttpRequest) -> HttpResponse:
    """Every reason at once why a vehicle may not load, each with clause, what lifts it and who; nothing is changed."""
    form = LoadForm(request.GET if "vehicle" in request.GET else None, viewer=request.actor)
    context: dict[str, Any] = {"form": form}
    if form.is_bound and form.is_valid():
        answer = eligibility(form.load, by=request.actor, at=clock.now())
        context |= {"answer": answer, "cards": cards_of(answer, may_pay=request.actor.is_party)}
    return render(request, "challans/may_load.html", context)
