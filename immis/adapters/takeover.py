"""A file of settlements in force, taken over from another system or from paper: read whole or refused whole, by cell.

Each line begins with a letter that says what it is; ``COLUMNS`` names the cells of each. The first line is
``TAKEOVER,<reference>,<district>,<day of the balances>``, the last ``TOTAL,<lines between>,<rupees paid>``. A cell that
cannot be read for certain is a finding; nothing is guessed. Whether the figures are lawful is not decided here.
"""

import csv
import io
import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from immis.rules.leases.taken import (
    Balance,
    Clearance,
    Due,
    Fault,
    Ghat,
    Party,
    Payment,
    Settlement,
    TakeoverFile,
    TakeoverReading,
)
from immis.rules.money import rupee_text
from immis.rules.writing.money import MoneyUnreadable, read_money

_MOST_LINES, _LONGEST = 50_000, 300
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_HEAD, _TOTAL = ("word", "reference", "district", "balances_on"), ("word", "lines", "rupees")


class _Odd(ValueError):
    """A cell that cannot be read: the word of TKO-01 that says what stands there rightly."""


def _text(cell: str) -> str:
    if len(cell) > _LONGEST or not cell.isprintable():
        raise _Odd("text")
    return cell


def _slug(cell: str) -> str:
    if not _SLUG.fullmatch(cell):
        raise _Odd("slug")
    return cell


def _day(cell: str) -> date:
    try:
        if _DAY.fullmatch(cell):
            return date.fromisoformat(cell)
    except ValueError:
        pass
    raise _Odd("day")


def _paise(cell: str) -> int:
    try:
        return read_money(cell)
    except MoneyUnreadable as error:
        raise _Odd("rupees") from error


def _whole(cell: str) -> int:
    if not (cell.isascii() and cell.isdigit() and len(cell) <= 9):
        raise _Odd("whole")
    return int(cell)


def _decimal(cell: str) -> Decimal:
    try:
        value = Decimal(cell)
    except InvalidOperation as error:
        raise _Odd("decimal") from error
    if not value.is_finite() or value <= 0 or value >= 100_000:
        raise _Odd("decimal")
    return value


def _rupees(cell: str) -> int:
    paise = _paise(cell)
    if paise % 100:
        raise _Odd("rupees")
    return paise // 100


def _corners(cell: str) -> tuple[tuple[float, float], ...]:
    """``25.2804 86.6087; 25.2835 86.6104; …``: latitude and longitude of at least three corners."""
    try:
        pairs = tuple((float(lat), float(lon)) for lat, lon in (part.split() for part in cell.split(";")))
    except ValueError as error:
        raise _Odd("corners") from error
    if len(pairs) < 3 or not all(6 <= lat <= 38 and 68 <= lon <= 98 for lat, lon in pairs):
        raise _Odd("corners")
    return pairs


Read = Callable[[str], Any]
#: Letter of a line to what it becomes, and its cells: name, how it is read, whether it must be there.
COLUMNS: dict[str, tuple[type, tuple[tuple[str, Read, bool], ...]]] = {
    "P": (Party, (
        ("pan", _slug, True), ("kind", _slug, True), ("name_en", _text, True), ("name_hi", _text, True),
        ("email", _text, True), ("phone", _text, False), ("bank_account", _text, False),
    )),
    "G": (Ghat, (
        ("code", _slug, True), ("serial", _whole, True), ("block_no", _text, True), ("name_en", _text, True),
        ("name_hi", _text, True), ("river", _text, False), ("area_ha", _decimal, True), ("quantity_m3", _whole, True),
        ("corners", _corners, True),
    )),
    "S": (Settlement, (
        ("number", _slug, True), ("ghat", _slug, True), ("pan", _slug, True), ("bid_rupees", _rupees, True),
        ("auction_on", _day, True), ("loi_number", _text, True), ("loi_on", _day, True), ("deed_on", _day, True),
        ("registered_on", _day, False), ("registration_number", _text, False), ("gst_on", _day, False),
        ("permission_number", _text, False), ("permitted_on", _day, False), ("demarcated_on", _day, False),
        ("unpaid_stops", _slug, False), ("ends_on", _day, False),
    )),
    "C": (Clearance, (
        ("settlement", _slug, True), ("kind", _slug, True), ("applied_on", _day, True), ("granted_on", _day, False),
        ("valid_until", _day, False), ("quantity_m3", _whole, False), ("reference", _text, False),
    )),
    "D": (Due, (
        ("settlement", _slug, True), ("year", _whole, True), ("part", _slug, True), ("amount_paise", _paise, True),
        ("due_on", _day, True),
    )),
    "R": (Payment, (
        ("settlement", _slug, True), ("year", _whole, True), ("part", _slug, True), ("amount_paise", _paise, True),
        ("verified_on", _day, True), ("grn", _slug, True),
    )),
    "B": (Balance, (("head", _slug, True), ("amount_paise", _paise, True))),
}  # fmt: skip


