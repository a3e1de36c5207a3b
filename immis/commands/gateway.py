"""``immis gateway``: the telemetry process."""

import logging
import sqlite3
import sys
from pathlib import Path

import click

from immis import clock
from immis.gateway.server import AlreadyRunning, run


def parse_address(text: str) -> tuple[str, int]:
    """HOST:PORT; click.BadParameter for anything else."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise click.BadParameter(f"{text!r} is not HOST:PORT, such as 0.0.0.0:5140")
    return host.strip("[]"), int(port)


@click.command("gateway", epilog="Example: immis gateway --listen 0.0.0.0:5140 --data ./var")
@click.option("--listen", required=True, metavar="HOST:PORT", help="Where devices connect; port 0 takes a free one.")
@click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), help="Data folder (default: IMMIS_DATA or ./var)."
)
@click.option("--udp", metavar="HOST:PORT", help="A further address, for devices that send datagrams.")
@click.option("--nats", metavar="URL", help="Not in this version.")
@click.option("--json", "as_json", is_flag=True, help="Accepted for scripts; the ready line is always JSON.")
def command(listen: str, data: Path | None, udp: str | None, nats: str | None, as_json: bool) -> None:
    """Receive vehicle tracking devices over TCP and UDP: log, decode, follow fences and trips, store.

    Prints {"listening": "HOST:PORT"} when ready. SIGTERM stores what was received and ends it.
    """
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    host, port = parse_address(listen)
    if nats:
        raise click.UsageError(
            "--nats: NATS JetStream comes with a later version; leave it out to log to local segments."
        )
    try:
        datagrams = parse_address(udp) if udp else None
        run(host=host, port=port, data_dir=data or clock.data_dir(), udp=datagrams, tell=click.echo)
    except (AlreadyRunning, OSError, sqlite3.Error) as fault:
        click.echo(f"immis gateway: {fault}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    command()
