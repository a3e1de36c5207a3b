"""Settlements before the office: the list, and one settlement's path with the acts that its next gate allows."""

from collections.abc import Callable
from itertools import groupby
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.core.paginator import Page
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.errors import NotPermitted
from immis.core.grants import may
from immis.core.selectors import history_of
from immis.leases import selectors, services, states
from immis.leases.life import demarcated
from immis.ledger.selectors import receipts
from immis.registry.selectors import users
from immis.rules.calendar import india_day
from immis.rules.proposals import TWO_OFFICERS
from immis.web.leases import words as lease_words
from immis.web.leases.office_clearances import clearance_day, clearance_file, closed_months, handed_in
from immis.web.leases.settlee import lease_context, schedule_context
from immis.web.shell import wording
from immis.web.shell.fields import DayField
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.views import page

_A_PAGE = 50
_MANY = 3


class LeaseFilter(forms.Form):
    """Which settlements to show."""

    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[("", gettext_lazy("all")), *((name, word) for name, (_drawn, word) in lease_words.LEASES.items())],
    )
    q = forms.CharField(
        label=gettext_lazy("Search"), required=False, max_length=60, widget=forms.TextInput({"type": "search"})
    )

    def query(self) -> Q:
        text = self.cleaned_data.get("q") if self.is_valid() else ""
        if not text:
            return Q()
        names = Q(block__name_hi__icontains=text) | Q(block__name_en__icontains=text)
        party = Q(party__name_hi__icontains=text) | Q(party__name_en__icontains=text)
        return Q(number__icontains=text) | Q(code__icontains=text) | names | party


class _Day(forms.Form):
    """A day on which something was done."""

    on = DayField(label=gettext_lazy("Date"), widget=forms.DateInput({"type": "date"}))


class _Assets(_Day):
    """The list of a body's persons and its asset statements (clause 20 v)."""

    members = forms.CharField(
        label=gettext_lazy("Directors, members or partners"),
        required=False,
        max_length=6000,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("One a line: name; PAN; capacity. They count in the cap before the LoI."),
    )

    def clean_members(self) -> list[dict[str, str]]:
        """The persons as the service takes them; a line that cannot be read is named."""
        rows = [line.split(";") for line in self.cleaned_data["members"].splitlines() if line.strip()]
        if wrong := next((row for row in rows if not 2 <= len(row) <= 3 or not row[0].strip()), None):
            raise forms.ValidationError(
                _("“%(line)s” cannot be read: name; PAN; capacity.") % {"line": ";".join(wrong)[:60]}
            )
        return [
            dict(zip(("name", "pan", "capacity"), (one.strip() for one in [*row, ""]), strict=False)) for row in rows
        ]


class _Registration(_Day):
    """The registration of the deed."""

    number = forms.CharField(label=gettext_lazy("Registration number"), max_length=60)


class _Grant(_Day):
    """A clearance that was granted."""

    reference = forms.CharField(label=gettext_lazy("Order number"), max_length=120)
    quantity_m3 = forms.IntegerField(
        label=gettext_lazy("Permitted quantity (cubic metres a year)"), min_value=1, max_value=10**9
    )
    valid_until = clearance_day(gettext_lazy("Valid until (if it says so)"), required=False)
    document = clearance_file()


class _EcGrant(_Grant):
    """An environmental clearance, which may close months of its own."""

    closed_months = closed_months()


