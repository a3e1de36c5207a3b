"""``immis simulate origins``: the stand-in for the portal of another State as a process of its own."""

import click

from immis.adapters.origins.simulator import MOODS, OriginSimulator
from immis.commands.simulate.serving import listen_option, opened, serve


@click.command("origins", epilog="Example: immis simulate origins --listen 127.0.0.1:8023 --mood down")
@listen_option("127.0.0.1:8023")
@click.option("--key", default="", help="The key that a caller must bring; empty: none.")
@click.option("--mood", type=click.Choice(MOODS), default="well", show_default=True, help="How it answers.")
def origins(listen: tuple[str, int], key: str, mood: str) -> None:
    """Stand in for the portal of another State (/challan); POST /simulate enters a challan or changes the mood."""
    server = opened(lambda: OriginSimulator(*listen, key=key))
    server.mood = mood
    serve(server)
