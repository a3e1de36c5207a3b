"""``immis simulate parivesh``: the stand-in for the portal of clearances as a process of its own."""

import contextlib
import json

import click

from immis.adapters.parivesh.simulator import MOODS, PariveshSimulator
from immis.reading import whole_number


@click.command("parivesh", epilog="Example: immis simulate parivesh --listen 127.0.0.1:8020 --mood odd")
@click.option("--listen", default="127.0.0.1:8020", show_default=True, metavar="HOST:PORT", help="Where to listen.")
@click.option("--mood", type=click.Choice(MOODS), default="well", show_default=True, help="How it answers.")
def parivesh(listen: str, mood: str) -> None:
    """Stand in for PARIVESH: the trackYourProposal calls, and POST /simulate to move a proposal or change the mood."""
    host, _, port = listen.rpartition(":")
    if not host or whole_number(port) is None:
        raise click.UsageError(f"--listen {listen!r}: give HOST:PORT, such as 127.0.0.1:8020")
    try:
        server = PariveshSimulator(host, int(port))
    except OSError as error:
        raise click.UsageError(f"--listen {listen}: {error.strerror}") from error
    server.register.mood = mood
    click.echo(json.dumps({"listening": server.url}))
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever(poll_interval=0.1)
    server.server_close()
