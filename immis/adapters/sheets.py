"""The rows of a sheet as text, out of a CSV or XLSX file; read in a child of its own."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

MOST_ROWS, MOST_COLUMNS = 100_000, 200


@dataclass(frozen=True)
class Sheet:
    """A file's head and rows as text."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class NoSheet(ValueError):
    """A file that is no sheet; ``reason`` is one of text, head, rows."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


def read_sheet(raw: bytes) -> Sheet:
    """The rows of a CSV or XLSX file; called in a child of its own. Raises NoSheet."""
    rows = list(_xlsx(raw) if raw.startswith(b"PK") else _csv(raw))
    while rows and not any(rows[-1]):
        rows.pop()
    if not rows or not any(rows[0]):
        raise NoSheet("head")
    if len(rows) - 1 > MOST_ROWS or len(rows[0]) > MOST_COLUMNS:
        raise NoSheet("rows")
    return Sheet(rows[0], tuple(rows[1:]))


def _csv(raw: bytes) -> Iterator[tuple[str, ...]]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NoSheet("text") from error
    separator = ";" if text.split("\n", 1)[0].count(";") > text.split("\n", 1)[0].count(",") else ","
    for row in csv.reader(io.StringIO(text), delimiter=separator):
        yield tuple(cell.strip() for cell in row)


def _xlsx(raw: bytes) -> Iterator[tuple[str, ...]]:
    from openpyxl import load_workbook

    try:
        sheet = load_workbook(io.BytesIO(raw), read_only=True, data_only=True).worksheets[0]
        for row in sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS + 1, values_only=True):
            yield tuple(_cell(value) for value in row)
    except (KeyError, ValueError, IndexError, OSError) as error:
        raise NoSheet("text") from error


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value.strftime("%Y-%m-%dT%H:%M") if isinstance(value, datetime) else str(value).strip()
