"""The settlee's e-challans: list, issue, one challan, its print (E-118, E-128, E-161)."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from immis import clock
from immis.challans import loading, selectors
from immis.challans.eligibility import reasons_of
from immis.challans.prints import print_of
from immis.challans.selectors.driver_link import token_of
from immis.challans.signed.qr import qr_svg
from immis.core.events import words_of
from immis.core.selectors import history_of
from immis.leases import selectors as leases
from immis.messaging.selectors import messages_about
from immis.registry import things
from immis.rules.writing.texts import texts
from immis.web.challans import words as challan_words
from immis.web.challans.maps import map_rows
from immis.web.messaging.words import state_of
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.fields import DayField
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.views import page

OTHER = ""
PER_PAGE = 50


class FilterForm(forms.Form):
    """State, search and days of a list of challans."""

    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)
    q = forms.CharField(label=gettext_lazy("Number or vehicle"), required=False, max_length=24)
    from_on = DayField(label=gettext_lazy("From day"), required=False)
    to_on = DayField(label=gettext_lazy("Up to day"), required=False)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        states = [(state, label) for state, (_drawn, label) in challan_words.STATES.items()]
        self.fields["state"].choices = [("", gettext_lazy("all")), *states]


def challan_table(empty: tuple[str, str], at: Any) -> Table:
    """The list of e-challans, for the settlee and the offices alike."""

    def state(challan: Any) -> tuple[str, Any]:
        chip = challan_words.state_chip(challan, at=at)
        return chip.state, chip.label

    columns = [
        Column(_("Number"), "number", link=to("challan", "number")),
        Column(_("State"), state, "chip"),
        Column(_("Vehicle"), "vehicle.registration"),
        Column(_("Ghat"), "lease.block", "name"),
        Column(_("Settlee"), "party", "name", under=True),
        Column(_("Destination"), "place", "name"),
        Column(_("Cubic metres"), "quantity_m3", "number"),
        Column(_("Issued"), "issued_at", "at"),
        Column(_("Valid until"), "valid_until", "at"),
    ]
    return Table("e-challans", _("E-challans"), columns, empty)


def challans_response(request: HttpRequest, template: str, empty: tuple[str, str], **more: Any) -> HttpResponse:
    """The reader's e-challans by the filters of the address, as a page or a file."""
    at = clock.now()
    form = FilterForm(request.GET)
    sent = form.cleaned_data if form.is_valid() else {}
    wanted = selectors.Wanted(
        state=sent.get("state", ""),
        text=sent.get("q", ""),
        lease=request.GET.get("lease", "")[:40],
        from_on=sent.get("from_on"),
        to_on=sent.get("to_on"),
    )
    rows = selectors.search(request.actor, wanted, at=at)
    shown = ListPage(form=form, template=template, rows_a_page=PER_PAGE, more=more)
    return list_response(request, challan_table(empty, at), rows, shown)


@page("challan.own")
def settlee_challans(request: HttpRequest) -> HttpResponse:
    """Challans of the settlee: filter, export, and the way to a new one (E-118)."""
    hint = _("Each e-challan that you issue appears here with its state: valid, on the road, arrived.")
    mine = [lease for lease in leases.leases(request.actor) if lease.deed_on]
    return challans_response(request, "challans/settlee_list.html", (_("No e-challan here"), hint), leases=mine)


@page("challan.issue")
def challan_new(request: HttpRequest, code: str) -> HttpResponse:
    """Issue an e-challan; a refusal shows every reason with its clause and what lifts it (A-17, E-128, E-161).

    What stops every load is shown before anybody fills the form in.
    """
    lease, at = leases.lease_of(code, request.actor), clock.now()
    vehicles = loading.loadable_vehicles(lease, request.actor, at)
    loads = {row.registration: _usual_load(row) for row in vehicles if row.fits}
    places = [_offered(row) for row in selectors.recent_places(lease)]
    acts = PageActs(request, "lease", lease, place="challan", at=at).alone("issue", _filled(loads, places))
    if request.method == "POST" and (answer := acts.take()):
        return answer
    refused, acts.refused = list(acts.refused), ()  # each reason has a card of its own
    context = {
        "lease": lease,
        "acts": acts,
        "cards": challan_words.refusal_cards(refused or [row for offer in acts.offers for row in offer.findings]),
        "refused": bool(refused),
        "loads": loads,
        "at_ghat": any(row.seen for row in vehicles),
        "places": places,
        "drivers": things.drivers_of(lease.party_id),
        "figures": challan_words.figures("CH-03", "CH-04", "CH-10", "MOV-01", on=at),
        "statement": wording.say(("CH-12", {})),
    }
    return render(request, "challans/new.html", context, status=409 if refused else acts.status)


