"""``immis bench challan``: issue with all checks over HTTP, what each check costs, and kill -9 of web during issue."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from immis.bench.auction import database, finish, installation, percentile
from immis.bench.http_clients import TOKEN
from immis.bench.machine import cpu_s
from immis.bench.own_postgres import Lacking

Result = dict[str, Any]
LINES = 32
#: Ghats of the State at which trucks stand at once.
WORKING = 40
#: E-challans that stand already; fewer for a try.
KEPT = int(os.environ.get("IMMIS_BENCH_CHALLANS", "1000000"))
_PART = "from immis import setup_django; setup_django(); from immis.bench.movement import paper; paper.answer_paper()"


def ask(env: dict[str, str], **asked: Any) -> Any:
    """One act of the benchmark in a process of its own; answers what it answered."""
    handle, name = tempfile.mkstemp(prefix="immis-bench-", suffix=".json")
    os.close(handle)
    Path(name).write_text(json.dumps(asked))
    env = {**env, "IMMIS_BENCH_PAPER": name}
    return finish((subprocess.Popen([sys.executable, "-c", _PART], env=env), Path(name)))


@dataclass
class Told:
    """What the settlee's software was tally: numbers, waits in seconds, other answers, broken lines."""

    acks: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    broken: int = 0
    other: dict[int, int] = field(default_factory=dict)


class Line:
    """One kept-alive connection of the settlee's software."""

    def __init__(self, host: str, port: int, session: str):
        self.host, self.port = host, port
        self.head = (
            f"POST /api/v1/challans HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
            f"Cookie: sessionid={session}; csrftoken={TOKEN}\r\nX-CSRFToken: {TOKEN}\r\nContent-Length: "
        )
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def issue(self, mark: str, lease: str, quantity_m3: int = 14) -> tuple[int, Any]:
        """Ask for the e-challan of a truck; the key is the truck's, so that asking again answers the same one."""
        if self.streams is None:
            self.streams = await asyncio.open_connection(self.host, self.port)
        reader, writer = self.streams
        load = {"lease": lease, "vehicle": mark, "place": "place-0", "quantity_m3": str(quantity_m3)}
        body = json.dumps({**load, "driver_name": "R", "key": f"bench-{mark}"})
        writer.write(f"{self.head}{len(body)}\r\n\r\n{body}".encode())
        async with asyncio.timeout(30):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            length = int(head.split("content-length:", 1)[1].split("\r\n", 1)[0])
            content = await reader.readexactly(length)
        status = int(head.split(" ", 2)[1])
        return status, json.loads(content) if content[:1] == b"{" else None

    def drop(self) -> None:
        if self.streams:
            self.streams[1].close()
        self.streams = None


async def press(lines: list[Line], loads: Sequence[tuple[str, str]], *, rate: float, tally: Told) -> Told:
    """Ask for each truck and ghat at a steady rate whatever the answers take; a wait counts from when it was due."""
    due: asyncio.Queue[tuple[float, tuple[str, str]]] = asyncio.Queue()

    async def serve(line: Line) -> None:
        while True:
            due_s, load = await due.get()
            if not load[0]:
                return line.drop()
            status, body = await _until_answered(line, load, tally)
            tally.waits.append(time.monotonic() - due_s)
            if status == 201 and body:
                tally.acks.append(body["number"])
            else:
                tally.other[status] = tally.other.get(status, 0) + 1

    servers, begun = [asyncio.create_task(serve(line)) for line in lines], time.monotonic()
    for number, load in enumerate(loads):
        at = begun + number / rate
        await asyncio.sleep(max(0.0, at - time.monotonic()))
        due.put_nowait((at, load))
    for _ in lines:
        due.put_nowait((-1.0, ("", "")))
    await asyncio.gather(*servers)
    return tally


async def _until_answered(line: Line, load: tuple[str, str], tally: Told) -> tuple[int, Any]:
    while True:
        try:
            status, body = await line.issue(*load)
            if status not in (500, 502, 503, 504):
                return status, body
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            pass
        tally.broken += 1
        line.drop()
        await asyncio.sleep(0.05)


def _loads(seeded: dict[str, Any]) -> list[tuple[str, str]]:
    """Each truck with the ghat at which it loads, one ghat after the other."""
    leases = seeded["leases"]
    return [(mark, leases[n % len(leases)]) for n, mark in enumerate(seeded["marks"])]


