"""``immis simulate loadcells``: the stand-in for a vendor's feed of load cells as a process of its own."""

import click

from immis.adapters.loadcells.simulator import LoadCellSimulator
from immis.adapters.simulating import MOODS
from immis.commands.simulate.serving import listen_option, opened, serve


@click.command("loadcells", epilog="Example: immis simulate loadcells --listen 127.0.0.1:8023 --mood slow")
@listen_option("127.0.0.1:8023")
@click.option("--key", default="", help="The key that a caller must bring; empty: none.")
@click.option("--mood", type=click.Choice(MOODS), default="well", show_default=True, help="How it answers.")
def loadcells(listen: tuple[str, int], key: str, mood: str) -> None:
    """Stand in for the feed of load cells (/weights); POST /simulate enters a weight or changes the mood."""
    server = opened(lambda: LoadCellSimulator(*listen, key=key))
    server.mood = mood
    serve(server)
