"""``immis bench year``: pages and jobs after a year of work beside those after a week; files stay level.

22 ghats, 400 trucks, 75,000 e-challans with their checks, crossings, trips, news, decisions and log lines, a year of
the gateway's events and positions, and its raw log at a megabyte a day. Both installations stand at the same instant,
one with the last week of the year, one with all of it; the year's runs its retention at the end of each month.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from immis.bench.auction import database

AT = datetime(2029, 3, 20, 5, 0, tzinfo=UTC)
GHATS, TRUCKS = 22, 400
CHALLANS = int(os.environ.get("IMMIS_BENCH_CHALLANS", "75000"))
DAYS = int(os.environ.get("IMMIS_BENCH_DAYS", "365"))
ROUNDS = int(os.environ.get("IMMIS_BENCH_ROUNDS", "30"))
FIXES_A_TRIP, RAW_BYTES_A_DAY = 60, 1_000_000
_DAY = timedelta(days=1)


def year() -> dict[str, Any]:
    """The worst ratio of a page's or a job's median after a year to that after a week."""
    week, whole = (_in_own_process(days) for days in (7, DAYS))
    ratios = {
        name: whole["ms"][name] / max(week["ms"][name], 1.0) for name in week["ms"]
    }  # what takes less than a millisecond is not told apart
    worst = max(ratios, key=lambda name: ratios[name])
    months = whole["months"]
    parts = [
        {"what": name, "week_ms": week["ms"][name], "year_ms": whole["ms"][name], "ratio": round(ratios[name], 2)}
        for name in sorted(ratios, key=lambda name: -ratios[name])
    ]
    level = {name: [month[name] for month in months] for name in months[0]}
    conditions = (
        f"worst is {worst}; {whole['challans']:,} e-challans made in {whole['fill_s']} s; by month: {level}; "
        f"{whole['database']}, load {os.getloadavg()[0]:.1f}"
    )
    figure = round(ratios[worst], 2)
    return {"name": "year", "figure": figure, "unit": "times a week's", "conditions": conditions, "parts": parts}


def _in_own_process(days: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="immis-bench-") as folder, database("sqlite", Path(folder)) as env:
        env |= {"IMMIS_NO_SECOND_FACTOR": "1"}
        argv = [sys.executable, "-m", "immis.bench.year", str(days)]
        ran = subprocess.run(argv, env=env, capture_output=True, text=True)
    if ran.returncode:
        raise click.ClickException(ran.stderr[-2000:])
    answer: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return answer


def measure(days: int) -> dict[str, Any]:
    """An installation of so many days of the year up to ``AT``, and the medians of its pages and jobs in ms."""
    from django.db import connection

    from immis.bench import challans, dues
    from immis.bench import settlements as leases

    dues.set_clock(AT)
    begun = time.perf_counter()
    leases.fill_leases(GHATS, at=AT, districts=["Munger"])
    people = _people()
    fleet = challans.fill_fleet(vehicles=TRUCKS, at=AT - (DAYS + 1) * _DAY)
    season = _Season(challans, fleet)
    months = season.run(days)
    filled_s = time.perf_counter() - begun
    ms = {**_pages(people), **_jobs()}
    return {
        "database": connection.vendor,
        "challans": season.made,
        "fill_s": round(filled_s),
        "months": months,
        "ms": ms,
    }


class _Season:
    """Fills days in order, and keeps the retention at each month's end as the worker and the gateway do."""

    def __init__(self, challans: Any, fleet: Any) -> None:
        from immis import clock
        from immis.gateway.log.rawlog import RawLog
        from immis.gateway.store.outbox import Outbox

        self._challans, self._fleet, self._home = challans, fleet, clock.data_dir()
        self._log = RawLog(self._home, segment_bytes=RAW_BYTES_A_DAY)
        self._outbox = Outbox(self._home)
        self._commits = self.made = 0
        _read_up_to({"gateway.events": 0})  # it begins to exist: all events are taken in as they come

    def run(self, days: int) -> list[dict[str, int]]:
        """So many days up to ``AT``; what the installation holds at the end of each thirty of them."""
        months = []
        for first in range(days, 0, -30):
            span = min(30, first)
            count = CHALLANS * span // DAYS
            begin, until = AT - first * _DAY, AT - (first - span) * _DAY
            self._challans.fill_challans(self._fleet, begin=self.made, count=count, first=begin, until=until)
            self._gateway(begin, span, count)
            self.made += count
            self._retire(until)
            months.append(self._sizes())
        self._outbox.close()
        _read_up_to(_heads())
        return months

    def _gateway(self, begin: datetime, span: int, count: int) -> None:
        from immis.core.selectors import move_cursor
        from immis.gateway.store import parquet

        for day in range(span):
            at = begin + day * _DAY
            self._log.append([(1, int(at.timestamp() * 1e6), b"\x00" * RAW_BYTES_A_DAY)])
            self._log.flush()
            trips = [self.made + day * count // span + n for n in range(count // span)]
            self._commits += 1
            part = parquet.frame_of([row for n in trips for row in self._fixes(n, at)])
            start = self._log.end - RAW_BYTES_A_DAY
            parquet.write_segment(self._home, [part], start=start, end=self._log.end, number=self._commits)
            rows = [row for n in trips for row in self._events(n, at)]
            facts = {"checkpoint": self._log.end, "commits": self._commits}
            self._outbox.merge(events=rows, devices=[], facts=facts)
        move_cursor("gateway.events", self._outbox.newest())

    def _fixes(self, n: int, at: datetime) -> list[tuple[Any, ...]]:
        imei, mark = str(self._challans.IMEI_BASE + n % TRUCKS), f"BR08G{n % TRUCKS:04d}"
        start_ms = int(at.timestamp() * 1000) + (n * 7919) % 80_000 * 1000
        stamps = [start_ms + minute * 60_000 for minute in range(FIXES_A_TRIP)]
        tail = (True, True, True, 24.4, "C", 11, 0.9, 1, "NR", "position", "L", False, "P1-generic")
        return [
            (imei, mark, ms, ms, ms, 25.05 + i / 1000, 86.05, 31.5, 90.0, *tail, i, "", 0, self._log.end)
            for i, ms in enumerate(stamps)
        ]

    def _events(self, n: int, at: datetime) -> list[tuple[Any, ...]]:
        from immis.gateway.state.events import NewEvent

        imei, mark, at_s = str(self._challans.IMEI_BASE + n % TRUCKS), f"BR08G{n % TRUCKS:04d}", at.timestamp()
        kinds = ("vehicle.left_fence", "trip.started", "vehicle.entered_fence", "trip.completed", "device.login")
        return [NewEvent(kind, imei, mark, at_s, at_s, {"fence": "ghat:MUN-2026-00001"}).row() for kind in kinds]

    def _retire(self, at: datetime) -> None:
        from immis.core import retention as records
        from immis.enforcement import retention as enforcement
        from immis.gateway.store.compaction import compact_days
        from immis.gateway.store.snapshot import write_snapshot
        from immis.tracking import retention as tracking
        from immis.tracking.figures import gateway_figures

        enforcement.tell_gateway_what_may_go(at=at)
        for job in (enforcement.forget_news, tracking.forget_signals, records.forget_decisions):
            while job(at=at):
                pass
        write_snapshot(self._home, {"version": 1, "devices": [], "fences": [], **gateway_figures(at)})
        compact_days(self._home, now=at)

    def _sizes(self) -> dict[str, int]:
        from immis.core.selectors import news_count
        from immis.gateway.store.outbox import database_path

        gateway = self._home / "gateway"
        return {
            "raw_mb": _megabytes(gateway / "raw"),
            "positions_mb": _megabytes(gateway / "positions"),
            "gateway_db_mb": round(database_path(self._home).stat().st_size / 1e6),
            "news": news_count(),
            "records_mb": round((self._home / "immis.sqlite3").stat().st_size / 1e6),
        }


def _read_up_to(heads: dict[str, int]) -> None:
    """Let readers of news have read so far, as they had on the last evening of a real installation."""
    from django.db import transaction

    from immis.core.selectors import cursor_position, move_cursor

    with transaction.atomic():
        for name, head in heads.items():
            cursor_position(name)
            move_cursor(name, head)


def _heads() -> dict[str, int]:
    from immis.challans.jobs import FENCE_CURSOR, WITHDRAWN_CURSOR
    from immis.core.selectors import log_head, news_head
    from immis.search.services import LOG, NEWS
    from immis.tracking.selectors import newest_fence_event_id, newest_withdrawal

    fences, withdrawn = newest_fence_event_id(), newest_withdrawal()
    return {FENCE_CURSOR: fences, WITHDRAWN_CURSOR: withdrawn, LOG: log_head(), NEWS: news_head()}


def _megabytes(folder: Path) -> int:
    return round(sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6)


def _people() -> dict[str, Any]:
    """Headquarters, the district's officer, a check post and the first settlee, signed in."""
    from immis.bench import dues
    from immis.registry import services as registry
    from immis.registry.selectors import party_of

    dues.open_offices(["Munger"])
    post = registry.open_office(
        code="post", kind="checkpost", name_en="Check post", name_hi="Check post", district="Munger"
    )
    registry.appoint(user=dues.add_user("post", "Post"), office=post, role="checkpost")
    party_of(1).users.add(dues.add_user("settlee", "Settlee"))
    return {name: dues.signed_in(name) for name in ("hq", "munger", "post", "settlee")}


def _pages(people: dict[str, Any]) -> dict[str, float]:
    from immis.challans.selectors import challans
    from immis.core.access.permissions import SYSTEM

    challan = challans(SYSTEM).latest("id").number
    asked = {
        "desk": ("munger", "/office/"),
        "e-challans of the district": ("munger", "/office/challans/"),
        "e-challans of some trucks": ("munger", "/office/challans/?q=BR08G00"),
        "e-challans of the State": ("hq", "/office/challans/"),
        "e-challan": ("munger", f"/challans/{challan}/"),
        "settlee's home": ("settlee", "/settlee/"),
        "settlee's e-challans": ("settlee", "/settlee/challans/"),
        "new e-challan": ("settlee", "/settlee/leases/MUN-2026-00001/challans/new/"),
        "settlement": ("munger", "/office/leases/MUN-2026-00001/"),
        "check post": ("post", "/checkpost/"),
        "vehicles": ("hq", "/office/map/"),
        "devices": ("munger", "/devices/"),
        "action log": ("hq", "/log/"),
        "cases": ("munger", "/office/cases/"),
        "public home": ("hq", "/"),
    }
    return {name: _median(lambda who=who, at=at: _get(people[who], at)) for name, (who, at) in asked.items()}


def _get(client: Any, address: str) -> None:
    status = client.get(address).status_code
    if status != 200:
        raise RuntimeError(f"{address} answers {status}")


def _jobs() -> dict[str, float]:
    """Each job of the worker that waits for nothing outside, once it has nothing new to do."""
    from importlib import import_module

    from immis.schedule import JOBS

    outside = {"poll_treasury", "pull_eproc", "follow_proposals", "look_for_proposals", "deliver"}
    timed = {}
    for job in JOBS:
        if job.name not in outside:
            module, _, name = job.path.rpartition(".")
            run = getattr(import_module(module), name)
            while run(at=AT) and job.name == "run_triggers":
                pass
            timed[f"job {job.name}"] = _median(lambda run=run: run(at=AT))
    return timed


def _median(step: Callable[[], Any]) -> float:
    """The median of some runs in ms of processor time, after two that do not count."""
    times = []
    for _ in range(ROUNDS + 2):
        worked = time.process_time()
        step()
        times.append((time.process_time() - worked) * 1000)
    return round(statistics.median(times[2:]), 1)


def _main(days: int) -> None:
    import django

    django.setup()
    click.echo(json.dumps(measure(days)))


if __name__ == "__main__":
    _main(int(sys.argv[1]))
