"""``immis events``: the process of live events (granian, ASGI)."""

import os
import sys
from pathlib import Path

import click

from immis.commands.addresses import ADDRESS, granian_bind


def events_argv(bind: str) -> list[str]:
    """The command of the events process: one worker, thousands of open streams."""
    return [
        sys.executable, "-m", "granian", "--interface", "asgi", *granian_bind(bind), "--workers", "1",
        "--no-ws", "--http", "1", "--log-level", "warning", "--no-access-log", "--backlog", "4096",
        "--backpressure", "8192", "--respawn-failed-workers", "--workers-kill-timeout", "3",
        "immis.events:application",
    ]  # fmt: skip


@click.command(name="events", epilog="Example: immis events --listen 127.0.0.1:8002")
@click.option("--listen", type=ADDRESS, default="127.0.0.1:8002", show_default=True, help="HOST:PORT or unix:/path")
def command(listen: str) -> None:
    """Run the event streams of the auction rooms (/events/lots?codes=…)."""
    if listen.startswith("unix:"):
        Path(listen[5:]).unlink(missing_ok=True)
    argv = events_argv(listen)
    os.execv(argv[0], argv)
