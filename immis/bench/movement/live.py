"""``immis bench deadlines``: what so many passes that run at once cost the worker, as a share of a core."""

import os
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from immis.bench.auction import database
from immis.bench.movement.issue import ask
from immis.bench.own_postgres import Lacking

Result = dict[str, Any]
#: Passes that run at once; fewer for a try.
LIVE = int(os.environ.get("IMMIS_BENCH_LIVE", "100000"))
WARM_S, MEASURED_S, LIMIT_PERCENT = 25.0, 60.0, 5.0
_LOOKED_AT_EVERY = timedelta(minutes=15)
_ON_THE_WAY = (25.40, 86.60)
_WAY = ((25.30, 86.50), _ON_THE_WAY, (25.50, 86.70))


def seed(*, live: int) -> Result:
    """So many trucks on their way, each on a pass of its own that runs for hours; one in ten stands, one waits."""
    from immis import clock
    from immis.adapters.roads.polyline import encoded
    from immis.bench.challans import CAPACITY_M3, fill_fleet
    from immis.bench.movement import issue_world
    from immis.challans.models import Challan, RoadWay
    from immis.registry.models import Device

    issue_world.seed(trucks=1)
    now = clock.now()
    fleet = fill_fleet(vehicles=live, at=now, begin=1)
    lease, place = fleet.leases[0], fleet.places[0]
    road = RoadWay.objects.create(places="bench", stamp="b", metres=30_000, minutes=60, line=encoded(_WAY), told_at=now)
    common = {
        "lease": lease, "district": lease.district, "party": lease.party, "place": place, "quantity_m3": CAPACITY_M3,
        "distance_km": Decimal("30"), "road": road, "driver_name": "R", "issue_lat": 25.305, "issue_lon": 86.505,
        "pass_text": "IMMIS1:" + "A" * 420, "place_checked_at": now,
    }  # fmt: skip
    Challan.objects.bulk_create(
        (_running(n, truck, now, live, common) for n, truck in enumerate(fleet.vehicles)), batch_size=2_000
    )
    _report(list(Device.objects.order_by("pk").values_list("imei", "vehicle__registration")), now)
    return {"live": Challan.objects.filter(state=Challan.ISSUED).count()}


def _running(n: int, truck: Any, now: datetime, live: int, common: dict[str, Any]) -> Any:
    from immis.bench.challans import IMEI_BASE
    from immis.challans.models import Challan

    issued_at, waits = now - timedelta(minutes=20), n % 10 == 9
    return Challan(
        number=f"MUN-26-{n:06d}", pass_id=f"{n:016x}", vehicle=truck, imei=str(IMEI_BASE + 1 + n),
        issued_at=issued_at, issue_fix_at=issued_at, state_at=issued_at,
        valid_until=now + timedelta(hours=3) + timedelta(seconds=n * 7_200 / live),
        started_at=None if waits else now - timedelta(minutes=10),
        start_due_at=now + timedelta(minutes=60) if waits else None,
        watch_at=None if waits else now + n * _LOOKED_AT_EVERY / live, **common,
    )  # fmt: skip


def _report(devices: list[tuple[str, str]], now: datetime) -> None:
    from immis import clock
    from immis.gateway.state.device import DeviceState
    from immis.gateway.state.fleet import Fleet
    from immis.gateway.store.outbox import Outbox

    outbox, fleet = Outbox(clock.data_dir()), Fleet()
    for n, (imei, mark) in enumerate(devices):
        fleet.admit(
            DeviceState(
                imei=imei, vehicle=mark, at_s=now.timestamp(), received_s=now.timestamp(), fix=True,
                lat=_ON_THE_WAY[0], lon=_ON_THE_WAY[1], speed_kmh=0.0 if n % 10 == 5 else 30.0, heading=0.0,
                ignition=True, main_power=True, inside=[],
            )
        )  # fmt: skip
    outbox.commit(events=[], fleet=fleet, rests={}, facts={})
    outbox.close()


def looked_at() -> Result:
    """How many trips were looked at since the seed: their next turn lies a whole interval ahead."""
    from immis import clock
    from immis.challans.models import Challan

    return {"looked_at": Challan.objects.filter(watch_at__gt=clock.now() + _LOOKED_AT_EVERY * 0.9).count()}


def _share(kind: str, live: int) -> Result:
    """The worker's processor time over a minute, after it has settled."""
    with tempfile.TemporaryDirectory(prefix="immis-bench-") as folder, database(kind, Path(folder)) as env:
        seeded = ask(env, act="seed_live", live=live) if live else ask(env, act="seed", trucks=10)
        worker = subprocess.Popen([sys.executable, "-m", "immis.cli", "worker"], env=env, stderr=subprocess.DEVNULL)
        try:
            time.sleep(WARM_S)
            before_s, begun = _used_s(worker.pid), time.monotonic()
            time.sleep(MEASURED_S)
            used_s, seconds = _used_s(worker.pid) - before_s, time.monotonic() - begun
        finally:
            worker.terminate()
            worker.wait(30)
        looked = ask(env, act="looked_at") if live else {}
    return {"database": kind, **seeded, "percent_of_a_core": round(100 * used_s / seconds, 2), **looked}


def _used_s(pid: int) -> float:
    import psutil

    return float(sum(psutil.Process(pid).cpu_times()[:2]))


def run() -> Result:
    """The share of a core on both databases, beside that of a worker with nothing to do; what lacks is said."""
    parts = []
    for kind in ("sqlite", "postgresql"):
        try:
            idle, full = _share(kind, 0), _share(kind, LIVE)
        except Lacking as lack:
            parts.append({"database": kind, "failed": str(lack)})
            continue
        more = round(full["percent_of_a_core"] - idle["percent_of_a_core"], 2)
        parts.append({**full, "idle_percent": idle["percent_of_a_core"], "passes_percent": more})
        click.echo(", ".join(f"{word} {value}" for word, value in parts[-1].items()), err=True)
    measured = [part["passes_percent"] for part in parts if "passes_percent" in part]
    if not measured:
        raise Lacking(parts[0]["failed"])
    conditions = f"{LIVE:,} passes that run at once, worst of {len(measured)} databases; load {os.getloadavg()[0]:.1f}"
    return {
        "name": "deadlines", "figure": max(measured), "unit": f"% of a core (limit {LIMIT_PERCENT:g})",
        "conditions": conditions, "parts": parts,
    }  # fmt: skip
