"""Facts of the action log as a list shows them: what a reader looks for in words, all as it was kept folded beneath."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from immis.rules.writing.offices import words_of
from immis.web.shell import wording
from immis.web.shell.districts import district_name

_NAMED: Mapping[str, Callable[[Any], Any]] = {
    "post": wording.role_name,
    "district": lambda name: district_name(name, wording.lang()),
    "what": lambda what: wording.name_of(what) if isinstance(what, Mapping) else "",  # else a word of the program
}


def facts_shown(facts: Mapping[str, Any]) -> SafeString | str:
    """The facts that have a name in ``policy/words/log/facts.yaml``, in its order; the others folded beneath."""
    told = list(_told(facts))
    others = ", ".join(f"{name}: {value}" for name, value in flat(facts))
    if not told:
        return others
    lines = format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", told)
    kept = format_html("<details><summary>{}</summary>{}</details>", _("As it was kept"), others)
    return format_html('<dl class="log-facts">{}</dl>{}', lines, kept if len(told) < len(facts) else "")


def _told(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, words in words_of("log/facts").items():
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
