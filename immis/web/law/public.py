"""The law as this installation applies it: every figure by date with its clause, open to everybody (A-13, A-26)."""

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.rules import catalogue
from immis.rules.calendar import india_day
from immis.rules.policy import PolicyBook, PolicyEntry, PolicyError, PolicyValue, book
from immis.web.law.words import KEYS, TOPICS, UNITS, WORDS
from immis.web.shell import wording
from immis.web.shell.exports import wanted_format
from immis.web.shell.kept import kept_for_the_day
from immis.web.shell.tables import Column, table_response
from immis.web.shell.views import PUBLIC, page

STATUS = {
    "in_force": ("good", gettext_lazy("in force")),
    "proposed": ("plain", gettext_lazy("proposed, not in force")),
    "unverified": ("warn", gettext_lazy("unverified")),
}


class LawSearch(forms.Form):
    """Words to look for, and a topic."""

    q = forms.CharField(
        label=gettext_lazy("Search"), required=False, max_length=80, widget=forms.TextInput({"type": "search"})
    )
    topic = forms.ChoiceField(
        label=gettext_lazy("Topic"), required=False, choices=[("", gettext_lazy("all")), *TOPICS.items()]
    )


def figure(value: Any, unit: str = "", *, part: bool = False) -> str:
    """A value of the rule book in words: a figure with its unit, a list, or named parts."""
    if isinstance(value, bool):
        yes, no = (_("yes"), _("no")) if part else (_("applies"), _("does not apply"))
        return str(yes if value else no)
    if value is None:
        return str(_("lapsed"))
    if isinstance(value, Mapping):
        return _parts(value)
    if isinstance(value, list | tuple):
        joined = (" · " if any(isinstance(one, Mapping) for one in value) else ", ").join(
            figure(one, part=True) for one in value
        )
        return f"{joined} ({UNITS.get(unit, unit)})" if unit else joined
    if isinstance(value, str):
        return str(WORDS.get(value, value))
    if unit == "rupee":
        return wording.rupees(value)
    return f"{wording.number(value)}\u00a0{UNITS.get(unit, unit)}" if unit else wording.number(value)


def _parts(value: Mapping[Any, Any]) -> str:
    if set(value) == {"en", "hi"}:
        return wording.name_of(value)
    named = ((KEYS.get(str(key), str(key).replace("_", " ")), figure(one, part=True)) for key, one in value.items())
    return "; ".join(f"{name}: {shown}" for name, shown in named)


def _status(value: PolicyValue) -> tuple[str, str]:
    key = "in_force" if value.status == "proposed" and value.approval else value.status
    return STATUS[key]


def _row(value: PolicyValue) -> dict[str, Any]:
    chip, label = _status(value)
    scope = "; ".join(f"{KEYS.get(name, name)}: {WORDS.get(want, want)}" for name, want in value.scope)
    return {
        "from_on": value.from_on,
        "figure": figure(value.value, value.unit),
        "scope": scope,
        "cites": value.cites,
        "chip": chip,
        "status": label,
        "approval": value.approval,
    }


def _standing(entry: PolicyEntry) -> PolicyValue:
    """The value to show first: the newest in force today without scope, else the first to come."""
    today = india_day(clock.now())
    begun = [v for v in entry.values if v.active and v.from_on <= today]
    general = [v for v in begun if not v.scope] or begun
    return general[-1] if general else entry.values[0]


def _matches(entry: PolicyEntry, text: str) -> bool:
    words = _words_of(entry.code, book())
    return all(word in words for word in text.lower().split())


def _found(form: LawSearch) -> list[PolicyEntry]:
    wanted = form.cleaned_data if form.is_valid() else {}
    entries = sorted(book().entries.values(), key=lambda entry: (entry.topic, entry.code))
    topic, text = wanted.get("topic", ""), wanted.get("q", "")
    return [entry for entry in entries if topic in ("", entry.topic) and _matches(entry, text)]


def _columns() -> list[Column]:
    return [
        Column(_("Topic"), lambda v: TOPICS.get(book().entry(v.code).topic, book().entry(v.code).topic)),
        Column(_("Code"), "code"),
        Column(_("Rule"), lambda v: wording.name_of(book().entry(v.code).title)),
        Column(_("Valid from"), "from_on", "day"),
        Column(_("Value"), lambda v: figure(v.value, v.unit)),
        Column(_("Applies to"), lambda v: _row(v)["scope"]),
        Column(_("Status"), lambda v: _row(v)["status"]),
        Column(_("Clause"), lambda v: wording.citation(v.cites)),
    ]


@lru_cache(4096)
def _row_html(code: str, language: str, day: date, of_book: PolicyBook) -> SafeString:
    """One rule as a row of the table, made once a day: with all rules they take a quarter of a second."""
    entry = book().entry(code)
    return render_to_string("law/_law_row.html", {"one": {"entry": entry, "now": _row(_standing(entry))}})


@lru_cache(4096)
def _words_of(code: str, of_book: PolicyBook) -> str:
    entry = book().entry(code)
    said = [entry.code, *entry.title.values(), *entry.message.values(), *entry.note.values(), *entry.implements]
    return " ".join(said + [value.cites for value in entry.values]).lower()


@page(PUBLIC)
@kept_for_the_day("q", "topic", "format")
def law(request: HttpRequest) -> HttpResponse:
    """Every rule and rate by topic with the value that applies today and its clause (A-13)."""
    form = LawSearch(request.GET)
    found = _found(form)
    if wanted_format(request):
        rows = [value for entry in found for value in entry.values]
        return table_response(request, columns=_columns(), rows=rows, name="rules")
    topics: dict[str, list[SafeString]] = {}
    made_for = (wording.lang(), india_day(clock.now()), book())
    for entry in found:
        topics.setdefault(entry.topic, []).append(_row_html(entry.code, *made_for))
    shown = [(TOPICS.get(topic, topic), rows) for topic, rows in topics.items()]
    return render(request, "law/law.html", {"form": form, "topics": shown, "count": len(found)})


@page(PUBLIC)
@kept_for_the_day()
def law_code(request: HttpRequest, code: str) -> HttpResponse:
    """One rule: its message, every value by date with status and clause, and what it implements (A-13)."""
    try:
        entry = book().entry(code)
    except PolicyError as error:
        raise Http404(str(error)) from error
    catalogue.load_all()
    one = catalogue.RULES.get(code) or catalogue.TRIGGERS.get(code)
    kind = "rule" if code in catalogue.RULES else "trigger" if code in catalogue.TRIGGERS else ""
    message = re.sub(r"\{\w+\}", "…", entry.message.get(wording.lang(), ""))
    context = {
        "entry": entry,
        "topic": TOPICS.get(entry.topic, entry.topic),
        "values": [_row(value) for value in reversed(entry.values)],
        "message": message,
        "kind": kind,
        "occasion": one.on if one else "",
        "reading": one.clause if one else "",
    }
    return render(request, "law/law_code.html", context)
