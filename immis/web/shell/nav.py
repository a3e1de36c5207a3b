"""What one reader sees of the ways through the house: groups with counts, the lists beside a page, its crumbs.

Groups and lists are declared (``ways``); a post sees those that one of its grants opens, and nothing else. A list that
wants a count names a selector ``count(actor) -> int`` by its dotted path; it is asked only for who sees the list.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from typing import Any

from django.urls import NoReverseMatch, ResolverMatch, resolve, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.grants import may
from immis.core.nouns import NOUNS
from immis.rules.marks import nearest
from immis.rules.posts import Post
from immis.web.shell.ways import GROUPS, Form, Group, Way, by_page, lists
from immis.web.shell.wording import name_of


@dataclass(frozen=True)
class Entry:
    """One group or one list as it is drawn for one reader; ``here``: this page lies in it."""

    url: str
    label: str | Promise
    current: bool
    count: int = 0
    icon: str = ""
    bar: str | Promise = ""
    lists: Sequence["Entry"] = ()


@dataclass(frozen=True)
class Crumb:
    """One step of the way to a page; the last has no address."""

    label: str | Promise
    url: str = ""


@dataclass(frozen=True)
class Place:
    """Where a page stands: its list, and how it is reached from there."""

    row: Way | None
    name: str = ""
    kwargs: Mapping[str, Any] | None = None

    @property
    def group(self) -> str:
        return self.row.group if self.row else ""


NOWHERE = Place(None)
_MOST_IN_BAR = 4
#: Pages that lead everywhere stand nowhere themselves.
_WAY = "own.way"
#: What stands in a bottom bar beside groups, with its drawing.
_WAYS: Mapping[str, tuple[Promise, str]] = {
    "search": (gettext_lazy("The search"), "M9 4a5 5 0 100 10A5 5 0 009 4M13 13l4 4"),
    "new_things": (gettext_lazy("Start new"), "M10 4v12M4 10h12"),
    "messages": (gettext_lazy("Messages"), "M5 14V9a5 5 0 0110 0v5l1.5 2h-13zM8.5 17.5h3"),
    "more": (gettext_lazy("More"), "M4 10h.1M10 10h.1M16 10h.1"),
}


@cache
def _counter(path: str) -> Callable[[Actor], int]:
    module, _dot, name = path.partition(":")
    return getattr(import_module(module), name)


@cache
def grant_of(url_name: str, args: tuple[str, ...] = ()) -> str | None:
    """The grant that opens a page; None for everybody."""
    return getattr(resolve(reverse(url_name, args=args)).func, "page_grant", None)


def audience_of(post: Post) -> str:
    """Whose navigation a post has: an officer's, a party's, or everybody's."""
    return "officer" if post.is_office else "party" if post.reach == "own_party" else "public"


@cache
def _lists_for(audience: str) -> tuple[Way, ...]:
    return tuple(row for row in lists() if GROUPS[row.group].audience == audience)


def lists_of(post: Post) -> list[Way]:
    """The lists that a post may open, by group."""
    rows = _lists_for(audience_of(post))
    return [row for row in rows if (grant := grant_of(row.url_name)) is None or grant in post.grants]


def check_beginning(post: Post) -> None:
    """Raises LookupError for a post whose day begins at a page that is no list."""
    names = {row.url_name for row in _lists_for(audience_of(post))}
    if post.begins and post.begins not in names:
        raise LookupError(f"the day of {post.code} begins at {post.begins!r}; {nearest(post.begins, names)}")


def lists_for(actor: Actor) -> list[Way]:
    """The lists that this reader may open: who acts within limits finds none that would turn him away."""
    rows = _lists_for(audience_of(actor.post))
    return [row for row in rows if (grant := grant_of(row.url_name)) is None or may(actor, grant)]


def forms_for(actor: Actor) -> list[Form]:
    """The declared forms that begin something new and that this reader may open."""
    rows = [form for row in _lists_for(audience_of(actor.post)) for form in row.forms]
    return [form for form in rows if (grant := grant_of(form.url_name, form.args)) is None or may(actor, grant)]


def place_of(actor: Actor, match: ResolverMatch | None) -> Place:
    """The list under which a page stands for its reader: of his own groups, else of those that are everybody's."""
    if match is None or not match.url_name:
        return NOWHERE
    known = by_page()
    for audience in (audience_of(actor.post), "own", "public", "officer"):
        if row := known.get((audience, match.url_name)):
            return Place(row, match.url_name, match.kwargs)
    return NOWHERE