def _lines(supervisor: Any, session: str) -> list[Line]:
    host, port = supervisor.listen.split(":")
    return [Line(host, int(port), session) for _ in range(LINES)]


def most(kind: str, *, trucks: int = 2_000, kept: int = 0, ghats: int = WORKING) -> Result:
    """How many e-challans a second are issued with all checks, asked for faster than they can be answered."""
    return _over_http(kind, rate=10_000.0, trucks=trucks, kept=kept, ghats=ghats)


def steady(kind: str, *, rate: float, seconds: float = 12.0, kept: int = 0) -> Result:
    """The wait for an e-challan at a steady rate."""
    return _over_http(kind, rate=rate, trucks=int(rate * seconds), kept=kept, ghats=WORKING)


def _over_http(kind: str, *, rate: float, trucks: int, kept: int, ghats: int) -> Result:
    with tempfile.TemporaryDirectory(prefix="immis-bench-") as folder, database(kind, Path(folder)) as env:
        seeded = ask(env, act="seed", trucks=trucks + LINES, kept=kept, ghats=ghats)
        loads = _loads(seeded)
        with installation(env, "worker") as supervisor:
            lines, tally = _lines(supervisor, seeded["session"]), Told()
            asyncio.run(press(lines, loads[:LINES], rate=20, tally=Told()))  # each worker has connections
            before_s, begun, load = cpu_s(supervisor), time.monotonic(), os.getloadavg()[0]
            asyncio.run(press(lines, loads[LINES:], rate=rate, tally=tally))
            seconds, used_s = time.monotonic() - begun, cpu_s(supervisor) - before_s
        counted = ask(env, act="count", acks=tally.acks)
    waits = [wait * 1000 for wait in tally.waits]
    return {
        "database": kind,
        "issued_per_s": round(len(tally.acks) / seconds),
        "asked_per_s": round(min(rate, len(waits) / seconds)),
        "in_store": kept,
        "ghats": ghats,
        "p50_ms": round(percentile(waits, 0.5), 1),
        "p95_ms": round(percentile(waits, 0.95), 1),
        "cpu_ms_per_answer": round(1000 * used_s / len(waits), 2),
        "other_answers": tally.other,
        "load_before": round(load, 1),
        **counted,
    }


def checks(kind: str, *, kept: int = 20_000) -> Result:
    """What each part of an issue costs, one after another in one process: gathering, each rule, the whole."""
    with tempfile.TemporaryDirectory(prefix="immis-bench-") as folder, database(kind, Path(folder)) as env:
        ask(env, act="seed", trucks=400, kept=kept)
        spent = ask(env, act="costs", rounds=200)
    dearest = sorted(spent.items(), key=lambda pair: -pair[1])
    return {"database": kind, "in_store": kept, "ms": dict(dearest)}


def last_metres(kind: str, *, asked: int = 100, left_m3: int = 10) -> Result:
    """So many trucks ask at once, each for one of the last cubic metres that a ghat may give this year."""
    with tempfile.TemporaryDirectory(prefix="immis-bench-") as folder, database(kind, Path(folder)) as env:
        seeded = ask(env, act="seed", trucks=asked, permitted_m3=left_m3)
        lease, marks = seeded["leases"][0], seeded["marks"]
        with installation(env, "worker") as supervisor:
            host, port = supervisor.listen.split(":")
            lines = [Line(host, int(port), seeded["session"]) for _ in marks]
            answers = asyncio.run(_ask_at_once(lines, marks, lease))
        counted = ask(env, act="count", acks=[body["number"] for status, body in answers if status == 201])
    statuses = [status for status, _ in answers]
    return {
        "database": kind, "asked": asked, "left_m3": left_m3, "issued": statuses.count(201),
        "refused": statuses.count(409), "over_m3": max(0, counted["kept"] - left_m3), **counted,
    }  # fmt: skip


async def _ask_at_once(lines: list[Line], marks: list[str], lease: str) -> list[tuple[int, Any]]:
    answers = await asyncio.gather(
        *(line.issue(mark, lease, quantity_m3=1) for line, mark in zip(lines, marks, strict=True))
    )
    for line in lines:
        line.drop()
    return list(answers)


