"""``immis simulate origins``: the stand-in for the portal of another State as a process of its own."""

import contextlib
import json

import click

from immis.adapters.origins.simulator import MOODS, OriginSimulator
from immis.reading import whole_number


@click.command("origins", epilog="Example: immis simulate origins --listen 127.0.0.1:8023 --mood down")
@click.option("--listen", default="127.0.0.1:8023", show_default=True, metavar="HOST:PORT", help="Where to listen.")
@click.option("--key", default="", help="The key that a caller must bring; empty: none.")
@click.option("--mood", type=click.Choice(MOODS), default="well", show_default=True, help="How it answers.")
def origins(listen: str, key: str, mood: str) -> None:
    """Stand in for the portal of another State (/challan); POST /simulate enters a challan or changes the mood."""
    host, _, port = listen.rpartition(":")
    if not host or whole_number(port) is None:
        raise click.UsageError(f"--listen {listen!r}: give HOST:PORT, such as 127.0.0.1:8023")
    try:
        server = OriginSimulator(host, int(port), key=key)
    except OSError as error:
        raise click.UsageError(f"--listen {listen}: {error.strerror}") from error
    server.mood = mood
    click.echo(json.dumps({"listening": server.url}))
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever(poll_interval=0.1)
    server.server_close()