def list_of(actor: Actor, url: str) -> str | Promise:
    """What the list is called under which an address stands for its reader; empty where it stands under none."""
    row = place_of(actor, resolve(url.partition("?")[0])).row
    return row.label if row else ""


def groups_for(actor: Actor, place: Place = NOWHERE) -> list[Entry]:
    """The groups of one reader with what waits in each, this page's marked."""
    return list(_groups(actor, place))


def _groups(actor: Actor, place: Place) -> Iterable[Entry]:
    rows = lists_for(actor)
    for code, group in GROUPS.items():
        own = [_entry(actor, row, place) for row in rows if row.group == code]
        if shown := [entry for entry, row in own if not row.hidden]:
            yield _drawn(group, shown, here=place.group == code)


def _drawn(group: Group, shown: Sequence[Entry], *, here: bool) -> Entry:
    count = sum(entry.count for entry in shown)
    return Entry(shown[0].url, group.label, here, count, group.icon, group.bar, shown)


def _entry(actor: Actor, row: Way, place: Place) -> tuple[Entry, Way]:
    count = _counter(row.count)(actor) if row.count else 0
    return Entry(row.url, row.label, row is place.row, count), row


def beside(groups: Sequence[Entry]) -> Sequence[Entry]:
    """The lists of this page's group, where there are several: the one sub-navigation."""
    here = next((group for group in groups if group.current), None)
    return here.lists if here and len(here.lists) > 1 else ()


def bar_for(actor: Actor, groups: Sequence[Entry], place: Place, unread: int) -> list[Entry]:
    """The bottom bar of a phone: four of the reader's, and "more", behind which lies everything."""
    own = [replace(group, label=group.bar, lists=()) for group in groups if group.bar]
    if actor.is_officer:
        own += [_way("search", place), _way("new_things", place), _way("messages", place, unread)]
    return [*own[:_MOST_IN_BAR], _way("more", place)]


def _way(url_name: str, place: Place, count: int = 0) -> Entry:
    label, icon = _WAYS[url_name]
    return Entry(reverse(url_name), label, place.name == url_name, count, icon)


def may_begin(actor: Actor) -> bool:
    """Whether there is something that this reader may begin."""
    return actor.user_id is not None and bool(forms_for(actor))


def crumbs_of(place: Place) -> list[Crumb]:
    """Group › list › number of a page, from where it stands; the last one is the page itself."""
    if place.row is None or place.group == _WAY:
        return []
    row, group = place.row, GROUPS[place.row.group]
    first = _first_url(row.group)
    steps = [Crumb(group.label, first)]
    if row.url != first or str(row.label) != str(group.label):
        steps.append(Crumb(row.label, row.url))
    steps += _tail(row, place.name, place.kwargs or {})
    return [*steps[:-1], replace(steps[-1], url="")]


@cache
def _first_url(group: str) -> str:
    return next(row.url for row in lists() if row.group == group)


def _tail(row: Way, name: str, kwargs: Mapping[str, Any]) -> list[Crumb]:
    if name == row.url_name:
        return []
    label = row.parts.get(name) or next((form.label for form in row.forms if form.url_name == name), None)
    number = next(iter(kwargs.values()), None) if name not in _forms(row) else None
    url = _record_url(row, kwargs) if number is not None else ""
    record = [Crumb(_named(row, number), url)] if url or (number is not None and name in row.record) else []
    if name in row.record[:1]:
        return record or [Crumb(row.label)]
    return [*record, Crumb(label)] if label else record or [Crumb(row.label)]


def _forms(row: Way) -> set[str]:
    return {form.url_name for form in row.forms}


def _named(row: Way, number: Any) -> str:
    """A row by its number, or by its name where the number says nothing to a reader."""
    if isinstance(number, int):
        return _("No. %(number)s") % {"number": number}
    noun = NOUNS.get(row.called)
    try:
        named = noun.title(str(number)) if noun and noun.title else None
    except NotFound:
        named = None
    return name_of(named) if named else str(number)


def _record_url(row: Way, kwargs: Mapping[str, Any]) -> str:
    """The own page of the record that a page is about; none where its address begins with something else."""
    key, number = next(iter(kwargs.items()))
    for page in row.record:
        with suppress(NoReverseMatch):
            return reverse(page, kwargs={key: number})
    return ""
