"""Settlements before the office: the list, and one settlement's path with the acts that its next gate allows."""

from itertools import groupby
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.events import words_of
from immis.core.selectors import history_of
from immis.leases import selectors, states
from immis.ledger.selectors import receipts
from immis.registry.selectors import users
from immis.web.leases import words as lease_words
from immis.web.leases.settlee import lease_context, schedule_context
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.exports import table_response, wanted_format
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


@page("lease.oversee")
def index(request: HttpRequest) -> HttpResponse:
    """Settlements with state and next due; filters, pages, export."""
    at = clock.now()
    form = LeaseFilter(request.GET)
    found = selectors.leases(request.actor).filter(form.query())
    if wanted := form.cleaned_data.get("state") if form.is_valid() else "":
        found = states.in_state(found, wanted, at=at)
    if wanted_format(request):
        rows = _items(found, states.stopped_numbers(at), at)
        return table_response(request, columns=_columns(), rows=rows, name="settlements")
    shown = Paginator(found, _A_PAGE).get_page(request.GET.get("page"))
    numbers = [lease.number for lease in shown]
    items = _items(shown, states.stopped_numbers(at, among=numbers), at)
    dues = selectors.next_dues(numbers)
    for item in items:
        item["next"] = dues.get(item["lease"].number)
    context = {"form": form, "page": shown, "items": items, "total": shown.paginator.count}
    return render(request, "leases/office_leases.html", context)


def _items(leases: Any, stopped: set[str], at: Any) -> list[dict[str, Any]]:
    """Settlements with their state as the list words it."""
    rows = []
    for lease in leases:
        drawn, word = lease_words.LEASES[states.state_of(lease, stopped=lease.number in stopped, at=at)]
        rows.append({"lease": lease, "drawn": drawn, "word": word})
    return rows


def _columns() -> list[tuple[str, Any]]:
    return [
        (_("Number"), "lease.number"),
        (_("Ghat"), lambda item: wording.name_of(item["lease"].block)),
        (_("Settlee"), lambda item: wording.name_of(item["lease"].party)),
        (_("Bid (₹)"), "lease.bid_rupees"),
        (_("LoI"), "lease.loi_on"),
        (_("Deed"), "lease.deed_on"),
        (_("Period to"), "lease.period_to"),
        (_("State"), lambda item: str(item["word"])),
    ]


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
        "waiting": waiting,
    }
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
