"""Readers of notices inviting e-auction: a file in, the facts it states out. They decide nothing."""

from dataclasses import replace
from pathlib import Path

from immis.adapters.notices.errors import NoticeUnreadable
from immis.adapters.notices.published import read_published
from immis.adapters.notices.sheets import csv_rows, read_rows, read_workbook
from immis.rules.notices.facts import Column, NoticeFacts, Problem

__all__ = ["SAMPLES", "NoticeUnreadable", "read_notice"]

SAMPLES = Path(__file__).parent / "samples"
MOST_BYTES = 10_000_000
_MOST_GHATS = 200
# Text of another encoding or a file cut within a letter still reads; beyond this share it is not text at all.
_MOST_LOST = 0.02


def read_notice(source: Path | str | bytes, *, filename: str = "") -> NoticeFacts:
    """The facts of a notice, read as published text, CSV or XLSX by what the file holds (its name does not matter).

    What cannot be read within it stands in ``problems`` with row, column, what
    was found and what was expected. Raises NoticeUnreadable when nothing in the
    file is a notice. E-001…E-012, E-193.
    """
    data = source if isinstance(source, bytes) else _bytes_of(Path(source))
    if not data.strip():
        raise NoticeUnreadable("empty")
    if len(data) > MOST_BYTES:
        raise NoticeUnreadable("too_big", limit_mb=MOST_BYTES // 1_000_000)
    facts = _read(data)
    if len(facts.ghats) > _MOST_GHATS:
        raise NoticeUnreadable("too_long", limit=_MOST_GHATS)
    return facts


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise NoticeUnreadable("missing", name=path.name) from error
    except (OSError, ValueError) as error:
        raise NoticeUnreadable("refused", name=path.name, detail=type(error).__name__) from error


def _read(data: bytes) -> NoticeFacts:
    if data.startswith(b"PK\x03\x04"):
        return read_workbook(data)
    if data.startswith(b"%PDF"):
        raise NoticeUnreadable("pdf")
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise NoticeUnreadable("old_workbook")
    text, problems = _text_of(data)
    rows = csv_rows(text)
    facts = read_rows(rows) if rows else None
    facts = facts or read_published(text)
    if not (facts.ghats or facts.listed or facts.number or facts.programme.steps()):
        raise NoticeUnreadable("no_table")
    return replace(facts, problems=(*problems, *facts.problems))


def _text_of(data: bytes) -> tuple[str, tuple[Problem, ...]]:
    """The text of a file and, when its encoding is not UTF-8 or letters are lost, a problem that says so."""
    text, encoding = _decoded(data)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lost = text.count("\ufffd")
    if "\x00" in text or lost > _MOST_LOST * len(text):
        marks = [at for at in (text.find("\x00"), text.find("\ufffd")) if at >= 0]
        raise NoticeUnreadable("binary", offset=min(marks))
    if encoding == "utf-8" and not lost:
        return text, ()
    result = f"{encoding}: {lost} ×" if lost else encoding
    return text, (Problem("NTC-20", Column.FILE, result, "UTF-8", severity="warning"),)


def _decoded(data: bytes) -> tuple[str, str]:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace"), "UTF-16"
    try:
        return data.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        text = data.decode("utf-8-sig", "replace")
    # Few high bytes that are no UTF-8 at all: a table saved by a spreadsheet in the Windows code page.
    if not any("\u0900" <= letter <= "\u097f" for letter in text) and "\x00" not in text:
        return data.decode("cp1252", "replace"), "Windows-1252"
    return text, "UTF-8"
