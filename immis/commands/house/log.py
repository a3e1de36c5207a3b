"""``immis log verify``: whether the chained action log is whole."""

import json

import click

from immis import setup_django


@click.group()
def command() -> None:
    """Check the action log."""


@command.command()
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def verify(as_json: bool) -> None:
    """Follow the chain of the action log from its first line; exit 1 when a line does not fit.

    \b
    Example: immis log verify --json
    """
    setup_django()
    from django.db import DatabaseError

    from immis.core.access.permissions import SYSTEM
    from immis.core.selectors import action_log, broken_link

    try:
        broken, lines = broken_link(), action_log(SYSTEM).count()
    except DatabaseError as error:
        raise click.UsageError(f"the records cannot be read: {error}; start once with `immis run`") from None
    answer = {"verified": broken is None, "lines": lines, "broken_at": broken}
    if as_json:
        click.echo(json.dumps(answer))
    elif broken is None:
        click.echo(f"The action log is whole: {lines} lines.")
    else:
        click.echo(f"The action log is broken at line {broken} of {lines}.")
    raise SystemExit(0 if broken is None else 1)
