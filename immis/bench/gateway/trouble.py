"""What a gateway does under trouble: latency of alerts, replayed memories, reconnect storms, killed workers, fuzz.

Each runs the real processes, the gateway on the first core, everything else on the
others. What is kept is counted from rows read back from the store.
"""

import json
import os
import random
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from immis.bench.gateway import load
from immis.bench.gateway.telemetry import cpu_s, gateway_process, memory_mb, start, wait_for
from immis.gateway.ingest.pipeline import Pipeline
from immis.gateway.log.rawlog import RawLog
from immis.gateway.protocols.encode import DIALECTS, Report, encode_emergency, encode_login, encode_position
from immis.gateway.store.outbox import events_after
from immis.gateway.store.parquet import count_positions
from immis.gateway.store.snapshot import write_snapshot

_POLL_S = 0.01


Seen = dict[str, float]  # of each device, the monotonic instant at which its alert was seen
Watch = Callable[[str], AbstractContextManager[Seen]]  # looks for alerts of a data folder, until it is left


@contextmanager
def office_table(folder: str) -> Iterator[Seen]:
    """Looks for alerts in the table that the office reads."""
    seen: Seen = {}
    stop = threading.Event()

    def look() -> None:
        seq = 0
        while not stop.wait(_POLL_S):
            events = events_after(folder, seq=seq, limit=5_000)
            now = time.monotonic()
            for event in events:
                seq = event.seq
                if event.kind == "device.emergency":
                    seen.setdefault(event.imei, now)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()


def latency(
    *, rate: float = 30_000, devices: int = 5_000, seconds: float = 10.0, replaying: int = 0, each: int = 40_000,
    watch: Watch = office_table, ends_at: str = "the alert's row in the office's table",
) -> dict[str, Any]:  # fmt: skip
    """From the frame written to the socket to where ``watch`` looks, at half the sustained rate.

    With ``replaying`` devices sending ``each`` stored packets as fast as they are taken, newest first.
    """
    packets = load.WARM_UP + max(1, int(rate * seconds / devices))
    with tempfile.TemporaryDirectory(prefix="immis-bench-") as folder:
        write_snapshot(folder, load.snapshot(devices, 2_000, 7))
        with gateway_process(folder) as (gateway, target), watch(folder) as seen:
            arguments = [str(x) for x in (devices, packets, rate, 2_000, 7)]
            generator = start([sys.executable, "-m", "immis.bench.gateway.load", target, *arguments], core=1)
            assert generator.stdout is not None and generator.stdin is not None
            warmed_up = json.loads(generator.stdout.readline())["warmed_up"]
            wait_for(folder, warmed_up)
            backlog, replay_begun = _backlog(target, replaying, each)
            probes = _connected(target)
            generator.stdin.write("go\n")
            generator.stdin.flush()
            took = _probed(probes, seen, seconds=seconds)
            sent = json.loads(generator.stdout.readline())
            generator.communicate()
            different = sent["different"] + load.PROBES * 2 + replaying * (each + load.WARM_UP)
            replayed = backlog.communicate()[0]
            wait_for(folder, different - load.PROBES, share=1.0, seconds=120)
            drained = time.monotonic() - replay_begun
            memory, cpu = memory_mb(gateway.pid), cpu_s(gateway.pid)
            gateway.send_signal(signal.SIGTERM)
            gateway.wait(timeout=300)
        kept = count_positions(folder)
    conditions = {
        "ends_at": ends_at, "rate": rate, "devices": devices, "seconds": seconds, "replaying": replaying, "each": each,
        **_shares(took), "late_ms_p99": sent["late_ms_p99"], "different": different, "kept": kept,
        "replay_and_all_drained_s": round(drained, 1) if replayed else None,
        "pss_mb": memory, "gateway_cpu_s": round(cpu, 1), "load_1min": os.getloadavg()[0],
    }  # fmt: skip
    name = "replay" if replaying else "latency"
    return {"name": name, "figure": conditions.pop("p99_ms"), "unit": "ms p99", "conditions": conditions}


def _backlog(target: str, devices: int, each: int) -> tuple[Any, float]:
    """Devices that send ``each`` stored packets as fast as they are taken; answers them and when they began."""
    backlog = start([sys.executable, "-m", "immis.bench.gateway.load", target, str(devices), str(each)], core=1)
    assert backlog.stdout is not None
    if devices:
        backlog.stdout.readline()  # made and connected
    return backlog, time.monotonic()


def _shares(took: list[float]) -> dict[str, int | None]:
    """Of how many probes the alert was seen, and after how many milliseconds; nothing where none was."""
    took.sort()
    shares = {"p50_ms": 0.5, "p99_ms": 0.99, "worst_ms": 1.0}
    last = len(took) - 1
    return {"probes": load.PROBES, "seen": len(took)} | {
        name: round(took[min(last, int(len(took) * share))]) if took else None for name, share in shares.items()
    }


