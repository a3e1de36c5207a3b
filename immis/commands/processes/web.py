"""``immis web``: the pages and the API (granian, WSGI)."""

import os
import sys
from pathlib import Path

import click

from immis.commands.processes.addresses import ADDRESS, granian_bind
from immis.private import require_private_data

_SQLITE_THREADS = {"": 3, "pages": 1, "files": 8}


def web_argv(
    bind: str, *, sqlite: bool, workers: int | None = None, threads: int | None = None, part: str = ""
) -> list[str]:
    """The command of a web process. On SQLite one thread works at a time (``core.access.turns``).

    The part ``pages`` reads no files and has that thread alone: handing requests from thread to thread costs a fifth
    of its processor. In other processes some wait for a child that reads a file, most of them in the part ``files``.
    On PostgreSQL a process settles all its bids on a lot in one transaction: more threads, fewer flushes.
    """
    workers = workers or (1 if sqlite or part == "files" else max(1, min(8, os.cpu_count() or 2)))
    threads = threads or (_SQLITE_THREADS[part] if sqlite else 8)
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", *granian_bind(bind),
        "--workers", str(workers), "--blocking-threads", str(threads), "--no-ws", "--http", "1",
        "--log-level", "warning", "--no-access-log", "--backlog", "2048",
        "--respawn-failed-workers", "--workers-kill-timeout", "8", "immis.wsgi:application",
    ]  # fmt: skip


def on_sqlite() -> bool:
    """Whether this installation keeps its records in SQLite."""
    return not os.environ.get("DATABASE_URL")


@click.command(name="web", epilog="Example: immis web --listen 127.0.0.1:8001")
@click.option("--listen", type=ADDRESS, default="127.0.0.1:8001", show_default=True, help="HOST:PORT or unix:/path")
@click.option("--workers", type=click.IntRange(1), help="processes; one on SQLite")
@click.option("--threads", type=click.IntRange(1), help="threads a process")
@click.option("--pages", "part", flag_value="pages", help="all but files, which the front takes to another process")
@click.option("--for-files", "part", flag_value="files", help="only what files are handed in at, as the front sends it")
def command(listen: str, workers: int | None, threads: int | None, part: str | None) -> None:
    """Run the pages and the API. Static files and event streams come from the front (immis run)."""
    require_private_data()
    if listen.startswith("unix:"):
        Path(listen[5:]).unlink(missing_ok=True)
    os.environ["IMMIS_WEB"] = part or ""
    argv = web_argv(listen, sqlite=on_sqlite(), workers=workers, threads=threads, part=part or "")
    os.execv(argv[0], argv)
