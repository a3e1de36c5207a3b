"""``immis istp``: the readiness of transit passes of other States, and a rehearsal of all that they do."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from immis import clock, setup_django
from immis.commands.transit import rehearsal
from immis.private import require_private_data

_MARKS = {"ready": "ready", "weak": "to be mended", "missing": "MISSING"}


@click.group()
def command() -> None:
    """Transit passes of other States (ISTP): what is ready, and a rehearsal in test mode."""


@command.command(epilog="Example: immis istp status --json")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(as_json: bool) -> None:
    """Say whether passes are in force, what is ready and what is missing. Exit 1 where something is missing."""
    require_private_data()
    setup_django()
    from django.db import DatabaseError
    from django.utils.translation import override

    from immis.core.installation.kind import require_own_kind
    from immis.transit.ready import status as status_at

    try:
        require_own_kind()
        with override("en"):
            payload = status_at(clock.now())
    except DatabaseError as fault:
        raise click.UsageError("the records are not up to date: immis setup, or immis run, makes them so") from fault
    if as_json:
        click.echo(json.dumps(payload, ensure_ascii=False))
    else:
        _say(payload)
    sys.exit(0 if payload["ready"] else 1)


def _say(payload: dict[str, Any]) -> None:
    switch = payload["switch"]
    by = f" (order {switch['order_no']}, from {switch['starts_on']})" if switch["order_no"] else ""
    click.echo(f"Transit passes of other States: {switch['state'].replace('_', ' ')}{by}")
    for line in payload["checks"]:
        click.echo(f"{_MARKS[line['state']]:>12}  {line['title']}: {line['now'] or '—'}")
        if line["state"] != "ready":
            click.echo(f"{'':>14}{line['mend']}")


@command.command(epilog="Example: immis istp rehearse --json")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--keep", type=click.Path(file_okay=False, path_type=Path), help="Where the papers go (an empty folder).")
def rehearse(as_json: bool, keep: Path | None) -> None:
    """Run all that transit passes do, from the order to the refund, in test mode on records of its own.

    Nothing is written into the real records, no real money moves, every paper bears TEST. Exit 1 where a step failed.
    """
    require_private_data()
    try:
        payload = rehearsal.run(keep)
    except rehearsal.CannotRehearse as fault:
        raise click.UsageError(str(fault)) from fault
    if as_json:
        click.echo(json.dumps(payload, ensure_ascii=False))
    else:
        for step in payload["steps"]:
            click.echo(f"{'ok' if step['passed'] else 'FAILED':>7}  {step['name']}: {step['detail']}")
        click.echo(f"Papers, each of them marked as a test: {payload['papers']}")
    sys.exit(0 if payload["passed"] else 1)


@command.command(hidden=True)
def play() -> None:
    """Play the steps on the records that the environment names; called by ``rehearse`` alone."""
    from immis.commands.transit.play import played

    click.echo(json.dumps(played(), ensure_ascii=False))
