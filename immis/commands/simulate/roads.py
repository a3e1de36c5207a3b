"""``immis simulate roads``: the stand-in for a routing server as a process of its own."""

import click

from immis.adapters.roads.simulator import MOODS, RoadsSimulator
from immis.commands.simulate.serving import listen_option, opened, serve


@click.command("roads", epilog="Example: immis simulate roads --listen 127.0.0.1:8030 --mood slow")
@listen_option("127.0.0.1:8030")
@click.option("--mood", type=click.Choice(MOODS), default="well", show_default=True, help="How it answers.")
def roads(listen: tuple[str, int], mood: str) -> None:
    """Stand in for Valhalla and OSRM: their route calls, and POST /simulate to change the mood."""
    server = opened(lambda: RoadsSimulator(*listen))
    server.mood = mood
    serve(server)
