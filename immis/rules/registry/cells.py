"""What cannot be taken in a cell of a sheet, in words of both languages (REG-31)."""

from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from immis.rules.catalogue import Finding
from immis.rules.policy import book
from immis.rules.writing.texts import texts


def misfit(column: str, text: str, key: str, **facts: Any) -> Finding:
    """A cell that cannot be taken; ``key`` names what may stand there among the words of REG-31."""
    return misfit_of(column, text, book().words("REG-31", key, **facts))


def misfit_of(column: str, text: str, allowed: Mapping[str, str]) -> Finding:
    """A cell that cannot be taken, with what may stand there in both languages."""
    names = dict(texts("registry/columns")[column])
    return Finding("REG-31", {"column": names, "found": text[:60] or "—", "allowed": dict(allowed)})


def misspelt(column: str, text: str, known: frozenset[str]) -> Finding:
    """A code that there is not, with the nearest one that there is."""
    if near := _near(text, known):
        return misfit(column, text, "near", near=near)
    return misfit(column, text, "choice" if len(known) <= 40 else "known", choices=", ".join(sorted(known)))


@lru_cache(maxsize=2_000)
def _near(text: str, known: frozenset[str]) -> str:
    return next(iter(get_close_matches(text, known, n=1)), "")
