"""The settlee's settlements: what is due, what is stopped and why, path, schedule and account (E-174, A-11)."""

from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.errors import NotFound
from immis.core.grants import may
from immis.leases import selectors
from immis.leases.accepted import accepted_clauses
from immis.leases.deeds import deed_of, work_order_of
from immis.leases.letters import loi_of
from immis.leases.life import deposits_of
from immis.leases.path import path_of
from immis.leases.statements import statement_pdf
from immis.ledger.selectors import credit_on, dues_of, open_demands
from immis.registers.selectors import Find, entries, register_of
from immis.rules.calendar import india_day
from immis.web.leases import words as lease_words
from immis.web.leases.record import record_of, summary_context
from immis.web.ledger import words as ledger_words
from immis.web.ledger.office_registers import register_context
from immis.web.registers.office import new
from immis.web.registers.words import state_chip
from immis.web.shell.fields import DayField
from immis.web.shell.views import page

_MOST_CLAIMS = 20


class DeedDay(forms.Form):
    """What if the deed were signed on this day."""

    deed_on = DayField(label=gettext_lazy("Deed executed on"), required=True)

    def clean_deed_on(self) -> date:
        day: date = self.cleaned_data["deed_on"]
        if not 2026 <= day.year <= 2100:
            raise forms.ValidationError(gettext_lazy("Give a day between 2026 and 2100."))
        return day


@page("lease.own")
def home(request: HttpRequest) -> HttpResponse:
    """My settlements as cards, the stopped ones first: state, next due, and why challans are stopped."""
    at = clock.now()
    cards = [_card(lease, request, at) for lease in selectors.leases(request.actor)]
    cards.sort(key=lambda card: (not card["stopped"], not card["challans"]))
    others = open_demands(request.actor).exclude(subject_kind="lease")
    return render(request, "leases/settlee_home.html", {"cards": cards, "others": _dues(others, at)})


def _card(lease: Any, request: HttpRequest, at: Any) -> dict[str, Any]:
    holds = selectors.standing_holds(lease, at)
    stopped = any(hold.rule_code == "HLD-01" for hold in holds)
    state = lease_words.lease_chip(lease, stopped=stopped, at=at)
    steps = path_of(lease, at)
    return {
        "lease": lease,
        "stopped": stopped,
        "state": state,
        "reasons": lease_words.reason_cards(lease, [h for h in holds if h.rule_code != "HLD-02"], viewer=request.actor),
        "next": next(iter(_dues([d for d in [selectors.next_due(lease, at)] if d], at)), None),
        "step": next(iter(lease_words.path_steps([s for s in steps if s.state in ("now", "late")])), None),
        "challans": bool(lease.permitted_at and not holds),
    }


def _dues(demands: Any, at: Any) -> list[dict[str, Any]]:
    """Demands with the chip of their state."""
    rows = []
    for demand in demands:
        state, word = ledger_words.due_chip(demand, at=at)
        code = demand.cites[0]["code"] if demand.cites else ""
        rows.append({"demand": demand, "state": state, "word": word, "code": code})
    return rows


@page("lease.own")
def detail(request: HttpRequest, code: str) -> HttpResponse:
    """One settlement: reasons, path, schedule drawn, dues to pay, account, and a try-out of the deed's day."""
    lease, at = selectors.lease_of(code, request.actor), clock.now()
    owed = dues_of(subject=("lease", lease.number))
    trial = DeedDay(request.GET) if "deed_on" in request.GET else DeedDay(initial={"deed_on": india_day(at)})
    planned = []
    if trial.is_bound and trial.is_valid():
        planned = selectors.planned_rows(lease, deed_on=trial.cleaned_data["deed_on"], at=at)
    context = {
        **lease_context(lease, request, at),
        **schedule_context(lease, at, payer=True),
        "dues": _dues([d for d in owed if selectors.due_state(d, at=at) != "upcoming"], at),
        "trial": trial,
        "planned": lease_words.schedule_rows([row for row in planned if row.year <= 2]),
        "may_claim": may(request.actor, "loss_claim.make"),
    }
    context |= summary_context(lease, context, at)
    context["record"] = record_of(request, lease, context)
    return render(request, "leases/settlee_lease.html", context)


