"""What is found beside records: pages of the house, what a post may do, rules by code, clause and title.

Each is known by its words in both languages and in the way names sound; a reader finds what he may open.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.urls import NoReverseMatch, resolve, reverse
from django.utils import translation
from django.utils.translation import pgettext_lazy

from immis.core.access.permissions import Actor
from immis.core.acts import ACTS, Act, holds
from immis.core.grants import may
from immis.registers import loader
from immis.rules.policy import book
from immis.rules.search.words import BEGINS_FROM, Wanted
from immis.rules.writing.numbers import cited_in_hindi
from immis.search.kept_filters import kept_filters
from immis.search.tokens import NUMBER, SOUND, marks_of
from immis.web.shell.nav import list_of
from immis.web.shell.ways import lists

Names = dict[str, str]


@dataclass(frozen=True)
class Place:
    """Something that can be opened: its title and what it is about in both languages, its address, its marks."""

    kind: str  # page | act | rule; empty for a filter that a person keeps
    title: Names
    about: Names
    url: str
    marks: str
    act: Act | None = None

    def is_named(self, wanted: Wanted) -> bool:
        """Whether its whole code was typed."""
        return any(f" {NUMBER}{key} " in self.marks for key in wanted.keys)

    def opens_for(self, viewer: Actor) -> bool:
        """Whether this reader may open it and, where it is an act, do it."""
        if self.act is not None and not holds(viewer, self.act):
            return False
        grant = getattr(resolve(self.url).func, "page_grant", None) if self.kind != "rule" else None
        return grant is None or may(viewer, grant)


def places(viewer: Actor, wanted: Wanted, *, kind: str, most: int) -> list[Place]:
    """The places of a kind that a typed text may mean and that this reader may open; a whole code first."""
    meant = [place for place in _known()[kind] if means(place, wanted)]
    ordered = sorted(meant, key=lambda place: not place.is_named(wanted))
    results: dict[tuple[str, str], Place] = {}
    for place in ordered:
        if len(results) < most and place.opens_for(viewer):
            results.setdefault((place.title["en"], "" if place.kind == "act" else place.url), place)
    return list(results.values())


def kept_places(viewer: Actor, wanted: Wanted) -> list[Place]:
    """The filters of lists that this reader keeps and that a typed text may mean, by their names."""
    results = []
    for row in kept_filters(viewer):
        place = replace(place_of_words((row.name,)), url=row.path)
        if means(place, wanted) and place.opens_for(viewer):
            named = {"title": {"en": row.name, "hi": row.name}, "about": _listed(viewer, row.path)}
            results.append(replace(place, url=f"{row.path}?{row.query}", **named))
    return results


def _listed(viewer: Actor, path: str) -> Names:
    label = list_of(viewer, path)
    return _both(label) if label else {"en": path, "hi": path}


def places_of(viewer: Actor, kind: str) -> list[Place]:
    """All places of a kind that this reader may open."""
    return [place for place in _known()[kind] if place.opens_for(viewer)]


def place_of_words(words: Iterable[str]) -> Place:
    """What is known by some words alone, so that it can be looked for among others."""
    return Place("", {}, {}, "", f" {' '.join(sorted(marks_of(tuple(words), ())))} ")


def means(place: Place, wanted: Wanted) -> bool:
    """Whether a typed text may mean this place."""
    worded = bool(wanted.words) and all(_has(place.marks, word, sound) for word, sound in wanted.words)
    return worded or place.is_named(wanted)


def _has(marks: str, word: str, sound: str) -> bool:
    end = "" if len(word) >= BEGINS_FROM else " "
    return f" {word}{end}" in marks or bool(sound and f" {SOUND}{sound}{end if len(sound) > 1 else ' '}" in marks)


@cache
def _known() -> dict[str, tuple[Place, ...]]:
    """All of them, made once in the life of a process: what is declared does not change meanwhile."""
    return {"act": tuple(_acts()), "page": tuple(_pages()), "rule": tuple(_rules())}


def _both(words: Any) -> Names:
    names = {}
    for lang in ("en", "hi"):
        with translation.override(lang):
            names[lang] = str(words)
    return names


def _address(name: str, *args: str) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def _made(kind: str, title: Names, about: Names, url: str, **more: Any) -> Place:
    texts = more.pop("texts", ())
    marks = marks_of((*title.values(), *about.values(), *texts), more.pop("numbers", ()))
    return Place(kind, title, about, url, f" {' '.join(sorted(marks))} ", **more)


def titles() -> dict[str, Any]:
    """What every list is called, by the name of its address."""
    return {row.url_name: row.label for row in reversed(lists())}


def chosen_in(noun: str) -> list[str]:
    """The lists in which a record is chosen before something is done to it, officers' first."""
    return list(dict.fromkeys(row.url_name for row in lists() if noun in row.nouns))


def _pages() -> Iterable[Place]:
    nothing = {"en": "", "hi": ""}
    for name, label in titles().items():
        if url := _address(name):
            yield _made("page", _both(label), nothing, url)
    for form in (form for row in lists() for form in row.forms):
        if url := _address(form.url_name, *form.args):
            yield _made("page", _both(form.label), nothing, url)
    for name, versions in loader.registers().items():
        yield _made(
            "page", dict(versions[-1].title), _both(pgettext_lazy("noun", "Register")), reverse("register", args=[name])
        )


def _acts() -> Iterable[Place]:
    called = titles()
    for act in ACTS.values():
        pages = act.noun.pages.get(act.place, ())
        forms = [url for url in map(_address, pages) if url] if act.opens else []
        for url in forms[:1]:
            yield _made("act", _both(act.label), {"en": "", "hi": ""}, url, act=act)
        for name in () if forms else chosen_in(act.kind):
            yield _made("act", _both(act.label), _both(called[name]), _address(name), act=act)


def _rules() -> Iterable[Place]:
    for entry in book().entries.values():
        cites = {value.cites for value in entry.values}
        shown = entry.values[-1].cites
        about = {"en": f"{entry.code} · {shown}", "hi": f"{entry.code} · {cited_in_hindi(shown)}"}
        texts = [text for cited in cites for text in (cited, cited_in_hindi(cited))]
        numbers = (entry.code, *entry.implements)
        yield _made("rule", dict(entry.title), about, reverse("law_code", args=[entry.code]), texts=texts,
                    numbers=numbers)  # fmt: skip
