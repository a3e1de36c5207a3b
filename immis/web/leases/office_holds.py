"""Holds by order: stopping a settlement, vehicle, district or the State by a document, and lifting it (A-19, E-162).

There is no switch that opens e-challans: a court's or the department's order that suspends a stop is a record of its
own, with document and end.
"""

from datetime import datetime
from typing import Any

from django import forms
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from immis import clock
from immis.holds import selectors as holds
from immis.leases import selectors
from immis.registry.selectors import users
from immis.rules.holds.orders import AUTHORITIES
from immis.web.leases import words as lease_words
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.districts import district_name
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.tags import clause
from immis.web.shell.uploads import paper_response
from immis.web.shell.views import page

_A_PAGE = 50
STATES = {
    "standing": ("bad", pgettext_lazy("hold", "Standing")),
    "future": ("info", gettext_lazy("Announced")),
    "over": ("plain", gettext_lazy("Over")),
    "lifted": ("good", gettext_lazy("Hold lifted")),
}


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


@page("hold.read", write="hold.order")
def index(request: HttpRequest) -> HttpResponse:
    """Orders that stop e-challans, newest first, with what suspends them; ordering a new one."""
    at = clock.now()
    acts = PageActs(request, "hold", None, place="order", at=at, default="order")
    if request.method == "POST" and (answer := acts.take()):
        return answer
    form = HoldFilter(request.GET)
    items = [_item(hold, at) for hold in holds.orders(request.actor)]
    items = [item for item in items if _wanted(item, form)]
    suspensions = [_suspension_item(row, at) for row in holds.suspensions(request.actor)[:_A_PAGE]]
    more = {"acts": acts, "suspensions": suspensions}
    shown = ListPage(form=form, template="leases/office_holds.html", more=more, status=acts.status)
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
        Column(_("Since"), "hold.since", "at"),
        Column(_("Until"), "hold.until", "at"),
        Column(_("Lifted at"), "hold.lifted_at", "at", on="file"),
        Column(_("Order that lifts it"), "hold.lift_reference", on="file"),
        Column(_("State"), lambda item: (item["drawn"], item["word"]), "chip"),
    ]
    hint = _("An order that stops e-challans appears here with its document and its end.")
    return Table("holds", _("Holds by order"), columns, (_("No order here"), hint))


@page("hold.read", write="hold.lift")
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One order with its document, who gave it, and lifting it by another."""
    hold, at = holds.order_of(pk, request.actor), clock.now()
    acts = PageActs(request, "hold", hold, place="lift", at=at, default="lift")
    if request.method == "POST" and (answer := acts.take()):
        return answer
    people = {user.pk: wording.name_of(user) for user in users(pk__in=[hold.ordered_by, hold.lifted_by])}
    signed = [(_("Ordered by"), _joined(people.get(hold.ordered_by, "IMMIS"), wording.clock_time(hold.ordered_at)))]
    if hold.lifted_at:
        lifted = _joined(wording.clock_time(hold.lifted_at), hold.lift_reference, people.get(hold.lifted_by, ""))
        signed.append((_("Lifted at"), lifted))
    paper_url = reverse("office_hold_paper", args=[hold.pk])
    context = {**_item(hold, at), "order": hold, "acts": acts, "signed": signed, "paper_url": paper_url}
    return render(request, "leases/office_hold.html", context, status=acts.status)


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


@page("hold.read")
def paper(request: HttpRequest, pk: int) -> FileResponse:
    """The document of an order."""
    return paper_response(holds.order_of(pk, request.actor).document, f"order-{pk}")


@page("hold.suspend")
def suspend(request: HttpRequest, code: str) -> HttpResponse:
    """Enter an order that suspends a stop of a settlement: document, authority and end are needed (A-18, A-19)."""
    lease, at = selectors.lease_of(code, request.actor), clock.now()
    acts = PageActs(request, "lease", lease, place="suspend", at=at, default="suspend")
    if request.method == "POST" and (answer := acts.take()):
        return answer
    standing = selectors.standing_holds(lease, at)
    reasons = lease_words.reason_cards(lease, standing, viewer=request.actor)
    context = {"lease": lease, "acts": acts, "reasons": reasons}
    return render(request, "leases/office_suspend.html", context, status=acts.status)


@page("hold.read", write="hold.withdraw_suspension")
def suspension(request: HttpRequest, pk: int) -> HttpResponse:
    """One suspension with its document; withdrawing it by an order."""
    row, at = holds.suspension_of(pk, request.actor), clock.now()
    acts = PageActs(request, "suspension", row, place="withdraw", at=at, default="withdraw")
    if request.method == "POST" and (answer := acts.take()):
        return answer
    entered, item = users(pk=row.entered_by).first(), _suspension_item(row, at)
    entered_by = wording.name_of(entered) if entered else "IMMIS"
    signed = [
        (_("Ordered by"), item["authority"]),
        (_("Entered by"), _joined(entered_by, wording.clock_time(row.entered_at))),
    ]
    if row.withdrawn_at:
        signed.append((_("Withdrawn"), _joined(wording.clock_time(row.withdrawn_at), row.withdraw_reference)))
    paper_url = reverse("office_suspension_paper", args=[row.pk])
    context = {**item, "order": row, "acts": acts, "signed": signed, "paper_url": paper_url}
    return render(request, "leases/office_suspension.html", context, status=acts.status)


@page("hold.read")
def suspension_paper(request: HttpRequest, pk: int) -> FileResponse:
    """The document of a suspension."""
    return paper_response(holds.suspension_of(pk, request.actor).document, f"suspension-{pk}")
