"""A list taken along: CSV that a spreadsheet opens rightly and safely, and XLSX."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from immis import clock
from immis.core.access.permissions import PUBLIC
from immis.web.shell import wording

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NOT_IN_A_CELL = re.compile(r"[\000-\010]|[\013-\014]|[\016-\037]")  # as openpyxl has it
_MOST_A_CELL = 32_000  # a spreadsheet's cell holds 32,767


def wanted_format(request: HttpRequest) -> str:
    """``csv``, ``xlsx`` or empty: what ``?format=`` asks for."""
    asked = request.GET.get("format", "")
    return asked if asked in {"csv", "xlsx"} else ""


def file_response(request: HttpRequest, *, lines: Sequence[Sequence[Any]], name: str) -> HttpResponse:
    """Lines, the first one the heads, as a download in the format that ``?format=`` asks for (CSV unless ``xlsx``).

    Text that a spreadsheet would run as a formula is made plain text.
    """
    cells = [[_cell(value) for value in line] for line in lines]
    if wanted_format(request) == "xlsx":
        reader = getattr(request, "actor", PUBLIC)
        return _xlsx(cells, name, office=wording.name_of({"en": reader.office_en, "hi": reader.office_hi}))
    return _csv(cells, name)


def csv_response(lines: Iterable[Sequence[Any]], *, name: str) -> HttpResponse:
    """The same as CSV whatever is asked, line by line: for what may be as long as a sheet that was handed in."""
    return _csv(([_cell(value) for value in line] for line in lines), name)


def _cell(value: Any) -> str | int | float | Decimal:
    """A cell: numbers stay numbers, dates are written as the department writes them, text cannot be a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | float | Decimal):
        return value
    if isinstance(value, datetime):
        return value.astimezone(clock.INDIA).strftime("%d.%m.%Y %H:%M:%S")
    if isinstance(value, date):
        return wording.day(value)
    text = _NOT_IN_A_CELL.sub("\ufffd", str(value))[:_MOST_A_CELL]
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _attachment(content: bytes, kind: str, filename: str) -> HttpResponse:
    marked = f"training-{filename}" if settings.TRAINING else filename
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{marked}"'})


def _csv(table: Iterable[Sequence[Any]], name: str) -> HttpResponse:
    text = io.StringIO()
    csv.writer(text).writerows(table)
    return _attachment(("\ufeff" + text.getvalue()).encode(), "text/csv; charset=utf-8", f"{name}.csv")


def _xlsx(table: list[list[Any]], name: str, *, office: str) -> HttpResponse:
    from openpyxl import Workbook  # 13 MB that a process keeps: only where one is written
    from openpyxl.styles import Font

    book = Workbook(write_only=False)
    sheet = book.active
    for row in table:
        sheet.append(row)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    _set_print(sheet, name, office)
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            if cell.data_type == "f":
                cell.data_type = "s"
    out = io.BytesIO()
    book.save(out)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _attachment(out.getvalue(), kind, f"{name}.xlsx")


def _set_print(sheet: Any, name: str, office: str) -> None:
    """On paper: across, as wide as the sheet, heads on each page, below them name, date, office and page."""
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.left.text = f"{name} · {wording.clock_time(clock.now())}"
    if office:
        sheet.oddFooter.center.text = office.replace("&", "&&")
    sheet.oddFooter.right.text = "&P / &N"