@dataclass
class _Probe:
    """A device that will press its button once."""

    imei: str
    socket: socket.socket
    pressed: float = 0.0


def _connected(target: str) -> list[_Probe]:
    host, _, port = target.rpartition(":")
    probes = [_Probe(str(load.PROBING + n), _from_its_own_address(host, int(port), n)) for n in range(load.PROBES)]
    for probe in probes:
        probe.socket.sendall(encode_position(_report(probe.imei, 1)))
    return probes


def _from_its_own_address(host: str, port: int, number: int) -> socket.socket:
    """As trucks come: alerts of many new links from one address are capped (MOV-30)."""
    own = f"127.8.{number // 250}.{number % 250 + 1}"
    return socket.create_connection((host, port), timeout=30, source_address=(own, 0))


def _report(imei: str, frame_no: int, **more: Any) -> Report:
    at = datetime.now(UTC).replace(microsecond=0)
    return Report(imei=imei, vehicle="BR08G0001", at=at, lat=25.3, lon=86.4, frame_no=frame_no, **more)


def _probed(probes: list[_Probe], seen: Seen, *, seconds: float) -> list[float]:
    """Press the buttons one after the other; milliseconds until each was seen, of those that were."""
    begun = time.monotonic()
    for n, probe in enumerate(probes):
        time.sleep(max(0.0, begun + n * seconds / len(probes) - time.monotonic()))
        frame = encode_emergency(_report(probe.imei, 2, type_code="EMR", alert=10, emergency=True))
        probe.pressed = time.monotonic()
        probe.socket.sendall(frame)
    until = time.monotonic() + 60
    while time.monotonic() < until and not all(probe.imei in seen for probe in probes):
        time.sleep(_POLL_S)
    for probe in probes:
        probe.socket.close()
    return [(seen[probe.imei] - probe.pressed) * 1000 for probe in probes if probe.imei in seen]


def storm(*, devices: int = 10_000, rate: float = 10_000, seconds: float = 5.0) -> dict[str, Any]:
    """Ten thousand devices come back at once, each waits for the answer to its login, and all report."""
    with tempfile.TemporaryDirectory(prefix="immis-bench-") as folder:
        write_snapshot(folder, load.snapshot(devices, 2_000, 7))
        with gateway_process(folder) as (gateway, target):
            packets = load.WARM_UP + max(1, int(rate * seconds / devices))
            arguments = [str(x) for x in (devices, packets, rate, 2_000, 7)]
            generator = start([sys.executable, "-m", "immis.bench.gateway.load", target, *arguments, "answers"], core=1)
            assert generator.stdout is not None and generator.stdin is not None
            took = json.loads(generator.stdout.readline())
            warmed_up = json.loads(generator.stdout.readline())["warmed_up"]
            wait_for(folder, warmed_up)
            generator.stdin.write("go\n")
            generator.stdin.flush()
            peak = _peak_memory(gateway.pid, seconds)
            sent = json.loads(generator.stdout.readline())
            generator.communicate()
            wait_for(folder, sent["different"], share=1.0)
            gateway.send_signal(signal.SIGTERM)
            gateway.wait(timeout=300)
        kept = count_positions(folder)
    conditions = {
        "devices": devices, "answered": took["answered"], "connected_s": took["connected_s"], "rate": rate,
        "pss_mb_highest": peak, "different": sent["different"], "kept": kept, "load_1min": os.getloadavg()[0],
    }  # fmt: skip
    return {"name": "storm", "figure": took["answered_s"], "unit": "s, all logins", "conditions": conditions}


def _peak_memory(pid: int, seconds: float) -> float:
    """The highest of a few looks while the devices report."""
    highest, until = 0.0, time.monotonic() + seconds
    while time.monotonic() < until:
        highest = max(highest, memory_mb(pid))
        time.sleep(0.5)
    return highest


