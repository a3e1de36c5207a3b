"""The telemetry figures: decoding alone, socket to store, fences, history, bytes a position.

What is kept is counted from rows read back from the store. The machine may be
shared: figures by CPU time are given beside those by the clock on the wall.
"""

import json
import os
import platform
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy

from immis.bench.gateway import load
from immis.gateway.ingest.families import FamilyBook
from immis.gateway.protocols.checksums import ChecksumBook
from immis.gateway.protocols.decode import decode_frame
from immis.gateway.protocols.digits import PAD
from immis.gateway.protocols.encode import Report, encode_position
from immis.gateway.protocols.many.columns import LayoutBook, decode_columns
from immis.gateway.protocols.many.cut import cut, join
from immis.gateway.store.outbox import counters
from immis.gateway.store.parquet import count_positions, positions_folder
from immis.gateway.store.snapshot import write_snapshot

_PINNED = {"POLARS_MAX_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def run(*, seconds: float = 8.0, rate: float = 90_000, devices: int = 5_000) -> dict[str, Any]:
    """Socket to store, everything on: the gateway on one core, the generator on the other.

    More is offered than can be taken, so that the figure is what is sustained; at less it is what was offered.
    """
    end = end_to_end(seconds=seconds, rate=rate, devices=devices)
    end["conditions"]["decode_alone_per_s"] = decode_rate()
    return end


def end_to_end(*, seconds: float, rate: float, devices: int, fence_count: int = 2_000, seed: int = 7) -> dict[str, Any]:
    """Positions a second from socket to fsynced store with fences, trips and signals."""
    packets = load.WARM_UP + max(1, int(rate * seconds / devices))
    with tempfile.TemporaryDirectory(prefix="immis-bench-") as folder:
        write_snapshot(folder, load.snapshot(devices, fence_count, seed))
        arguments = [str(x) for x in (devices, packets, rate, fence_count, seed)]
        with gateway_process(folder) as (gateway, target):
            generator = start([sys.executable, "-m", "immis.bench.gateway.load", target, *arguments], core=1)
            assert generator.stdout is not None and generator.stdin is not None
            warmed_up = json.loads(generator.stdout.readline())["warmed_up"]
            wait_for(folder, warmed_up)
            begun, cpu_before = time.monotonic(), cpu_s(gateway.pid)
            generator.stdin.write("go\n")
            generator.stdin.flush()
            sent = json.loads(generator.stdout.readline())
            left = time.monotonic()
            memory = memory_mb(gateway.pid)
            generator.communicate()
            wait_for(folder, sent["different"], share=1.0)
            took, drained = time.monotonic() - begun, time.monotonic() - left
            cpu = cpu_s(gateway.pid) - cpu_before
            gateway.send_signal(signal.SIGTERM)
            gateway.wait(timeout=300)
        kept = count_positions(folder)
        size = sum(path.stat().st_size for path in positions_folder(folder).glob("*/*.parquet"))
    conditions = {
        "offered_per_s": rate, "devices": devices, "fences": fence_count, "sent": sent["sent"],
        "different": sent["different"], "kept": kept, "lost": sent["different"] - kept, "wall_s": round(took, 1),
        "drain_s": round(drained, 1), "gateway_cpu_s": round(cpu, 1), "stored_per_cpu_s": round(sent["sent"] / cpu),
        "late_ms_p99": sent["late_ms_p99"], "bytes_a_row_unmerged": round(size / max(kept, 1), 1),
        "pss_mb": memory, "load_1min": os.getloadavg()[0], "cores": os.cpu_count(),
        "python": platform.python_version(),
    }  # fmt: skip
    return {"name": "telemetry", "figure": round(sent["sent"] / took), "unit": "positions/s", "conditions": conditions}


@contextmanager
def gateway_process(folder: str) -> Any:
    """A gateway pinned to the first core, and its address."""
    process = start(
        [sys.executable, "-m", "immis.commands.road.gateway", "--listen", "127.0.0.1:0", "--data", folder], core=0
    )
    assert process.stdout is not None
    try:
        yield process, json.loads(process.stdout.readline())["listening"]
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdout.close()


def start(command: list[str], *, core: int) -> "subprocess.Popen[str]":
    environment = {k: v for k, v in os.environ.items() if k != "IMMIS_CLOCK"} | _PINNED
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
        preexec_fn=on_core(core),
    )  # fmt: skip