@page("challan.issue")
def challan_gate(request: HttpRequest, code: str) -> HttpResponse:
    """Who stands at the ghat: a batch for those that may load, and for the others every reason (E-150, E-157)."""
    lease, at = leases.lease_of(code, request.actor), clock.now()
    acts = PageActs(request, "lease", lease, place="gate", at=at).alone("issue_all")
    if request.method == "POST" and (answer := acts.take()):
        return answer
    refused, acts.refused = list(acts.refused), ()
    rows = [row for row in loading.loadable_vehicles(lease, request.actor, at) if row.seen]
    context = {
        "lease": lease,
        "acts": acts,
        "cards": challan_words.refusal_cards(refused or [row for offer in acts.offers for row in offer.findings]),
        "batch": any(row.fits and row.last for row in rows),
        "fresh": [row for row in rows if row.fits and not row.last],
        "shut": [(row, reasons_of(row.findings, at=at)) for row in rows if not row.fits],
        "count": len(rows),
        "statement": wording.say(("CH-12", {})),
    }
    return render(request, "challans/gate.html", context, status=409 if refused else acts.status)


def _usual_load(row: loading.Loadable) -> dict[str, str]:
    """What a form begins with for a vehicle: its capacity, where its last load went and who drove it."""
    last = row.last
    return {
        "quantity_m3": wording.plain_number(row.capacity_m3),
        "place": _offered(last.place) if last else "",
        "driver_name": last.driver_name if last else "",
        "driver_phone": last.driver_phone if last else "",
    }


def _filled(loads: dict[str, dict[str, str]], places: list[str]) -> dict[str, str]:
    """What the form begins with: the first vehicle that may load, with its usual load; the settlement's last place."""
    mark = next(iter(loads), OTHER)
    usual = loads.get(mark, {})
    return {**usual, "vehicle": mark, "place": usual.get("place") or next(iter(places), "")}


def _offered(place: Any) -> str:
    """A destination as the form offers it: its name, and the code by which it is found again."""
    return f"{wording.name_of(place)} · {place.code}"


@page("challan.issue")
def destinations(request: HttpRequest) -> JsonResponse:
    """Destinations that begin as somebody types."""
    rows = things.destinations_like(request.GET.get("q", "")[:60])
    return JsonResponse({"offered": [_offered(row) for row in rows]})


@page("challan.read", write="challan.cancel")
def challan(request: HttpRequest, number: str) -> HttpResponse:
    """One e-challan with its QR, its state by law at this instant, and what happened to it (E-128)."""
    row, at = selectors.challan_of(number, request.actor), clock.now()
    acts = PageActs(request, "challan", row, place="challan", at=at)
    if request.method == "POST" and (answer := acts.take()):
        return answer
    now = selectors.standing_of(row, at=at)
    officer = request.actor.is_officer
    figures = challan_words.figures("CH-10", "MOV-01", "MOV-02", on=row.issued_at)
    context = {
        "challan": row,
        "code": row.number,
        "chip": challan_words.state_chip(row, at=at, state=now.state),
        "now": now,
        "why": wording.say((now.rule_code, now.facts)) if now.state == "invalid" and now.rule_code else "",
        "start_by": selectors.start_by(row),
        "qr": mark_safe(qr_svg(row.pass_text, title=_("QR of the signed pass"))),
        "figures": figures,
        "unverified": {value.code for value, _title, _note in figures if value.status == "unverified"},
        "history": [{"words": words_of(line.code), "at": line.at} for line in history_of("challan", row.number)],
        "buyer": texts("challans/buyers").get(row.buyer_kind, {}),
        "changes": selectors.changes_of(row),
        "officer": officer,
        "token": token_of(row),
        "sms": _driver_sms(row.number),
        "scans": selectors.scans_of(row) if officer else [],
        "acts": acts,
        "map_url": reverse("challan_way", args=[row.number]),
        "map_rows": map_rows(row),
    }
    return render(request, "challans/challan.html", context, status=acts.status)


def _driver_sms(number: str) -> list[tuple[str, str]]:
    """How the SMS with the driver's link stands."""
    sent = messages_about("challan", number).filter(to_kind="phone")
    return [state_of(row) for message in sent for row in message.deliveries.all() if row.channel == "sms"]


@page("challan.read")
def challan_pdf(request: HttpRequest, number: str) -> HttpResponse:
    """The printed copy that the driver carries, A4, both languages (E-118)."""
    row = selectors.challan_of(number, request.actor)
    pdf = print_of(row, at=clock.now())
    name = f"e-challan-{row.number}.pdf"
    return HttpResponse(
        pdf, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'}
    )


@require_POST
@page("challan.cancel")
def challan_cancel(request: HttpRequest, number: str) -> HttpResponse:
    """Cancel a challan whose vehicle has not left the ghat."""
    row, here = selectors.challan_of(number, request.actor), reverse("challan", args=[number])
    acts = PageActs(request, "challan", row, place="challan", at=clock.now(), default="cancel", home=here)
    return acts.take() or redirect(here)
