"""``immis bench sheets``: 100,000 vehicles with their papers, and 1,000,000 places, from a sheet into the register."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import click

from immis.bench.money import _databases

AT = datetime(2026, 6, 6, 5, 0, tzinfo=UTC)
#: How many of each; smaller ones for a try.
VEHICLES = int(os.environ.get("IMMIS_BENCH_VEHICLES", "100000"))
PLACES = int(os.environ.get("IMMIS_BENCH_PLACES", "1000000"))
_VEHICLE = (
    "registration", "kind", "vehicle_class", "wheels", "unladen_kg", "gross_kg", "capacity_m3", "owner_name",
    "registered_until", "permit_no", "permit_until", "fitness_until", "insurance_no", "insurance_until",
    "pollution_no", "pollution_until", "district",
)  # fmt: skip
_PLACE = ("kind", "name_en", "name_hi", "lat", "lon", "radius_m", "district")


def sheets() -> dict[str, Any]:
    """Seconds to take 100,000 vehicles in on SQLite; checking first and taking in, both steps together."""
    runs = [_in_own_process(folder, url) for folder, url in _databases()]
    words = "; ".join(
        f"{run['database']}: {VEHICLES:,} vehicles {run['vehicles_s']} s, {PLACES:,} places {run['places_s']} s"
        for run in runs
    )
    conditions = f"check and taking in together; {words}; load {os.getloadavg()[0]:.1f}"
    return {"name": "sheets", "figure": runs[0]["vehicles_s"], "unit": "s, vehicles", "conditions": conditions}


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


def measure() -> dict[str, Any]:
    """Seconds for each sheet, from handing it in until its last row is taken."""
    from django.db import connection

    vehicles_s = _seconds("vehicles", _VEHICLE, _vehicles())
    places_s = _seconds("places", _PLACE, _places())
    return {"database": connection.vendor, "vehicles_s": vehicles_s, "places_s": places_s}


def _seconds(kind: str, head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> float:
    from immis.core.access.permissions import SYSTEM
    from immis.registry.sheets import files

    begun = time.perf_counter()
    handed = files.Handed(kind, f"{kind}.csv", f"{kind:0>64}", head, rows)
    sheet = files.hand_in(handed, by=SYSTEM, at=AT)
    while files.work_on(sheet, at=AT):
        pass
    files.take_in(file=sheet, by=SYSTEM, at=AT)
    while files.work_on(sheet, at=AT):
        pass
    sheet.refresh_from_db()
    if (sheet.state, sheet.entered) != ("done", sheet.rows):
        raise RuntimeError(f"{sheet.entered} of {sheet.rows} {kind} taken: {sheet.faults[:3]}")
    return round(time.perf_counter() - begun, 1)


if __name__ == "__main__":
    from immis import setup_django

    setup_django()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    print(json.dumps(measure()))
