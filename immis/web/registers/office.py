"""The lists, forms and entries of declared registers, for every post that has an act in one."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import select_template
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.errors import NotFound
from immis.registers import selectors
from immis.registers.clocks import running
from immis.registers.declaration import Act, Register
from immis.registers.periodic import measures
from immis.registers.periodic.duties import counted
from immis.registers.periodic.periods import period_before, period_of
from immis.registers.services import Given, Unfit, acts_now, do_act
from immis.registry.selectors import offices_with_post, users
from immis.rules.calendar import india_day
from immis.web.registers import words
from immis.web.registers.forms import ActForm
from immis.web.registers.more import more_about
from immis.web.shell import wording
from immis.web.shell.exports import wanted_format
from immis.web.shell.fields import DayField
from immis.web.shell.tables import ListPage, list_response
from immis.web.shell.uploads import paper_response
from immis.web.shell.views import page

_A_PAGE = 50
_ON_A_MAP = 2_000
NOTHING_PRESET: Mapping[str, Any] = {}


class Finder(forms.Form):
    """What of a list is wanted."""

    q = forms.CharField(
        label=gettext_lazy("Search"), required=False, max_length=100, widget=forms.TextInput({"type": "search"})
    )
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)

    def __init__(self, *args: Any, register: Register, viewer: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.register, self.address = register, reverse("register", args=[register.name])
        self.fields["state"].choices = _states(register)
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
                    self.fields[f"{field.name}_{bound}"] = DayField(label=title % {"field": label}, required=False)

    def find(self) -> selectors.Find:
        """The form as a selector takes it; what it cannot read is not asked."""
        sent = self.cleaned_data if self.is_valid() else {}
        fields = {name: str(value) for name, value in sent.items() if value and name not in ("q", "state")}
        state = sent.get("state") or ("unended" if self.register.shows == "open" else "all")
        return selectors.Find(state=state, at=clock.now(), text=sent.get("q", ""), fields=fields)


def _states(register: Register) -> list[tuple[str, str]]:
    states = [(state.name, wording.name_of(state.title)) for state in register.states.values()]
    overdue = [("overdue", _("overdue"))] if register.falls_due else []
    if register.shows == "open":
        return [("", _("not closed")), *overdue, *states, ("all", _("all"))]
    return [("", _("all")), *overdue, *states]


@page("register.list")
def index(request: HttpRequest) -> HttpResponse:
    """The registers in which the reader's post has an act, each with how many entries are open."""
    known = selectors.registers_of(request.actor, today())
    rows = [
        {
            "register": register,
            "title": wording.name_of(register.title),
            "open": selectors.count_of(selectors.entries(request.actor, register, selectors.Find(state="unended"))),
        }
        for register in known
    ]
    return render(request, "registers/index.html", {"rows": rows})


@page("register.list")
def entries(request: HttpRequest, name: str) -> HttpResponse:
    """One register: its entries with filter, search and export, and the acts that make a new one."""
    register = _register(request, name)
    form = Finder(request.GET or {}, register=register, viewer=request.actor)
    rows = selectors.entries(request.actor, register, form.find())
    if request.GET.get("format") == "geojson":
        features = words.features(request.actor, register, rows[:_ON_A_MAP])
        return JsonResponse({"type": "FeatureCollection", "features": features}, content_type="application/geo+json")
    more = {
        "map_url": _map_url(request) if words.places(request.actor, register) else "",
        "register": register,
        "crumb_name": wording.name_of(register.title),
        "most": selectors.MOST_COUNTED,
        "acts": [_act_words(act) for act in register.beginning if request.actor.role in act.who],
        "has_duties": bool(register.duties) and request.actor.party_id is None,
        "figures": list(register.reports.values()) or list(register.rankings.values()),
    }
    shown = rows if wanted_format(request) else rows[: selectors.MOST_COUNTED]
    return list_response(
        request, words.table(request.actor, register), shown,
        ListPage(form=form, template=_template(register, "list"), more=more),
    )  # fmt: skip


def _map_url(request: HttpRequest) -> str:
    """What the list shows, as the map reads it: by the same filter."""
    asked = request.GET.copy()
    asked["format"] = "geojson"
    return f"{request.path}?{asked.urlencode()}"


def _template(register: Register, kind: str) -> str:
    """The template of a register's page: its own where its noun has one, else that of all."""
    chosen: Any = select_template([f"registers/{register.name}/{kind}.html", f"registers/{kind}.html"])
    return str(chosen.template.name)


def today() -> date:
    """The day in India by which a register's version is chosen."""
    return india_day(clock.now())


def _register(request: HttpRequest, name: str) -> Register:
    return selectors.register_of(name, request.actor, today())


def _act_words(act: Act) -> dict[str, Any]:
    return {"name": act.name, "title": wording.name_of(act.title), "confirm": act.confirm}


@page("register.list")
def new(request: HttpRequest, name: str, act: str, preset: Mapping[str, Any] | None = None) -> HttpResponse:
    """The form of an act that makes an entry; what is ``preset`` it does not ask."""
    register = _register(request, name)
    declared = register.acts.get(act)
    if declared is None or declared.start or request.actor.role not in declared.who:
        raise NotFound(f"act {act}")
    return _form(request, register, declared, None, preset or {})


@page("register.list")
def change(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """The form of an act on an entry."""
    entry, register = selectors.entry_of(number, request.actor)
    declared = register.acts.get(act)
    if declared is None or not declared.start:
        raise NotFound(f"act {act}")
    return _form(request, register, declared, entry)


def _form(
    request: HttpRequest, register: Register, act: Act, entry: Any, preset: Mapping[str, Any] = NOTHING_PRESET
) -> HttpResponse:
    about = {"register": register, "act": act, "viewer": request.actor, "entry": entry, "preset": preset}
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
        "draft": f"{request.actor.user_id}:{request.path}",
    }  # fmt: skip
    return render(request, "registers/form.html", context, status=status)


@page("register.list")
def entry(request: HttpRequest, number: str) -> HttpResponse:
    """One entry: what stands in it, its clocks, what may be done now, what was done."""
    row, register = selectors.entry_of(number, request.actor)
    acts = list(selectors.acts_of(row))
    people = {user.pk: wording.name_of(user) for user in users(pk__in=[act.by for act in acts if act.by])}
    context = {
        **more_about(request, row),
        "entry": row,
        "register": register,
        "title": wording.name_of(register.entry),
        "crumb_name": row.number,
        "register_title": wording.name_of(register.title),
        "chip": words.state_chip(row),
        "rows": words.rows_of(request.actor, row, register),
        "clocks": [
            {"title": wording.name_of(known.title), "over_at": over_at, "due": due, "cites": known.cites,
             "late": over_at is not None and over_at <= clock.now(), "exact": known.unit == "whole_day"}
            for known, over_at, due in running(row, register)
        ],
        "acts": [_act_words(act) for act in acts_now(register, row, request.actor)],
        "history": [
            {"at": act.at, "who": people.get(act.by or 0, ""), "reason": act.reason,
             "title": wording.name_of(register.acts[act.act].title) if act.act in register.acts else act.act}
            for act in reversed(acts)
        ],
    }  # fmt: skip
    return render(request, _template(register, "entry"), context)


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
    register = _register(request, name)
    if request.actor.party_id is not None:
        raise NotFound("figures")
    first, last = _span(request)
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


def _span(request: HttpRequest) -> tuple[date, date]:
    """The month of ``?month=2026-06``, else this one."""
    text = request.GET.get("month", "")
    try:
        day = date.fromisoformat(f"{text}-01") if text else today()
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
