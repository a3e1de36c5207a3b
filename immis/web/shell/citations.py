"""A clause is cited whole where it stands for the first time on a page, later without its source."""

from contextvars import ContextVar
from typing import Any

from django.core.signals import request_started

from immis.web.shell import wording

_drawn: ContextVar[set[str] | None] = ContextVar("citations drawn", default=None)


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


request_started.connect(begin_page, dispatch_uid="citations of a page")
