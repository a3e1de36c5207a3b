"""The law as this installation applies it: every figure by date with its clause, open to everybody (A-13, A-26).

The first page lists the topics and looks for words in all of them; each topic is a page, and each code.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.rules import catalogue
from immis.rules.calendar import india_day
from immis.rules.districts import CODES, district_name
from immis.rules.policy import PolicyBook, PolicyEntry, PolicyError, PolicyValue, book
from immis.rules.posts import chart
from immis.rules.writing.numbers import cited_in_hindi
from immis.rules.writing.texts import texts
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
    """Words to look for."""

    q = forms.CharField(
        label=gettext_lazy("Search the rules"),
        required=False,
        max_length=80,
        widget=forms.TextInput({"type": "search", "placeholder": "HLD-01"}),
    )

    @property
    def words(self) -> str:
        return str(self.cleaned_data["q"]) if self.is_valid() else ""


def topic_name(topic: str) -> str:
    """A topic of the rule book in the reader's language."""
    return wording.name_of(book().topics[topic])


def _unit(unit: str) -> str:
    return wording.name_of(book().units[unit])


#: Where the words of a part of a value (``keys``) and of a setting in it (``words``) stand, by noun.
_WORDED = {
    "keys": ("law/keys", "registry/party_kinds", "law/rivers"),
    "words": ("law/words", "registry/party_kinds", "law/rivers"),
}


def _worded(table: str, key: str) -> str:
    """A part of a value or a setting in it as the pages word it; a district by its name; else as it stands."""
    known = next((words[key] for words in map(texts, _WORDED[table]) if key in words), None)
    if known is None and key in chart().grants:
        known = chart().grants[key].title
    return wording.name_of(known) if known else district_name(key, wording.lang()) if key in CODES else key


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
        joined = (" · " if any(isinstance(row, Mapping) for row in value) else ", ").join(
            figure(row, part=True) for row in value
        )
        return f"{joined} ({_unit(unit)})" if unit else joined
    if isinstance(value, str):
        return _worded("words", value)
    if unit == "rupee":
        return wording.rupees(value)
    return f"{wording.number(value)}\u00a0{_unit(unit)}" if unit else wording.number(value)


def _parts(value: Mapping[Any, Any]) -> str:
    if set(value) == {"en", "hi"}:
        return wording.name_of(value)
    named = ((_worded("keys", str(key)).replace("_", " "), figure(row, part=True)) for key, row in value.items())
    return "; ".join(f"{name}: {shown}" for name, shown in named)


def _status(value: PolicyValue) -> tuple[str, str]:
    key = "in_force" if value.status == "proposed" and value.approval else value.status
    return STATUS[key]


def _row(value: PolicyValue) -> dict[str, Any]:
    chip, label = _status(value)
    scope = "; ".join(f"{_worded('keys', name)}: {_worded('words', want)}" for name, want in value.scope)
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


def _found(text: str, topic: str = "") -> list[PolicyEntry]:
    """The rules that bear all of the words, in the order of the topics; the one whose code was asked for first."""
    order = {name: place for place, name in enumerate(book().topics)}
    entries = sorted(book().entries.values(), key=lambda entry: (order[entry.topic], entry.code))
    wanted = text.lower().split()
    results = [
        entry
        for entry in entries
        if topic in ("", entry.topic) and all(word in _words_of(entry.code, book()) for word in wanted)
    ]
    return sorted(results, key=lambda entry: entry.code.lower() != text.strip().lower())


def _columns() -> list[Column]:
    return [
        Column(_("Topic"), lambda v: topic_name(book().entry(v.code).topic)),
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
    tables = (
        of_book.topics[entry.topic],
        entry.title,
        entry.message,
        entry.note,
        entry.lifts,
        entry.sms,
        *entry.words.values(),
    )
    both = [words for table in tables for words in table.values()]
    cites = [cited for v in entry.values for cited in (v.cites, cited_in_hindi(v.cites))]
    return " ".join([entry.code, *both, *entry.implements, *cites]).lower()


def _rows(found: Sequence[PolicyEntry]) -> list[SafeString]:
    made_for = (wording.lang(), india_day(clock.now()), book())
    return [_row_html(entry.code, *made_for) for entry in found]


def _exported(request: HttpRequest, found: Sequence[PolicyEntry], name: str) -> HttpResponse:
    values = [value for entry in found for value in entry.values]
    return table_response(request, columns=_columns(), rows=values, name=name)


@page(PUBLIC)
@kept_for_the_day("q", "topic", "format")
def law(request: HttpRequest) -> HttpResponse:
    """The topics of the rule book, and the rules in which given words stand (A-13)."""
    form, topic = LawSearch(request.GET), request.GET.get("topic", "")
    if wanted_format(request):
        return _exported(request, _found(form.words, topic), "rules")
    if topic in book().topics:  # how a topic was asked for when all stood on one page
        rest = urlencode({"q": form.words}) if form.words else ""
        return redirect(f"{reverse('law_topic', args=[topic])}{'?' if rest else ''}{rest}")
    counts = Counter(entry.topic for entry in book().entries.values())
    result = _found(form.words) if form.words else []
    by_topic: dict[str, list[PolicyEntry]] = {}
    for entry in result:
        by_topic.setdefault(entry.topic, []).append(entry)
    context = {
        "form": form,
        "asked": form.words,
        "count": len(result),
        "found": [(name, topic_name(name), _rows(entries)) for name, entries in by_topic.items()],
        "topics": [(name, topic_name(name), counts[name]) for name in book().topics if counts[name]],
    }
    return render(request, "law/law.html", context)


@page(PUBLIC)
@kept_for_the_day("q", "format")
def law_topic(request: HttpRequest, topic: str) -> HttpResponse:
    """The rules of one topic with the value that applies today and its clause (A-13)."""
    if topic not in book().topics:
        raise Http404(f"no topic {topic}")
    form = LawSearch(request.GET)
    result = _found(form.words, topic)
    if wanted_format(request):
        return _exported(request, result, f"rules-{topic}")
    title = topic_name(topic)
    context = {"form": form, "title": title, "asked": form.words, "found": result, "rows": _rows(result)}
    return render(request, "law/law_topic.html", {**context, "crumb_name": title})


@page(PUBLIC)
@kept_for_the_day()
def law_code(request: HttpRequest, code: str) -> HttpResponse:
    """One rule: its message, every value by date with status and clause, and what it implements (A-13)."""
    try:
        entry = book().entry(code)
    except PolicyError as error:
        raise Http404(str(error)) from error
    catalogue.load_all()
    row = catalogue.RULES.get(code) or catalogue.TRIGGERS.get(code)
    kind = "rule" if code in catalogue.RULES else "trigger" if code in catalogue.TRIGGERS else ""
    message = re.sub(r"\{\w+\}", "…", entry.message.get(wording.lang(), ""))
    context = {
        "entry": entry,
        "topic": topic_name(entry.topic),
        "values": [_row(value) for value in reversed(entry.values)],
        "message": message,
        "kind": kind,
        "note": wording.note_of(entry),
        "occasion": row.on if row else "",
        "reading": row.clause if row else "",
    }
    return render(request, "law/law_code.html", context)
