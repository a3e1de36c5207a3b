"""A clause is cited whole where it first stands on a page, later without its source, and once in a section."""

import re
from contextvars import ContextVar
from typing import Any

from django.core.signals import request_started
from django.template import Library
from django.utils.safestring import SafeString, mark_safe

from immis.web.shell import wording

register = Library()
_drawn: ContextVar[set[str] | None] = ContextVar("citations drawn", default=None)
#: What holds a matter of its own: a section, a row of a table, an entry of a list.
_PARTS = re.compile(
    r"<(/?)(section|tr|li)\b[^>]*>|\s*<a class=\"clause\" href=\"(?P<law>[^\"]*)\".*?</a>",
    re.DOTALL,
)


def begin_page(**_signal: Any) -> None:
    """Nothing is cited yet."""
    _drawn.set(set())


def shown(text: str, cites: Any) -> str:
    """A citation as it is drawn now: ``text`` whole, or its short form where this page has it already."""
    drawn = _drawn.get()
    if drawn is None:
        return text
    if text in drawn:
        return wording.short_citation(cites)
    drawn.add(text)
    return text


@register.simple_block_tag
def clauses_once(content: str) -> SafeString:
    """``{% clauses_once %}…{% endclauses_once %}``: of the links to one clause in a section the first alone stays."""
    return mark_safe(once_a_section(content))


def once_a_section(html: str) -> str:
    """HTML without the links to a clause that its section, row or entry has already; a link that is all stays."""
    open_parts: list[set[str]] = [set()]

    def kept(match: re.Match[str]) -> str:
        whole, law = match.group(0), match.group("law")
        if law is None:
            if not match.group(1):
                open_parts.append(set())
            elif len(open_parts) > 1:
                open_parts.pop()
            return whole
        if law in open_parts[-1] and not _stands_alone(match):
            return ""
        open_parts[-1].add(law)
        return whole

    return _PARTS.sub(kept, html)


def _stands_alone(match: re.Match[str]) -> bool:
    """Whether an element, or a bracket, holds nothing but the link."""
    before, after = match.string[: match.start()].rstrip(), match.string[match.end() : match.end() + 40].lstrip()
    opened = re.search(r"<(?!/)[^>]*>$|[(·:]$", before[-400:])
    return bool(opened) and after.startswith(("</", ")"))


request_started.connect(begin_page, dispatch_uid="citations of a page")
