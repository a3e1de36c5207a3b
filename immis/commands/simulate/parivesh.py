"""``immis simulate parivesh``: the stand-in for the portal of clearances as a process of its own."""

import click

from immis.adapters.parivesh.simulator import MOODS, PariveshSimulator
from immis.commands.simulate.serving import listen_option, opened, serve


@click.command("parivesh", epilog="Example: immis simulate parivesh --listen 127.0.0.1:8020 --mood odd")
@listen_option("127.0.0.1:8020")
@click.option("--mood", type=click.Choice(MOODS), default="well", show_default=True, help="How it answers.")
def parivesh(listen: tuple[str, int], mood: str) -> None:
    """Stand in for PARIVESH: the trackYourProposal calls, and POST /simulate to move a proposal or change the mood."""
    server = opened(lambda: PariveshSimulator(*listen))
    server.register.mood = mood
    serve(server)
