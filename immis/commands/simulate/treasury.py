"""``immis simulate treasury``: the stand-in for the State's treasury as a process of its own."""

import json
import os
from pathlib import Path

import click

from immis.adapters.treasury.simulator import TreasurySimulator
from immis.private import kept_secret
from immis.reading import whole_number


@click.command("treasury")
@click.option("--listen", default="127.0.0.1:8010", show_default=True, metavar="HOST:PORT", help="Where to listen.")
@click.option("--notify", default="", metavar="URL", help="Where notices of payment go (…/treasury/notify).")
@click.option(
    "--key",
    default=None,
    help="Shared signing key (default: IMMIS_TREASURY_KEY, else the one kept in IMMIS_DATA/keys).",
)
@click.option("--url", default="", help="Address that payers' browsers use, where it differs from --listen.")
@click.option("--data", type=click.Path(path_type=Path), default=None, help="File that keeps the remittances.")
def treasury(listen: str, notify: str, key: str | None, url: str, data: Path | None) -> None:
    """Stand in for the treasury: GRNs, a bank's pay page in Hindi and English, signed notices.

    Example: immis simulate treasury --listen 127.0.0.1:8010 --notify http://127.0.0.1:8000/treasury/notify
    """
    host, _, port = listen.rpartition(":")
    if not host or whole_number(port) is None:
        raise click.UsageError(f"--listen {listen!r}: give HOST:PORT, such as 127.0.0.1:8010")
    key = key or os.environ.get("IMMIS_TREASURY_KEY") or kept_secret("treasury.key")
    try:
        server = TreasurySimulator(host, int(port), key=key, notify_url=notify, file=data, url=url)
    except OSError as error:
        raise click.UsageError(f"--listen {listen}: {error.strerror}") from error
    click.echo(json.dumps({"listening": server.url}))
    try:
        server.serve_forever(poll_interval=0.1)
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
