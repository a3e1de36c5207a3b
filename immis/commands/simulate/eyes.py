"""``immis simulate eyes``: the stand-in for camera and reader beside a weighbridge as a process of its own."""

import click

from immis.adapters.eyes.simulator import EyesSimulator
from immis.adapters.simulating import MOODS
from immis.commands.simulate.serving import listen_option, opened, serve


@click.command("eyes", epilog="Example: immis simulate eyes --listen 127.0.0.1:8024 --mood junk")
@listen_option("127.0.0.1:8024")
@click.option("--key", default="", help="The key that a caller must bring; empty: none.")
@click.option("--mood", type=click.Choice(MOODS), default="well", show_default=True, help="How it answers.")
def eyes(listen: tuple[str, int], key: str, mood: str) -> None:
    """Stand in for a gate's camera (/snapshot.jpg) and reader (/glances); POST /simulate lets it see a truck."""
    server = opened(lambda: EyesSimulator(*listen, key=key))
    server.mood = mood
    serve(server)