def on_core(core: int) -> Callable[[], None]:
    """Keeps a process that is about to start on one core; the gateway has the first, all else the second."""
    cores = sorted(os.sched_getaffinity(0))
    mine = {cores[core % len(cores)]}
    return lambda: os.sched_setaffinity(0, mine)


def family(pid: int) -> list[int]:
    """A process, its children and theirs."""
    results = [pid]
    with suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            results += family(int(child))
    return results


def memory_mb(pid: int) -> float:
    """Proportional set size of a process and all that it started, in MB."""
    total = 0
    for row in family(pid):
        with suppress(OSError):
            for line in Path(f"/proc/{row}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
    return round(total / 1024, 1)


def cpu_s(pid: int) -> float:
    """CPU seconds of a process and of all that it started so far."""
    ticks = 0
    for row in family(pid):
        with suppress(OSError):
            ticks += sum(int(x) for x in Path(f"/proc/{row}/stat").read_text().rpartition(")")[2].split()[11:13])
    return ticks / os.sysconf("SC_CLK_TCK")


def wait_for(folder: str, frames: int, *, share: float = 0.97, seconds: float = 60) -> None:
    """Until the gateway has committed so many frames (the last of each device may still be open), or that long."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        counted = counters(folder)
        if counted.get("kind.position", 0) - counted.get("duplicates", 0) >= frames * share:
            return
        time.sleep(0.05)


# -- decoding alone ---------------------------------------------------------------------------


def mixed_frames(count: int, *, seed: int = 1, devices: int = 5_000) -> list[list[bytes]]:
    """Frames by device: seven comma dialects, and one device in a hundred fixed width."""
    chance = random.Random(seed)
    made: list[list[bytes]] = [[] for _ in range(devices)]
    for i in range(count):
        number = i % devices
        report = Report(
            imei=str(load.BASE + number), vehicle=f"BR08G{number:04d}",
            at=datetime.fromtimestamp(1_780_000_000 + i // devices * 10, UTC),
            lat=25 + chance.random(), lon=86 + chance.random(), frame_no=i // devices + 1,
            speed_kmh=chance.random() * 60, heading=chance.random() * 360,
        )  # fmt: skip
        dialect = "cdac" if number % 100 == 99 else load.DIALECTS[number % len(load.DIALECTS)]
        made[number].append(encode_position(report, dialect=dialect))
    return made


def decode_rate(count: int = 100_000) -> int:
    """Frames a CPU second: cutting, decoding and checking, mixed dialects; doubtful ones by the plain reader."""
    made = mixed_frames(count)
    layouts, checksums = LayoutBook(), ChecksumBook()
    families = FamilyBook(checksums)
    for dialect in made[:7]:
        for frame in dialect[:1] * 30:
            packet = decode_frame(frame.rstrip(b"\r\n"))[0]
            checksums.judge(f"{packet.vendor}|{packet.word}|{packet.firmware}", frame.rstrip(b"\r\n"))
    rates = []
    for _ in range(3):
        begun = time.process_time()
        done = sum(_decode(made, turn, layouts, families) for turn in range(0, len(made[0]), 4))
        rates.append(done / (time.process_time() - begun))
    return round(sorted(rates)[1])


def _decode(made: list[list[bytes]], turn: int, layouts: LayoutBook, families: FamilyBook) -> int:
    parts = [b"".join(frames[turn : turn + 4]) for frames in made]
    sizes = numpy.array([len(part) for part in parts])
    ends = PAD + numpy.cumsum(sizes)
    result = cut(join(parts), ends - sizes, ends)
    x = decode_columns(result.buffer, result.starts, result.ends, layouts)
    families.judge(x, result.buffer, result.starts, result.ends)
    plain = [result.buffer[result.starts[i] : result.ends[i]].tobytes() for i in numpy.flatnonzero(~x.sure).tolist()]
    plain += [frame for i in numpy.flatnonzero(result.rests < 0).tolist() for frame in made[i][turn : turn + 4]]
    for frame in plain:
        decode_frame(frame.rstrip(b"\r\n"))
    return len(result.starts) + sum(len(made[i][turn : turn + 4]) for i in numpy.flatnonzero(result.rests < 0).tolist())
