"""``immis weighbridge release``: the agent signed by the department, so that those at work take it."""

import hashlib
import json
import os
from pathlib import Path

import click

from immis import clock
from immis.agent import VERSION
from immis.agent.packing import packed
from immis.agent.signed import Key
from immis.agent.update import signed_text


@click.command("release", epilog="Example: immis weighbridge release --key /media/stick/agent-root.pem")
@click.option("--key", "path", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Made if missing.")
@click.option("--to", type=click.Path(path_type=Path, file_okay=False), help="Folder; the portal's own by default.")
@click.option("--json", "as_json", is_flag=True, help="JSON (this is what it always prints; accepted for scripts).")
def command_release(path: Path, to: Path | None, as_json: bool) -> None:
    """Sign the packed agent by the key on the stick and lay both where the portal serves them.

    Agents keep the public key of the day on which they were paired: lose the key and each is paired anew.
    """
    folder = to or clock.data_dir() / "agent"
    try:
        key = Key.kept_in(path)
        data = packed()
        sha256 = hashlib.sha256(data).hexdigest()
        row = {"version": VERSION, "sha256": sha256, "signature": key.sign(signed_text(VERSION, sha256))}
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _lay(folder / "immis-agent.pyz", data)
        _lay(folder / "manifest.json", json.dumps({**row, "public_key": key.public}).encode())
    except (OSError, ValueError) as fault:
        click.echo(f"immis weighbridge release: {fault}", err=True)
        raise SystemExit(2) from fault
    click.echo(json.dumps({**row, "public_key": key.public, "bytes": len(data)}))


def _lay(path: Path, data: bytes) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_bytes(data)
    os.replace(fresh, path)
