"""What stands in the cells of a sheet, column by column; a cell that cannot be taken is a finding (REG-31)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from immis.reading import in_years, is_kept_text
from immis.rules.catalogue import Finding
from immis.rules.districts import NAMES_HI
from immis.rules.policy import book
from immis.rules.registry.cells import misfit, misfit_of
from immis.rules.writing.texts import texts

_DAYS = ("%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y", "%d-%b-%Y")
_EMPTY = ("", "NA", "N/A", "NOT AVAILABLE", "NULL", "-", "—")
_YES, _NO = {"yes", "y", "true", "1"}, {"no", "n", "false", "0"}


class Odd(ValueError):
    """A cell that cannot be taken; ``allowed`` says in both languages what is."""

    def __init__(self, key: str, **facts: Any):
        super().__init__(key)
        self.allowed = book().words("REG-31", key, **facts)


def text(most: int) -> Callable[[str], str]:
    """A text of so many letters at most."""

    def read(cell: str) -> str:
        if len(cell) > most or not is_kept_text(cell):
            raise Odd("long", most=most)
        return cell

    return read


def whole(most: int) -> Callable[[str], int]:
    """A whole number up to a limit."""

    def read(cell: str) -> int:
        digits = cell.removesuffix(".0")
        if not (digits.isascii() and digits.isdigit() and len(digits) < 10 and int(digits) <= most):
            raise Odd("whole", most=most)
        return int(digits)

    return read


def decimal(cell: str) -> Decimal:
    """A figure of at most four places before the point and two after it."""
    try:
        figure = Decimal(cell)
    except InvalidOperation:
        raise Odd("figure") from None
    if not figure.is_finite() or not 0 < figure < 10_000:
        raise Odd("figure")
    return figure.quantize(Decimal("0.01"))


def degrees(cell: str) -> float:
    """Degrees as a decimal figure; where they may lie the rules say."""
    try:
        figure = float(cell)
    except ValueError:
        raise Odd("figure") from None
    if not -180 <= figure <= 180:
        raise Odd("figure")
    return round(figure, 7)


def day(cell: str) -> date:
    """A day as sheets, registers and VAHAN write it."""
    try:
        found = date.fromisoformat(cell[:10])
    except ValueError:
        found = _written(cell)
    if not in_years(found):
        raise Odd("day")
    return found


def _written(cell: str) -> date:
    for form in _DAYS:
        try:
            return datetime.strptime(cell, form).date()  # noqa: DTZ007  a day has no zone
        except ValueError:
            continue
    raise Odd("day")


def yes_no(cell: str) -> bool:
    """Yes or no in either language."""
    words, word = texts("registry/kinds"), cell.casefold()
    if word in _YES or word == words["yes"]["hi"]:
        return True
    if word in _NO or word == words["no"]["hi"]:
        return False
    raise Odd("choice", choices="yes, no")


def one_of(*names: str) -> Callable[[str], str]:
    """One of some kinds, by name or in words of either language."""

    @cache
    def spellings() -> dict[str, str]:
        words = texts("registry/kinds")
        return {word.casefold(): name for name in names for word in (name, *words[name].values())}

    def read(cell: str) -> str:
        if (name := spellings().get(cell.casefold())) is None:
            raise Odd("choice", choices=", ".join(names))
        return name

    return read


def district(cell: str) -> str:
    """A district of the State, in either language."""
    if (name := _districts().get(cell.casefold())) is None:
        raise Odd("choice", choices=", ".join(sorted(NAMES_HI)))
    return name


@cache
def _districts() -> dict[str, str]:
    return {word.casefold(): name for name, name_hi in NAMES_HI.items() for word in (name, name_hi)}


@dataclass(frozen=True)
class Columns:
    """The columns of a kind of sheet: how each is read, and which a row cannot be without."""

    readers: Mapping[str, Callable[[str], Any]]
    needed: tuple[str, ...]

    def row(self, cells: Mapping[str, str]) -> tuple[dict[str, Any], list[Finding]]:
        """A row as values, and what of it cannot be taken; an empty cell gives nothing."""
        values: dict[str, Any] = {}
        findings = []
        for name, cell in cells.items():
            if cell.upper() in _EMPTY:
                continue
            try:
                values[name] = self.readers[name](cell)
            except Odd as odd:
                findings.append(misfit_of(name, cell, odd.allowed))
        for name in self.needed:
            if name not in values and cells.get(name, "").upper() in _EMPTY:
                findings.append(misfit(name, "", "needed"))
        return values, findings