class Demarcation(_Day):
    """The certificate of the boundary pillars."""

    pillars = forms.IntegerField(label=gettext_lazy("Number of pillars"), min_value=1, max_value=999)
    present = forms.MultipleChoiceField(
        label=gettext_lazy("Certified in the presence of"),
        choices=[("rqp", gettext_lazy("RQP")), ("co", gettext_lazy("Circle officer"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    certified_by = forms.CharField(label=gettext_lazy("Name of who certified"), max_length=120)
    reference = forms.CharField(label=gettext_lazy("Certificate number"), max_length=120)


@page("lease.oversee")
def index(request: HttpRequest) -> HttpResponse:
    """Settlements with state and next due; filters, pages, export."""
    at = clock.now()
    form = LeaseFilter(request.GET)
    found = selectors.leases(request.actor).filter(form.query())
    if wanted := form.cleaned_data.get("state") if form.is_valid() else "":
        found = states.in_state(found, wanted, at=at)
    shown = ListPage(
        form=form,
        template="leases/office_leases.html",
        prepare=lambda leases: _items(leases, at),
        more={"total": found.count()},
    )
    return list_response(request, _table(), found, shown)


def _items(leases: Any, at: Any) -> list[dict[str, Any]]:
    """Settlements with their state as the list words it; those of one page with what is due next."""
    numbers = [lease.number for lease in leases] if isinstance(leases, Page) else None
    stopped = states.stopped_numbers(at) if numbers is None else states.stopped_numbers(at, among=numbers)
    dues = selectors.next_dues(numbers or [])
    return [
        {
            "lease": lease,
            "chip": lease_words.LEASES[states.state_of(lease, stopped=lease.number in stopped, at=at)],
            "next": dues.get(lease.number),
        }
        for lease in leases
    ]


def _when_due(item: dict[str, Any]) -> str:
    due = item["next"]
    if due and due.due_on:
        return f"{wording.day(due.due_on)} ({wording.ago_or_in(due.due_on)})"
    return wording.name_of(due.label) if due else ""


def _table() -> Table:
    columns = [
        Column(_("Ghat"), "lease.block", "name", link=to("office_lease", "lease.code")),
        Column(_("Number"), "lease.number", under=True),
        Column("", "lease.block.block_no", under=True, on="page"),
        Column(_("Settlee"), "lease.party", "name"),
        Column(_("State"), "chip", "chip"),
        Column(_("Bid"), "lease.bid_rupees", "rupees", unit="₹"),
        Column(_("LoI"), "lease.loi_on", "day", on="file"),
        Column(_("Deed"), "lease.deed_on", "day"),
        Column(_("Period to"), "lease.period_to", "day", on="file"),
        Column(_("Next payment"), lambda item: item["next"] and item["next"].balance_paise, "paise", on="page"),
        Column("", _when_due, under=True, on="page"),
    ]
    hint = _("A settlement opens by itself when an e-auction ends with a highest bidder.")
    return Table("settlements", _("Settlements"), columns, (_("No settlement here"), hint))


@page("lease.oversee")
def detail(request: HttpRequest, code: str) -> HttpResponse:
    """One settlement as the office sees it: why stopped, path, next acts, schedule, account, history (A-13, A-19)."""
    lease, at = selectors.lease_of(code, request.actor), clock.now()
    bound, status = None, 200
    if request.method == "POST":
        act = request.POST.get("act", "")
        if not may(request.actor, "lease.record_documents"):
            raise NotPermitted("acts on a settlement are the district's")
        if act not in ACTS:
            raise BadRequest("no such act")
        bound = ACTS[act][1](request.POST, request.FILES)
        if bound.is_valid():
            return _done(request, lease, act, bound.cleaned_data, at)
        status = 422
    waiting = receipts(
        request.actor, state="paid_unverified", demand__subject_kind="lease", demand__subject_id=lease.number
    )
    context = {
        **lease_context(lease, request, at),
        **schedule_context(lease, at),
        "acts": _acts(lease, request, bound, at) if may(request.actor, "lease.record_documents") else [],
        "history": _history(lease),
        "waiting": waiting,
    }
    return render(request, "leases/office_lease.html", context, status=status)


def _done(request: HttpRequest, lease: Any, act: str, said: dict[str, Any], at: Any) -> HttpResponse:
    if act in TWO_OFFICERS and may(request.actor, "lease.propose_step"):
        day = {"on": said["on"]} if "on" in said else {}
        services.propose_step(lease=lease, step=act, issue=_ISSUES[act], by=request.actor, at=at, **day)
        messages.success(request, _("Proposed to the Collector: %(act)s") % {"act": ACTS[act][0]})
        return redirect("office_lease", lease.code)
    findings = ACTS[act][2](lease, request.actor, at, said)
    messages.success(request, _("Recorded: %(act)s") % {"act": ACTS[act][0]})
    for finding in findings or []:
        messages.warning(request, wording.say(finding))
    return redirect("office_lease", lease.code)


_Doing = Callable[[Any, Any, Any, dict[str, Any]], Any]


_GRANTED = ("reference", "quantity_m3", "valid_until", "closed_months")


def _clearance(kind: str, what: str) -> _Doing:
    def do(lease: Any, by: Any, at: Any, said: dict[str, Any]) -> Any:
        more = {name: said[name] for name in _GRANTED if name in said}
        if said.get("document"):
            more["document"] = handed_in(said["document"])
        return services.record_clearance(lease=lease, kind=kind, by=by, at=at, **{what: said["on"]}, **more)

    return do


def _papers(kind: str) -> _Doing:
    def do(lease: Any, by: Any, at: Any, said: dict[str, Any]) -> None:
        more = {"members": said["members"]} if said.get("members") else {}
        services.record_documents(lease=lease, kind=kind, on=said["on"], by=by, at=at, **more)

    return do


def _plain(service: Callable[..., Any], *names: str) -> _Doing:
    def do(lease: Any, by: Any, at: Any, said: dict[str, Any]) -> None:
        service(lease=lease, by=by, at=at, **{name: said[name] for name in names})

    return do


#: act → (label, form, what it does)
ACTS: dict[str, tuple[Any, type[forms.Form], _Doing]] = {
    "documents": (gettext_lazy("Copies of documents received"), _Day, _papers("copies")),
    "assets": (gettext_lazy("Asset statements received"), _Assets, _papers("assets")),
    "loi": (gettext_lazy("Issue the LoI"), _Day, _plain(services.issue_loi, "on")),
    "plan_applied": (gettext_lazy("Mining plan submitted"), _Day, _clearance("plan", "applied_on")),
    "plan_granted": (gettext_lazy("Mining plan approved"), _Grant, _clearance("plan", "granted_on")),
    "ec_applied": (gettext_lazy("EC applied for"), _Day, _clearance("ec", "applied_on")),
    "ec_granted": (gettext_lazy("EC granted"), _EcGrant, _clearance("ec", "granted_on")),
    "cte_cto_applied": (gettext_lazy("Consents applied for"), _Day, _clearance("cte_cto", "applied_on")),
    "cte_cto_granted": (gettext_lazy("Consents granted"), _Grant, _clearance("cte_cto", "granted_on")),
    "deed": (gettext_lazy("Deed executed"), _Day, _plain(services.execute_deed, "on")),
    "registration": (
        gettext_lazy("Deed registered"),
        _Registration,
        _plain(services.record_registration, "on", "number"),
    ),
    "gst": (gettext_lazy("GST registration seen"), _Day, _plain(services.record_gst, "on")),
    "demarcation": (
        gettext_lazy("Boundary pillars certified"),
        Demarcation,
        _plain(services.record_demarcation, "on", "pillars", "present", "certified_by", "reference"),
    ),
    "permission": (gettext_lazy("Permit mining"), forms.Form, _plain(services.grant_permission)),
}

_ISSUES = {"loi": services.issue_loi, "deed": services.execute_deed, "permission": services.grant_permission}


def _acts(lease: Any, request: HttpRequest, bound: forms.Form | None, at: Any) -> list[dict[str, Any]]:
    """The acts that the record asks for next, each with its form."""
    shown = []
    for act in _next_acts(lease):
        label, form_class, _do = ACTS[act]
        proposal = services.proposal_of(lease, act) if act in TWO_OFFICERS else None
        day = proposal.on if proposal else india_day(at)
        if act in TWO_OFFICERS and may(request.actor, "lease.propose_step"):
            label = _("Propose to the Collector: %(act)s") % {"act": label}
        tried = bound is not None and request.POST.get("act") == act
        form = bound if tried else form_class(initial={"on": day}, prefix=None, auto_id=f"{act}_%s")
        shown.append({"act": act, "label": label, "form": form})
    return shown


def _next_acts(lease: Any) -> list[str]:
    if lease.cancelled_at or lease.permitted_at and lease.registered_on and demarcated(lease):
        return []
    if lease.loi_on is None:
        open_papers = [] if lease.documents_received_on else ["documents"]
        wants_assets = lease.party.kind not in {"individual", "proprietor"} and not lease.assets_received_on
        return [*open_papers, *(["assets"] if wants_assets else []), "loi"]
    gst = [] if lease.gst_registered_on or lease.party.gstin else ["gst"]
    if lease.deed_on is None:
        return [_next_clearance(lease), *gst]
    registration = [] if lease.registered_on else ["registration"]
    pillars = [] if demarcated(lease) else ["demarcation"]
    return [*([] if lease.permitted_at else ["permission"]), *pillars, *registration, *gst]


def _next_clearance(lease: Any) -> str:
    known = selectors.clearances_of(lease)
    for kind in ("plan", "ec", "cte_cto"):
        if kind not in known:
            return f"{kind}_applied"
        if known[kind].granted_on is None:
            return f"{kind}_granted"
    return "deed"


def _history(lease: Any) -> list[dict[str, Any]]:
    """What was done to the settlement, newest first, with the officer; many demands of one act are one line."""
    lines = list(history_of("lease", lease.number))[::-1]
    people = {user.pk: user for user in users(pk__in={line.user_id for line in lines if line.user_id})}
    shown = []
    for (at, code, user_id), group in groupby(lines, key=lambda line: (line.at, line.code, line.user_id)):
        same = list(group)
        many = len(same) > _MANY
        shown.append(
            {
                "at": at,
                "what": lease_words.action_label(code),
                "about": f"× {len(same)}" if many else "; ".join(filter(None, (_about(line.facts) for line in same))),
                "who": wording.name_of(people[user_id]) if user_id in people else "IMMIS",
            }
        )
    return shown


def _about(facts: dict[str, Any]) -> str:
    """The few facts of a log line that a reader looks for."""
    parts = [wording.name_of(facts["label"])] if isinstance(facts.get("label"), dict) else []
    parts += [wording.paise(facts["amount_paise"])] if isinstance(facts.get("amount_paise"), int) else []
    parts += [
        str(facts[name]) for name in ("receipt", "demand", "reference", "loi_number", "reason") if facts.get(name)
    ]
    return " · ".join(parts)
