"""A treasury's scroll: the day's receipts as a CSV file with control totals, read whole or refused whole.

``SCROLL,<number>,<day>,<district or empty>``, then ``C`` (credit) or ``R``
(reversal) lines ``C,<GRN>,<bank reference>,<rupees>,<day>,<payer's account>``,
then ``TOTAL,<lines>,<rupees: credits less reversals>``.
"""

import csv
import io
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

_MOST_LINES = 200_000


class ScrollUnreadable(Exception):
    """The file is no scroll, or does not add up: ``code`` says what, ``line`` where (0: the file as a whole)."""

    def __init__(self, code: str, line: int = 0):
        super().__init__(f"{code}:{line}")
        self.code, self.line = code, line


@dataclass(frozen=True)
class Row:
    """One line of a scroll; ``kind`` C or R, the amount in paise."""

    line_no: int
    kind: str
    grn: str
    bank_ref: str
    amount_paise: int
    paid_on: date
    payer_account: str


@dataclass(frozen=True)
class ScrollFile:
    """A scroll that adds up."""

    number: str
    scroll_on: date
    district: str
    rows: tuple[Row, ...]
    sum_paise: int


def read_scroll(raw: bytes) -> ScrollFile:
    """A scroll file. Raises ScrollUnreadable: not_text, no_header, bad_line, no_total, count_differs, sum_differs."""
    try:
        text = raw.decode("utf-8-sig")
        lines = [
            (n, row) for n, row in enumerate(csv.reader(io.StringIO(text)), 1) if any(cell.strip() for cell in row)
        ]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ScrollUnreadable("not_text") from error
    if not lines or "\x00" in text:
        raise ScrollUnreadable("not_text" if lines else "no_header")
    if len(lines) > _MOST_LINES:
        raise ScrollUnreadable("too_long")
    number, day, district = _head(lines[0][1])
    if lines[-1][1][0].strip().upper() != "TOTAL":
        raise ScrollUnreadable("no_total")
    rows = tuple(_row(n, cells) for n, cells in lines[1:-1])
    total = sum(row.amount_paise if row.kind == "C" else -row.amount_paise for row in rows)
    _control(lines[-1][1], len(rows), total)
    return ScrollFile(number, day, district, rows, total)


def _head(cells: list[str]) -> tuple[str, date, str]:
    cells = [cell.strip() for cell in cells]
    try:
        word, number, day, *rest = cells
        if word.upper() != "SCROLL" or not 0 < len(number) <= 40 or len("".join(rest[:1])) > 40:
            raise ValueError("head")
        return number, date.fromisoformat(day), rest[0] if rest else ""
    except ValueError as error:
        raise ScrollUnreadable("no_header", 1) from error


def _row(line_no: int, cells: list[str]) -> Row:
    try:
        kind, grn, bank_ref, rupees, day, account = (cell.strip() for cell in cells[:6])
        row = Row(line_no, kind.upper(), grn, bank_ref, _paise(rupees), date.fromisoformat(day), account)
    except ValueError as error:
        raise ScrollUnreadable("bad_line", line_no) from error
    too_long = len(grn) > 40 or len(bank_ref) > 60 or len(account) > 40
    if row.kind not in {"C", "R"} or row.amount_paise <= 0 or too_long or not (grn or bank_ref):
        raise ScrollUnreadable("bad_line", line_no)
    return row


def _control(cells: list[str], count: int, total: int) -> None:
    try:
        said_count, said_total = int(cells[1]), _paise(cells[2])
    except (IndexError, ValueError) as error:
        raise ScrollUnreadable("no_total") from error
    if said_count != count:
        raise ScrollUnreadable("count_differs")
    if said_total != total:
        raise ScrollUnreadable("sum_differs")


def _paise(text: str) -> int:
    """Rupees with at most two decimals as paise. Raises ValueError."""
    try:
        paise = Decimal(text.replace(",", "").strip()) * 100
    except InvalidOperation as error:
        raise ValueError(text) from error
    if not paise.is_finite() or paise != int(paise) or abs(paise) >= 10**15:
        raise ValueError(text)
    return int(paise)
