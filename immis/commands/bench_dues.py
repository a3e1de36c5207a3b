"""What ``immis bench dues`` measures in its own process: pages of headquarters, and the run of one night."""

import time
from datetime import UTC, datetime
from typing import Any

from django.test import Client

from immis.core.permissions import Role
from immis.registry import services as registry
from immis.web.districts import NAMES_HI

AT = datetime(2029, 3, 20, 5, 0, tzinfo=UTC)
ROUNDS = 40


def run(leases: int) -> dict[str, Any]:
    """The p95 of each page in ms, seconds of a night that finds everything new, and how much news it was."""
    from immis import clock
    from immis.leases import bench, jobs
    from immis.ledger.selectors import totals

    districts = sorted(NAMES_HI)
    clock.now = lambda: AT
    begun = time.perf_counter()
    bench.fill_leases(leases, at=AT, districts=districts)
    filled = time.perf_counter() - begun
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(_offices(districts))
    pages = _pages(client, districts, leases)
    night = time.perf_counter()
    news = jobs.announce_dues_and_holds(at=AT)
    announced = time.perf_counter() - night
    _triggers()
    return {
        "database": _vendor(),
        "demands": totals()["demands"],
        "fill_s": round(filled, 1),
        "rounds": ROUNDS,
        "p95_ms": {name: wall for name, (wall, _cpu) in pages.items()},
        "cpu_ms": {name: cpu for name, (_wall, cpu) in pages.items()},
        "nightly_s": round(time.perf_counter() - night, 1),
        "announce_s": round(announced, 1),
        "nightly_news": news,
    }


def _vendor() -> str:
    from django.db import connection

    return connection.vendor


def _triggers() -> None:
    """All tasks and messages of the night's news, and the tasks that are late."""
    from immis.enforcement import jobs

    while jobs.run_triggers(at=AT, limit=10_000):
        pass
    jobs.escalate_tasks(at=AT)


def _offices(districts: list[str]) -> Any:
    """Headquarters with one officer, and a district office each with its post; answers headquarters' user."""
    hq = registry.open_office(code="hq", kind="hq", name_en="Headquarters", name_hi="मुख्यालय")
    user = registry.add_user(username="hq", name_en="HQ", name_hi="मुख्यालय", password="a-long-password")
    registry.appoint(user=user, office=hq, role=Role.HQ)
    for name in districts:
        code = name.lower().replace(" ", "-")
        office = registry.open_office(code=code, kind="district", name_en=name, name_hi=name, district=name)
        officer = registry.add_user(username=code, name_en=name, name_hi=name, password="a-long-password")
        registry.appoint(user=officer, office=office, role=Role.DISTRICT)
    return user


def _pages(client: Client, districts: list[str], leases: int) -> dict[str, tuple[float, float]]:
    def lease(n: int) -> str:
        at = 1 + n * 499 % leases
        return f"/office/leases/{districts[at % len(districts)][:3].upper()}-2026-{at:05d}/"

    asked = {
        "dues board": lambda n: "/office/dues/",
        "lease page": lease,
        "defaulters": lambda n: f"/office/dues/defaulters/?page={1 + n % 5}",
        "overdue demands": lambda n: f"/office/demands/?state=overdue&page={1 + n % 5}",
    }
    return {name: _p95(client, address) for name, address in asked.items()}


def _p95(client: Client, address: Any) -> tuple[float, float]:
    """95th percentile of a page in ms: by the wall's clock, and of this process's processor time."""
    times = []
    for n in range(ROUNDS + 2):
        begun, worked = time.perf_counter(), time.process_time()
        status = client.get(address(n)).status_code
        times.append(((time.perf_counter() - begun) * 1000, (time.process_time() - worked) * 1000))
        if status != 200:
            raise RuntimeError(f"{address(n)} answers {status}")
    place = int(ROUNDS * 0.95) - 1
    walls, works = ([one[i] for one in times[2:]] for i in (0, 1))
    return round(sorted(walls)[place], 1), round(sorted(works)[place], 1)
