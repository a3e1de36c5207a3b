"""``immis bench sheets``: 38 districts × 500 charges, 100,000 vehicles with papers, 1,000,000 places, by sheet."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import click

from immis.bench.money import _databases
from immis.rules.offices import state_tree

AT = datetime(2026, 6, 6, 5, 0, tzinfo=UTC)
#: How many of each; smaller ones for a try.
CHARGES = int(os.environ.get("IMMIS_BENCH_CHARGES", "19000"))
VEHICLES = int(os.environ.get("IMMIS_BENCH_VEHICLES", "100000"))
PLACES = int(os.environ.get("IMMIS_BENCH_PLACES", "1000000"))
#: Within how many seconds each sheet is to be in.
LIMITS_S = {"charges": 60, "vehicles": 300, "places": 300}
_CHARGE = ("username", "name_en", "name_hi", "email", "post", "office", "reference")
_VEHICLE = (
    "registration", "kind", "vehicle_class", "wheels", "unladen_kg", "gross_kg", "capacity_m3", "owner_name",
    "registered_until", "permit_no", "permit_until", "fitness_until", "insurance_no", "insurance_until",
    "pollution_no", "pollution_until", "district",
)  # fmt: skip
_PLACE = ("kind", "name_en", "name_hi", "lat", "lon", "radius_m", "district")


def sheets() -> dict[str, Any]:
    """Seconds of the slowest sheet on SQLite against its limit; checking first and taking in, both steps together."""
    runs = [_in_own_process(folder, url) for folder, url in _databases()]
    words = "; ".join(f"{run['database']}: {_words(run)}" for run in runs)
    late = [f"{run['database']} {kind}" for run in runs for kind in LIMITS_S if run[kind]["seconds"] > LIMITS_S[kind]]
    conditions = f"check and taking in together; {words}; load {os.getloadavg()[0]:.1f}"
    figure = max(runs[0][kind]["seconds"] for kind in LIMITS_S)
    parts = [{"failed": f"over the limit: {', '.join(late)}"}] if late else []
    return {"name": "sheets", "figure": figure, "unit": "s, slowest sheet", "conditions": conditions, "parts": parts}


def _words(run: dict[str, Any]) -> str:
    sheets_ = ", ".join(
        f"{run[kind]['rows']:,} {kind} {run[kind]['seconds']} s ({run[kind]['cpu_s']} s CPU)" for kind in LIMITS_S
    )
    return f"{sheets_}, at most {run['memory_mb']} MB"


def _in_own_process(folder: str, url: str) -> dict[str, Any]:
    env = {**os.environ, "IMMIS_DATA": folder, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "immis.settings"}
    ran = subprocess.run([sys.executable, "-m", "immis.bench.sheets"], env=env, capture_output=True, text=True)
    if ran.returncode:
        raise click.ClickException(ran.stderr[-2000:])
    answer: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    click.echo(f"sheets: {answer}", err=True)
    return answer


def _vehicles() -> Iterator[tuple[str, ...]]:
    papers = ("2030-03-31", "P1", "2028-03-31", "2027-09-30", "I1", "2027-06-30", "U1", "2027-01-31", "Munger")
    for n in range(VEHICLES):
        mark = f"BR{n // 10000 % 38 + 1:02d}G{chr(65 + n // 380000)}{n % 10000:04d}"
        yield (mark, "truck", "Goods Carrier", "10", "8960", "28500", "16", f"Owner {n}", *papers)


def _places() -> Iterator[tuple[str, ...]]:
    for n in range(PLACES):
        lat, lon = 24.5 + n % 1000 / 400, 84 + n // 1000 / 400
        yield ("destination", f"Yard {n}", f"Yard {n}", f"{lat:.5f}", f"{lon:.5f}", "300", "Munger")


def _charges() -> Iterator[tuple[str, ...]]:
    """People of every district; each holds the charge of a check post, the kind of which there are many."""
    codes = [row.code for row in state_tree() if row.kind == "district"]
    for n in range(CHARGES):
        name = f"guard{n:05d}"
        yield (name, f"Guard {n}", f"Guard {n}", f"{name}@mines.example", "checkpost", codes[n % len(codes)], f"HQ/{n}")


def measure() -> dict[str, Any]:
    """What each sheet takes, from handing it in until its last row is taken, and the most memory of the process."""
    from django.db import connection

    from immis.core.access.permissions import SYSTEM
    from immis.registry.offices import enter_state_tree

    enter_state_tree(by=SYSTEM, at=AT)
    sheets_ = (("charges", _CHARGE, _charges()), ("vehicles", _VEHICLE, _vehicles()), ("places", _PLACE, _places()))
    figures = {kind: _timed(kind, head, rows) for kind, head, rows in sheets_}
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {"database": connection.vendor, "memory_mb": memory_mb, **figures}


def _timed(kind: str, head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> dict[str, Any]:
    from immis.core.access.permissions import SYSTEM
    from immis.core.models import ActionLog
    from immis.registry.sheets import files

    lines, begun, cpu_s = ActionLog.objects.count(), time.perf_counter(), time.process_time()
    handed = files.Handed(kind, f"{kind}.csv", head, rows, sha256=f"{kind:0>64}")
    sheet = files.hand_in(handed, by=SYSTEM, at=AT)
    while files.work_on(sheet, at=AT):
        pass
    files.take_in(file=sheet, by=SYSTEM, at=AT)
    while files.work_on(sheet, at=AT):
        pass
    seconds, cpu_s = round(time.perf_counter() - begun, 1), round(time.process_time() - cpu_s, 1)
    sheet.refresh_from_db()
    if (sheet.state, sheet.entered) != ("done", sheet.rows):
        raise RuntimeError(f"{sheet.entered} of {sheet.rows} {kind} taken: {sheet.faults[:3]}")
    if ActionLog.objects.count() != lines + 1:
        raise RuntimeError(f"{ActionLog.objects.count() - lines} lines of the log for one sheet of {kind}")
    return {"rows": sheet.rows, "seconds": seconds, "cpu_s": cpu_s}


if __name__ == "__main__":
    from immis import setup_django

    setup_django()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    print(json.dumps(measure()))
