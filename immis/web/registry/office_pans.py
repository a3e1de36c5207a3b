"""PAN cards before the offices: who states a PAN, side by side, and whose it is (clauses 2(iv), 4(ii))."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.registry import pans
from immis.registry.selectors import users
from immis.web.registry.bidder_pan import STATES
from immis.web.shell import wording
from immis.web.shell.districts import district_name
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.uploads import paper_response
from immis.web.shell.views import page

_A_PAGE = 50


class PanFilter(forms.Form):
    """Which PAN cards to show."""

    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[("", gettext_lazy("all")), *((name, word) for name, (_drawn, word) in STATES.items())],
    )
    q = forms.CharField(label="PAN", required=False, max_length=10, widget=forms.TextInput({"type": "search"}))


class PanDecision(forms.Form):
    """Why a PAN card is accepted or not."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300, widget=forms.Textarea({"rows": 2}))


@page("pan.read")
def index(request: HttpRequest) -> HttpResponse:
    """PAN cards that came in, newest first; filter and export."""
    form = PanFilter(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    filters = {"state": wanted.get("state"), "party__pan__icontains": wanted.get("q", "").strip()}
    result = pans.proofs(request.actor, **{name: value for name, value in filters.items() if value})
    return list_response(request, _table(), result, ListPage(form=form, template="registry/pans.html"))


def _table() -> Table:
    columns = [
        Column("PAN", "party.pan", link=to("office_pan", "pk"), decide=True),
        Column(_("Party"), "party", "name"),
        Column(_("District"), "district", "district"),
        Column(_("Handed in"), "sent_at", "at"),
        Column(_("State"), lambda proof: STATES[proof.state], "chip"),
        Column(_("Decided at"), "decided_at", "at", on="file"),
        Column(_("Reason"), "reason", on="file"),
    ]
    empty = (_("No PAN card here"), _("PAN cards that bidders hand in to this office appear here."))
    return Table("pan-cards", _("PAN cards"), columns, empty)


@page("pan.read")
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One PAN card beside every account that states the same PAN; accepting it or not, with the reason."""
    proof = pans.proof_of(pk, request.actor)
    form, status = PanDecision(request.POST or None), 200
    if request.method == "POST":
        if form.is_valid():
            return _decided(request, proof, form.cleaned_data["reason"])
        status = 422
    rivals = pans.claimants(proof.party.pan)
    decided_by = users(pk=proof.decided_by or 0).first()
    context = {
        "one": proof,
        "chip": STATES[proof.state],
        "district": district_name(proof.district, wording.lang()),
        "proof": proof,
        "rivals": [_rival(rival, proof) for rival in rivals],
        "moves": any(rival.pan_proved_at and rival.pk != proof.party_id for rival in rivals),
        "decided_by": wording.name_of(decided_by) if decided_by else "",
        "form": form if pans.may_decide(proof, request.actor) else None,
    }
    return render(request, "registry/pan.html", context, status=status)


def _rival(party: Any, proof: Any) -> dict[str, Any]:
    return {
        "party": party,
        "kind": wording.party_kind(party.kind),
        "mine": party.pk == proof.party_id,
        "chip": ("good", _("PAN proved")) if party.pan_proved_at else ("warn", _("PAN not proved")),
        "users": [user.username for user in party.users.all()],
        "cards": [{"row": pan_proof, "chip": STATES[pan_proof.state]} for pan_proof in party.pan_proofs.all()],
    }


def _decided(request: HttpRequest, proof: Any, reason: str) -> HttpResponse:
    act = request.POST.get("act")
    if act not in ("accept", "refuse"):
        raise BadRequest("no such act")
    row = pans.decide_proof(proof=proof, accept=act == "accept", reason=reason, by=request.actor, at=clock.now())
    messages.success(request, _("Decided: PAN %(pan)s") % {"pan": row.party.pan})
    return redirect("office_pan", proof.pk)


@page("pan.read")
def card(request: HttpRequest, pk: int) -> FileResponse:
    """The PAN card as it was handed in."""
    return paper_response(pans.proof_of(pk, request.actor).document, f"pan-card-{pk}")