def read_takeover(raw: bytes) -> TakeoverReading:
    """Read a file and report every cell that cannot be read; called in a child of its own."""
    try:
        lines = list(enumerate(csv.reader(io.StringIO(raw.decode("utf-8-sig"))), 1))
    except (UnicodeDecodeError, csv.Error):
        return TakeoverReading((Fault(0, "", "not_text", {}),))
    lines = [(number, [cell.strip() for cell in cells]) for number, cells in lines if any(map(str.strip, cells))]
    if not 2 <= len(lines) <= _MOST_LINES or lines[0][1][0].upper() != "TAKEOVER":
        return TakeoverReading((Fault(1, "word", "no_head", {"found": ",".join(lines[0][1])[:80] if lines else ""}),))
    faults: list[Fault] = []
    head = _cells(lines[0], _HEAD, (_text, _text, _text, _day), faults)
    rows = [row for line in lines[1:-1] if (row := _row(line, faults)) is not None]
    file = None
    if not faults:
        last = lines[-1][0]
        file = TakeoverFile(head["reference"], head["district"], head["balances_on"], last, tuple(rows))
    _control(lines[-1], len(lines) - 2, file, faults)
    return TakeoverReading(tuple(faults), file if not faults else None)


def _row(line: tuple[int, list[str]], faults: list[Fault]) -> Any:
    number, cells = line
    letter = cells[0].upper()
    if letter not in COLUMNS:
        faults.append(Fault(number, "word", "letter", {"found": cells[0][:40], "expected": ", ".join(COLUMNS)}))
        return None
    kind, columns = COLUMNS[letter]
    before = len(faults)
    values = _cells(line, [name for name, _read, _needed in columns], [], faults, columns=columns)
    return kind(line=number, **values) if len(faults) == before else None


def _cells(
    line: tuple[int, list[str]],
    names: Sequence[str],
    reads: Sequence[Read],
    faults: list[Fault],
    *,
    columns: Sequence[tuple[str, Read, bool]] = (),
) -> dict[str, Any]:
    """The cells of a line by their names, each read as its column says; what cannot be read is a fault."""
    number, cells = line
    wanted = columns or [(name, read, True) for name, read in zip(names, reads, strict=True)]
    given = cells[1:] if columns else cells
    if len(given) > len(wanted) and any(given[len(wanted) :]):
        faults.append(Fault(number, "", "cells", {"found": len(given), "expected": len(wanted)}))
    values: dict[str, Any] = {}
    for place, (name, read, needed) in enumerate(wanted):
        cell = given[place] if place < len(given) else ""
        try:
            if needed and not cell:
                raise _Odd("missing")
            values[name] = read(cell) if cell else ("" if read in (_text, _slug) else None)
        except _Odd as odd:
            faults.append(Fault(number, name, str(odd), {"found": cell[:80]}))
    return values


def _control(line: tuple[int, list[str]], count: int, file: TakeoverFile | None, faults: list[Fault]) -> None:
    """The control totals; the sum is laid against the lines only when every line could be read."""
    number, cells = line
    if cells[0].upper() != "TOTAL":
        faults.append(Fault(number, "word", "no_total", {"found": cells[0][:40]}))
        return
    total = _cells(line, _TOTAL, (_text, _whole, _paise), faults)
    if total.get("lines") not in (None, count):
        faults.append(Fault(number, "lines", "count_differs", {"found": total["lines"], "expected": count}))
    if file and total.get("rupees") not in (None, file.paid_paise):
        sums = {"found": rupee_text(total["rupees"]), "expected": rupee_text(file.paid_paise)}
        faults.append(Fault(number, "rupees", "sum_differs", sums))
