"""Settlements before the office: the list, and one settlement's path with the acts that its next gate allows."""

from itertools import groupby
from typing import Any

from django import forms
from django.core.paginator import Page
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.events import words_of
from immis.core.grants import may
from immis.core.selectors import history_of
from immis.leases import selectors, states
from immis.ledger.selectors import receipts
from immis.registry.selectors import users
from immis.web.leases import words as lease_words
from immis.web.leases.record import record_of, summary_context
from immis.web.leases.settlee import lease_context, schedule_context
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
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
        return Q(number__icontains=text.replace("/", "-")) | names | party


@page("lease.oversee")
def index(request: HttpRequest) -> HttpResponse:
    """Settlements with state and next due; filters, pages, export."""
    at = clock.now()
    form = LeaseFilter(request.GET)
    result = selectors.leases(request.actor).filter(form.query())
    if wanted := form.cleaned_data.get("state") if form.is_valid() else "":
        result = states.in_state(result, wanted, at=at)
    shown = ListPage(
        form=form,
        template="leases/office_leases.html",
        prepare=lambda leases: _items(leases, at),
        more={"total": result.count()},
    )
    return list_response(request, _table(), result, shown)


def _items(leases: Any, at: Any) -> list[dict[str, Any]]:
    """Settlements with their state as the list words it; those of one page with what is due next."""
    numbers = [lease.number for lease in leases] if isinstance(leases, Page) else None
    stopped = states.stopped_numbers(at) if numbers is None else states.stopped_numbers(at, among=numbers)
    dues = selectors.next_dues(numbers or [])
    return [
        {
            "lease": lease,
            "chip": lease_words.lease_chip(lease, stopped=lease.number in stopped, at=at),
            "next": dues.get(lease.number),
        }
        for lease in leases
    ]


def _when_due(item: dict[str, Any]) -> str:
    due = item["next"]
    if due and due.due_on:
        return wording.day(due.due_on)
    return wording.name_of(due.label) if due else ""


def _due_on(item: dict[str, Any]) -> Any:
    return item["next"] and item["next"].due_on


def _table() -> Table:
    columns = [
        Column(_("Ghat"), "lease.block", "name", link=to("office_lease", "lease.number")),
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
        Column("", _due_on, "late", under=True, on="page"),
    ]
    hint = _("A settlement opens by itself when an e-auction ends with a highest bidder.")
    return Table("settlements", _("Settlements"), columns, (_("No settlement here"), hint))


@page("lease.oversee")
def detail(request: HttpRequest, code: str) -> HttpResponse:
    """One settlement as the office sees it: why stopped, path, next acts, schedule, account, history (A-13, A-19)."""
    lease, at = selectors.lease_of(code, request.actor), clock.now()
    acts = PageActs(request, "lease", lease, place="path", at=at)
    if request.method == "POST" and (answer := acts.take()):
        return answer
    waiting = receipts(
        request.actor, state="paid_unverified", demand__subject_kind="lease", demand__subject_id=lease.number
    )
    context = {
        **lease_context(lease, request, at),
        **schedule_context(lease, at),
        "acts": acts,
        "history": _history(lease),
        "sees_assets": bool(lease.assets)
        and (may(request.actor, "lease.record_assets") or may(request.actor, "lease.issue_loi")),
        "waiting": waiting,
    }
    context |= summary_context(lease, context, at)
    context["record"] = record_of(request, lease, context)
    return render(request, "leases/office_lease.html", context, status=acts.status)


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
                "what": words_of(code),
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
