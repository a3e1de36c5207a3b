"""``immis simulate roads``: the stand-in for a routing server as a process of its own."""

import contextlib
import json

import click

from immis.adapters.roads.simulator import MOODS, RoadsSimulator
from immis.reading import whole_number


@click.command("roads", epilog="Example: immis simulate roads --listen 127.0.0.1:8030 --mood slow")
@click.option("--listen", default="127.0.0.1:8030", show_default=True, metavar="HOST:PORT", help="Where to listen.")
@click.option("--mood", type=click.Choice(MOODS), default="well", show_default=True, help="How it answers.")
def roads(listen: str, mood: str) -> None:
    """Stand in for Valhalla and OSRM: their route calls, and POST /simulate to change the mood."""
    host, _, port = listen.rpartition(":")
    if not host or whole_number(port) is None:
        raise click.UsageError(f"--listen {listen!r}: give HOST:PORT, such as 127.0.0.1:8030")
    try:
        server = RoadsSimulator(host, int(port))
    except OSError as error:
        raise click.UsageError(f"--listen {listen}: {error.strerror}") from error
    server.mood = mood
    click.echo(json.dumps({"listening": server.url}))
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever(poll_interval=0.1)
    server.server_close()