def kill(*, times: int = 20, devices: int = 500, rate: float = 5_000) -> dict[str, Any]:
    """The worker is killed again and again under load; how long until the next one has told an alert."""
    with tempfile.TemporaryDirectory(prefix="immis-bench-") as folder:
        seconds = times * 2.0
        packets = load.WARM_UP + int(rate * seconds / devices)
        write_snapshot(folder, load.snapshot(devices, 2_000, 7))
        with gateway_process(folder) as (gateway, target):
            arguments = [str(x) for x in (devices, packets, rate, 2_000, 7)]
            generator = start([sys.executable, "-m", "immis.bench.gateway.load", target, *arguments], core=1)
            assert generator.stdout is not None and generator.stdin is not None
            wait_for(folder, json.loads(generator.stdout.readline())["warmed_up"])
            generator.stdin.write("go\n")
            generator.stdin.flush()
            ready = list(_killed(folder, gateway.pid, target, times))
            sent = json.loads(generator.stdout.readline())
            generator.communicate()
            wait_for(folder, sent["different"], share=1.0)
            gateway.send_signal(signal.SIGTERM)
            gateway.wait(timeout=300)
        kept, stored = count_positions(folder), _stored_rows(folder)
    different = sent["different"] + times
    conditions = {
        "kills": times, "rate": rate, "devices": devices, "different": different, "kept": kept,
        "lost": different - kept, "stored_twice_and_dropped_on_reading": stored - kept,
        "median_s": round(sorted(ready)[times // 2], 2),
        "load_1min": os.getloadavg()[0],
    }  # fmt: skip
    return {"name": "kill", "figure": round(max(ready), 2), "unit": "s, slowest back", "conditions": conditions}


def _stored_rows(folder: str) -> int:
    import polars

    files = sorted(Path(folder, "gateway", "positions").glob("*/*.parquet"))
    return int(polars.scan_parquet(files).select(polars.len()).collect().item())


def _killed(folder: str, parent: int, target: str, times: int) -> Iterator[float]:
    """Kill the worker, press a button, and give the seconds until it is told."""
    host, _, port = target.rpartition(":")
    children = Path(f"/proc/{parent}/task/{parent}/children")
    chance = random.Random(3)
    for number in range(times):
        time.sleep(chance.uniform(0.1, 1.0))
        worker = int(children.read_text().split()[0])
        imei = str(load.PROBING + number)
        os.kill(worker, signal.SIGKILL)
        begun = time.monotonic()
        with _from_its_own_address(host, int(port), number) as device:
            device.sendall(encode_emergency(_report(imei, 2, type_code="EMR", alert=10, emergency=True)))
            while not _told(folder, imei) and time.monotonic() < begun + 30:
                time.sleep(_POLL_S)
            yield time.monotonic() - begun


def _told(folder: str, imei: str) -> bool:
    seq, result = 0, False
    while events := events_after(folder, seq=seq, limit=10_000):
        seq = events[-1].seq
        result = result or any(event.imei == imei and event.kind == "device.emergency" for event in events)
    return result


def fuzz(*, frames: int = 1_000_000, seed: int = 1) -> dict[str, Any]:
    """Mutated frames through the whole pipeline: no fault, and no growth."""
    chance = random.Random(seed)
    good = [
        encode_position(_report(str(load.BASE + n), n + 1), dialect=DIALECTS[n % len(DIALECTS)]) for n in range(200)
    ]
    good += [encode_login(imei=str(load.BASE), vehicle="BR08G1"), encode_emergency(_report(str(load.BASE), 9))]
    with tempfile.TemporaryDirectory(prefix="immis-bench-") as folder:
        log, pipeline = RawLog(Path(folder)), Pipeline(folder)
        now_us = int(time.time() * 1e6)
        done, memory, begun = 0, 0.0, time.process_time()
        while done < frames:
            reads = [
                (chance.randrange(1, 500), now_us + done, mutated(chance, chance.choice(good))) for _ in range(5_000)
            ]
            pipeline.take(log.put(reads))
            pipeline.flush_waiting((now_us + done) / 1e6 + 60)
            done += len(reads)
            if done % 50_000 == 0:
                pipeline.commit()
            if done == frames // 5:
                memory = _resident_mb()
        took, faults = time.process_time() - begun, pipeline.counters["faults"]
        grown = _resident_mb() - memory
        pipeline.commit()
    conditions = {
        "frames": done, "faults": faults, "grown_mb_after_a_fifth": round(grown, 1), "per_cpu_s": round(done / took),
        "devices": len(pipeline.fleet),
    }  # fmt: skip
    return {"name": "fuzz", "figure": faults, "unit": "faults", "conditions": conditions}


def mutated(chance: random.Random, frame: bytes) -> bytes:
    """A frame with a few bytes changed, left out or put in; sometimes cut short."""
    data = bytearray(frame)
    for _ in range(chance.choice((1, 1, 2, 5))):
        at, what = chance.randrange(len(data)), chance.randrange(4)
        if what == 0:
            data[at] = chance.randrange(256)
        elif what == 1 and len(data) > 1:
            del data[at]
        elif what == 2:
            data.insert(at, chance.choice(b"0123456789.,*$-+ \r\nNSEWAVLHCO()\x00\xff"))
        elif chance.random() < 0.1:
            del data[at + 1 :]
    return bytes(data)


def _resident_mb() -> float:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
