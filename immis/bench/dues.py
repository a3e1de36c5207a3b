"""What ``immis bench dues`` and ``immis bench night`` measure, each in a process and on a database of its own."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.test import Client

from immis.registry import services as registry
from immis.web.shell.districts import NAMES_HI

AT = datetime(2029, 3, 20, 5, 0, tzinfo=UTC)
ROUNDS = 40


def fill(leases: int) -> float:
    """A database of so many settlements with their offices, and the clock on its day; answers the seconds it took."""
    from immis.bench import settlements

    begun = time.perf_counter()
    settlements.fill_leases(leases, at=AT, districts=_districts())
    open_offices(_districts())
    _settlee()
    return time.perf_counter() - begun


def pages(leases: int) -> dict[str, Any]:
    """The p95 of each page of headquarters, and of a settlee's, in ms."""
    set_clock(AT)
    result = {name: _p95(signed_in(who), address) for name, (who, address) in _asked(leases).items()}
    return {
        **_about(leases),
        "rounds": ROUNDS,
        "p95_ms": {name: wall for name, (wall, _cpu) in result.items()},
        "cpu_ms": {name: cpu for name, (_wall, cpu) in result.items()},
    }


def night(leases: int) -> dict[str, Any]:
    """Seconds of a night that finds everything new: what the clock makes known, all tasks and messages of it."""
    from immis.challans import royalty
    from immis.enforcement import jobs as enforcement
    from immis.leases import clearance_jobs, jobs, reminders

    set_clock(AT)
    begun, worked, spent, news = time.perf_counter(), time.process_time(), {}, 0
    steps: dict[str, Callable[[], int]] = {
        "dues and holds": lambda: jobs.announce_dues_and_holds(at=AT),
        "clearances": lambda: clearance_jobs.announce_clearances(at=AT),
        "calendar": lambda: reminders.announce_calendar(at=AT),
        "royalty": lambda: royalty.settle_royalty(at=AT),
        "triggers": lambda: _all_triggers(enforcement),
        "escalation": lambda: enforcement.escalate_tasks(at=AT),
    }
    for name, step in steps.items():
        started = time.perf_counter()
        done = step()
        spent[name] = round(time.perf_counter() - started, 1)
        news += done if name not in ("triggers", "escalation") else 0
    walls, works = time.perf_counter() - begun, time.process_time() - worked
    figures = {"night_s": round(walls, 1), "cpu_s": round(works, 1), "steps_s": spent, "news": news}
    return {**_about(leases), **figures}


def _all_triggers(enforcement: Any) -> int:
    handled = 0
    while more := enforcement.run_triggers(at=AT, limit=10_000):
        handled += more
    return handled


def _about(leases: int) -> dict[str, Any]:
    from django.db import connection

    from immis.ledger.selectors import totals

    return {"database": connection.vendor, "leases": leases, "demands": totals()["demands"]}


def _districts() -> list[str]:
    return sorted(NAMES_HI)


def set_clock(at: datetime) -> None:
    """Let this process's clock stand at an instant."""
    from immis import clock

    clock.now = lambda: at


def open_offices(districts: list[str]) -> None:
    """Headquarters with one officer, a district office each with its post."""
    hq = registry.open_office(code="hq", kind="hq", name_en="Headquarters", name_hi="Headquarters")
    registry.appoint(user=add_user("hq", "HQ"), office=hq, role="hq")
    for name in districts:
        code = name.lower().replace(" ", "-")
        office = registry.open_office(code=code, kind="district", name_en=name, name_hi=name, district=name)
        registry.appoint(user=add_user(code, name), office=office, role="district")


def _settlee() -> None:
    from immis.registry.selectors import party_of

    party_of(33).users.add(add_user("settlee", "Settlee"))  # the thirty-third is behind with its payments


def add_user(username: str, name: str) -> Any:
    return registry.add_user(username=username, name_en=name, name_hi=name, password="a-long-password")


def signed_in(username: str) -> Client:
    from immis.registry.selectors import users

    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(users(username=username).get())
    return client


def _asked(leases: int) -> dict[str, tuple[str, Callable[[int], str]]]:
    """Each page with who asks for it and its address in the n-th round."""
    from immis.bench.settlements import code_of

    def lease(n: int) -> str:
        return code_of(1 + n * 499 % leases, _districts())

    mine = code_of(33, _districts())
    return {
        "dues board": ("hq", lambda n: "/office/dues/"),
        "settlements": ("hq", lambda n: f"/office/leases/?page={1 + n % 5}"),
        "settlements stopped": ("hq", lambda n: f"/office/leases/?state=stopped&page={1 + n % 5}"),
        "settlement": ("hq", lambda n: f"/office/leases/{lease(n)}/"),
        "orders and notices": ("hq", lambda n: f"/office/leases/{lease(n)}/life/"),
        "statement": ("hq", lambda n: f"/leases/{lease(n)}/statement/"),
        "settlee's page": ("settlee", lambda n: f"/settlee/leases/{mine}/"),
        "defaulters": ("hq", lambda n: f"/office/dues/defaulters/?page={1 + n % 5}"),
        "overdue demands": ("hq", lambda n: f"/office/demands/?state=overdue&page={1 + n % 5}"),
    }


def _p95(client: Client, address: Callable[[int], str]) -> tuple[float, float]:
    """95th percentile of a page in ms: by the wall's clock, and of this process's processor time."""
    times = []
    for n in range(ROUNDS + 2):
        begun, worked = time.perf_counter(), time.process_time()
        status = client.get(address(n)).status_code
        times.append(((time.perf_counter() - begun) * 1000, (time.process_time() - worked) * 1000))
        if status != 200:
            raise RuntimeError(f"{address(n)} answers {status}")
    place = int(ROUNDS * 0.95) - 1
    walls, works = ([row[i] for row in times[2:]] for i in (0, 1))
    return round(sorted(walls)[place], 1), round(sorted(works)[place], 1)
