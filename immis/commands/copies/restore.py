"""``immis restore``: a backup back into an empty installation, and the proof that it is whole."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import click

from immis import clock
from immis.commands.copies.listing import Unusable
from immis.commands.copies.restoring import restore
from immis.private import require_private_data


@click.command(epilog="Example: IMMIS_DATA=/srv/immis immis restore /backup/2026-06-05")
@click.argument("backup", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(backup: Path, as_json: bool) -> None:
    """Bring BACKUP back into an empty IMMIS_DATA (and an empty DATABASE_URL), then verify log and ledger.

    Overwrites nothing; one that was cut short goes on when it is called again. Exit 1 when the restored log or
    ledger is not whole.
    """
    require_private_data()
    try:
        manifest = restore(backup, data_dir=clock.data_dir(), database_url=os.environ.get("DATABASE_URL", ""))
    except (Unusable, OSError) as fault:
        click.echo(f"immis restore: {fault}", err=True)
        sys.exit(2)
    log, ledger = _ask("log", "verify"), _ask("ledger", "check")
    answer = {
        "restored": str(backup), "at": manifest["at"], "files": len(manifest["files"]),
        "log_verified": log.get("verified", False), "ledger_balanced": ledger.get("balanced", False),
    }  # fmt: skip
    if not manifest.get("keys", True):
        click.echo("This backup holds no keys: copy them into IMMIS_DATA/keys before the first start.", err=True)
    whole = answer["log_verified"] and answer["ledger_balanced"]
    if as_json:
        click.echo(json.dumps(answer))
    else:
        click.echo(
            f"{answer['files']} files as of {manifest['at']}. Action log {_word(answer['log_verified'])}, ", nl=False
        )
        click.echo(f"ledger {_word(answer['ledger_balanced'])}.")
    sys.exit(0 if whole else 1)


def _ask(*arguments: str) -> dict[str, Any]:
    """What a command of this installation says of the restored data, in a process of its own."""
    ran = subprocess.run(
        [sys.executable, "-m", "immis.cli", *arguments, "--json"], capture_output=True, text=True, env=os.environ
    )
    try:
        return dict(json.loads(ran.stdout.strip().splitlines()[-1]))
    except (IndexError, ValueError):
        click.echo(ran.stderr.strip(), err=True)
        return {}


def _word(whole: bool) -> str:
    return "whole" if whole else "NOT WHOLE"


if __name__ == "__main__":
    command()
