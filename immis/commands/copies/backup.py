"""``immis backup``: everything an installation keeps, copied while it runs."""

import json
import os
import sys
from pathlib import Path

import click

from immis import clock
from immis.commands.copies.listing import Unusable
from immis.commands.copies.making import make


@click.command(epilog="Example: immis backup /backup/2026-06-05 --after /backup/2026-06-04")
@click.argument("target", type=click.Path(path_type=Path))
@click.option(
    "--after", type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="An earlier backup on the same disk: what never changes is linked, not copied again.",
)  # fmt: skip
@click.option("--without-keys", is_flag=True, help="Leave IMMIS_DATA/keys out: who holds TARGET can open no seal.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(target: Path, after: Path | None, without_keys: bool, as_json: bool) -> None:
    """Copy records, raw log, positions, keys and papers to the new folder TARGET; nothing needs to stop.

    TARGET appears when it is whole. It holds private keys unless --without-keys: keep it as you keep them.
    """
    url = os.environ.get("DATABASE_URL", "")
    try:
        manifest = make(
            target, data_dir=clock.data_dir(), database_url=url, at=clock.now(), before=after, without_keys=without_keys
        )
    except (Unusable, OSError) as fault:
        click.echo(f"immis backup: {fault}", err=True)
        sys.exit(2)
    answer = {
        "backup": str(target), "at": manifest["at"], "records": manifest["records"], "files": len(manifest["files"]),
        "bytes": sum(line["bytes"] for line in manifest["files"].values()),
    }  # fmt: skip
    click.echo(json.dumps(answer) if as_json else f"{target}: {answer['files']} files, {answer['bytes']:,} bytes")


if __name__ == "__main__":
    command()
