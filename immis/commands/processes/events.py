"""``immis events``: the process of live events."""

import sys

import click

from immis.commands.processes.addresses import ADDRESS
from immis.private import require_private_data


@click.command(name="events", epilog="Example: immis events --listen 127.0.0.1:8002")
@click.option("--listen", type=ADDRESS, default="127.0.0.1:8002", show_default=True, help="HOST:PORT or unix:/path")
def command(listen: str) -> None:
    """Run the event streams of auction rooms (/events/lots?codes=…) and of alarms (/events/alarms)."""
    require_private_data()
    from immis.live.server import run

    try:
        run(listen)
    except OSError as fault:
        click.echo(f"immis events: cannot listen on {listen}: {fault.strerror or fault}", err=True)
        sys.exit(2)
