"""``immis simulate``: stand-ins for what lies outside the system."""

import json
import sys

import click
import uvloop

from immis.commands.gateway import parse_address
from immis.commands.simulate_eproc import eproc
from immis.commands.simulate_parivesh import parivesh
from immis.commands.simulate_treasury import treasury
from immis.gateway.simulator import simulate


@click.group(
    "simulate", epilog="Example: immis simulate devices --target 127.0.0.1:5140 --devices 100 --rate 1000 --seconds 10"
)
def command() -> None:
    """Simulate outside systems."""


@command.command(
    "devices", epilog="Example: immis simulate devices --target 127.0.0.1:5140 --devices 100 --rate 1000 --seconds 10"
)
@click.option("--target", required=True, metavar="HOST:PORT", help="The gateway's address.")
@click.option("--devices", type=click.IntRange(1, 60_000), required=True, help="How many devices connect.")
@click.option(
    "--rate", type=click.FloatRange(min=0, min_open=True), required=True, help="Packets a second, all devices together."
)
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), required=True, help="For how long.")
@click.option(
    "--seed",
    type=click.IntRange(0, 99_999),
    default=1,
    show_default=True,
    help="Chooses the fleet: same seed, same devices.",
)
@click.option("--json", "as_json", is_flag=True, help="JSON (this is what it always prints; accepted for scripts).")
def devices(target: str, devices: int, rate: float, seconds: float, seed: int, as_json: bool) -> None:
    """Send positions of many devices in several dialects, on schedule whether or not the gateway keeps up.

    Every packet is unique by IMEI and frame number.
    """
    host, port = parse_address(target)
    try:
        answer = uvloop.run(simulate(host=host, port=port, devices=devices, rate=rate, seconds=seconds, seed=seed))
    except OSError as fault:
        click.echo(f"immis simulate devices: no gateway at {target}: {fault}", err=True)
        sys.exit(2)
    click.echo(json.dumps(answer))


if __name__ == "__main__":
    command()


command.add_command(eproc)
command.add_command(treasury)
command.add_command(parivesh)
