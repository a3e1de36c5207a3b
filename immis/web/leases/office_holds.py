"""Holds by order: stopping a settlement, vehicle, district or the State by a document, and lifting it (A-19, E-162).

There is no switch that opens e-challans: a court's or the department's order that suspends a stop is a record of its
own, with document and end.
"""

import re
from datetime import datetime, time
from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.errors import NotPermitted
from immis.core.grants import may
from immis.holds import selectors as holds
from immis.holds import services as hold_services
from immis.leases import selectors, services
from immis.registry.selectors import users, vehicle_of
from immis.rules.districts import NAMES_HI
from immis.rules.holds.orders import AUTHORITIES, GROUNDS, STATE
from immis.rules.holds.stops import CHALLANS
from immis.tracking.devices import vehicle_in_reach
from immis.web.leases import words as lease_words
from immis.web.shell import wording
from immis.web.shell.districts import district_name
from immis.web.shell.fields import DayField, InstantField
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.tags import clause
from immis.web.shell.uploads import DocumentField, keep, paper_response
from immis.web.shell.views import page

_A_PAGE = 50
STATES = {
    "standing": ("bad", gettext_lazy("Standing")),
    "future": ("info", gettext_lazy("Announced")),
    "over": ("plain", gettext_lazy("Over")),
    "lifted": ("good", gettext_lazy("Hold lifted")),
}
SCOPES = {
    "lease": gettext_lazy("A settlement"),
    "vehicle": gettext_lazy("A vehicle"),
    "district": gettext_lazy("A district (closure)"),
    "state": gettext_lazy("The whole State (closure)"),
}


def _when(**kwargs: Any) -> InstantField:
    widget = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return InstantField(widget=widget, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"], **kwargs)


class HoldFilter(forms.Form):
    """Which orders to show."""

    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[("", gettext_lazy("all")), *((name, word) for name, (_drawn, word) in STATES.items())],
    )
    q = forms.CharField(
        label=gettext_lazy("Search"), required=False, max_length=60, widget=forms.TextInput({"type": "search"})
    )


class Order(forms.Form):
    """An order that stops e-challans; times are in India."""

    scope = forms.ChoiceField(label=gettext_lazy("What is stopped"), choices=list(SCOPES.items()))
    subject = forms.CharField(
        label=gettext_lazy("Number of the settlement or vehicle"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("For a closure of a district: its name; empty for your own district or the State."),
    )
    ground = forms.ChoiceField(
        label=gettext_lazy("Ground of a closure"),
        required=False,
        choices=lambda: [("", "—"), *((name, wording.name_of(words)) for name, words in GROUNDS.items())],
    )
    since = _when(label=gettext_lazy("From"), required=False, help_text=gettext_lazy("Empty: from now."))
    until = _when(label=gettext_lazy("Until"), required=False, help_text=gettext_lazy("A closure needs an end."))
    reference = forms.CharField(label=gettext_lazy("Order number"), max_length=120)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500)
    document = DocumentField(required=False)

    def clean(self) -> dict[str, Any]:
        payload: dict[str, Any] = super().clean() or {}
        if payload.get("scope") in ("lease", "vehicle") and not payload.get("subject", "").strip():
            self.add_error("subject", _("Give the number of the settlement or vehicle."))
        if payload.get("scope") == "district" and payload.get("subject", "").strip().title() not in NAMES_HI:
            self.add_error("subject", _("Give the name of the district, as in Munger."))
        since, until = payload.get("since") or clock.now(), payload.get("until")
        if until and until <= since:
            self.add_error("until", _("The end lies before the start."))
        return payload


class Lift(forms.Form):
    """An order that lifts a hold."""

    reference = forms.CharField(label=gettext_lazy("Order that lifts it"), max_length=120)
    document = DocumentField(required=False)


class Suspend(forms.Form):
    """An order of a court or the department that suspends one stop."""

    stop = forms.ChoiceField(label=gettext_lazy("Which stop"))
    authority = forms.ChoiceField(
        label=gettext_lazy("Ordered by"),
        choices=lambda: [(name, wording.name_of(words)) for name, words in AUTHORITIES.items()],
    )
    reference = forms.CharField(label=gettext_lazy("Order number"), max_length=120)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500)
    until_on = DayField(label=gettext_lazy("Until the end of"), widget=forms.DateInput({"type": "date"}))
    document = DocumentField()


def _sent(request: HttpRequest) -> Any:
    """The form as it came; a district's office closes its own district, and need not write it."""
    sent = request.POST.copy() if request.POST else None
    if sent and sent.get("scope") == "district" and not request.actor.statewide:
        sent["subject"] = request.actor.district
    return sent


