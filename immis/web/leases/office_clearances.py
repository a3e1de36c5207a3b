"""Clearances of a settlement: versions with documents, validity, and where each proposal stands on PARIVESH."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.grants import may
from immis.leases import clearances, selectors, services
from immis.rules.calendar import india_day
from immis.rules.leases.clearances import KINDS, WATER
from immis.web.shell import wording
from immis.web.shell.fields import DayField
from immis.web.shell.views import page

_CONTENT_TYPES = {"PDF": "application/pdf", "JPG": "image/jpeg", "PNG": "image/png"}
PROBLEMS = {
    "unknown": gettext_lazy("PARIVESH knows no proposal of this number"),
    "unreachable": gettext_lazy("PARIVESH did not answer; it is asked again"),
}


def clearance_day(label: Any, *, required: bool = True) -> DayField:
    """The field of a day on an order."""
    return DayField(label=label, widget=forms.DateInput({"type": "date"}), required=required)


def clearance_file() -> forms.FileField:
    """The field of an order's document; what may be handed in is LSE-32's."""
    return forms.FileField(label=gettext_lazy("Document (PDF, JPG or PNG)"), required=False)


def closed_months() -> forms.TypedMultipleChoiceField:
    """The field of the months that an environmental clearance itself closes (CH-07)."""
    return forms.TypedMultipleChoiceField(
        label=gettext_lazy("Months that the environmental clearance closes (if it names any)"),
        choices=list(MONTHS.items()),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )


class _OfKind(forms.Form):
    """An act on one of the clearances that are on record."""

    kind = forms.ChoiceField(label=gettext_lazy("Which clearance"))

    def __init__(self, *args: Any, kinds: list[str], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind, wording.name_of(KINDS[kind])) for kind in kinds]


class VersionForm(_OfKind):
    """A newer order of a clearance."""

    reference = forms.CharField(label=gettext_lazy("Order number"), max_length=120)
    granted_on = clearance_day(gettext_lazy("Date of the order"))
    valid_until = clearance_day(gettext_lazy("Valid until (if it says so)"), required=False)
    quantity_m3 = forms.IntegerField(
        label=gettext_lazy("Permitted quantity (cubic metres a year)"), min_value=1, max_value=10**9, required=False
    )
    closed_months = closed_months()
    document = clearance_file()


class ProposalForm(_OfKind):
    """The number under which a clearance is applied for."""

    number = forms.CharField(label=gettext_lazy("Proposal number on PARIVESH"), max_length=80)


class WaterForm(forms.Form):
    """The application for the structure over a stream."""

    on = clearance_day(gettext_lazy("Applied on"))
    reference = forms.CharField(label=gettext_lazy("Number of the letter"), max_length=120, required=False)


class AnswerForm(forms.Form):
    """The answer of the chief engineer."""

    on = clearance_day(gettext_lazy("Answered on"))
    answer = forms.ChoiceField(
        label=gettext_lazy("Answer of the engineer"),
        choices=[("yes", gettext_lazy("permission given")), ("no", gettext_lazy("permission refused"))],
    )
    reference = forms.CharField(label=gettext_lazy("Number of the letter"), max_length=120, required=False)
    document = clearance_file()


def _version(lease: Any, said: dict[str, Any], **who: Any) -> Any:
    kind, document = said.pop("kind"), services.handed_in(said.pop("document"))
    grant = services.ClearanceGrant(document=document, **said)
    return services.add_version(lease=lease, kind=kind, grant=grant, **who)


def _proposal(lease: Any, said: dict[str, Any], **who: Any) -> None:
    services.follow_proposal(lease=lease, **said, **who)


def _water(lease: Any, said: dict[str, Any], **who: Any) -> None:
    services.apply_for_water(lease=lease, **said, **who)


def _answer(lease: Any, said: dict[str, Any], **who: Any) -> None:
    granted, document = said.pop("answer") == "yes", services.handed_in(said.pop("document"))
    services.answer_water(lease=lease, granted=granted, document=document, **said, **who)


Do = Callable[..., Any]
#: act → (label, form, what it does)
ACTS: dict[str, tuple[Any, type[forms.Form], Do]] = {
    "version": (gettext_lazy("Record a newer order"), VersionForm, _version),
    "proposal": (gettext_lazy("Follow a proposal"), ProposalForm, _proposal),
    "water": (gettext_lazy("Water Resources permission applied for"), WaterForm, _water),
    "answer": (gettext_lazy("Water Resources permission answered"), AnswerForm, _answer),
}


@page("clearance.read", write="clearance.record")
def lease_clearances(request: HttpRequest, code: str) -> HttpResponse:
    """Every clearance with its versions, documents and proposal; the office records newer ones (E-087, E-123, A-20)."""
    lease, at = selectors.lease_of(code, request.actor), clock.now()
    may_record = may(request.actor, "clearance.record")
    shown = clearances.shown_of(lease, at=at)
    bound, status = None, 200
    if request.method == "POST" and request.POST.get("act") in ACTS:
        bound, status = _form(request.POST["act"], shown, request), 422
        if bound.is_valid():
            return _done(request, lease, bound.cleaned_data, at)
    context = {
        "lease": lease,
        "rows": [_row(row) for row in shown],
        "permitted_m3": selectors.permitted_quantity(lease),
        "acts": _acts(request, lease, shown, bound, at) if may_record else [],
        "followed": bool(settings.PARIVESH_URL),
    }
    return render(request, "leases/clearances.html", context, status=status)


def _done(request: HttpRequest, lease: Any, said: dict[str, Any], at: Any) -> HttpResponse:
    label, _form_class, do = ACTS[request.POST["act"]]
    findings = do(lease, dict(said), by=request.actor, at=at)
    messages.success(request, _("Recorded: %(act)s") % {"act": label})
    for finding in findings or []:
        messages.warning(request, wording.say(finding))
    return redirect("lease_clearances", lease.number)


def _row(shown: clearances.Shown) -> dict[str, Any]:
    row = shown.clearance
    if row.refused_on:
        chip = ("bad", _("permission refused"))
    elif row.granted_on is None:
        chip = ("warn", _("application pending"))
    else:
        chip = ("bad", _("run out")) if shown.run_out else ("good", _("in force"))
    problem = PROBLEMS.get(shown.proposal.problem, "") if shown.proposal else ""
    return {"one": shown, "name": KINDS[row.kind], "chip": chip, "problem": problem}


def _form(act: str, shown: list[clearances.Shown], request: HttpRequest | None = None, **more: Any) -> forms.Form:
    form_class = ACTS[act][1]
    if issubclass(form_class, _OfKind):
        rows = [item.clearance for item in shown]
        more["kinds"] = [row.kind for row in rows if act == "proposal" or row.granted_on]
    return form_class(request.POST, request.FILES, **more) if request else form_class(**more)


def _acts(
    request: HttpRequest, lease: Any, shown: list[clearances.Shown], bound: forms.Form | None, at: Any
) -> list[dict[str, Any]]:
    """The acts that the record allows, each with its form; the one that was tried keeps what was typed."""
    water = next((row.clearance for row in shown if row.clearance.kind == WATER), None)
    allowed = {
        "version": any(row.clearance.granted_on for row in shown),
        "proposal": bool(shown),
        "water": lease.loi_on is not None and water is None,
        "answer": water is not None and not (water.granted_on or water.refused_on),
    }
    initial = {"on": india_day(at), "granted_on": india_day(at)}
    rows = []
    for act, open_now in allowed.items():
        tried = bound is not None and request.POST.get("act") == act
        if open_now or tried:
            form = bound if tried else _form(act, shown, initial=initial, auto_id=f"{act}_%s")
            rows.append({"act": act, "label": ACTS[act][0], "form": form})
    return rows


@page("clearance.read")
def paper(request: HttpRequest, code: str, sha256: str) -> HttpResponseBase:
    """One document of a settlement's clearances, for its party and its offices."""
    lease = selectors.lease_of(code, request.actor)
    row, path = clearances.document_of(lease, sha256)
    name = f"{lease.number}-{row['sha256'][:8]}.{row['type'].lower()}"
    response = FileResponse(path.open("rb"), content_type=_CONTENT_TYPES[row["type"]], filename=name)
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
    )
    return response
