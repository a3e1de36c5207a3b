"""What a benchmark asks of the machine that it runs on: open files, processor time, memory."""

import contextlib
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from immis.bench.own_postgres import Lacking


def need_open_files(wanted: int) -> None:
    """Each stream is a file of this process, of the events and of the front. Raises Lacking for too few."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise Lacking(f"{wanted:,} open files, and this account may open {hard:,}: raise its hard limit (ulimit -Hn)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _processes(supervisor: Any) -> Iterator[Any]:
    import psutil

    for child in supervisor.children:
        process = psutil.Process(child.pid)
        yield from (process, *process.children(recursive=True))


def cpu_s(supervisor: Any) -> float:
    """Processor seconds of every process of the installation so far (the database server's own are not in it)."""
    return float(sum(sum(process.cpu_times()[:2]) for process in _processes(supervisor)))


def pss_mb(supervisor: Any) -> float:
    """Proportional memory of every process of the installation, and of all that they started."""
    total_kb = 0
    for process in _processes(supervisor):
        with contextlib.suppress(OSError):
            rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
            total_kb += int(rollup.split("\nPss:", 1)[1].split()[0])
    return total_kb / 1024


def p95_of(ask: Callable[[int], Any], *, rounds: int) -> tuple[float, float]:
    """The p95 in ms of a question, asked by round: by the wall, and by this process's processor time.

    The first round does not count.
    """
    times = []
    for number in range(rounds + 1):
        begun, used = time.perf_counter(), time.process_time()
        ask(number)
        times.append(((time.perf_counter() - begun) * 1000, (time.process_time() - used) * 1000))
    wall, cpu = zip(*times[1:], strict=True)
    return round(statistics.quantiles(wall, n=20)[18], 1), round(statistics.quantiles(cpu, n=20)[18], 1)