@page("hold.read", write="hold.order")
def index(request: HttpRequest) -> HttpResponse:
    """Orders that stop e-challans, newest first, with what suspends them; ordering a new one."""
    at = clock.now()
    order = Order(_sent(request), request.FILES or None)
    status = 200
    if request.method == "POST":
        if order.is_valid():
            return _ordered(request, order.cleaned_data, at)
        status = 422
    form = HoldFilter(request.GET)
    items = [_item(hold, at) for hold in holds.orders(request.actor)]
    items = [item for item in items if _wanted(item, form)]
    more = {
        "order": order,
        "may": may(request.actor, "hold.order"),
        "suspensions": [_suspension_item(row, at) for row in holds.suspensions(request.actor)[:_A_PAGE]],
    }
    shown = ListPage(form=form, template="leases/office_holds.html", more=more, status=status)
    return list_response(request, _table(), items, shown)


def _wanted(item: dict[str, Any], form: HoldFilter) -> bool:
    payload = form.cleaned_data if form.is_valid() else {}
    text = str(payload.get("q") or "").lower()
    seen = f"{item['hold'].reference} {item['hold'].subject_id} {item['hold'].reason}".lower()
    return (not payload.get("state") or payload["state"] == item["state"]) and text in seen


def _state(since: datetime, until: datetime | None, lifted_at: datetime | None, at: datetime) -> str:
    if lifted_at and lifted_at <= at:
        return "lifted"
    if until and until <= at:
        return "over"
    return "standing" if since <= at else "future"


def _item(hold: Any, at: datetime) -> dict[str, Any]:
    state = _state(hold.since, hold.until, hold.lifted_at, at)
    drawn, word = STATES[state]
    return {"hold": hold, "state": state, "drawn": drawn, "word": word, "about": _about(hold)}


def _about(hold: Any) -> str:
    if hold.subject_kind == "district":
        return district_name(hold.subject_id, wording.lang())
    if hold.subject_kind == "state":
        return _("The whole State")
    ghat = wording.name_of(hold.facts["ghat"]) if isinstance(hold.facts.get("ghat"), dict) else ""
    return f"{hold.subject_id} · {ghat}" if ghat else hold.subject_id


def _suspension_item(row: Any, at: datetime) -> dict[str, Any]:
    state = _state(row.since, row.until, row.withdrawn_at, at)
    word = {"standing": _("suspended"), "lifted": _("withdrawn"), "over": _("over"), "future": _("announced")}[state]
    drawn = "warn" if state == "standing" else "plain"
    authority = wording.name_of(AUTHORITIES[row.authority])
    return {"row": row, "state": state, "word": word, "drawn": drawn, "authority": authority}


def _table() -> Table:
    columns = [
        Column(_("Record"), "about", link=to("office_hold", "hold.pk"), decide=True),
        Column(_("Reason"), "hold.reason", under=True),
        Column(_("Order number"), "hold.reference"),
        Column(_("Rule"), lambda item: clause(item["hold"].rule_code, item["hold"].since), under=True, on="page"),
        Column(_("Rule"), "hold.rule_code", on="file"),
        Column(_("From"), "hold.since", "at"),
        Column(_("Until"), "hold.until", "at"),
        Column(_("Lifted at"), "hold.lifted_at", "at", on="file"),
        Column(_("Order that lifts it"), "hold.lift_reference", on="file"),
        Column(_("State"), lambda item: (item["drawn"], item["word"]), "chip"),
    ]
    hint = _("An order that stops e-challans appears here with its document and its end.")
    return Table("holds", _("Holds by order"), columns, (_("No order here"), hint))


def _ordered(request: HttpRequest, said: dict[str, Any], at: datetime) -> HttpResponse:
    who: dict[str, Any] = {"by": request.actor, "at": at}
    given = {name: said[name] for name in ("reference", "reason", "until")}
    given |= {"since": said["since"] or at, "document": keep(said["document"])}
    if said["scope"] in ("district", "state"):
        district = said["subject"].strip().title() if said["scope"] == "district" else STATE
        closure = services.Closure(ground=said["ground"], **given)
        hold = services.close_challans(district=district, closure=closure, **who)
    else:
        subject, facts = _subject(said["scope"], said["subject"], request)
        order = hold_services.HoldOrder(stops=CHALLANS, **given)
        hold = hold_services.order_hold(subject=subject, order=order, facts=facts, **who)
    messages.success(request, _("Ordered: %(reference)s") % {"reference": hold.reference})
    return redirect("office_holds")


def _subject(scope: str, number: str, request: HttpRequest) -> tuple[tuple[str, str], dict[str, Any]]:
    if scope == "lease":
        lease = selectors.lease_of(number.strip(), request.actor)
        return ("lease", lease.number), selectors.lease_facts(lease)
    known = vehicle_of(re.sub(r"\s", "", number))
    own = selectors.districts_of_party(known.owner_id) if known and known.owner_id else ()
    vehicle = vehicle_in_reach(request.actor, number, districts=own)
    facts = {"district": request.actor.district, "registration": vehicle.registration, "party_id": vehicle.owner_id}
    return ("vehicle", vehicle.registration), facts


