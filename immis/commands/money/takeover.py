"""``immis takeover``: settlements that run already, from a signed file."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from immis import clock, setup_django

FOUND_FAULTS, UNUSABLE = 1, 2
_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_lang = click.option("--lang", type=click.Choice(["hi", "en"]), default="en", show_default=True)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Take over settlements in force: deed, schedule, clearances, verified payments, opening balances."""


@command.command(epilog="Example: immis takeover check munger-2026.csv")
@_file
@_json
@_lang
def check(file: Path, as_json: bool, lang: str) -> None:
    """Say of FILE, line by line, what is not as the rule book and the records have it; nothing is stored.

    Exit 0: it can be taken over. Exit 1: faults found. Exit 2: not readable.
    """
    report = _report(file)
    lines = [_line(fault, lang) for fault in report.faults]
    if as_json:
        click.echo(json.dumps({**_sums(report), "faults": lines}, ensure_ascii=False))
    else:
        for line in lines:
            click.echo(f"line {line['line']}{', ' + line['column'] if line['column'] else ''}: {line['message']}")
        if report.by_deed:
            click.echo(f"by the terms of their own deed (TKO-02): {', '.join(report.by_deed)}")
        click.echo(f"{_sums(report)['settlements']} settlements, {len(lines)} faults")
    sys.exit(FOUND_FAULTS if lines else 0)


@command.command("import", epilog="Example: immis takeover import munger-2026.csv --json")
@_file
@click.option("--signature", type=click.Path(path_type=Path), default=None, help="Default: FILE.sig")
@_json
@_lang
def import_file(file: Path, signature: Path | None, as_json: bool, lang: str) -> None:
    """Take FILE over, whole; its detached signature must be of a key or certificate that this installation trusts.

    The same file again changes nothing. Exit 1: faults in FILE (immis takeover check names each). Exit 2: not signed.
    """
    if (report := _report(file)).faults and "known" not in {fault.why for fault in report.faults}:
        fault = _line(report.faults[0], lang)
        click.echo(f"immis takeover: {len(report.faults)} faults; line {fault['line']}: {fault['message']}", err=True)
        sys.exit(FOUND_FAULTS)
    from immis.core.access.permissions import SYSTEM
    from immis.core.errors import Refusal
    from immis.leases.services import take_over_settlements
    from immis.rules.policy import book

    try:
        signed = (signature or file.with_name(f"{file.name}.sig")).read_bytes()
        row = take_over_settlements(
            content=file.read_bytes(), signature=signed, file_name=file.name, by=SYSTEM, at=clock.now()
        )
    except OSError as error:
        click.echo(f"immis takeover: {error}", err=True)
        sys.exit(UNUSABLE)
    except Refusal as refusal:
        finding = refusal.findings[0]
        problem = finding.facts.get("problem", {})
        click.echo(f"immis takeover: {book().say(finding.code, {'problem': problem.get(lang, '')}, lang)}", err=True)
        sys.exit(UNUSABLE)
    payload = {"reference": row.reference, "settlements": row.settlements, "signed_by": row.signed_by}
    payload |= {"paid_paise": row.paid_paise, "balances": row.balances}
    click.echo(json.dumps(payload) if as_json else f"{row.reference}: {', '.join(row.settlements)} taken over")


def _report(file: Path) -> Any:
    setup_django()
    from immis.core.access.permissions import SYSTEM
    from immis.core.errors import Refusal
    from immis.leases.services import check_takeover

    try:
        return check_takeover(content=file.read_bytes(), by=SYSTEM, at=clock.now())
    except (OSError, Refusal) as error:
        click.echo(f"immis takeover: {file}: {error}", err=True)
        sys.exit(UNUSABLE)


def _line(fault: Any, lang: str) -> dict[str, Any]:
    from immis.rules.policy import book

    facts = {name: str(value) for name, value in fault.facts.items()}
    message = book().words("TKO-01", fault.why, **facts)[lang]
    return {"line": fault.line, "column": fault.column, "code": fault.why, "message": message, **facts}


def _sums(report: Any) -> dict[str, Any]:
    from immis.rules.leases import taken

    file = report.file
    return {
        "reference": file.reference if file else None,
        "settlements": len(file.of(taken.Settlement)) if file else 0,
        "paid_paise": file.paid_paise if file else 0,
        "by_deed": list(report.by_deed),
    }
