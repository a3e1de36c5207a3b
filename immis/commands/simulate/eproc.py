"""``immis simulate eproc``: the stand-in for E-Proc as a process of its own."""

import os
from pathlib import Path

import click

from immis.adapters.eproc.signing import new_key, sign
from immis.adapters.eproc.simulator import EprocSimulator, hold_auction
from immis.adapters.notices import NoticeUnreadable
from immis.adapters.reading.apart import ReadingRefused, read_apart
from immis.commands.simulate.serving import listen_option, serve


@click.command("eproc")
@click.argument("notice", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@listen_option("127.0.0.1:8011")
@click.option("--token", default=None, help="Token that clients bear (default: IMMIS_EPROC_TOKEN).")
@click.option("--private", type=click.Path(path_type=Path), default=None, help="Signing key (default: a new one).")
@click.option("--seed", type=click.IntRange(0, 99_999), default=1, show_default=True, help="Same seed, same auction.")
def eproc(notice: Path, *, listen: tuple[str, int], token: str | None, private: Path | None, seed: int) -> None:
    """Stand in for E-Proc: hold an auction on NOTICE among three bidders and serve its signed export.

    Example: immis simulate eproc munger_2026.txt --listen 127.0.0.1:8011
    """
    secret, public = new_key()
    if private is not None:
        secret, public = private.read_text("ascii").strip(), ""
    try:
        sign(b"", private_key=secret)  # a key that is none is told now, not at the first request
        auction = hold_auction(read_apart("notice", notice.read_bytes(), filename=notice.name), seed=seed)
        token = os.environ.get("IMMIS_EPROC_TOKEN", "") if token is None else token
        server = EprocSimulator(*listen, token=token, private_key=secret)
    except ReadingRefused as error:
        raise click.UsageError(error.message("en")) from error
    except (NoticeUnreadable, ValueError, OSError) as error:
        raise click.UsageError(str(error)) from error
    server.add(auction)
    serve(server, public_key=public, auction=auction.reference)
