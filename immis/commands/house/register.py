"""``immis register``: check declarations before they are shipped, and import a sheet from the shell."""

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from immis import setup_django


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Check declared registers, or import a sheet into one."""


@command.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def check(file: Path | None, as_json: bool) -> None:
    """Check one declaration, or all that are shipped: each fault with file, line and what is allowed.

    Exit 0: no fault. Exit 1: faults found. Exit 2: no such file.

    \b
    Example: immis register check
             immis register check immis/policy/registers/office/visitors.yaml
    """
    setup_django()
    from immis.registers import loader
    from immis.rules import catalogue
    from immis.rules.marks import Fault, Faults

    catalogue.load_all()
    faults: list[Fault] = []
    names: list[str] = []
    if file is not None:
        if not file.is_file():
            raise click.UsageError(f"{str(file)[:120]!r} is no file")
        register = loader.read(file, faults)
        names = [register.name] if register else []
    else:
        try:
            names = sorted(loader.load())
        except Faults as result:
            faults = list(result.faults)
    if as_json:
        click.echo(json.dumps({"registers": names, "faults": [asdict(fault) for fault in faults]}, ensure_ascii=False))
    else:
        for fault in faults:
            click.echo(str(fault))
        click.echo(f"{len(names)} registers, {len(faults)} faults")
    sys.exit(1 if faults else 0)


@command.command("import")
@click.argument("name")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--act", "act_name", default="", help="The act that makes an entry; the first one without it.")
@click.option("--user", required=True, help="The log-in in whose post the rows are entered.")
@click.option("--check", "only_check", is_flag=True, help="Only check; nothing is written.")
@click.option("--rest", type=click.Path(dir_okay=False, path_type=Path), help="Where the rows that failed are written.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def import_(
    name: str, file: Path, act_name: str, user: str, only_check: bool, rest: Path | None, as_json: bool
) -> None:
    """Import a sheet (CSV, XLSX) into a register: every row by its act, failed rows come back as a file.

    Exit 0: all rows taken. Exit 1: some were not. Exit 2: not readable, or no such register, act or log-in.

    \b
    Example: immis register import visitors visitors.csv --user mdo --rest rest.csv
    """
    setup_django()
    from immis import clock
    from immis.adapters.reading.apart import ReadingRefused, read_apart
    from immis.adapters.sheets import NoSheet
    from immis.core.errors import NotFound
    from immis.registers import imports, selectors
    from immis.registry.selectors import actor_of, users
    from immis.rules.calendar import india_day

    known = users(username=user).first()
    if known is None:
        raise click.UsageError(f"no log-in {user!r}")
    by, at = actor_of(known), clock.now()
    raw = file.read_bytes()
    try:
        register = selectors.register_of(name, by, india_day(at))
        sheet = read_apart("sheet", raw)
    except NotFound as error:
        raise click.UsageError(f"{user} has no act in a register {name!r}") from error
    except (NoSheet, ReadingRefused) as error:
        raise click.UsageError(f"{file.name} cannot be read as a sheet: {error}") from error
    acts = [act for act in register.beginning if act_name in ("", act.name) and by.role in act.who]
    if not acts:
        raise click.UsageError(f"no act {act_name!r} of {user} makes an entry of {name}")
    body: dict[str, Any] = {"rows": len(sheet.rows)}
    if only_check:
        misfits = imports.check_sheet(register, acts[0], sheet, by=by)
    else:
        outcome = imports.import_sheet(register, acts[0], sheet, raw=raw, by=by, at=at)
        misfits = list(outcome.misfits)
        body |= {"taken": outcome.taken, "known": outcome.known}
    if rest is not None:
        _write_rest(rest, imports.failed_rows(sheet, misfits))
    _tell_import(body, misfits, as_json=as_json)
    sys.exit(1 if misfits else 0)


def _write_rest(path: Path, rows: Iterable[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out).writerows(rows)


def _tell_import(body: dict[str, Any], misfits: Sequence[Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({**body, "misfits": [asdict(each) for each in misfits]}, ensure_ascii=False))
        return
    for each in misfits[:200]:
        click.echo(f"row {each.row}, {each.column}: {each.found[:60]!r}: {each.code} {each.allowed}".rstrip())
    click.echo(", ".join(f"{count} {what}" for what, count in body.items()))
