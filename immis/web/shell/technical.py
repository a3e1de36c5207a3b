"""What a machine wrote for machines: what a reader looks for of it in words, the rest folded away."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from immis.core.events import words_of as step_words
from immis.registers import loader
from immis.rules.calendar import india_day
from immis.rules.writing.offices import words_of
from immis.web.shell import wording
from immis.web.shell.districts import district_name

register = template.Library()
_NAMED: Mapping[str, Callable[[Any], Any]] = {
    "post": wording.role_name,
    "district": lambda name: district_name(name, wording.lang()),
    "what": lambda what: wording.name_of(what) if isinstance(what, Mapping) else "",  # else a word of the program
}


def facts_shown(facts: Mapping[str, Any], *more: str) -> SafeString:
    """The facts that have a name in ``policy/words/log/facts.yaml``, in its order; all as it was kept folded beneath.

    ``more`` (code, hash) stands with what is folded.
    """
    told = list(_told(facts))
    lines = format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", told)
    named = format_html('<dl class="log-facts">{}</dl>', lines) if told else ""
    return format_html("{}{}", named, _folded(facts if len(told) < len(facts) else {}, *more))


def _folded(facts: Mapping[str, Any], *more: str) -> SafeString | str:
    words = ", ".join(f"{name}: {value}" for name, value in flat(facts))
    text = " · ".join(filter(None, (words, *more)))
    summary = '<details class="technical"><summary>{}</summary><code>{}</code></details>'
    return format_html(summary, _("Technical details"), text) if text else ""


@register.inclusion_tag("components/technical.html")
def technical(rows: Sequence[tuple[Any, Any]]) -> dict[str, Any]:
    """``{% technical rows %}``: what a machine wrote for machines (codes, hashes, commands), folded away."""
    return {"rows": rows}


@register.simple_tag
def fact(label: Any, value: Any) -> list[tuple[Any, Any]]:
    """``{% fact "SHA-256" list.sha256 as rows %}``: one row of technical details; none without a value."""
    return [(label, value)] if value else []


def act_done(row: Any) -> str:
    """What a line of the action log says was done; an act on an entry of a register by that register's own words."""
    try:
        register = loader.current(row.facts["register"], india_day(row.at))
        act = register.acts[row.facts["act"]]
    except (LookupError, TypeError):
        return step_words(row.code)
    return f"{wording.name_of(register.title)}: {wording.name_of(act.title)}"


def _told(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, words in words_of("log/facts").items():
        if name == "to" and "register" in facts:  # a word of the program for a state
            continue
        if facts.get(name) not in (None, "", []) and (shown := _worded(name, facts[name])):
            yield wording.name_of(words), shown
    before, after = facts.get("before"), facts.get("after")
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in after:
            yield name, f"{_worded(name, before.get(name))} → {_worded(name, after[name])}"


def _worded(name: str, value: Any) -> str:
    return str(_NAMED[name](value) if name in _NAMED and value else wording.worded_fact(name, value))


def flat(facts: Mapping[str, Any], of: str = "") -> Iterator[tuple[str, Any]]:
    """Facts one by one: those within others by both names, lists with commas, and none that is empty."""
    for name, value in facts.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{of}{name}.")
        elif value not in (None, "", []):
            yield f"{of}{name}", ", ".join(map(str, value)) if isinstance(value, list) else value
