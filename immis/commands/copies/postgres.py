"""PostgreSQL's own tools, for records that lie in it."""

import re
import shutil
import subprocess
from pathlib import Path

from immis.commands.copies.listing import Unusable


def tables_in(database_url: str) -> int:
    """How many tables a database holds."""
    import psycopg

    try:
        with psycopg.connect(database_url) as db:
            row = db.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    except psycopg.Error as fault:
        raise Unusable(f"the database of DATABASE_URL cannot be reached: {fault}") from fault
    return int(row[0]) if row else 0


def run_postgres(tool: str, *arguments: str) -> None:
    """Run PostgreSQL's own tool, the newest that is installed: it must be no older than the server."""
    results = [Path(path) for path in [shutil.which(tool)] if path]
    newest = max((*results, *Path("/usr/lib/postgresql").glob(f"*/bin/{tool}")), key=_major, default=None)
    if newest is None:
        raise Unusable(f"{tool} is not installed (Debian: postgresql-client)")
    ran = subprocess.run([str(newest), *arguments], capture_output=True, text=True)
    if ran.returncode:
        raise Unusable(f"{tool}: {ran.stderr.strip().splitlines()[0] if ran.stderr.strip() else ran.returncode}")


def _major(tool: Path) -> int:
    version = subprocess.run([str(tool), "--version"], capture_output=True, text=True).stdout
    match = re.search(r"(\d+)", version)
    return int(match.group(1)) if match else 0
