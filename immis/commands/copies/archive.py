"""``immis archive``: positions of past days, copied to the archive."""

import json
import sys
from datetime import timedelta
from pathlib import Path

import click

from immis import clock
from immis.gateway.store import archive
from immis.gateway.store.buckets import open_bucket


@click.command(epilog="Example: IMMIS_ARCHIVE_URL=s3://immis/bihar immis archive --older-than 2")
@click.option("--to", "address", envvar="IMMIS_ARCHIVE_URL", required=True, metavar="URL",
              help="s3://bucket/prefix, or a folder (IMMIS_ARCHIVE_URL).")  # fmt: skip
@click.option("--older-than", "days", type=click.IntRange(0), default=2, show_default=True, help="Days (UTC).")
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="Data folder (default: IMMIS_DATA).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(address: str, days: int, data: Path | None, as_json: bool) -> None:
    """Copy the position segments of past days to an archive: an S3-compatible store, or a folder.

    Nothing is deleted here. Key, secret, region and endpoint of a store come from the AWS_ variables.
    """
    before = clock.now().date() - timedelta(days=days)
    try:
        done = archive.ship(data or clock.data_dir(), open_bucket(address), before=before)
    except (OSError, ValueError, RuntimeError) as fault:
        click.echo(f"immis archive: {fault}", err=True)
        sys.exit(2)
    payload = {"days": done.days, "files": done.files, "bytes": done.bytes}
    click.echo(json.dumps(payload) if as_json else f"{done.files} files ({done.bytes:,} bytes) of {done.days} days")


if __name__ == "__main__":
    command()