@page("hold.read")
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One order with its document, who gave it, and lifting it by another."""
    hold, at = holds.order_of(pk, request.actor), clock.now()
    form, status = Lift(request.POST or None, request.FILES or None), 200
    may = holds.may_lift(hold, request.actor)
    above = holds.undo_refused(hold.reference, hold.ordered_role, request.actor, at=at) if may else []
    if request.method == "POST":
        if not may:
            raise NotPermitted(f"lifting {hold.reference}")
        if form.is_valid():
            form_data = form.cleaned_data
            document = keep(form_data["document"])
            hold_services.lift_hold(
                hold=hold, reference=form_data["reference"], document=document, by=request.actor, at=at
            )
            messages.success(request, _("Lifted by %(reference)s") % {"reference": form_data["reference"]})
            return redirect("office_hold", pk)
        status = 422
    people = {user.pk: wording.name_of(user) for user in users(pk__in=[hold.ordered_by, hold.lifted_by])}
    item = _item(hold, at)
    context = {
        **item,
        "form": form,
        "ordered_by": people.get(hold.ordered_by, "IMMIS"),
        "lifted_by": people.get(hold.lifted_by, ""),
        "may": may and not above and item["state"] in ("standing", "future"),
        "above": [wording.say(finding) for finding in above] if item["state"] in ("standing", "future") else [],
    }
    return render(request, "leases/office_hold.html", context, status=status)


@page("hold.read")
def paper(request: HttpRequest, pk: int) -> FileResponse:
    """The document of an order."""
    return paper_response(holds.order_of(pk, request.actor).document, f"order-{pk}")


@page("hold.suspend")
def suspend(request: HttpRequest, code: str) -> HttpResponse:
    """Enter an order that suspends a stop of a settlement: document, authority and end are needed (A-18, A-19)."""
    lease, at = selectors.lease_of(code, request.actor), clock.now()
    standing = selectors.standing_holds(lease, at)
    form, status = Suspend(request.POST or None, request.FILES or None), 200
    form.fields["stop"].choices = [
        (f"{hold.rule_code}|{holds.cause_of(hold)}", wording.say(hold.finding)) for hold in standing
    ]
    if request.method == "POST":
        if form.is_valid():
            return _suspended(request, lease, form.cleaned_data, at)
        status = 422
    reasons = lease_words.reason_cards(lease, standing, viewer=request.actor)
    context = {"lease": lease, "form": form, "reasons": reasons, "any": bool(standing)}
    return render(request, "leases/office_suspend.html", context, status=status)


def _suspended(request: HttpRequest, lease: Any, said: dict[str, Any], at: datetime) -> HttpResponse:
    rule_code, _bar, cause = said["stop"].partition("|")
    row = services.suspend_stop(
        lease=lease,
        order=services.SuspensionOrder(
            rule_code=rule_code,
            cause=cause,
            authority=said["authority"],
            reference=said["reference"],
            reason=said["reason"],
            document=keep(said["document"]),
            until=datetime.combine(said["until_on"], time.max, clock.INDIA).replace(microsecond=0),
        ),
        by=request.actor,
        at=at,
    )
    messages.success(request, _("Entered: %(reference)s") % {"reference": row.reference})
    return redirect("office_suspension", row.pk)


class Withdraw(forms.Form):
    """An order that takes a suspension back."""

    reference = forms.CharField(label=gettext_lazy("Order that withdraws it"), max_length=120)


@page("hold.read", write="hold.withdraw_suspension")
def suspension(request: HttpRequest, pk: int) -> HttpResponse:
    """One suspension with its document; withdrawing it by an order."""
    row, at = holds.suspension_of(pk, request.actor), clock.now()
    form, status = Withdraw(request.POST or None), 200
    if request.method == "POST":
        if form.is_valid():
            reference = form.cleaned_data["reference"]
            hold_services.withdraw_suspension(suspension=row, reference=reference, by=request.actor, at=at)
            return redirect("office_suspension", pk)
        status = 422
    item = _suspension_item(row, at)
    open_to = may(request.actor, "hold.withdraw_suspension") and item["state"] == "standing"
    above = holds.undo_refused(row.reference, row.entered_role, request.actor, at=at) if open_to else []
    entered = users(pk=row.entered_by).first()
    context = {
        **item,
        "form": form,
        "entered_by": wording.name_of(entered) if entered else "IMMIS",
        "may": open_to and not above,
        "above": [wording.say(finding) for finding in above],
    }
    return render(request, "leases/office_suspension.html", context, status=status)


@page("hold.read")
def suspension_paper(request: HttpRequest, pk: int) -> FileResponse:
    """The document of a suspension."""
    return paper_response(holds.suspension_of(pk, request.actor).document, f"suspension-{pk}")
