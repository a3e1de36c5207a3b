"""What the database itself refuses to keep twice, or to keep at all, in words: the last guard behind the rules.

Where two officers record the same at once, the rule of each sees a record without the other's: the constraint stops
the second, ``core.transactions`` asks his service once more, and the rule refuses it by its clause. What no rule
refuses even then is refused here, by the name of the constraint.
"""

import re
from functools import cache

from django.apps import apps
from django.db import IntegrityError, models

from immis.core.errors import Refusal
from immis.rules.catalogue import Finding
from immis.rules.policy import book

TWICE, ODD = "REC-05", "REC-06"
_STATES = {"23505": TWICE, "23514": ODD}  # of PostgreSQL
_SQLITE = re.compile(r"(UNIQUE|CHECK) constraint failed: (.+)")
_INDEX = re.compile(r"index '(\w+)'")


def is_twice(error: IntegrityError) -> bool:
    """Whether the database keeps it already."""
    return _code_and_place(error)[0] == TWICE


def refusal_of(error: IntegrityError) -> Refusal | None:
    """REC-05 for what is kept already, REC-06 for what is not kept at all; None for a fault of the program."""
    code, place = _code_and_place(error)
    if not code:
        return None
    words = book().entry(code).words
    what = words.get(_constraint_of(place), words["any"])
    return Refusal(Finding(code, {"what": dict(what)}))


def _code_and_place(error: IntegrityError) -> tuple[str, str]:
    """The code, empty for a fault of the program, and where: a constraint, or columns as SQLite tells them."""
    cause = error.__cause__
    if state := getattr(cause, "sqlstate", None):
        return _STATES.get(state, ""), getattr(getattr(cause, "diag", None), "constraint_name", None) or ""
    told = _SQLITE.search(str(error))
    return (TWICE if told[1] == "UNIQUE" else ODD, told[2]) if told else ("", "")


def _constraint_of(place: str) -> str:
    """The name of a constraint that SQLite tells by its columns, where only one is over them."""
    if told := _INDEX.fullmatch(place):
        return told[1]
    names = _by_columns().get(place, [place])
    return names[0] if len(names) == 1 else ""


@cache
def _by_columns() -> dict[str, list[str]]:
    """The names of all unique constraints by their columns, as SQLite tells them."""
    names: dict[str, list[str]] = {}
    for model in apps.get_models():
        meta = model._meta
        for constraint in meta.constraints:
            if isinstance(constraint, models.UniqueConstraint):
                columns = (meta.get_field(name).column for name in constraint.fields)
                told = ", ".join(f"{meta.db_table}.{column}" for column in columns)
                names.setdefault(told, []).append(str(constraint.name))
    return names
