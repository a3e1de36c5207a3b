"""``immis simulate transport``: the stand-in for VAHAN and SARATHI as a process of its own."""

import click

from immis.adapters.vahan.simulator import MOODS, TransportSimulator
from immis.commands.simulate.serving import listen_option, opened, serve


@click.command("transport", epilog="Example: immis simulate transport --listen 127.0.0.1:8021 --mood slow")
@listen_option("127.0.0.1:8021")
@click.option("--key", default="", help="The key that a caller must bring; empty: none.")
@click.option("--mood", type=click.Choice(MOODS), default="well", show_default=True, help="How it answers.")
def transport(listen: tuple[str, int], key: str, mood: str) -> None:
    """Stand in for VAHAN (/rc) and SARATHI (/dl); POST /simulate enters a record or changes the mood."""
    server = opened(lambda: TransportSimulator(*listen, key=key))
    server.mood = mood
    serve(server)
