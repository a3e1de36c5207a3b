"""Annexure 4 as a table file: CSV (any usual delimiter) and XLSX."""

import csv
import io
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from immis.adapters.notices.errors import NoticeUnreadable
from immis.adapters.notices.table import MOST_COLUMNS, MOST_ROWS, Assembler, Row, columns_of
from immis.rules.notices.facts import NoticeFacts

_DELIMITERS = ",;|"  # a table with tabs reads as published text does, its broken rows joined
_HEADING_WITHIN = 40
_MOST_UNPACKED_BYTES = 60_000_000


def csv_rows(text: str) -> list[Row] | None:
    """The rows of a CSV whose first lines hold the heading of annexure 4; None when it is no such table."""
    start = "\n".join(text.split("\n", _HEADING_WITHIN)[:_HEADING_WITHIN])
    for delimiter in _DELIMITERS:
        if _has_heading(start, delimiter):
            return _csv(text, delimiter)
    return None


def _has_heading(start: str, delimiter: str) -> bool:
    try:
        return any(columns_of(row.cells) for row in _csv(start, delimiter))
    except NoticeUnreadable:
        return False


def _csv(text: str, delimiter: str) -> list[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows = []
    try:
        for cells in reader:
            rows.append(Row(reader.line_num, tuple(cells[:MOST_COLUMNS])))
            if len(rows) > MOST_ROWS:
                raise NoticeUnreadable("too_long", limit=MOST_ROWS)
    except csv.Error as error:
        raise NoticeUnreadable("broken_table", detail=str(error), line=reader.line_num) from error
    return rows


def read_rows(rows: Iterable[Row]) -> NoticeFacts | None:
    """Ghats and totals of a table; None when no line of it is the heading of annexure 4."""
    assembler: Assembler | None = None
    for row in rows:
        columns = columns_of(row.cells)
        if columns and assembler is None:
            assembler = Assembler(columns, row)
        elif assembler and not columns:
            assembler.take(row)
    if assembler is None:
        return None
    ghats, totals = assembler.result()
    return NoticeFacts(ghats=ghats, totals=totals, problems=tuple(assembler.problems), kind="table")


def read_workbook(data: bytes) -> NoticeFacts:
    """Annexure 4 from the first sheet of a workbook that has its heading. Raises NoticeUnreadable."""
    _refuse_bomb(data)
    try:
        from openpyxl import load_workbook  # 13 MB that a process keeps: only where one is read

        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        for sheet in book.worksheets:
            facts = read_rows(_sheet_rows(sheet))
            if facts:
                return replace(facts, title=str(sheet.title))
    except NoticeUnreadable:
        raise
    except Exception as error:  # openpyxl raises many kinds for a damaged file; all mean the same to the reader
        raise NoticeUnreadable("broken_workbook", detail=type(error).__name__) from error
    raise NoticeUnreadable("no_table")


def _refuse_bomb(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            unpacked = sum(item.file_size for item in packed.infolist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise NoticeUnreadable("broken_workbook", detail=type(error).__name__) from error
    if unpacked > _MOST_UNPACKED_BYTES:
        raise NoticeUnreadable("too_big", limit_mb=_MOST_UNPACKED_BYTES // 1_000_000)


def _sheet_rows(sheet: Any) -> Iterable[Row]:
    for number, values in enumerate(sheet.iter_rows(values_only=True), 1):
        if number > MOST_ROWS:
            raise NoticeUnreadable("too_long", limit=MOST_ROWS)
        yield Row(number, tuple(_cell_text(value) for value in values[:MOST_COLUMNS]))


def _cell_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        # A spreadsheet keeps 412.8 as the nearest binary number: its shortest text is what was typed.
        return format(Decimal(repr(value)).normalize(), "f") if value == value else "NaN"
    return str(value)
