"""Everything that a reader may begin or open, on one page each: new things by verb, all groups with their lists."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from immis import clock
from immis.core.access.permissions import Actor
from immis.registers.selectors import registers_of
from immis.rules.calendar import india_day
from immis.rules.search.words import MOST_LETTERS, Wanted, wanted
from immis.web.search.places import means, place_of_words, places_of
from immis.web.shell import wording
from immis.web.shell.nav import forms_for, list_of
from immis.web.shell.views import PUBLIC, page

#: The headings of new things, in their order; what belongs to none is entered.
VERBS = {
    "enter": _("Put on record"),
    "write": _("Write"),
    "order": _("Order and fix"),
    "ask": _("Ask"),
    "give": _("Authorise"),
    "file": _("Take in from a file"),
}
_VERB_OF = {"fix": "order", "order": "order", "make": "ask", "ask": "ask", "give": "give", "take_in": "file"}


class Finder(forms.Form):
    """What of the forms is looked for."""

    q = forms.CharField(
        label=_("Find a form"),
        required=False,
        max_length=MOST_LETTERS,
        widget=forms.TextInput({"type": "search"}),
    )


@dataclass(frozen=True)
class Beginning:
    """One form that begins something, as a link."""

    label: str
    url: str
    verb: str
    about: str = ""
    names: Sequence[str] = ()


@dataclass
class Heading:
    """The forms under one verb, or the acts on the records of one list."""

    label: Any
    rows: list[Any] = field(default_factory=list)
    url: str = ""


@page(PUBLIC)
def new_things(request: HttpRequest) -> HttpResponse:
    """Every form that the reader may open, by verb, and every act that begins with choosing a record."""
    form = Finder(request.GET)
    asked = wanted(form.cleaned_data["q"]) if form.is_valid() else wanted("")
    context = {
        "form": form,
        "asked": bool(asked),
        "headings": _by_verb(beginnings_for(request.actor), asked),
        "on_records": list(_on_records(request.actor, asked)),
    }
    return render(request, "search/new.html", context)


@page(PUBLIC)
def more(request: HttpRequest) -> HttpResponse:
    """All groups of the reader with all their lists: what lies behind "more" on a phone."""
    return render(request, "search/more.html")


def beginnings_for(viewer: Actor) -> list[Beginning]:
    """The forms that begin something new and that this reader may open, each address once."""
    return list({row.url: row for row in reversed(list(_beginnings(viewer)))}.values())[::-1]


def _beginnings(viewer: Actor) -> Iterable[Beginning]:
    yield from _opening_acts(viewer)
    for form in forms_for(viewer):
        yield Beginning(str(form.label), reverse(form.url_name, args=form.args), form.verb)
    for register in registers_of(viewer, india_day(clock.now())) if viewer.user_id else ():
        title = wording.name_of(register.title)
        for act in register.beginning:
            if viewer.role in act.who:
                label = f"{title}: {wording.name_of(act.title)}"
                yield Beginning(label, reverse("register_new", args=[register.name, act.name]), "enter")


def _opening_acts(viewer: Actor) -> Iterable[Beginning]:
    for place in places_of(viewer, "act"):
        if place.act is not None and place.act.opens:
            verb = _VERB_OF.get(place.act.name.partition(".")[2], "enter")
            about = str(list_of(viewer, place.url))
            yield Beginning(wording.name_of(place.title), place.url, verb, about, tuple(place.title.values()))


def _by_verb(rows: Iterable[Beginning], asked: Wanted) -> list[Heading]:
    headings = {verb: Heading(label) for verb, label in VERBS.items()}
    for row in rows:
        if not asked or means(place_of_words((row.label, row.about, *row.names)), asked):
            headings[row.verb].rows.append(row)
    return [heading for heading in headings.values() if heading.rows]


def _on_records(viewer: Actor, asked: Wanted) -> Iterable[Heading]:
    """Acts on records that there are, by the list in which the record is chosen; of what was looked for alone."""
    by_list: dict[str, Heading] = {}
    for place in places_of(viewer, "act"):
        if place.act is not None and not place.act.opens and (not asked or means(place, asked)):
            heading = by_list.setdefault(place.url, Heading(wording.name_of(place.about), url=place.url))
            heading.rows.append(wording.name_of(place.title))
    for heading in by_list.values():
        heading.rows = sorted(set(heading.rows))
    return by_list.values()
