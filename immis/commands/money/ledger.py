"""``immis ledger``: is the ledger whole, and does the treasury's scroll agree with it?"""

import json
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from immis import setup_django


@click.group()
def command() -> None:
    """Check the ledger, and lay the treasury's scrolls against it."""


@command.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check(as_json: bool) -> None:
    """Check that every entry balances and is sealed, and that receipts, demands and journal agree.

    Exit 0 when all is well, 1 when something is wrong. Example: immis ledger check --json
    """
    problems, totals = _ask()
    if as_json:
        click.echo(json.dumps({"balanced": not problems, "problems": problems, **totals}))
    else:
        for problem in problems:
            click.echo(" ".join(f"{name}={value}" for name, value in problem.items()))
        click.echo(
            f"{totals['entries']} entries, {totals['demands']} demands: " + ("not well" if problems else "all well")
        )
    sys.exit(1 if problems else 0)


@command.group()
def scroll() -> None:
    """Scroll files of the treasury."""


@scroll.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def import_(file: str, as_json: bool) -> None:
    """Take a scroll FILE in and reconcile the receipts that it names; the same file again changes nothing.

    Exit 0 when every line fits a receipt, 1 when lines wait on the desk or the file is refused (it is kept).
    Example: immis ledger scroll import scroll-2026-06-08.csv
    """
    _set_up()
    from immis import clock
    from immis.core.access.permissions import SYSTEM
    from immis.core.errors import Refusal
    from immis.ledger import selectors, services
    from immis.rules.policy import book

    raw = Path(file).read_bytes()
    try:
        taken = services.import_scroll(raw=raw, file_name=Path(file).name, by=SYSTEM, at=clock.now())
    except Refusal as refusal:  # not read within the limits
        for finding in refusal.findings:
            click.echo(f"immis ledger: {book().say(finding.code, finding.facts, 'en')}", err=True)
        sys.exit(2)
    lines = selectors.scroll_lines(taken)
    counts = dict(Counter(lines.values_list("outcome", flat=True)))
    waiting = selectors.scroll_lines(taken, only_open=True).count()
    payload = {"scroll": taken.number, "state": taken.state, "reason": taken.reason, "lines": taken.line_count}
    payload |= {"sum": str(Decimal(taken.sum_paise) / 100), "outcomes": counts, "open_lines": waiting}
    if as_json:
        click.echo(json.dumps(payload))
    elif taken.state == "refused":
        click.echo(f"refused: {taken.reason}; the file is kept")
    else:
        click.echo(
            f"{taken.number}: {taken.line_count} lines, ₹ {payload['sum']}; {waiting} wait on the desk; {counts}"
        )
    sys.exit(1 if waiting or taken.state == "refused" else 0)


def _set_up() -> None:
    setup_django()


def _ask() -> tuple[list[dict[str, Any]], dict[str, Any]]:
    from django.db import DatabaseError

    _set_up()
    from immis.ledger import selectors

    try:
        return selectors.problems(), selectors.totals()
    except DatabaseError as error:
        raise click.UsageError(f"the database cannot be read: {error}") from error
