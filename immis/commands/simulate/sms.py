"""``immis simulate sms``: the stand-in for the operators of SMS as a process of its own."""

import click

from immis.adapters.sms.simulator import MOODS, SmsSimulator
from immis.adapters.sms.simulator_smpp import SmppSimulator
from immis.commands.simulate.serving import Listen, listen_option, opened, serve


@click.command("sms", epilog="Example: immis simulate sms --listen 127.0.0.1:8030 --smpp 127.0.0.1:2775 --mood late")
@listen_option("127.0.0.1:8030", "C-DAC and NIC (HTTP).")
@click.option("--smpp", type=Listen(), metavar="HOST:PORT", help="The line of SMPP; none without it.")
@click.option("--user", default="immis", show_default=True, help="Who may send.")
@click.option("--password", default="secret", show_default=True, help="With this password.")
@click.option("--key", default="key", show_default=True, help="The secure key of Mobile Seva.")
@click.option("--mood", type=click.Choice(MOODS), default="well", show_default=True, help="How it behaves.")
def sms(listen: tuple[str, int], smpp: tuple[str, int] | None, user: str, password: str, key: str, mood: str) -> None:
    """Stand in for the operators: SMS by HTTP and SMPP, phones at GET /phones, POST /simulate to change the mood."""
    server = opened(lambda: SmsSimulator(*listen, user=user, password=password, key=key))
    line = SmppSimulator(server.exchange, *smpp, user=user, password=password) if smpp else None
    server.exchange.mood = mood
    serve(server, smpp_port=opened(line.start) if line else 0)
