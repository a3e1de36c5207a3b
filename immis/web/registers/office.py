"""The lists, forms and entries of declared registers, for every post that has an act in one."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.errors import NotFound
from immis.registers import measures, selectors
from immis.registers.clocks import running
from immis.registers.declaration import Act, Register
from immis.registers.duties import counted
from immis.registers.periods import period_before, period_of
from immis.registers.services import Given, Unfit, acts_now, do_act
from immis.registry.selectors import offices_with_post, users
from immis.rules.calendar import india_day
from immis.web.registers import words
from immis.web.registers.forms import ActForm
from immis.web.shell import wording
from immis.web.shell.exports import wanted_format
from immis.web.shell.tables import Column, table_response
from immis.web.shell.uploads import paper_response
from immis.web.shell.views import page

_A_PAGE = 50


class Finder(forms.Form):
    """What of a list is wanted."""

    q = forms.CharField(
        label=gettext_lazy("Search"), required=False, max_length=100, widget=forms.TextInput({"type": "search"})
    )
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)

    def __init__(self, *args: Any, register: Register, viewer: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        states = [(state.name, wording.name_of(state.title)) for state in register.states.values()]
        self.fields["state"].choices = [("", _("all")), *states]
        for field in register.fields.values():
            if not field.find or not selectors.may_read(viewer, field):
                continue
            label = wording.name_of(field.title)
            if field.type == "choice":
                choices = [(name, wording.name_of(each)) for name, each in (field.choices or {}).items()]
                self.fields[field.name] = forms.ChoiceField(
                    label=label, required=False, choices=[("", _("all")), *choices]
                )
            elif field.type in ("day", "instant"):
                for bound, title in (("from", _("%(field)s from")), ("to", _("%(field)s until"))):
                    self.fields[f"{field.name}_{bound}"] = forms.DateField(
                        label=title % {"field": label}, required=False, widget=forms.DateInput({"type": "date"})
                    )

    def find(self) -> selectors.Find:
        """The form as a selector takes it."""
        sent = self.cleaned_data
        fields = {name: str(value) for name, value in sent.items() if value and name not in ("q", "state")}
        return selectors.Find(state=sent["state"], text=sent["q"], fields=fields)


@page("register.list")
def index(request: HttpRequest) -> HttpResponse:
    """The registers in which the reader's post has an act, each with how many entries are open."""
    known = selectors.registers_of(request.actor, india_day(clock.now()))
    rows = [
        {
            "register": register,
            "title": wording.name_of(register.title),
            "open": selectors.count_of(
                selectors.entries(request.actor, register).exclude(
                    state__in=[state.name for state in register.states.values() if state.ends]
                )
            ),
        }
        for register in known
    ]
    return render(request, "registers/index.html", {"rows": rows})


@page("register.list")
def entries(request: HttpRequest, name: str) -> HttpResponse:
    """One register: its entries with filter, search and export, and the acts that make a new one."""
    register = _register(request, name)
    form = Finder(request.GET or {}, register=register, viewer=request.actor)
    find = form.find() if form.is_valid() else selectors.Find()
    rows = selectors.entries(request.actor, register, find)
    columns = [field for field in register.listed if selectors.may_read(request.actor, field)]
    if wanted_format(request):
        return table_response(request, columns=_exported(request, register), rows=rows, name=register.name)
    count, more = selectors.count_of(rows)
    shown = Paginator(rows[: selectors.MOST_COUNTED], _A_PAGE).get_page(request.GET.get("page"))
    context = {
        "register": register,
        "title": wording.name_of(register.title),
        "form": form,
        "heads": [wording.name_of(field.title) for field in columns],
        "rows": [_row(request, entry, register, columns) for entry in shown],
        "page": shown,
        "count": count,
        "more": more,
        "acts": [_act_words(act) for act in register.beginning if request.actor.role in act.who],
        "has_duties": bool(register.duties) and request.actor.party_id is None,
        "figures": list(register.reports.values()) or list(register.rankings.values()),
    }
    return render(request, "registers/list.html", context)


