"""``immis search``: fill the index of search anew, or count what it holds."""

import click

from immis import setup_django


@click.group()
def command() -> None:
    """The index by which records are found."""


@command.command()
def rebuild() -> None:
    """Make the index anew from the records, while the installation runs; needed once behind an upgrade to it.

    \b
    Example: immis search rebuild
    """
    setup_django()
    from django.db import DatabaseError

    from immis.search.services import rebuild as make_anew

    lines: dict[str, int] = {}

    def progress(kind: str, done: int, total: int) -> None:
        tenth = done * 10 // total
        if lines.get(kind) != tenth:
            lines[kind] = tenth
            click.echo(f"{kind}: {done:,} of {total:,}")

    try:
        changed = make_anew(progress=progress)
    except DatabaseError as error:
        raise click.UsageError(f"the records cannot be read: {error}; start once with `immis run`") from None
    click.echo(f"The index is whole: {changed:,} rows changed.")


@command.command()
def count() -> None:
    """How many records of each noun the index holds.

    \b
    Example: immis search count
    """
    setup_django()
    from immis.search.selectors import row_counts

    for kind, rows in row_counts().items():
        click.echo(f"{kind}: {rows:,}")
