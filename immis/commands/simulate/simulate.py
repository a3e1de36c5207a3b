"""``immis simulate``: stand-ins for what lies outside the system."""

import json
import sys

import click
import uvloop

from immis.bench.gateway import labelled
from immis.bench.gateway.simulator import simulate
from immis.commands.road.gateway import parse_address
from immis.commands.simulate.eproc import eproc
from immis.commands.simulate.eyes import eyes
from immis.commands.simulate.loadcells import loadcells
from immis.commands.simulate.origins import origins
from immis.commands.simulate.parivesh import parivesh
from immis.commands.simulate.roads import roads
from immis.commands.simulate.sms import sms
from immis.commands.simulate.transport import transport
from immis.commands.simulate.treasury import treasury


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


@command.command("trust", epilog="Example: immis simulate trust --each 20")
@click.option(
    "--each", type=click.IntRange(1, 500), default=20, show_default=True, help="How often each scene is played."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same drives.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def trust(each: int, seed: int, as_json: bool) -> None:
    """Play honest and tampered devices through the gateway's pipeline and print the confusion matrix."""
    result = labelled.run(each=each, seed=seed)
    if as_json:
        click.echo(json.dumps(result))
        return
    for name, row in result["scenes"].items():
        signals = ", ".join(f"{signal} {count}" for signal, count in row["signals"].items())
        label = "tampering" if row["tampering"] else "honest"
        click.echo(f"{name:<22} {label:<10} told {row['told']:>3} of {each:>3}  {signals}")
    matrix = result["matrix"]
    click.echo(f"\n{'':<12}{'tampering told':>16}{'nothing told':>16}")
    click.echo(f"{'tampering':<12}{matrix['true_told']:>16}{matrix['false_quiet']:>16}")
    click.echo(f"{'honest':<12}{matrix['false_told']:>16}{matrix['true_quiet']:>16}")


if __name__ == "__main__":
    command()


command.add_command(eproc)
command.add_command(treasury)
command.add_command(parivesh)
command.add_command(roads)
command.add_command(transport)
command.add_command(origins)
command.add_command(sms)
command.add_command(loadcells)
command.add_command(eyes)