def _register(request: HttpRequest, name: str) -> Register:
    return selectors.register_of(name, request.actor, india_day(clock.now()))


def _act_words(act: Act) -> dict[str, Any]:
    return {"name": act.name, "title": wording.name_of(act.title), "confirm": act.confirm}


def _row(request: HttpRequest, entry: Any, register: Register, columns: list[Any]) -> dict[str, Any]:
    own = selectors.version_of(entry)
    state = own.states[entry.state]
    return {
        "entry": entry,
        "cells": [(wording.name_of(field.title), words.cell(request.actor, entry, own, field)) for field in columns],
        "drawn": state.drawn,
        "state": wording.name_of(state.title),
    }


def _exported(request: HttpRequest, register: Register) -> list[Column]:
    """Every field that the reader may see, by the same filter as the pages."""
    fields = [field for field in register.fields.values() if field.type not in ("table", "photo", "file")]
    own = [
        Column(
            wording.name_of(field.title),
            lambda entry, field=field: words.cell(request.actor, entry, selectors.version_of(entry), field),
        )
        for field in fields
    ]
    state = Column(_("State"), lambda entry: wording.name_of(selectors.version_of(entry).states[entry.state].title))
    return [Column(_("Number"), "number"), state, Column(_("Entered at"), "entered_at", "at"), *own]


@page("register.list")
def new(request: HttpRequest, name: str, act: str) -> HttpResponse:
    """The form of an act that makes an entry."""
    register = _register(request, name)
    declared = register.acts.get(act)
    if declared is None or declared.start or request.actor.role not in declared.who:
        raise NotFound(f"act {act}")
    return _form(request, register, declared, None)


