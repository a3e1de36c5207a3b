"""What is found beside records: pages of the house, what a post may do, rules by code, clause and title.

Each is known by its words in both languages and in the way names sound; a reader finds what he may open.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import NoReverseMatch, resolve, reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from immis.core.access.permissions import Actor
from immis.core.acts import ACTS, Act, holds
from immis.core.grants import may
from immis.registers import loader
from immis.rules.policy import book
from immis.rules.search.words import BEGINS_FROM, Wanted
from immis.rules.writing.numbers import cited_in_hindi
from immis.search.tokens import NUMBER, SOUND, marks_of
from immis.web.shell.nav import NAV

_PAGES = (
    ("help", _("Help")),
    ("data_index", _("Open data")),
    ("account", _("My account")),
    ("my_data", _("My data")),
    ("retention", _("How long records are kept")),
    ("orders", _("Orders on auctions")),
    ("mock_auctions", _("Mock auctions")),
    ("public_notices", _("Notices of e-auctions")),
    ("schedule_flow", _("Schedule of an e-auction")),
    ("office_notices", _("Notices of e-auctions")),
    ("office_registers", _("Debarments")),
    ("office_eproc", _("Auctions held on E-Proc")),
    ("office_ghats", _("Ghats on record")),
    ("office_prices", _("Prices of sand")),
    ("office_holds", _("Holds")),
    ("office_takeovers", _("Settlements taken over")),
    ("office_demands", _("Demands")),
    ("office_defaulters", _("Defaulters")),
    ("office_scrolls", _("Scrolls of the treasury")),
    ("office_claims", _("Claims")),
    ("office_refunds", _("Returns of money")),
    ("office_accounts", _("Bank accounts")),
    ("bank_accounts", _("Bank accounts")),
    ("vehicles", _("Vehicles")),
    ("drivers", _("Drivers")),
    ("places", _("Destinations")),
    ("rivers", _("Rivers")),
    ("devices", _("GPS devices")),
    ("device_scores", _("Scorecards")),
    ("faults", _("Faults")),
    ("fences", _("Fences")),
    ("office_questions", _("Questions")),
    ("wall", _("Wall")),
    ("office_pans", _("PAN cards")),
    ("office_people", _("People and log-ins")),
    ("handovers", _("Handovers")),
    ("office_looks", _("Looks at trails")),
    ("data_requests", _("Requests about data")),
    ("settlee_people", _("Representatives")),
    ("office_posts", _("Posts and what they may do")),
)
#: The list in which the record of an act is chosen, by noun; the first that the reader may open.
_LISTS = {
    "lease": ("office_leases", "settlee_home"),
    "lot": ("office_auctions", "bidder_home", "auctions"),
    "application": ("office_auctions",),
    "notice": ("office_notices",),
    "auction_order": ("office_auctions",),
    "receipt": ("office_payments",),
    "demand": ("office_demands", "settlee_home"),
    "claim": ("office_claims",),
    "refund": ("office_refunds",),
    "account": ("office_accounts", "bank_accounts"),
    "hold": ("office_holds",),
    "suspension": ("office_holds",),
    "challan": ("office_challans", "settlee_challans"),
    "case": ("office_cases",),
    "task": ("desk",),
    "device": ("devices",),
    "device_fault": ("faults",),
    "vehicle": ("vehicles",),
    "driver": ("drivers",),
    "place": ("places",),
    "fence": ("fences",),
    "ghat": ("office_ghats",),
    "river": ("rivers",),
    "office": ("office_offices",),
    "user": ("office_people",),
    "charge": ("office_offices",),
    "authority": ("settlee_people",),
    "data_request": ("data_requests",),
    "eproc": ("office_eproc",),
}
Names = dict[str, str]


@dataclass(frozen=True)
class Place:
    """Something that can be opened: its title and what it is about in both languages, its address, its marks."""

    kind: str  # page | act | rule
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
    meant = [place for place in _known()[kind] if _means(place, wanted)]
    ordered = sorted(meant, key=lambda place: not place.is_named(wanted))
    results: dict[tuple[str, str], Place] = {}
    for place in ordered:
        if len(results) < most and place.opens_for(viewer):
            results.setdefault((place.title["en"], "" if place.kind == "act" else place.url), place)
    return list(results.values())


def _means(place: Place, wanted: Wanted) -> bool:
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


def _titles() -> dict[str, Any]:
    return {**{name: item.label for name, item in NAV.items()}, **dict(_PAGES)}


def _pages() -> Iterable[Place]:
    nothing = {"en": "", "hi": ""}
    for name, label in _titles().items():
        if url := _address(name):
            yield _made("page", _both(label), nothing, url)
    for name, versions in loader.registers().items():
        yield _made(
            "page", dict(versions[-1].title), _both(pgettext_lazy("noun", "Register")), reverse("register", args=[name])
        )


def _acts() -> Iterable[Place]:
    titles = _titles()
    for act in ACTS.values():
        pages = act.noun.pages.get(act.place, ())
        forms = [url for url in map(_address, pages) if url] if act.opens else []
        lists = [name for name in _LISTS.get(act.kind, ()) if _address(name)]
        for url in forms[:1]:
            yield _made("act", _both(act.label), {"en": "", "hi": ""}, url, act=act)
        for name in () if forms else lists:
            yield _made("act", _both(act.label), _both(titles[name]), _address(name), act=act)


def _rules() -> Iterable[Place]:
    for entry in book().entries.values():
        cites = {value.cites for value in entry.values}
        shown = entry.values[-1].cites
        about = {"en": f"{entry.code} · {shown}", "hi": f"{entry.code} · {cited_in_hindi(shown)}"}
        texts = [text for cited in cites for text in (cited, cited_in_hindi(cited))]
        numbers = (entry.code, *entry.implements)
        yield _made("rule", dict(entry.title), about, reverse("law_code", args=[entry.code]), texts=texts,
                    numbers=numbers)  # fmt: skip
