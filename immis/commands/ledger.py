"""``immis ledger``: is the ledger whole?"""

import json
import os
import sys
from typing import Any

import click


@click.group()
def command() -> None:
    """Check the ledger."""


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


def _ask() -> tuple[list[dict[str, Any]], dict[str, Any]]:
    import django
    from django.db import DatabaseError

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "immis.settings")
    django.setup()
    from immis.ledger import selectors

    try:
        return selectors.problems(), selectors.totals()
    except DatabaseError as error:
        raise click.UsageError(f"the database cannot be read: {error}") from error