def killed(kind: str, *, kills: int = 20, rate: float = 40.0) -> Result:
    """``kill -9`` of all web processes or the worker at random moments during issue, in turns.

    The settlee's software asks again with the same key until it is answered.
    """
    trucks = int(rate * kills * 2.5)
    with tempfile.TemporaryDirectory(prefix="immis-bench-") as folder, database(kind, Path(folder)) as env:
        seeded = ask(env, act="seed", trucks=trucks, ghats=2)
        with installation(env) as supervisor:
            victims = [child for child in supervisor.children if child.name in ("web", "worker")]
            lines = _lines(supervisor, seeded["session"])
            tally, done = asyncio.run(_press_and_kill(victims, lines, _loads(seeded), kills, rate))
        counted = ask(env, act="count", acks=tally.acks)
    return {
        "database": kind, "kills": done, "answers": len(tally.acks), "broken_lines": tally.broken,
        "other_answers": tally.other, **counted,
    }  # fmt: skip


async def _press_and_kill(
    victims: list[Any], lines: list[Line], loads: Sequence[tuple[str, str]], kills: int, rate: float
) -> tuple[Told, int]:
    tally, chance, done = Told(), random.Random(7), 0

    async def kill() -> None:
        nonlocal done
        for turn in range(kills):
            victim = victims[turn % len(victims)]
            seen, until = len(tally.acks), time.monotonic() + 30
            while len(tally.acks) < seen + 10 and time.monotonic() < until:  # it issues (again)
                await asyncio.sleep(0.01)
            await asyncio.sleep(chance.random() / 2)
            victim.signal_all(signal.SIGKILL)
            victim.pause_s = 0.05  # the supervisor's growing pause is for programs that cannot start
            done += 1

    killer = asyncio.create_task(kill())
    await press(lines, loads, rate=rate, tally=tally)
    killer.cancel()
    return tally, done


#: What is measured, in order; each in a process of its own, as settings are read once a process.
PARTS = (
    ("most over HTTP", "most('postgresql')"),
    ("most over HTTP", "most('sqlite')"),
    ("most at one ghat", "most('postgresql', ghats=1)"),
    ("steady at half the limit", "steady('postgresql', rate=100.0)"),
    ("steady at half the limit", "steady('sqlite', rate=75.0)"),
    ("with the store full", f"most('postgresql', kept={KEPT})"),
    ("with the store full", f"most('sqlite', kept={KEPT})"),
    ("what each check costs", "checks('sqlite')"),
    ("what each check costs", "checks('postgresql')"),
    ("100 at once for the last 10 m³", "last_metres('postgresql')"),
    ("100 at once for the last 10 m³", "last_metres('sqlite')"),
    ("kill -9", "killed('postgresql')"),
    ("kill -9", "killed('sqlite')"),
)
#: Only the parts whose names begin so; all of them where it is empty.
ONLY = os.environ.get("IMMIS_BENCH_PART", "")
GUARANTEES = ("lost_acks", "twice", "gaps", "halves", "over_m3")


def measure(call: str) -> Result:
    """One part of the benchmark in a fresh process; ``failed`` says why there is no figure."""
    code = f"import json; from immis.bench.movement import issue as b; print(json.dumps(b.{call}))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    if run.returncode:
        last = (run.stderr.strip().splitlines() or [f"ended with {run.returncode}"])[-1]
        return {"failed": last.removeprefix(f"{Lacking.__module__}.{Lacking.__name__}: ")[:300]}
    return dict(json.loads(run.stdout.splitlines()[-1]))


def run() -> Result:
    """All parts, each tally as it comes; the figure is the rate of issue with all checks.

    A part that cannot be measured stands with its reason, and the others go on. Raises Lacking when none was.
    """
    parts = []
    for name, call in (row for row in PARTS if row[0].startswith(ONLY)):
        parts.append({"part": name, **measure(call)})
        click.echo(", ".join(f"{word} {value}" for word, value in parts[-1].items()), err=True)
    if all("failed" in part for part in parts):
        raise Lacking(parts[0]["failed"] if parts else f"a part that begins with {ONLY}")
    broken = sum(part.get(name, 0) for part in parts for name in GUARANTEES)
    conditions = f"{LINES} connections; broken guarantees {broken}"
    first = next((part for part in parts if "issued_per_s" in part), None)
    if first is None:
        return {
            "name": "challan",
            "figure": broken,
            "unit": "broken guarantees",
            "conditions": conditions,
            "parts": parts,
        }
    return {
        "name": "challan",
        "figure": first["issued_per_s"],
        "unit": "e-challans/s over HTTP with all checks",
        "conditions": f"{first['database']}; {conditions}",
        "parts": parts,
    }
