"""``immis simulate treasury``: the stand-in for the State's treasury as a process of its own."""

import os
from pathlib import Path

import click

from immis.adapters.treasury.simulator import TreasurySimulator
from immis.commands.simulate.serving import listen_option, opened, serve
from immis.private import kept_secret


@click.command("treasury")
@listen_option("127.0.0.1:8010")
@click.option("--notify", default="", metavar="URL", help="Where notices of payment go (…/treasury/notify).")
@click.option(
    "--key",
    default=None,
    help="Shared signing key (default: IMMIS_TREASURY_KEY, else the one kept in IMMIS_DATA/keys).",
)
@click.option("--url", default="", help="Address that payers' browsers use, where it differs from --listen.")
@click.option("--data", type=click.Path(path_type=Path), default=None, help="File that keeps the remittances.")
def treasury(listen: tuple[str, int], notify: str, key: str | None, url: str, data: Path | None) -> None:
    """Stand in for the treasury: GRNs, a bank's pay page in Hindi and English, signed notices.

    Example: immis simulate treasury --listen 127.0.0.1:8010 --notify http://127.0.0.1:8000/treasury/notify
    """
    key = key or os.environ.get("IMMIS_TREASURY_KEY") or kept_secret("treasury.key")
    serve(opened(lambda: TreasurySimulator(*listen, key=key, notify_url=notify, file=data, url=url)))
