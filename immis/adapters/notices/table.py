"""Annexure 4 as rows of cells, from whatever file: puts the ghats together, reports each cell that it cannot read."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from immis.adapters.notices.cells import (
    LATITUDE_EXAMPLE,
    LONGITUDE_EXAMPLE,
    block_code,
    figure_in,
    label_in,
    rupees_in,
    split_pair,
    tidy,
)
from immis.rules.land.coordinates import coordinates_in
from immis.rules.notices.facts import FIGURES, Column, Corner, GhatFacts, Problem, Totals, label_of
from immis.rules.writing.offices import western_digits, words_of
from immis.rules.writing.units import UnitUnknown, heading_unit

EXAMPLES = {
    Column.AREA_HA: "15.3",
    Column.QUANTITY_M3: "91800",
    Column.RESERVE_RUPEES: "6885000",
    Column.EMD_RUPEES: "1721250",
}
MOST_ROWS = 20_000
MOST_COLUMNS = 60
_LONGEST_NAME = 300
_LONGEST_RIVER = 80
_LONGEST_CELL = 400  # no cell of a notice is as long: what is longer is cut, cannot be read and is reported
_WHOLE_RUPEES = (Column.RESERVE_RUPEES, Column.EMD_RUPEES)
_TOTAL = re.compile(words_of("notices")["total"], re.IGNORECASE)
#: Of what kind the figures of a column are (``words/units.yaml``).
_KINDS = {
    Column.AREA_HA: "area_ha",
    Column.QUANTITY_M3: "quantity_m3",
    Column.RESERVE_RUPEES: "money",
    Column.EMD_RUPEES: "money",
}


@dataclass(frozen=True)
class Row:
    """One line of a table: its number in the file and its cells."""

    line: int
    cells: tuple[str, ...]


@dataclass
class _Point:
    label: str
    text: str
    lat: str
    lon: str
    line: int


@dataclass
class _Draft:
    serial: int
    name: str
    line: int
    river: str = ""
    points: list[_Point] = field(default_factory=list)
    figures: dict[Column, str] = field(default_factory=dict)


_HEADINGS = tuple((Column(name), re.compile(words)) for name, words in words_of("notices")["columns"].items())
_NEEDED = (Column.SERIAL, Column.NAME, *FIGURES)


def columns_of(cells: Iterable[str]) -> dict[Column, int] | None:
    """Where each column of annexure 4 stands, by the words of a heading line; None when the line is no such heading."""
    columns: dict[Column, int] = {}
    for index, cell in enumerate(cells):
        words = tidy(cell[:_LONGEST_CELL]).lower()
        for column, pattern in _HEADINGS:
            if words and column not in columns and pattern.search(words):
                columns[column] = index
                break
    if not set(_NEEDED) <= set(columns):
        return None
    if Column.CORNERS in columns and Column.LABEL not in columns:
        # As published: one heading over two columns, the corner's letter and its co-ordinates.
        columns[Column.LABEL] = columns[Column.CORNERS]
        columns[Column.CORNERS] += 1
    placed = Column.CORNERS in columns or {Column.LATITUDE, Column.LONGITUDE} <= set(columns)
    return columns if placed else None


class Assembler:
    """Takes the rows of annexure 4 in order and gives the ghats, the printed totals and what could not be read."""

    def __init__(self, columns: dict[Column, int], heading: Row):
        self.columns = columns
        self.problems: list[Problem] = []
        self._units = {column: self._unit_of(column, heading) for column in FIGURES}
        self._drafts: list[_Draft] = []
        self._loose: list[tuple[int, dict[Column, str], int, bool]] = []

    def take(self, row: Row) -> None:
        """Place one row: a new ghat, a further corner, the rest of a broken row, or figures that stand alone."""
        if not any(cell.strip() for cell in row.cells):
            return
        figures = {column: text for column in FIGURES if (text := self._cell(row, column))}
        label, lat, lon = self._point(row)
        name, serial = self._cell(row, Column.NAME), self._cell(row, Column.SERIAL)
        if not (label or lat or lon) and figures and self._totals_like(serial, name):
            self._loose.append((row.line, figures, len(self._drafts), bool(_TOTAL.search(f"{serial} {name}"))))
            return
        self._extra_cells(row)
        if self._opens_ghat(serial, name, label):
            self._open(row, serial, name)
        elif name and self._drafts and not self._same_name(name):
            self._lengthen(row, name)
        if not self._drafts:
            self._unplaced(row)
            return
        self._drafts[-1].river = self._drafts[-1].river or self._cell(row, Column.RIVER)[:_LONGEST_RIVER]
        self._corner(row, label, lat, lon)
        for column, text in figures.items():
            self._figure(row, column, text)

    def result(self) -> tuple[tuple[GhatFacts, ...], Totals | None]:
        """All ghats in the order of the table, and the printed totals if there are any."""
        totals = self._totals()
        return tuple(self._ghat(draft) for draft in self._drafts), totals

    def _unit_of(self, column: Column, heading: Row) -> Decimal | None:
        """What one unit of a column is by its heading; None, and one problem for the whole column, when unknown."""
        words = tidy(heading.cells[self.columns[column]][:_LONGEST_CELL])
        try:
            return heading_unit(words, _KINDS[column])
        except UnitUnknown:
            self._report(column, words, label_of(column.value, "en"), row=None, line=heading.line)
            return None

    def _cell(self, row: Row, column: Column) -> str:
        index = self.columns.get(column)
        return tidy(row.cells[index][:_LONGEST_CELL]) if index is not None and index < len(row.cells) else ""

    def _point(self, row: Row) -> tuple[str, str, str]:
        label = self._cell(row, Column.LABEL)
        if Column.LATITUDE in self.columns:
            return label, self._cell(row, Column.LATITUDE), self._cell(row, Column.LONGITUDE)
        text = self._cell(row, Column.CORNERS)
        return (label, *split_pair(text)) if text else (label, "", "")

    @staticmethod
    def _totals_like(serial: str, name: str) -> bool:
        return not (serial or name) or bool(_TOTAL.search(f"{serial} {name}"))

    def _same_name(self, name: str) -> bool:
        return tidy(self._drafts[-1].name) == name

    def _opens_ghat(self, serial: str, name: str, label: str) -> bool:
        if not self._drafts:
            return bool(serial or name)
        if not serial:
            return bool(name and block_code(name)[0] and block_code(self._drafts[-1].name)[0]) and not self._same_name(
                name
            )
        last = self._drafts[-1]
        same = _serial_in(serial) == last.serial and (not name or self._same_name(name))
        restarts = bool(last.points) and bool(label) and label == last.points[0].label
        return not same or restarts

    def _open(self, row: Row, serial: str, name: str) -> None:
        expected = self._drafts[-1].serial + 1 if self._drafts else 1
        number = _serial_in(serial)
        if number is None:
            self._report(Column.SERIAL, serial, str(expected), row=expected, line=row.line)
        draft = _Draft(number if number is not None else expected, name, row.line)
        if not name:
            self._report(Column.NAME, "", "KALISTHAN FULKIYA SAND GHAT (BLOCK-1 A)", row=draft.serial, line=row.line)
        self._drafts.append(draft)

    def _lengthen(self, row: Row, rest: str) -> None:
        """The rest of a name that was broken over lines; what makes it longer than any name is reported instead."""
        draft = self._drafts[-1]
        if len(draft.name) + len(rest) > _LONGEST_NAME:
            self._report(Column.NAME, rest, draft.name, row=draft.serial, line=row.line)
        else:
            draft.name += f" {rest}"

    def _corner(self, row: Row, label: str, lat: str, lon: str) -> None:
        points = self._drafts[-1].points
        broken = points and not label and bool(points[-1].lat) != bool(points[-1].lon)
        if broken and (lat or lon):  # the other half of a corner whose row was broken over two lines
            points[-1].lat, points[-1].lon = points[-1].lat or lat, points[-1].lon or lon
        elif label or lat or lon:
            points.append(_Point(label, f"{lat} {lon}".strip(), lat, lon, row.line))

    def _figure(self, row: Row, column: Column, text: str) -> None:
        figures = self._drafts[-1].figures
        known = figures.setdefault(column, text)
        if known != text:
            self._report(column, text, known, row=self._drafts[-1].serial, line=row.line)

    def _extra_cells(self, row: Row) -> None:
        beyond = row.cells[max(self.columns.values()) + 1 :]
        extra = [tidy(cell[:_LONGEST_CELL]) for cell in beyond if cell.strip()]
        if extra:
            serial = self._drafts[-1].serial if self._drafts else None
            columns = str(max(self.columns.values()) + 1)
            self._report(Column.ROW, " | ".join(extra), f"{columns} columns", row=serial, line=row.line)

    def _unplaced(self, row: Row) -> None:
        result = " | ".join(tidy(cell[:_LONGEST_CELL]) for cell in row.cells if cell.strip())
        self._report(Column.SERIAL, result, "1", row=None, line=row.line)

    def _totals(self) -> Totals | None:
        """The last figures that stand alone after all rows; others fill what their row lacks, or are reported."""
        totals = None
        for line, figures, after, named in self._loose:
            draft, last = (self._drafts[after - 1] if after else None), after == len(self._drafts)
            fills = not named and draft and self._fills(draft, figures, last=last)
            if totals is None and (named or (last and not fills)):
                totals = self._totals_of(line, figures)
            elif draft and fills:
                draft.figures.update(figures)
            else:
                self._unplaced(Row(line, tuple(figures.values())))
        return totals

    @staticmethod
    def _fills(draft: _Draft, figures: dict[Column, str], *, last: bool) -> bool:
        """Whether these figures are what a broken row lacks; a whole line of them under the last row is the total."""
        if set(figures) & set(draft.figures):
            return False
        return bool(draft.figures) or not last or len(figures) < len(FIGURES)

    def _totals_of(self, line: int, figures: dict[Column, str]) -> Totals:
        read = {column: self._number(column, figures.get(column, ""), row=None, line=line) for column in FIGURES}
        return Totals(
            area_ha=read[Column.AREA_HA],
            quantity_m3=read[Column.QUANTITY_M3],
            reserve_rupees=_whole(read[Column.RESERVE_RUPEES]),
            emd_rupees=_whole(read[Column.EMD_RUPEES]),
            line=line,
        )

    def _ghat(self, draft: _Draft) -> GhatFacts:
        name = tidy(draft.name)
        code, block = block_code(name)
        if name and not code:
            self._report(Column.NAME, name, "(BLOCK-1 A)", row=draft.serial, line=draft.line)
        read = {
            column: self._number(column, draft.figures.get(column, ""), row=draft.serial, line=draft.line)
            for column in FIGURES
        }
        return GhatFacts(
            serial=draft.serial,
            name=name,
            code=code,
            block=block,
            corners=tuple(c for point in draft.points if (c := self._read_point(draft, point))),
            area_ha=read[Column.AREA_HA],
            quantity_m3=read[Column.QUANTITY_M3],
            reserve_rupees=_whole(read[Column.RESERVE_RUPEES]),
            emd_rupees=_whole(read[Column.EMD_RUPEES]),
            line=draft.line,
            river=draft.river,
        )

    def _read_point(self, draft: _Draft, point: _Point) -> Corner | None:
        label = label_in(point.label)
        if not label:
            self._report(Column.LABEL, point.label, "A", row=draft.serial, line=point.line)
        lat = self._degrees(Column.LATITUDE, point.lat, draft, point)
        lon = self._degrees(Column.LONGITUDE, point.lon, draft, point)
        if lat is None or lon is None:
            return None
        return Corner(label or point.label, lat, lon, f"{point.lat} {point.lon}")

    def _degrees(self, column: Column, text: str, draft: _Draft, point: _Point) -> float | None:
        axis, example = column.value, LATITUDE_EXAMPLE if column is Column.LATITUDE else LONGITUDE_EXAMPLE
        try:
            (result,) = coordinates_in(text)
            if result.axis not in (axis, ""):
                raise ValueError("a latitude stands where a longitude should, or the reverse")
        except ValueError:
            self._report(column, f"{point.label}: {text or '—'}", example, row=draft.serial, line=point.line)
            return None
        return result.degrees

    def _number(self, column: Column, text: str, *, row: int | None, line: int) -> Decimal | None:
        unit = self._units[column]
        if unit is None:  # reported once, at the heading
            return None
        money = column in _WHOLE_RUPEES
        number = rupees_in(text, unit=int(unit)) if money else figure_in(text, _KINDS[column], unit=unit)
        if number is None or number <= 0 or (column in _WHOLE_RUPEES and number != number.to_integral_value()):
            self._report(column, text, EXAMPLES[column], row=row, line=line)
            return None
        return number

    def _report(self, column: Column, found: str, expected: str, *, row: int | None, line: int) -> None:
        self.problems.append(Problem("NTC-15", column, found[:120] or "—", expected, row=row, line=line))


def _serial_in(text: str) -> int | None:
    digits = western_digits(text).strip(" .)")
    return int(digits) if re.fullmatch(r"\d{1,4}", digits) else None


def _whole(number: Decimal | None) -> int | None:
    return None if number is None else int(number)
