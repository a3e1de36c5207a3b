"""The page of search: records by kind with their state, acts, pages, rules; and what is proposed as one types."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.access.permissions import Actor
from immis.rules.search.words import MOST_LETTERS, Wanted, wanted
from immis.search.selectors import Hit, hits
from immis.search.services import note_lookup
from immis.web.search.faces import FACES
from immis.web.search.places import kept_places, places
from immis.web.shell import wording
from immis.web.shell.views import PUBLIC, page

_OF_A_KIND, _OF_ONE_KIND = 5, 50
_PROPOSED, _PROPOSED_OF_A_KIND = 8, 3
_PLACES = {
    "filter": gettext_lazy("My filters"),
    "act": gettext_lazy("What you may do"),
    "page": gettext_lazy("Pages"),
    "rule": gettext_lazy("Rules and clauses"),
}


class SearchForm(forms.Form):
    """What is looked for, and of which kind."""

    q = forms.CharField(required=False, max_length=MOST_LETTERS)
    kind = forms.ChoiceField(required=False, choices=[(kind, kind) for kind in (*FACES, *_PLACES)])


@dataclass(frozen=True)
class Line:
    """One result as it is drawn."""

    kind: str
    title: str
    about: str
    url: str
    chip: tuple[str, Any] | None = None
    rank: int = 2


@dataclass(frozen=True)
class Group:
    """The results of one kind; ``more`` leads to all of them."""

    label: Any
    lines: list[Line]
    more: str = ""


@page(PUBLIC)
def search(request: HttpRequest) -> HttpResponse:
    """Everything that a typed text may mean and that the reader may see, by kind."""
    form = SearchForm(request.GET)
    asked, kind = _asked(form)
    lines = _lines(request.actor, asked, kind=kind, most=_OF_ONE_KIND if kind else _OF_A_KIND) if asked else []
    context = {
        "q": asked.text,
        "asked": bool(asked),
        "too_long": "q" in form.errors,
        "letters": MOST_LETTERS,
        "groups": _groups(asked, lines, kind),
        "kind": kind,
    }
    return render(request, "search/results.html", context, status=400 if form.errors else 200)


@page(PUBLIC)
def suggestions(request: HttpRequest) -> HttpResponse:
    """What is proposed as somebody types: the records, acts and pages that fit best."""
    asked, _kind = _asked(SearchForm(request.GET))
    lines = _lines(request.actor, asked, kind="", most=_PROPOSED_OF_A_KIND, typed=True) if asked else []
    first = sorted(lines, key=lambda line: line.rank)[:_PROPOSED]
    body = [
        {
            "title": line.title,
            "about": " · ".join(part for part in (str(_label(line.kind)), line.about) if part),
            "url": line.url,
            "state": str(line.chip[1]) if line.chip else "",
        }
        for line in first
    ]
    return JsonResponse({"results": body})


def _asked(form: SearchForm) -> tuple[Wanted, str]:
    valid = form.is_valid()
    return wanted(form.cleaned_data["q"] if valid else ""), form.cleaned_data["kind"] if valid else ""


def _label(kind: str) -> Any:
    return _PLACES[kind] if kind in _PLACES else FACES[kind].label


def _lines(viewer: Actor, asked: Wanted, *, kind: str, most: int, typed: bool = False) -> list[Line]:
    """All results, the best first; as one types only the first, and nobody by phone or PAN: such a look is noted."""
    kinds = [name for name in FACES if kind in ("", name)]
    more = {"in_all": _PROPOSED} if typed else {"secrets": True}
    rows = hits(viewer, asked, most=most + 1, kinds=kinds, **more)
    if persons := [(hit.kind, hit.number) for hit in rows if hit.by_secret]:
        note_lookup(persons, wanted=asked, by=viewer, at=clock.now())
    lines = [line for hit in rows if (line := _of_record(hit, viewer))]
    for name in _PLACES:
        if kind in ("", name):
            lines += _of_places(viewer, asked, name, most)
    return lines


def _of_record(hit: Hit, viewer: Actor) -> Line | None:
    face = FACES[hit.kind]
    if not (url := face.url(hit.record, viewer)):
        return None
    about = " · ".join(filter(None, map(str, face.about(hit.record))))
    return Line(hit.kind, face.title(hit.record), about, url, face.chip(hit.record, clock.now()), hit.rank)


def _of_places(viewer: Actor, asked: Wanted, kind: str, most: int) -> Iterable[Line]:
    known = kept_places(viewer, asked) if kind == "filter" else places(viewer, asked, kind=kind, most=most + 1)
    for place in known:
        rank = 0 if place.is_named(asked) else 2
        yield Line(kind, wording.name_of(place.title), wording.name_of(place.about), place.url, rank=rank)


def _groups(asked: Wanted, lines: list[Line], kind: str) -> list[Group]:
    """The results by kind: where a whole number was meant that kind first, then in the order of the faces."""
    by_kind: dict[str, list[Line]] = {}
    for line in lines:
        by_kind.setdefault(line.kind, []).append(line)
    order = [*FACES, *_PLACES]
    most = _OF_ONE_KIND if kind else _OF_A_KIND
    groups = sorted(by_kind.items(), key=lambda row: (min(line.rank for line in row[1]) > 0, order.index(row[0])))
    return [Group(_label(name), rows[:most], _more(asked, name, len(rows) > most, kind)) for name, rows in groups]


def _more(asked: Wanted, name: str, is_more: bool, kind: str) -> str:
    return f"{reverse('search')}?{urlencode({'q': asked.text, 'kind': name})}" if is_more and not kind else ""
