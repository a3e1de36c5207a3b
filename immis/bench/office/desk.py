"""``immis bench desk``: the desk of a mining officer and of headquarters after a year of tasks in all districts.

Each district gets ``TASKS`` tasks in a year, a million in all, of kinds that stand on real desks; all but the last
``OPEN`` are decided, and one in three of the open ones is late and went up. Every lane is asked ``ROUNDS`` times, from
nothing kept.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import click

from immis.bench.auction import database

AT = datetime(2029, 3, 20, 5, 0, tzinfo=UTC)
LEASES = int(os.environ.get("IMMIS_BENCH_LEASES", "836"))
TASKS = int(os.environ.get("IMMIS_BENCH_TASKS", "26316"))
OPEN = int(os.environ.get("IMMIS_BENCH_OPEN", "150"))
ROUNDS = int(os.environ.get("IMMIS_BENCH_ROUNDS", "20"))
LIMIT_MS = {"sqlite": 600, "postgresql": 300}
_LANES = ("mine", "office", "up")
_DISTRICT = "munger"
#: Kinds of tasks: trigger, act that is proposed, the noun that it is about.
_KINDS = (("TRG-02", "remind", "lease"), ("TRG-113", "look", "lease"), ("TRG-180", "recover", "deadline"))


def run() -> dict[str, Any]:
    """The slowest desk's p95 in ms, on SQLite and on PostgreSQL."""
    parts = [_in_own_process(kind) for kind in ("sqlite", "postgresql")]
    known = [part for part in parts if "failed" not in part]
    worst = max(known, key=lambda part: part["p95_ms"] / LIMIT_MS[part["database"]])
    conditions = (
        f"worst is the lane {worst['lane']} of {worst['who']}; {worst['tasks']:,} tasks of a year in "
        f"{worst['districts']} districts, {worst['open']:,} open, on {worst['database']}; limit "
        f"{LIMIT_MS[worst['database']]} ms, load {os.getloadavg()[0]:.1f}"
    )
    return {"name": "desk", "figure": worst["p95_ms"], "unit": "ms p95", "conditions": conditions, "parts": parts}


def _in_own_process(kind: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="immis-bench-") as folder, database(kind, Path(folder)) as env:
        env |= {"IMMIS_NO_SECOND_FACTOR": "1"}
        argv = [sys.executable, "-m", "immis.bench.office.desk"]
        ran = subprocess.run(argv, env=env, capture_output=True, text=True)
    if ran.returncode:
        return {"database": kind, "failed": ran.stderr[-2000:]}
    answer: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return answer


def measure() -> dict[str, Any]:
    """Fill an installation and ask every lane of both desks; the slowest one with what stands there."""
    from django.db import connection

    from immis.bench import dues, settlements
    from immis.enforcement.models import Task
    from immis.rules.districts import CODES

    dues.set_clock(AT)
    districts = sorted(CODES)
    settlements.fill_leases(LEASES, at=AT, districts=districts)
    dues.open_offices(districts)
    rows = _tasks(districts)
    while batch := list(islice(rows, 2000)):
        Task.objects.bulk_create(batch)
    settlements.keep_house()
    results = [_asked(dues.signed_in(who), who, lane) for who in (_DISTRICT, "hq") for lane in _LANES]
    counted = {"tasks": Task.objects.count(), "open": Task.objects.filter(state="open").count()}
    slowest = max(results, key=lambda row: row["p95_ms"])
    lanes = {f"{row['who']} {row['lane']}": row["p95_ms"] for row in results}
    about = {"database": connection.vendor, "districts": len(districts), **counted, **slowest}
    return {**about, "p95_ms_by_lane": lanes}


def _tasks(districts: list[str]) -> Iterator[Any]:
    """A year's tasks of every district, the oldest first."""
    from immis.leases.models import Lease
    from immis.registry.selectors import offices

    leases: dict[str, list[Any]] = {}
    for lease in Lease.objects.select_related("block"):
        leases.setdefault(lease.district, []).append(lease)
    for office in offices(kind="district", district__in=districts):
        for place in range(TASKS):
            yield _task(office, leases[office.district], place)


def _task(office: Any, leases: list[Any], place: int) -> Any:
    from immis.enforcement.models import Task

    lease, (code, act, kind) = leases[place // len(_KINDS) % len(leases)], _KINDS[place % len(_KINDS)]
    opened_at = AT - timedelta(days=365) * (TASKS - place) / TASKS
    due_at, left = opened_at + timedelta(days=5), TASKS - place
    is_open = left <= min(OPEN, len(_KINDS) * len(leases))
    late = is_open and left % 3 == 0
    number = f"security:{lease.number}" if kind == "deadline" else lease.number
    return Task(
        office=office, role="district", code=code, subject_kind=kind, subject_id=number, facts=_facts(lease), act=act,
        opened_at=opened_at, due_at=AT - timedelta(hours=left) if late else AT + timedelta(hours=left),
        escalated_at=AT if late else None, state="open" if is_open else "done",
        decided_at=None if is_open else due_at,
    )  # fmt: skip


def _facts(lease: Any) -> dict[str, Any]:
    name = {"en": lease.block.name_en, "hi": lease.block.name_hi}
    return {
        "lease": lease.number, "ghat": name, "about": name, "number": lease.number, "noun": "lease",
        "clock": "security", "what": {"en": "the security deposit", "hi": "x"}, "district": lease.district,
        "party_id": lease.party_id, "demand": f"D-{lease.pk}", "label": name, "amount_paise": 100_000_000,
        "due_on": "2029-03-01",
    }  # fmt: skip


def _asked(client: Any, who: str, lane: str) -> dict[str, Any]:
    """The p95 in ms of a lane of a desk, after two looks that do not count."""
    times = []
    for _round in range(ROUNDS + 2):
        begun = time.perf_counter()
        status = client.get(f"/office/?lane={lane}").status_code
        times.append((time.perf_counter() - begun) * 1000)
        if status != 200:
            raise RuntimeError(f"the desk of {who} answers {status}")
    return {"who": who, "lane": lane, "p95_ms": round(statistics.quantiles(times[2:], n=20)[-1])}


def _main() -> None:
    import django

    django.setup()
    click.echo(json.dumps(measure()))


if __name__ == "__main__":
    _main()
