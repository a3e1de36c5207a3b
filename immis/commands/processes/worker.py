"""``immis worker``: runs the jobs of ``immis.schedule`` in order, again and again."""

import json
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import click

from immis import clock, keep_loaded, setup_django
from immis.private import require_private_data
from immis.schedule import JOBS, MOST_REST_S, Job

log = logging.getLogger("immis.worker")
ROUND_S = 0.1
COUNTERS_EVERY_S = 1.0


@dataclass
class Count:
    """How a job has fared since the worker started."""

    runs: int = 0
    failures: int = 0
    handled: int = 0
    seconds: float = 0.0
    last_error: str = ""
    last_run_at: str = ""


class Rest(NamedTuple):
    """Why a job need not run: nothing is newer than a mark (None where it does not rest), until a monotonic instant."""

    mark: object
    until_s: float


@dataclass
class Worker:
    """The loop: each job in its turn, isolated from the failures of the others."""

    jobs: Sequence[Job] = JOBS
    stopping: threading.Event = field(default_factory=threading.Event)
    counts: dict[str, Count] = field(default_factory=dict)
    _due_s: dict[str, float] = field(default_factory=dict)
    _rest: dict[str, Rest] = field(default_factory=dict)
    _written_s: float = -COUNTERS_EVERY_S

    def stop(self, *_: object) -> None:
        """Finish the job that runs now, then end."""
        self.stopping.set()

    def run_round(self, *, all_due: bool = False) -> bool:
        """Run each job whose turn it is, in order; answers whether none of them failed."""
        from immis.commands.processes.news import mark

        good, newest = True, mark()
        for job in self.jobs:
            if self.stopping.is_set():
                break
            if all_due or self._is_due(job, newest):
                did = self._run(job)
                good, newest = good and did is not None, mark()
                now = time.monotonic()
                self._due_s[job.name] = now + job.every_s
                self._rest[job.name] = Rest(newest if did == 0 and not job.prompt else None, now + MOST_REST_S)
        return good

    def _is_due(self, job: Job, newest: object) -> bool:
        """Whether a job's pause is over and, where it had nothing to do, anything is new or its rest has been long."""
        now, rest = time.monotonic(), self._rest.get(job.name)
        if now < self._due_s.get(job.name, 0.0):
            return False
        return rest is None or rest.mark is None or rest.mark != newest or now >= rest.until_s

    def _run(self, job: Job) -> int | None:
        """Run a job; answers how much it did, None where it failed."""
        from django.db import close_old_connections

        from immis.core.transactions import again

        count, began = self.counts.setdefault(job.name, Count()), time.monotonic()
        count.runs += 1
        count.last_run_at = clock.now().isoformat()
        close_old_connections()
        try:
            did = again(lambda: _function(job.path)(at=clock.now())) or 0
        except Exception as error:  # one job's failure must not stop the others
            log.exception("job %s failed", job.name)
            count.failures += 1
            count.last_error = f"{type(error).__name__}: {error}"[:500]
            return None
        finally:
            count.seconds += time.monotonic() - began
        count.handled += did
        return did

    def write_counters(self) -> None:
        """Keep the counters where ``/metrics`` reads them."""
        if time.monotonic() - self._written_s >= COUNTERS_EVERY_S:
            self._written_s = time.monotonic()
            body = {"pid": os.getpid(), "jobs": {name: asdict(count) for name, count in self.counts.items()}}
            path = counters_path()
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(f".{os.getpid()}")
            part.write_text(json.dumps(body), encoding="utf8")
            os.replace(part, path)

    def loop(self) -> None:
        """Run rounds until stopped."""
        while not self.stopping.is_set():
            self.run_round()
            self.write_counters()
            self.stopping.wait(ROUND_S)
        self._written_s = -COUNTERS_EVERY_S
        self.write_counters()


def _function(path: str) -> Callable[..., int | None]:
    module, _, name = path.rpartition(".")
    return getattr(import_module(module), name)  # type: ignore[no-any-return]


def counters_path() -> Path:
    """Where the worker's counters lie."""
    return clock.data_dir() / "run" / "worker.json"


@click.command()
@click.option("--once", is_flag=True, help="Run every job once, in order, and end.")
@click.option("--json", "as_json", is_flag=True, help="With --once: print the counters as JSON.")
def command(once: bool, as_json: bool) -> None:
    """Run the jobs: events in, triggers, holds, messages, published lists.

    \b
    Example: immis worker
             immis worker --once --json
    """
    require_private_data()
    setup_django()
    from immis.core.installation.kind import require_own_kind

    require_own_kind()
    worker = Worker()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, worker.stop)
    if not once:
        keep_loaded()
        log.info("worker runs %d jobs", len(worker.jobs))
        worker.loop()
        return
    good = worker.run_round(all_due=True)
    body = {name: asdict(count) for name, count in worker.counts.items()}
    if as_json:
        click.echo(json.dumps(body))
    else:
        for name, count in body.items():
            click.echo(f"{name:26} {count['handled']:6} {count['last_error'] or 'ok'}")
    raise SystemExit(0 if good else 1)
