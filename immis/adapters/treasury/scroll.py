"""A treasury's scroll: the day's receipts as a CSV file with control totals, read whole or refused whole, by cell.

``SCROLL,<number>,<day>,<district or empty>``, then ``C`` (credit) or ``R``
(reversal) lines ``C,<GRN>,<bank reference>,<rupees>,<day>,<payer's account>``,
then ``TOTAL,<lines>,<rupees: credits less reversals>``. A file that went through
a spreadsheet may have lost digits of a reference or an account: such cells are
refused, never guessed.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from immis.rules.money import rupee_text
from immis.rules.writing.money import EXAMPLE, MoneyUnreadable, plain_number, read_money

_MOST_LINES = 200_000
_SHOWN = 80
_HEAD = ("word", "number", "day", "district")
_LINE = ("kind", "grn", "bank_ref", "rupees", "day", "account")
_TOTAL = ("word", "lines", "rupees")
_EXAMPLES = {"number": "BRT/61", "day": "2026-06-08", "district": "Munger", "grn": "BR0123456789", "kind": "C, R"}
_EXAMPLES |= {"bank_ref": "412345678901", "account": "30012345678", "rupees": EXAMPLE, "lines": "2"}
_LONGEST = {"number": 40, "district": 40, "grn": 40, "bank_ref": 60, "account": 40}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TEXT = re.compile(r"[A-Za-z0-9*][A-Za-z0-9 ./:_()*&-]*")
_ROUNDED = re.compile(r"[0-9]+\.[0-9]*[eE][-+]?[0-9]+|[0-9]+[eE][-+][0-9]+|[0-9][eE][0-9]{1,2}|[0-9]+\.0*")
#: Seventeen digits and more of which a spreadsheet would have kept the first fifteen.
_CUT = re.compile(r"[1-9][0-9]{14}0{2,}")


class ScrollUnreadable(Exception):
    """The file is no scroll, or does not add up: ``code`` says what, ``line`` where (0: the file as a whole)."""

    def __init__(self, code: str, line: int = 0):
        super().__init__(f"{code}:{line}")
        self.code, self.line = code, line


@dataclass(frozen=True)
class CellFinding:
    """What is wrong in a cell: ``row`` and ``column`` as a spreadsheet counts them, what stood there, what may.

    ``column`` is the column's name (empty: the row or file as a whole), ``cell`` its place (``D3``); ``severity`` is
    error or warning.
    """

    code: str
    row: int
    column: str = ""
    found: str = ""
    expected: str = ""
    severity: str = "error"
    cell: str = ""


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


@dataclass(frozen=True)
class ScrollReport:
    """What a file holds: the lines that can be read, every finding, and the scroll when nothing in it is an error."""

    rows: tuple[Row, ...]
    findings: tuple[CellFinding, ...]
    file: ScrollFile | None = None

    @property
    def reason(self) -> str:
        """Why it is refused, ``bad_line:3``; empty for a scroll that adds up."""
        return next((_reason(finding) for finding in self.findings if finding.severity == "error"), "")


def read_scroll(raw: bytes) -> ScrollFile:
    """A scroll file. Raises ScrollUnreadable: not_text, no_header, bad_line, no_total, count_differs, sum_differs."""
    report = check_scroll(raw)
    if report.file is None:
        code, _, line = report.reason.partition(":")
        raise ScrollUnreadable(code, int(line))
    return report.file


def check_scroll(raw: bytes) -> ScrollReport:
    """Read a scroll file and report each cell that cannot be read for certain; nothing of it is guessed."""
    try:
        lines = _lines(raw)
    except ScrollUnreadable as error:
        return ScrollReport((), (CellFinding(error.code, error.line),))
    head = _Cells(*lines[0], _HEAD, least=3)
    if head.text("word").upper() != "SCROLL":
        result = ",".join(lines[0][1])[:_SHOWN]
        return ScrollReport(
            (), (CellFinding("no_header", lines[0][0], "word", result, "SCROLL", cell=f"A{lines[0][0]}"),)
        )
    number, scroll_on = head.reference("number", needed=True), head.day("day")
    district = head.reference("district")
    rows, findings = [], head.findings
    last_no, last = lines[-1]
    closed = len(lines) > 1 and last[0].strip().upper() == "TOTAL"
    for line_no, cells in lines[1:-1] if closed else lines[1:]:
        row, faults = _row(line_no, cells, scroll_on)
        rows += [row] if row else []
        findings += faults
    if closed:
        findings += _control(last_no, last, rows, complete=len(rows) == len(lines) - 2)
    else:
        findings.append(CellFinding("no_total", last_no, "word", last[0][:_SHOWN], "TOTAL", cell=f"A{last_no}"))
    file = None
    if scroll_on and not any(finding.severity == "error" for finding in findings):
        file = ScrollFile(number, scroll_on, district, tuple(rows), _sum(rows))
    return ScrollReport(tuple(rows), tuple(findings), file)


def _lines(raw: bytes) -> list[tuple[int, list[str]]]:
    """The rows that hold anything, numbered as a spreadsheet numbers them."""
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
    return lines


class _Cells:
    """The cells of one row by their names; what is wrong in them is collected in ``findings``."""

    def __init__(self, row: int, cells: Sequence[str], names: Sequence[str], *, least: int):
        self.row, self._names, self.findings = row, names, list[CellFinding]()
        self._cells = dict(zip(names, cells, strict=False))
        filled = max((n for n, cell in enumerate(cells, 1) if cell.strip()), default=0)
        if not least <= len(cells) or filled > len(names):
            count = max(filled, min(len(cells), len(names)))
            result = ",".join(cells)
            self._report("cells", "", f"{count}: {result}", str(len(names)))

    def text(self, name: str) -> str:
        return self._cells.get(name, "").strip()

    def reference(self, name: str, *, needed: bool = False) -> str:
        """A number or name that must be kept letter by letter; empty where it is unreadable."""
        cell, text = self._cells.get(name, ""), self.text(name)
        code = _spoiled(cell, name) if text else "missing" if needed else ""
        if code:
            self._report(code, name, cell)
            return ""
        if _CUT.fullmatch(text):
            self._report("digits_lost", name, cell, severity="warning")
        return text

    def day(self, name: str) -> date | None:
        text = self.text(name)
        try:
            if not _DAY.fullmatch(text):
                raise ValueError(text)
            return date.fromisoformat(text)
        except ValueError:
            self._report("no_day", name, self._cells.get(name, ""))
            return None

    def paise(self, name: str, *, signed: bool = False) -> int | None:
        cell = self._cells.get(name, "")
        try:
            if _breaks(cell):
                raise MoneyUnreadable("line_break", cell)
            return read_money(cell, signed=signed)
        except MoneyUnreadable as error:
            self._report(error.code, name, cell)
            return None

    def differ(self, code: str, name: str, expected: str, *, severity: str = "error") -> None:
        self._report(code, name, self._cells.get(name, ""), expected, severity=severity)

    def _report(self, code: str, name: str, cell: str, expected: str = "", *, severity: str = "error") -> None:
        expected = expected or _EXAMPLES.get(name, "")
        place = f"{'ABCDEF'[self._names.index(name)]}{self.row}" if name else ""
        self.findings.append(CellFinding(code, self.row, name, cell[:_SHOWN], expected, severity, place))


def _breaks(cell: str) -> bool:
    return any(letter in cell for letter in "\r\n\v\f\u0085\u2028\u2029")


def _spoiled(cell: str, name: str) -> str:
    """What a spreadsheet or a clipboard did to a reference; empty for one that is whole."""
    text = cell.strip()
    if _breaks(cell):
        return "line_break"
    if text[0] in "'`\u2018\u2019":
        return "apostrophe"
    if text[0] in "=+@":
        return "formula"
    if _ROUNDED.fullmatch(text):
        return "rounded"
    if len(text) > _LONGEST[name]:
        return "too_long_text"
    return "" if _TEXT.fullmatch(text) or (name == "district" and text.isprintable()) else "odd_letters"


def _row(line_no: int, cells: list[str], scroll_on: date | None) -> tuple[Row | None, list[CellFinding]]:
    line = _Cells(line_no, cells, _LINE, least=len(_LINE))
    kind = line.text("kind").upper()
    if kind not in {"C", "R"}:
        line.differ("kind", "kind", _EXAMPLES["kind"])
    grn, bank_ref = line.reference("grn"), line.reference("bank_ref", needed=not line.text("grn"))
    paise, paid_on, account = line.paise("rupees"), line.day("day"), line.reference("account")
    if paise is not None and paise <= 0:
        line.differ("not_positive", "rupees", EXAMPLE)
    if paid_on and scroll_on and paid_on > scroll_on:
        line.differ("later_than_scroll", "day", f"{scroll_on}", severity="warning")
    whole = not any(finding.severity == "error" for finding in line.findings)
    if not whole or paise is None or paid_on is None:
        return None, line.findings
    return Row(line_no, kind, grn, bank_ref, paise, paid_on, account), line.findings


def _sum(rows: Sequence[Row]) -> int:
    return sum(row.amount_paise if row.kind == "C" else -row.amount_paise for row in rows)


def _control(line_no: int, cells: list[str], rows: Sequence[Row], *, complete: bool) -> Iterator[CellFinding]:
    """The control totals; they are laid against the lines only when every line could be read."""
    line = _Cells(line_no, cells, _TOTAL, least=len(_TOTAL))
    count, paise = plain_number(line.text("lines")), line.paise("rupees", signed=True)
    if count is None:
        line.differ("no_total", "lines", _EXAMPLES["lines"])
    elif complete and count != len(rows):
        line.differ("count_differs", "lines", str(len(rows)))
    if complete and paise is not None and paise != _sum(rows):
        line.differ("sum_differs", "rupees", rupee_text(_sum(rows)))
    yield from line.findings


_WHOLE_FILE = {"not_text", "too_long", "no_total", "count_differs", "sum_differs"}


def _reason(finding: CellFinding) -> str:
    """The refusal of the file in the words of its list: the head, a line, or the file as a whole."""
    if finding.code in _WHOLE_FILE:
        return f"{finding.code}:0"
    return f"no_header:{finding.row}" if finding.row <= 1 else f"bad_line:{finding.row}"
