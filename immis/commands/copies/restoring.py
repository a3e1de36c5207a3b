"""Bringing a backup back into an empty installation."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

from immis.commands.copies.files import sync, sync_tree, write_durably
from immis.commands.copies.listing import DUMP, Unusable, check
from immis.commands.copies.postgres import run_postgres, tables_in
from immis.private import kind_of_settings


def restore(backup: Path, *, data_dir: Path, database_url: str) -> dict[str, Any]:
    """Bring a backup back into an empty installation; one that was cut short is taken up again.

    Everything is first laid beside and then moved into place. Unusable where the folder or the database holds
    anything, where records were kept otherwise (SQLite, PostgreSQL), or where a file of the backup was changed.
    """
    staging = data_dir / ".restoring"
    laid = staging / "laid.json"
    manifest = check(backup)
    kind = "postgresql" if database_url else "sqlite"
    if manifest["records"] != kind:
        raise Unusable(f"the records of this backup are {manifest['records']}, and DATABASE_URL says {kind}")
    if manifest.get("kind", "real") != kind_of_settings():
        made_by = manifest.get("kind", "real")
        raise Unusable(
            f"the backup of a {made_by} installation, and this is a {kind_of_settings()} one; they never mix"
        )
    going_on = laid.exists() and json.loads(laid.read_text()) == {"at": manifest["at"]}
    if not going_on:
        _refuse_what_is_there(data_dir, database_url)
        shutil.rmtree(staging, ignore_errors=True)
        (staging / "data").mkdir(parents=True)
        for name, line in manifest["files"].items():
            if name != DUMP:
                _lay(backup / name, staging / "data" / name, line)
        sync_tree(staging)
        write_durably(laid, json.dumps({"at": manifest["at"]}).encode())
    if database_url and not tables_in(database_url):
        run_postgres(
            "pg_restore", "--single-transaction", "--no-owner", "--exit-on-error", f"--dbname={database_url}",
            str(backup / DUMP),
        )  # fmt: skip
    for path in sorted((staging / "data").iterdir()):
        os.rename(path, data_dir / path.name)
    shutil.rmtree(staging)
    sync(data_dir)
    return manifest


def _refuse_what_is_there(data_dir: Path, database_url: str) -> None:
    there = sorted(path.name for path in data_dir.iterdir() if path.name != ".restoring") if data_dir.exists() else []
    if there:
        raise Unusable(f"{data_dir} is not empty ({', '.join(there[:3])}); a restore overwrites nothing")
    if database_url and tables_in(database_url):
        raise Unusable("the database of DATABASE_URL is not empty; a restore overwrites nothing")


def _lay(source: Path, target: Path, line: dict[str, Any]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    os.chmod(target, line["mode"] & 0o700)
    os.utime(target, ns=(line["mtime_ns"], line["mtime_ns"]))
