"""``immis backup``: everything an installation keeps, copied while it runs."""

import json
import os
import sys
from pathlib import Path

import click

from immis import clock
from immis.commands.copies.listing import Unusable
from immis.commands.copies.making import make
from immis.commands.copies.nightly import newest, thin_out, tonight


@click.command(epilog="Example: immis backup /backup/2026-06-05 --after /backup/2026-06-04")
@click.argument("target", type=click.Path(path_type=Path), required=False)
@click.option(
    "--after", type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="An earlier backup on the same disk: what never changes is linked, not copied again.",
)  # fmt: skip
@click.option(
    "--nightly", type=click.Path(file_okay=False, path_type=Path), envvar="IMMIS_BACKUPS", metavar="FOLDER",
    help="Without TARGET: the day's backup in FOLDER (IMMIS_BACKUPS), after the newest that lies there.",
)  # fmt: skip
@click.option("--keep", type=click.IntRange(1), default=14, show_default=True, help="Of the nightly ones, the newest.")
@click.option("--without-keys", is_flag=True, help="Leave IMMIS_DATA/keys out: who holds TARGET can open no seal.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    target: Path | None, after: Path | None, nightly: Path | None, keep: int, without_keys: bool, as_json: bool
) -> None:
    """Copy records, raw log, positions, keys and papers to the new folder TARGET; nothing needs to stop.

    TARGET appears when it is whole. It holds private keys unless --without-keys: keep it as you keep them.
    """
    every_night = target is None
    url, at = os.environ.get("DATABASE_URL", ""), clock.now()
    if target is None and nightly is None:
        raise click.UsageError("name the folder TARGET, or with --nightly (IMMIS_BACKUPS) where backups lie")
    try:
        if target is None:
            target, after = tonight(nightly, at), newest(nightly)
        manifest = make(
            target, data_dir=clock.data_dir(), database_url=url, at=at, before=after, without_keys=without_keys
        )
        dropped = thin_out(nightly, keep=keep) if nightly and every_night else []
    except (Unusable, OSError) as fault:
        click.echo(f"immis backup: {fault}", err=True)
        sys.exit(2)
    answer = {
        "backup": str(target), "at": manifest["at"], "records": manifest["records"], "files": len(manifest["files"]),
        "bytes": sum(line["bytes"] for line in manifest["files"].values()), "dropped": dropped,
    }  # fmt: skip
    click.echo(json.dumps(answer) if as_json else f"{target}: {answer['files']} files, {answer['bytes']:,} bytes")


if __name__ == "__main__":
    command()