@page("register.list")
def change(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """The form of an act on an entry."""
    entry, register = selectors.entry_of(number, request.actor)
    declared = register.acts.get(act)
    if declared is None or not declared.start:
        raise NotFound(f"act {act}")
    return _form(request, register, declared, entry)


def _form(request: HttpRequest, register: Register, act: Act, entry: Any) -> HttpResponse:
    about = {"register": register, "act": act, "viewer": request.actor, "entry": entry}
    form, status = ActForm(request.POST or None, request.FILES or None, **about), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            sent = form.cleaned_data
            given = Given(form.given(), sent.get("act_revision"), sent.get("act_reason", ""))
            try:
                done = do_act(register=register, act=act, given=given, by=request.actor, at=clock.now(), entry=entry)
            except Unfit as unfit:
                form.take(unfit)
            else:
                messages.success(request, f"{wording.name_of(act.title)}: {done.number}")
                return redirect("entry", done.number)
    context = {
        "form": form, "register": register, "title": wording.name_of(act.title), "entry": entry,
        "register_title": wording.name_of(register.title), "confirm": act.confirm,
    }  # fmt: skip
    return render(request, "registers/form.html", context, status=status)


@page("register.list")
def entry(request: HttpRequest, number: str) -> HttpResponse:
    """One entry: what stands in it, its clocks, what may be done now, what was done."""
    row, register = selectors.entry_of(number, request.actor)
    state = register.states[row.state]
    acts = list(selectors.acts_of(row))
    people = {user.pk: wording.name_of(user) for user in users(pk__in=[act.by for act in acts if act.by])}
    context = {
        "entry": row,
        "register": register,
        "title": wording.name_of(register.entry),
        "register_title": wording.name_of(register.title),
        "drawn": state.drawn,
        "state": wording.name_of(state.title),
        "rows": words.rows_of(request.actor, row, register),
        "clocks": [
            {"title": wording.name_of(known.title), "over_at": over_at, "due": due, "cites": known.cites,
             "late": over_at is not None and over_at <= clock.now()}
            for known, over_at, due in running(row, register)
        ],
        "acts": [_act_words(act) for act in acts_now(register, row, request.actor)],
        "history": [
            {"at": act.at, "who": people.get(act.by or 0, ""), "reason": act.reason,
             "title": wording.name_of(register.acts[act.act].title) if act.act in register.acts else act.act}
            for act in reversed(acts)
        ],
    }  # fmt: skip
    return render(request, "registers/entry.html", context)


@page("register.list")
def file(request: HttpRequest, number: str, field: str) -> FileResponse:
    """A file or photo of an entry, for who may see that field."""
    row, register = selectors.entry_of(number, request.actor)
    kept = selectors.shown_values(request.actor, row, register).get(field)
    if not isinstance(kept, dict) or "sha256" not in kept:
        raise NotFound(f"file {field}")
    return paper_response(kept["sha256"], f"{number}-{field}")


@page("register.list")
def duties(request: HttpRequest, name: str) -> HttpResponse:
    """What offices owe in each period and what of it counted; each figure opens to its entries."""
    register = _register(request, name)
    if request.actor.party_id is not None:
        raise NotFound("duties")
    shown = Paginator(selectors.duties(request.actor, register), _A_PAGE).get_page(request.GET.get("page"))
    rows = []
    for period in shown:
        duty = register.duties.get(period.duty)
        if duty is None:
            continue
        result = counted(duty, period.office, register, period.first_on, period.last_on)
        rows.append({"period": period, "title": wording.name_of(duty.title), "counts": result, "cites": duty.cites})
    context = {"register": register, "title": wording.name_of(register.title), "rows": rows, "page": shown}
    return render(request, "registers/duties.html", context)


@page("register.list")
def figures(request: HttpRequest, name: str) -> HttpResponse:
    """The reports and rankings of a register over a period; each figure opens to its entries."""
    register, today = _register(request, name), india_day(clock.now())
    if request.actor.party_id is not None:
        raise NotFound("figures")
    first, last = _span(request, today)
    reports = [
        {
            "title": wording.name_of(report.title),
            "measure": wording.name_of(register.measures[report.measure].title),
            "rows": _report_rows(register, report, request, first, last),
            "drawn": report.drawn,
        }
        for report in register.reports.values()
    ]
    rankings = [
        {
            "title": wording.name_of(ranking.title),
            "cites": ranking.cites,
            "heads": [wording.name_of(register.measures[each].title) for each in ranking.weights],
            "places": [
                (
                    place,
                    [(wording.name_of(register.measures[each].title), place.figures[each]) for each in ranking.weights],
                )
                for place in measures.ranked(
                    register, ranking, first=first, last=last, offices=_ranked_offices(register)
                )
            ],
        }
        for ranking in register.rankings.values()
        if request.actor.statewide
    ]
    before = period_before(first, "month")
    context = {
        "register": register, "title": wording.name_of(register.title), "reports": reports, "rankings": rankings,
        "first": first, "last": last, "before": before[0],
    }  # fmt: skip
    return render(request, "registers/figures.html", context)


def _span(request: HttpRequest, today: date) -> tuple[date, date]:
    """The month of ``?month=2026-06``, else this one."""
    text = request.GET.get("month", "")
    try:
        day = date.fromisoformat(f"{text}-01") if text else today
    except ValueError as error:
        raise BadRequest("no month") from error
    return period_of(day, "month")


def _ranked_offices(register: Register) -> list[Any]:
    makers = {post for act in register.beginning for post in act.who}
    offices = {office.pk: office for post in sorted(makers) for office in offices_with_post(post)}
    return list(offices.values())


def _report_rows(register: Register, report: Any, request: HttpRequest, first: date, last: date) -> list[Any]:
    rows = measures.report(register, report, request.actor, first=first, last=last)
    most = max((figure.value or 0 for _, figure in rows), default=0)
    field = register.fields.get(report.by)
    return [
        {
            "name": words.shown(field, group) if field and group and field.type in ("choice", "reference") else group,
            "value": figure.value,
            "width": round(100 * (figure.value or 0) / most) if most else 0,
            "entries": figure.numbers[:200],
        }
        for group, figure in rows
    ]
