"""``immis gateway``: the telemetry process."""

import logging
import platform
import re
import sqlite3
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from immis import clock
from immis.gateway.ingest.door import Door
from immis.gateway.ingest.server import run
from immis.gateway.ingest.tls import TlsPort, tls_port
from immis.gateway.machine import AlreadyRunning
from immis.gateway.networks import Network, networks_of
from immis.gateway.tolerances import CLUSTER_LOCK_S, LINKS_AN_ADDRESS
from immis.private import require_private_data
from immis.reading import whole_number

_FILE = click.Path(dir_okay=False, path_type=Path)


def parse_address(text: str) -> tuple[str, int]:
    """HOST:PORT; click.BadParameter for anything else."""
    host, _, port = text.rpartition(":")
    if not host or whole_number(port, most_digits=5) is None or int(port) > 65535:
        raise click.BadParameter(f"{text!r} is not HOST:PORT, such as 0.0.0.0:5140")
    return host.strip("[]"), int(port)


def _host_name() -> str:
    """The machine's name as a name in a cluster may be."""
    return re.sub(r"[^A-Za-z0-9_-]", "-", platform.node())[:40] or "gateway"


@dataclass(frozen=True, kw_only=True)
class TlsOptions:
    """What is said of a port for TLS."""

    tls: str | None
    tls_certificate: Path | None
    tls_key: Path | None
    tls_devices: Path | None

    def port(self) -> TlsPort | None:
        """The port with its certificate; None where none is asked for. Raises click.UsageError, ValueError in words."""
        if not self.tls:
            return None
        if self.tls_certificate is None:
            raise click.UsageError("--tls needs --tls-certificate: by what the gateway proves itself to its devices")
        at = parse_address(self.tls)
        return tls_port(at, certificate=self.tls_certificate, key=self.tls_key, devices=self.tls_devices)


@dataclass(frozen=True, kw_only=True)
class ClusterOptions:
    """What is said of a cluster: where it is, this gateway's name in it, and its share of the work."""

    nats: str | None
    name: str
    partitions: int | None
    work: str | None
    lease: float
    office: bool


@click.command("gateway", epilog="Example: immis gateway --listen 0.0.0.0:5140 --data ./var")
@click.option("--listen", required=True, metavar="HOST:PORT", help="Where devices connect; port 0 takes a free one.")
@click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), help="Data folder (default: IMMIS_DATA or ./var)."
)
@click.option("--udp", metavar="HOST:PORT", help="A further address, for devices that send datagrams.")
@click.option(
    "--proxies",
    envvar="IMMIS_GATEWAY_PROXIES",
    default="",
    metavar="RANGES",
    help="Balancers whose PROXY line is believed, 10.0.0.7,fd00::/64 [none] (IMMIS_GATEWAY_PROXIES).",
)
@click.option(
    "--links-an-address",
    type=click.IntRange(1),
    envvar="IMMIS_GATEWAY_LINKS_AN_ADDRESS",
    default=LINKS_AN_ADDRESS,
    show_default=True,
    help="How many links one address may have open, other than a balancer (IMMIS_GATEWAY_LINKS_AN_ADDRESS).",
)
@click.option(
    "--tls",
    envvar="IMMIS_GATEWAY_TLS_LISTEN",
    metavar="HOST:PORT",
    help="A further address, for devices that speak TLS (IMMIS_GATEWAY_TLS_LISTEN).",
)
@click.option(
    "--tls-certificate", envvar="IMMIS_GATEWAY_TLS_CERTIFICATE", type=_FILE, help="The gateway's own, with its chain."
)
@click.option("--tls-key", envvar="IMMIS_GATEWAY_TLS_KEY", type=_FILE, help="Its key, where that is a file apart.")
@click.option(
    "--tls-devices",
    envvar="IMMIS_GATEWAY_TLS_DEVICES",
    type=_FILE,
    help="Authorities of devices' certificates: one that names the device's IMEI speaks for its link.",
)
@click.option(
    "--nats",
    envvar="IMMIS_NATS_URL",
    metavar="URL",
    help="Be one gateway of a cluster: log to NATS JetStream, nats://a:4222,nats://b:4222 (IMMIS_NATS_URL).",
)
@click.option("--name", default=_host_name, show_default="host name", help="This gateway's own name in the cluster.")
@click.option(
    "--partitions",
    type=click.IntRange(1, 1024),
    help="Of a new cluster: among how many workers devices are divided [1].",
)
@click.option(
    "--work", metavar="LIST", help='Partitions to work here, such as 0,2; "none" for sockets only [those nobody has].'
)
@click.option(
    "--lease",
    type=click.FloatRange(1, 600),
    default=CLUSTER_LOCK_S,
    show_default=True,
    help="Of a cluster: a partition whose gateway has been silent for so many seconds is taken over.",
)
@click.option(
    "--office/--no-office",
    default=True,
    help="Whether events of all partitions may come together in this data folder, for the office to read.",
)
@click.option("--json", "as_json", is_flag=True, help="Accepted for scripts; the ready line is always JSON.")
def command(
    listen: str, data: Path | None, udp: str | None, proxies: str, links_an_address: int, as_json: bool, **more: Any
) -> None:
    """Receive vehicle tracking devices over TCP, TLS and UDP: log, decode, follow fences and trips, store.

    Prints {"listening": "HOST:PORT"} when ready. SIGTERM stores what was received and ends it.
    """
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    host, port = parse_address(listen)
    folder = data or clock.data_dir()
    try:
        require_private_data(folder)
        datagrams = parse_address(udp) if udp else None
        door = Door(proxies=_ranges(proxies), links_an_address=links_an_address)
        tls = TlsOptions(**{name: more.pop(name) for name in list(more) if name.startswith("tls")}).port()
        asked = ClusterOptions(**more)
        if asked.nats:
            from immis.gateway.cluster import front

            front.run(_in_cluster(asked, folder, door, tls), host=host, port=port, udp=datagrams, tell=click.echo)
        elif asked.partitions or asked.work:
            raise click.UsageError("--partitions and --work are of a cluster: --nats URL says where it is")
        else:
            run(host=host, port=port, data_dir=folder, udp=datagrams, door=door, tls=tls, tell=click.echo)
    except (AlreadyRunning, OSError, RuntimeError, ValueError, sqlite3.Error) as fault:
        click.echo(f"immis gateway: {fault}", err=True)
        sys.exit(2)


def _in_cluster(asked: ClusterOptions, data: Path, door: Door, tls: TlsPort | None) -> Any:
    from immis.gateway.cluster import front

    partitions, work = asked.partitions or 0, _partitions(asked.work)
    share = front.Share(partitions=partitions, work=work, office=asked.office, lock_s=asked.lease)
    return front.ClusterGateway(data, url=asked.nats or "", name=asked.name, share=share, door=door, tls=tls)


def _ranges(text: str) -> tuple[Network, ...]:
    """Ranges of addresses between commas; click.BadParameter for what is none."""
    try:
        return networks_of([part.strip() for part in text.split(",") if part.strip()])
    except ValueError as fault:
        raise click.BadParameter(f"{fault}; ranges are such as 10.0.0.7,fd00::/64", param_hint="--proxies") from fault


def _partitions(text: str | None) -> list[int] | None:
    """``0,2`` as numbers; ``none`` as no number at all; None where nothing was said."""
    if text is None or text == "none":
        return None if text is None else []
    if not all(whole_number(part) is not None for part in text.split(",")):
        raise click.BadParameter(f"{text!r} is no list of partitions, such as 0,2", param_hint="--work")
    return [int(part) for part in text.split(",")]


if __name__ == "__main__":
    command()
