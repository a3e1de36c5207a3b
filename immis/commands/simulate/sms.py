"""``immis simulate sms``: the stand-in for the operators of SMS as a process of its own."""

import contextlib
import json

import click

from immis.adapters.sms.simulator import MOODS, SmsSimulator
from immis.adapters.sms.simulator_smpp import SmppSimulator
from immis.reading import whole_number


@click.command("sms", epilog="Example: immis simulate sms --listen 127.0.0.1:8030 --smpp 127.0.0.1:2775 --mood late")
@click.option(
    "--listen", default="127.0.0.1:8030", show_default=True, metavar="HOST:PORT", help="C-DAC and NIC (HTTP)."
)
@click.option("--smpp", default="", metavar="HOST:PORT", help="The line of SMPP; none without it.")
@click.option("--user", default="immis", show_default=True, help="Who may send.")
@click.option("--password", default="secret", show_default=True, help="With this password.")
@click.option("--key", default="key", show_default=True, help="The secure key of Mobile Seva.")
@click.option("--mood", type=click.Choice(MOODS), default="well", show_default=True, help="How it behaves.")
def sms(listen: str, smpp: str, user: str, password: str, key: str, mood: str) -> None:
    """Stand in for the operators: SMS by HTTP and SMPP, phones at GET /phones, POST /simulate to change the mood."""
    host, port = _address("--listen", listen)
    try:
        server = SmsSimulator(host, port, user=user, password=password, key=key)
        line = SmppSimulator(server.exchange, *_address("--smpp", smpp), user=user, password=password) if smpp else None
        smpp_port = line.start() if line else 0
    except OSError as error:
        raise click.UsageError(f"cannot listen: {error.strerror}") from error
    server.exchange.mood = mood
    click.echo(json.dumps({"listening": server.url, "smpp_port": smpp_port}))
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever(poll_interval=0.1)
    server.server_close()


def _address(option: str, text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    number = whole_number(port)
    if not host or number is None:
        raise click.UsageError(f"{option} {text!r}: give HOST:PORT, such as 127.0.0.1:8030")
    return host, number
