"""What a noun shows beside an entry of its register: its own rows for the entry's page."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

Beside = Callable[[HttpRequest, Any], dict[str, Any]]
_BESIDE: dict[str, Beside] = {}


def beside(register: str) -> Callable[[Beside], Beside]:
    """Declare who gathers what the page of an entry shows more, for ``registers/<register>/entry.html``."""

    def keep(gather: Beside) -> Beside:
        _BESIDE[register] = gather
        return gather

    return keep


def more_about(request: HttpRequest, entry: Any) -> dict[str, Any]:
    """What the page of an entry shows more; nothing for most registers."""
    gather = _BESIDE.get(entry.register)
    return gather(request, entry) if gather else {}
