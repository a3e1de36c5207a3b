"""``immis sheet``: things, offices and charges from a sheet of any length, read row by row."""

import csv
import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from immis import setup_django


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Enter vehicles, drivers, places, devices, offices and charges from a sheet."""


@command.command("import")
@click.argument("kind", type=click.Choice(["vehicles", "drivers", "places", "devices", "offices", "charges"]))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--user", default="", help="The log-in in whose post the rows are entered; without it the installation.")
@click.option("--reason", default="", help="Why what is on record changes.")
@click.option("--check", "only_check", is_flag=True, help="Only check; nothing is written.")
@click.option("--rest", type=click.Path(dir_okay=False, path_type=Path), help="Where the rows that failed are written.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def import_(kind: str, file: Path, user: str, reason: str, only_check: bool, rest: Path | None, as_json: bool) -> None:
    """Check every row of FILE (CSV in UTF-8, XLSX), then take in what can be taken; one line of the log with its hash.

    Exit 0: all rows taken. Exit 1: some were not. Exit 2: not readable, or no such log-in.

    \b
    Examples:
      immis sheet import vehicles vehicles.csv --user mdo --rest rest.csv
      immis sheet import charges charges.xlsx
    """
    setup_django()
    from immis import clock
    from immis.core.errors import NotPermitted, Refusal
    from immis.registry.sheets import files

    by = _actor(user)
    try:
        head, rows = _rows(file)
        handed = files.Handed(kind, file.name, head, rows, reason, _sha256(file))
        sheet = files.hand_in(handed, by=by, at=clock.now())
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{file.name} is not text in UTF-8; save the table as CSV UTF-8") from error
    except (Refusal, NotPermitted, csv.Error) as error:
        raise click.UsageError(_words(error)) from error
    _through(sheet)
    if not only_check:
        files.take_in(file=sheet, by=by, at=clock.now())
        _through(sheet)
    sheet.refresh_from_db()
    if rest is not None:
        with rest.open("w", encoding="utf-8-sig", newline="") as out:
            csv.writer(out).writerows(files.failed_rows(sheet, _say))
    _tell(sheet, as_json=as_json)
    sys.exit(1 if sheet.refused else 0)


def _actor(username: str) -> Any:
    """Who hands the sheet in. Raises UsageError for a log-in that there is not."""
    from immis.core.access.permissions import SYSTEM
    from immis.registry.selectors import actor_of, users

    if not username:
        return SYSTEM
    known = users(username=username).first()
    if known is None:
        raise click.UsageError(f"no log-in {username!r}")
    return actor_of(known)


def _rows(file: Path) -> tuple[Sequence[str], Iterator[Sequence[str]]]:
    """The head of a sheet, and its rows as they are asked for. Raises UsageError for an empty file."""
    with file.open("rb") as content:
        if content.read(2) == b"PK":
            return _workbook(file)
    text = file.open(encoding="utf-8-sig", newline="")
    first = text.readline()
    text.seek(0)
    rows = csv.reader(text, delimiter=";" if first.count(";") > first.count(",") else ",")
    head = next(rows, None)
    if not head:
        raise click.UsageError(f"{file.name} is empty")
    return head, rows


def _workbook(file: Path) -> tuple[Sequence[str], Iterator[Sequence[str]]]:
    from immis.adapters.sheets import NoSheet, read_sheet

    try:
        sheet = read_sheet(file.read_bytes())
    except NoSheet as error:
        raise click.UsageError(f"{file.name} is no sheet with a head, or has too many rows") from error
    return sheet.head, iter(sheet.rows)


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _through(sheet: Any) -> None:
    """Look at every part of a sheet, in this process; the bar moves where somebody looks."""
    from immis import clock
    from immis.registry.sheets import files

    with click.progressbar(length=sheet.rows, file=sys.stderr) as bar:
        while looked_at := files.work_on(sheet, at=clock.now()):
            bar.update(looked_at)


def _say(finding: Any) -> str:
    from immis.rules.policy import book

    code, facts = finding
    words = {name: value.get("en", value) if isinstance(value, dict) else value for name, value in facts.items()}
    return f"{code}: {book().say(code, words, 'en')}"


def _words(error: Exception) -> str:
    findings = getattr(error, "findings", ())
    return "; ".join(_say((finding.code, finding.facts)) for finding in findings) or str(error)


def _tell(sheet: Any, *, as_json: bool) -> None:
    body = {name: getattr(sheet, name) for name in ("rows", "entered", "changed", "refused", "sha256", "state")}
    if as_json:
        click.echo(json.dumps({**body, "faults": sheet.faults}, ensure_ascii=False))
        return
    for fault in sheet.faults[:200]:
        click.echo(f"row {fault['row']}: {_say((fault['code'], fault['facts']))}")
    click.echo(", ".join(f"{count} {what}" for what, count in body.items() if what not in ("sha256", "state")))
