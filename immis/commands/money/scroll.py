"""``immis scroll``: read a treasury's scroll cell by cell before anybody takes it in."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from immis.adapters.reading.apart import ReadingRefused, read_apart
from immis.adapters.treasury.scroll import CellFinding, Row, ScrollReport
from immis.rules.money import rupee_text

FOUND_ERRORS, UNUSABLE = 1, 2
_MOST_BYTES = 32 * 1024 * 1024
_UNUSABLE = {"not_text": "no text in UTF-8", "too_long": "more lines than a scroll has", "no_header": "empty"}


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Check a scroll of the treasury; taking it in is: immis ledger scroll import."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


@command.command()
@click.argument("file", metavar="FILE")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def check(file: str, as_json: bool) -> None:
    """Report each cell of a scroll that cannot be read for certain, and whether it adds up; nothing is stored.

    \b
    Example: immis scroll check scroll-2026-06-08.csv
    Exit 0: it can be taken in. Exit 1: errors found. Exit 2: not readable as a scroll.
    """
    try:
        report: ScrollReport = read_apart("scroll", _bytes_of(file))
    except ReadingRefused as refused:
        raise click.UsageError(refused.message("en")) from refused
    errors = sum(finding.severity == "error" for finding in report.findings)
    unusable = any(finding.row == 0 for finding in report.findings)
    if as_json:
        shown = {
            "lines": [_line(row) for row in report.rows],
            "findings": [asdict(finding) for finding in report.findings],
        }
        click.echo(json.dumps({**shown, **_totals(report)}, ensure_ascii=False))
    else:
        for finding in report.findings:
            click.echo(_words(finding))
        click.echo(f"{len(report.rows)} lines read, {errors} errors, {len(report.findings) - errors} warnings")
    raise click.exceptions.Exit(UNUSABLE if unusable else FOUND_ERRORS if errors else 0)


def _bytes_of(file: str) -> bytes:
    """The file's bytes, ``-`` for standard input; says in words why a file cannot be read."""
    try:
        if file == "-":
            raw = sys.stdin.buffer.read(_MOST_BYTES + 1)
        else:
            with Path(file).open("rb") as opened:
                raw = opened.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise click.UsageError(f"{file[:120]!r} cannot be read: {type(error).__name__}") from error
    if len(raw) > _MOST_BYTES:
        raise click.UsageError(f"{file[:120]!r} is larger than {_MOST_BYTES // 1024 // 1024} MB")
    return raw


def _line(row: Row) -> dict[str, Any]:
    return {
        "row": row.line_no,
        "kind": row.kind,
        "grn": row.grn,
        "bank_ref": row.bank_ref,
        "rupees": rupee_text(row.amount_paise),
        "day": row.paid_on.isoformat(),
        "account": row.payer_account,
    }


def _totals(report: ScrollReport) -> dict[str, Any]:
    if report.file is None:
        return {"scroll": None}
    file = report.file
    head = {"number": file.number, "day": file.scroll_on.isoformat(), "district": file.district}
    return {"scroll": {**head, "lines": len(file.rows), "rupees": rupee_text(file.sum_paise)}}


def _words(finding: CellFinding) -> str:
    if finding.row == 0:
        return f"{finding.severity} {finding.code}: the file is {_UNUSABLE[finding.code]}"
    place = f"row {finding.row}" + (f", column {finding.column} ({finding.cell})" if finding.column else "")
    return f"{finding.severity} {finding.code}: {place}: found {finding.found!r}, expected {finding.expected}"