def lease_context(lease: Any, request: HttpRequest, at: Any) -> dict[str, Any]:
    """What the settlee's and the office's page of a settlement both show."""
    holds = selectors.standing_holds(lease, at)
    stopped = any(hold.rule_code == "HLD-01" for hold in holds)
    steps = path_of(lease, at)
    cut = [s.key for s in steps].index("loi") + 1
    return {
        "lease": lease,
        "by_deed": lease_words.by_deed(lease, at),
        "state": lease_words.lease_chip(lease, stopped=stopped, at=at),
        "reasons": lease_words.reason_cards(lease, holds, viewer=request.actor, gates=steps),
        "to_loi": lease_words.path_steps(steps[:cut]),
        "to_mining": lease_words.path_steps(steps[cut:]),
        "lines": lease_words.statement_lines(selectors.statement_of(lease, at=at), viewer=request.actor),
        **register_context(lease),
        "accepted": accepted_clauses(lease),
        "claims": _claims(request, lease),
        "permitted_m3": selectors.permitted_quantity(lease),
        "spells": lease_words.spell_rows(lease),
        "print_url": reverse("lease_statement", args=[lease.number]),
        "today": india_day(at),
    }


def _claims(request: HttpRequest, lease: Any) -> list[dict[str, Any]]:
    """The claims for loss on a settlement that this reader sees, newest first."""
    try:
        register = register_of("loss_claims", request.actor, india_day(clock.now()))
    except NotFound:
        return []
    rows = entries(request.actor, register, Find(fields={"lease": lease.number}))
    return [{"entry": row, "chip": state_chip(row)} for row in rows[:_MOST_CLAIMS]]


def schedule_context(lease: Any, at: Any, *, payer: bool = False) -> dict[str, Any]:
    """The schedule of the near years, and of the later ones to unfold."""
    near, far = lease_words.near_and_far(selectors.schedule_of(lease, at), today=india_day(at))
    return {
        "schedule": lease_words.schedule_rows(near, payer=payer),
        "later": lease_words.schedule_rows(far, payer=payer),
    }


@page("loss_claim.make")
def claim_loss(request: HttpRequest, code: str) -> HttpResponse:
    """Claim a loss on a settlement: the register's own form, with the settlement filled in."""
    lease = selectors.lease_of(code, request.actor)
    return new(request, "loss_claims", "claim", {"lease": lease.number})


@page("lease.read")
def statement(request: HttpRequest, code: str) -> HttpResponse:
    """The account of a settlement for printing: number, day and office on A4."""
    lease, at = selectors.lease_of(code, request.actor), clock.now()
    lines = lease_words.statement_lines(selectors.statement_of(lease, at=at), viewer=request.actor)
    held = {"security_paise": deposits_of(lease)["security"], "credit_paise": credit_on(("lease", lease.number))}
    return render(request, "leases/statement.html", {"lease": lease, "lines": lines, "at": at, **held})


@page("lease.read")
def statement_paper(request: HttpRequest, code: str) -> HttpResponse:
    """The same account as a PDF in both languages."""
    lease = selectors.lease_of(code, request.actor)
    return _paper(statement_pdf(lease, at=clock.now()), f"statement-{lease.number}")


@page("lease.read")
def letter(request: HttpRequest, code: str) -> HttpResponse:
    """The letter of intent as a PDF (E-079)."""
    lease = selectors.lease_of(code, request.actor)
    return _paper(loi_of(lease), f"LoI-{lease.number}")


@page("lease.read")
def deed(request: HttpRequest, code: str) -> HttpResponse:
    """The deed as a PDF, a draft until it is executed (E-095)."""
    lease = selectors.lease_of(code, request.actor)
    return _paper(deed_of(lease), f"deed-{lease.number}")


@page("lease.read")
def work_order(request: HttpRequest, code: str) -> HttpResponse:
    """The work order as a PDF (E-076)."""
    lease = selectors.lease_of(code, request.actor)
    return _paper(work_order_of(lease), f"work-order-{lease.number}")


def _paper(pdf: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"'}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)
