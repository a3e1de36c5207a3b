"""The registers of things: one page that leads to each, and what their lists and records share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.acts import acts_of
from immis.core.events import words_of
from immis.core.grants import may
from immis.registry.selectors import users
from immis.registry.things import changes_of
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.components import ReasonCard
from immis.web.shell.record import Link, NextDate, Record, Tab
from immis.web.shell.views import page

#: Each register: the page of its list, its name, the grant that opens it.
REGISTERS = (
    ("vehicles", gettext_lazy("Vehicles"), "vehicle.list"),
    ("drivers", gettext_lazy("Drivers"), "driver.list"),
    ("places", gettext_lazy("Destinations and places"), "place.list"),
    ("devices", gettext_lazy("GPS devices"), "device.read"),
    ("office_ghats", gettext_lazy("Records of ghats"), "ghat.read"),
    ("rivers", gettext_lazy("Rivers"), "river.read"),
    ("fences", gettext_lazy("Fences"), "fence.read"),
    ("office_accounts", gettext_lazy("Bank accounts"), "account.list"),
    ("office_pans", gettext_lazy("PAN cards"), "pan.read"),
)


@page("register.list")
def index(request: HttpRequest) -> HttpResponse:
    """The registers of things that this post may see."""
    open_to = [
        (reverse("bank_accounts" if name == "office_accounts" and request.actor.is_party else name), label)
        for name, label, grant in REGISTERS
        if may(request.actor, grant)
    ]
    return render(request, "registry/things/things.html", {"registers": open_to})


@dataclass(frozen=True)
class Thing:
    """One record as its page shows it: what it is called, its facts as (label, value) pairs, what belongs to it."""

    noun: str
    number: str
    title: str
    chip: tuple[str, Any]
    facts: Sequence[tuple[Any, Any]]
    tables: Sequence[Any] = ()
    reasons: Sequence[ReasonCard] = ()
    links: Sequence[Link] = ()
    dates: Sequence[NextDate] = ()


def thing_response(request: HttpRequest, thing: Thing, acts: PageActs) -> HttpResponse:
    """The page of a record with its acts, and what was changed of it by whom."""
    changed = changes(thing.noun, thing.number)
    tabs = [Tab("summary", "registry/things/thing.html"), Tab("history", "registry/things/_changes.html")]
    record = Record(
        name=thing.title, number=thing.number, chip=thing.chip, tabs=tabs if changed else tabs[:1],
        reasons=thing.reasons, links=thing.links, dates=thing.dates,
    )  # fmt: skip
    context = {"record": record, "thing": thing, "changes": changed, "acts": acts}
    return render(request, "record.html", context, status=acts.status)


def changes(noun: str, number: str) -> list[dict[str, Any]]:
    """What was changed of a thing, by whom and why, newest first."""
    people = {user.pk: wording.name_of(user) for user in users()}
    labels = {field.name: field.label for act in acts_of(noun) for field in act.fields}
    return [_change(row, people, labels) for row in changes_of(noun, number)]


def _change(row: Any, people: dict[int, str], labels: dict[str, Any]) -> dict[str, Any]:
    before, after = row.facts.get("before", {}), row.facts.get("after", {})
    return {
        "row": row,
        "what": words_of(row.code),
        "who": people.get(row.user_id, ""),
        "words": [
            f"{labels.get(name, name)}: {_worded(name, value)} → {_worded(name, after.get(name))}"
            for name, value in before.items()
        ],
        "reason": row.facts.get("reason", ""),
    }


def _worded(name: str, value: Any) -> str:
    return "—" if value in (None, "") else str(wording.worded_fact(name, value))


def new_response(request: HttpRequest, noun: str, word: str, *, title: str, back: str, back_title: str) -> HttpResponse:
    """The page on which a record is entered."""
    acts = PageActs(request, noun, None, place="new", at=clock.now()).alone(word)
    if request.method == "POST" and (answer := acts.take()):
        return answer
    context = {"acts": acts, "title": title, "back": reverse(back), "back_title": back_title}
    return render(request, "registry/things/thing_new.html", context, status=acts.status)


def lead(request: HttpRequest, kind: str, grant: str, new: str, label: str) -> dict[str, Any]:
    """What stands above a list: entering one, and entering many from a sheet, where the reader may."""
    keeps = may(request.actor, grant)
    sheet = keeps and may(request.actor, "sheet.hand_in")
    return {
        "new_url": reverse(new) if keeps else "",
        "new_label": label,
        "sheet_url": reverse("sheets", args=[kind]) if sheet else "",
        "sheet_label": _("Enter many from a sheet"),
    }
