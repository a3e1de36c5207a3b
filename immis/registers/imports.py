"""Importing rows in two steps: first all of them are checked and nothing is written, then each by the same act.

A row that cannot be taken comes back with its number, its column, its value and what is allowed. The same file again
makes no entry twice: each row's key is the file's hash and its place.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from immis.adapters.sheets import Sheet
from immis.core.access.permissions import Actor
from immis.core.errors import Refusal
from immis.core.services import log_action
from immis.registers.declaration import Act, Field, Register
from immis.registers.hooks import is_plain
from immis.registers.services import Given, Unfit, do_act, keys_known, prepared, taken_values, write

AT_ONCE = 500  # rows in one transaction; one that fails does not take the others with it


@dataclass(frozen=True)
class Misfit:
    """One cell that cannot be taken: row of the sheet (the head is 1), column, value, code, what is allowed."""

    row: int
    column: str
    found: str
    code: str
    allowed: Any = ""


@dataclass(frozen=True)
class Outcome:
    """What became of an import: rows that were taken, those that were there already, and every misfit."""

    taken: int
    known: int
    misfits: tuple[Misfit, ...]


def columns_of(register: Register, act: Act, head: Sequence[str]) -> tuple[dict[int, Field], list[Misfit]]:
    """Which column is which field, by its key or its title in either language; what fits none is a misfit."""
    names: dict[str, Field] = {}
    for field in (register.fields[name] for name in act.fields):
        if field.type not in ("table", "photo", "file") and not field.rule:
            for word in (field.name, *field.title.values()):
                names[word.casefold()] = field
    columns, misfits = {}, []
    for place, word in enumerate(head):
        field = names.get(word.strip().casefold())
        if field is None or field.name in {each.name for each in columns.values()}:
            misfits.append(Misfit(1, word, word, "column", tuple(sorted({each.name for each in names.values()}))))
        else:
            columns[place] = field
    placed = {field.name for field in columns.values()}
    missing = {field.name for field in names.values() if field.required} - placed
    misfits += [Misfit(1, name, "", "missing", name) for name in sorted(missing)]
    return columns, misfits


def check_sheet(register: Register, act: Act, sheet: Sheet, *, by: Actor) -> list[Misfit]:
    """Every cell of a sheet that could not be taken; nothing is written."""
    columns, misfits = columns_of(register, act, sheet.head)
    if misfits:
        return misfits
    for number, row in enumerate(sheet.rows, 2):
        given = _given(columns, row)
        try:
            taken_values(register, act, Given(given), {}, by=by, entry=None)
        except Unfit as unfit:
            misfits += _misfits(number, given, unfit)
    return misfits


def _given(columns: dict[int, Field], row: Sequence[str]) -> dict[str, str]:
    return {field.name: row[place] if place < len(row) else "" for place, field in columns.items()}


def _misfits(number: int, given: dict[str, str], unfit: Unfit) -> list[Misfit]:
    return [Misfit(number, name, given.get(name, ""), code, allowed) for name, (code, allowed) in unfit.faults.items()]


def import_sheet(register: Register, act: Act, sheet: Sheet, *, raw: bytes, by: Actor, at: datetime) -> Outcome:
    """Take a sheet in, row by row, through the act; good rows stay, the others come back."""
    columns, misfits = columns_of(register, act, sheet.head)
    if misfits:
        return Outcome(0, 0, tuple(misfits))
    digest = hashlib.sha256(raw).hexdigest()
    taken = known = 0
    for start in range(0, len(sheet.rows), AT_ONCE):
        rows = {
            f"{digest}:{number}": (number, _given(columns, row))
            for number, row in enumerate(sheet.rows[start : start + AT_ONCE], start + 2)
        }
        with transaction.atomic():
            there = keys_known(rows)
            new = {key: row for key, row in rows.items() if key not in there}
            wrong = _take(register, act, new, by=by, at=at)
        misfits += wrong
        known, taken = known + len(there), taken + len(new) - len({misfit.row for misfit in wrong})
    facts = {"sha256": digest, "rows": len(sheet.rows), "taken": taken, "refused": len({each.row for each in misfits})}
    with transaction.atomic():
        log_action("register.imported", subject=("register", register.name), by=by, at=at, facts=facts)
    return Outcome(taken, known, tuple(misfits))


def _take(
    register: Register, act: Act, rows: Mapping[str, tuple[int, dict[str, str]]], *, by: Actor, at: datetime
) -> list[Misfit]:
    """Take rows in by their keys; answers what of them cannot be taken.

    Where a domain has a word in the act each row is written before the next is judged: it may refuse what is there.
    """
    at_once, drafts, misfits = is_plain(register.name, act.name), [], []
    for key, (number, values) in rows.items():
        given = Given(values, key=key)
        try:
            if at_once:
                drafts.append(prepared(register, act, given, by=by, at=at, entry=None))
            else:
                do_act(register=register, act=act, given=given, by=by, at=at)
        except Unfit as unfit:
            misfits += _misfits(number, values, unfit)
        except Refusal as refusal:
            misfits += [Misfit(number, "", "", finding.code) for finding in refusal.findings]
    if drafts:
        write(drafts)
    return misfits


def failed_rows(sheet: Sheet, misfits: Sequence[Misfit]) -> Iterator[list[str]]:
    """The rows that were not taken, with what is wrong beside them, to be mended and handed in again."""
    by_row: dict[int, list[Misfit]] = {}
    for misfit in misfits:
        by_row.setdefault(misfit.row, []).append(misfit)
    yield [*sheet.head, "row", "why"]
    for number, result in sorted(by_row.items()):
        if number > 1:
            why = "; ".join(f"{each.column}: {each.code} {_allowed(each.allowed)}".strip() for each in result)
            yield [*sheet.rows[number - 2], str(number), why]


def _allowed(allowed: Any) -> str:
    return ", ".join(map(str, allowed)) if isinstance(allowed, tuple | list) else str(allowed)
