"""``immis bench registers``: lists, filters and search over a million entries, and a sheet of ten thousand rows."""

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import Any

import click

from immis.bench.machine import p95_of
from immis.bench.money import _databases

AT = datetime(2026, 6, 6, 5, 0, tzinfo=UTC)
#: How many entries and rows of a sheet; smaller ones for a try.
ENTRIES = int(os.environ.get("IMMIS_BENCH_ENTRIES", "1000000"))
ROWS = int(os.environ.get("IMMIS_BENCH_ROWS", "10000"))
ROUNDS = 40


def registers() -> dict[str, Any]:
    """The slowest question's p95 on SQLite in ms."""
    runs = [_in_own_process(folder, url) for folder, url in _databases()]
    words = "; ".join(f"{run['database']}: {run['p95_ms']} (processor {max(run['cpu_p95_ms'].values())} at most), "
                      f"{ROWS:,} rows imported in {run['import_s']} s, filled in {run['fill_s']} s"
                      for run in runs)  # fmt: skip
    figure = round(max(runs[0]["p95_ms"].values()))
    conditions = f"{ENTRIES:,} entries of one register, p95 of {ROUNDS} in ms; {words}; load {os.getloadavg()[0]:.1f}"
    return {"name": "registers", "figure": figure, "unit": "ms p95, slowest question", "conditions": conditions}


def _in_own_process(folder: str, url: str) -> dict[str, Any]:
    env = {**os.environ, "IMMIS_DATA": folder, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "immis.settings"}
    ran = subprocess.run([sys.executable, "-m", "immis.bench.registers"], env=env, capture_output=True, text=True)
    if ran.returncode:
        raise click.ClickException(ran.stderr[-2000:])
    answer: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    click.echo(f"registers: {answer}", err=True)
    return answer


def measure() -> dict[str, Any]:
    """Seconds to fill and to import, and the p95 of each question, for headquarters and for one office."""
    from django.db import connection

    from immis.bench import entries
    from immis.registry import services as registry
    from immis.registry.selectors import actor_of

    people = {}
    for n in range(40):
        role = "hq" if n == 0 else "district"
        office = registry.open_office(
            code=f"o{n}",
            kind="hq" if n == 0 else "district",
            name_en=f"O{n}",
            name_hi=f"O{n}",
            district=f"D{n}" if n else "",
        )
        user = registry.add_user(username=f"o{n}", name_en="x", name_hi="x", password="a-long-password")
        registry.appoint(user=user, office=office, role=role)
        people[n] = (actor_of(user), office.pk)
    begun = time.perf_counter()
    entries.fill(ENTRIES, office_ids=tuple(pk for _, pk in people.values()), at=AT)
    fill_s = time.perf_counter() - begun
    p95_ms, cpu_ms = {}, {}
    for who, number in (("State", 0), ("office", 7)):
        for name, ask in entries.questions(people[number][0], AT).items():
            p95_ms[f"{name}, {who}"], cpu_ms[f"{name}, {who}"] = p95_of(ask, rounds=ROUNDS)
    begun = time.perf_counter()
    taken = entries.import_rows(ROWS, by=people[7][0], at=AT)
    import_s = time.perf_counter() - begun
    if taken != ROWS:
        raise RuntimeError(f"{taken} of {ROWS} rows taken")
    return {
        "database": connection.vendor,
        "fill_s": round(fill_s),
        "import_s": round(import_s, 1),
        "p95_ms": p95_ms,
        "cpu_p95_ms": cpu_ms,  # of this process: SQLite answers within it, whatever else the machine does
    }


def _main() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    click.echo(json.dumps(measure()))


if __name__ == "__main__":
    _main()
