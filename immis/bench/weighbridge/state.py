"""A State of weighbridges: heartbeats and weighments at their rate, and ``kill -9`` of agent and server in turns."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import psutil

from immis.agent.packing import packed
from immis.bench.auction import database, finish, installation, percentile
from immis.bench.machine import cpu_s
from immis.bench.own_postgres import Lacking
from immis.bench.weighbridge.clients import Software, press

Result = dict[str, Any]
BRIDGES, BEATS, WEIGHMENTS, SECONDS, KILLS = 1_000, 100.0, 50.0, 20.0, 50
_PART = (
    "from immis import setup_django; setup_django(); from immis.bench.weighbridge import world; world.answer_paper()"
)

_SCALE = [sys.executable, "-m", "immis.cli", "weighbridge", "simulate", "--weights", "20000,21000,22000"]
_SCALE += ["--rate", "50", "--rest", "12"]


def ask(env: dict[str, str], **asked: Any) -> Any:
    """One act of the benchmark in a process of its own; answers what it answered."""
    handle, name = tempfile.mkstemp(prefix="immis-bench-", suffix=".json")
    os.close(handle)
    Path(name).write_text(json.dumps(asked))
    env = {**env, "IMMIS_BENCH_PAPER": name}
    return finish((subprocess.Popen([sys.executable, "-c", _PART], env=env), Path(name)))


def rates(kind: str, *, bridges: int = BRIDGES, seconds: float = SECONDS) -> Result:
    """The wait for heartbeats (one a bridge each ten seconds) and for weighments (50 a second in all)."""
    share = bridges / BRIDGES
    with tempfile.TemporaryDirectory(prefix="immis-bench-") as folder, database(kind, Path(folder)) as env:
        scales = [Software() for _ in range(bridges)]
        seeded = ask(env, act="seed", keys=[scale.public for scale in scales])
        for scale, device, trucks in zip(scales, seeded["devices"], seeded["trucks"], strict=True):
            scale.device, scale.trucks = device, trucks or [""]
        with installation(env, "worker") as supervisor:
            asyncio.run(press(supervisor.listen, scales[:32], beats=10, weighments=5, seconds=2))
            load, used_s, begun = os.getloadavg()[0], cpu_s(supervisor), time.monotonic()
            pace = {"beats": BEATS * share, "weighments": WEIGHMENTS * share}
            tally = asyncio.run(press(supervisor.listen, scales, **pace, seconds=seconds))
            took_s, used_s = time.monotonic() - begun, cpu_s(supervisor) - used_s
        counted = ask(env, act="count")
    answers = sum(map(len, tally.waits.values()))
    sent = sum(scale.counter for scale in scales)
    ms = {call: [wait * 1000 for wait in waits] for call, waits in tally.waits.items()}
    return {
        "database": kind, "bridges": bridges, "calls_per_s": round(answers / took_s),
        **{f"{call}_p95_ms": round(percentile(waits, 0.95), 1) for call, waits in ms.items()},
        "p95_ms": round(percentile([wait for waits in ms.values() for wait in waits], 0.95), 1),
        "cpu_ms_per_answer": round(1000 * used_s / answers, 2), "other_answers": tally.other, "weighed": sent,
        "lost": sent - counted["kept"], "stopped": counted["stops"], "load_before": round(load, 1),
    }  # fmt: skip


class Agent:
    """The agent as one file beside a simulated scale; what it acknowledged to its operator is remembered."""

    def __init__(self, folder: Path, url: str, code: str) -> None:
        self.program, self.home = folder / "immis-agent.pyz", folder / "agent"
        self.program.write_bytes(packed())
        self.scale = subprocess.Popen(_SCALE, stdout=subprocess.PIPE, text=True)
        assert self.scale.stdout is not None
        self.port = json.loads(self.scale.stdout.readline())["port"]
        done = subprocess.run([*self._words, "pair", url, code], capture_output=True, text=True, check=True)
        self.device = json.loads(done.stdout)["device"]
        self.acks: list[int] = []
        self.resting = threading.Event()
        self.resident_mb = 0.0

    @property
    def _words(self) -> list[str]:
        return [sys.executable, str(self.program), "--home", str(self.home)]

    def start(self) -> None:
        """At work, with its page."""
        words = [*self._words, "work", "--port", self.port, "--page", "0"]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.page = json.loads(self.process.stdout.readline())["page"]
        with urllib.request.urlopen(self.page, timeout=10) as answer:
            self.token = answer.read().decode().split('"token": "', 1)[1].split('"', 1)[0]

    def kill(self) -> None:
        """As a power cut does it."""
        self.resident_mb = max(self.resident_mb, psutil.Process(self.process.pid).memory_info().rss / 2**20)
        self.process.kill()
        self.process.wait()

    def call(self, path: str, body: Any = None) -> dict[str, Any]:
        """One call of its page; nothing where it refused or died."""
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(self.page + path, data, {"X-Station": self.token})
        try:
            with urllib.request.urlopen(asked, timeout=10) as answer:
                return dict(json.load(answer))
        except (OSError, ValueError):
            return {}

    def weigh(self) -> None:
        """One truck: weighed as soon as the scale rests and the agent lets it."""
        if counter := self.call("weigh", {"kind": "gross", "plate": "BR08G0001"}).get("counter"):
            self.acks.append(counter)
        time.sleep(0.05)


def killed(kind: str, *, kills: int = KILLS) -> Result:
    """Kill the agent or the web processes at random while it weighs; what it acknowledged stands once, in order."""
    chance = random.Random(7)
    with tempfile.TemporaryDirectory(prefix="immis-bench-") as folder, database(kind, Path(folder)) as env:
        ask(env, act="seed", keys=[Software().public])
        code = ask(env, act="code")
        with installation(env, "worker") as supervisor, _weighing(Path(folder), supervisor.listen, code) as agent:
            web = next(child for child in supervisor.children if child.name == "web")
            for _turn in range(kills):
                time.sleep(chance.random() * 1.5)
                if chance.random() < 0.5:
                    web.signal_all(signal.SIGKILL)
                    web.pause_s = 0.05
                else:
                    agent.kill()
                    agent.start()
            agent.resting.set()
            until = time.monotonic() + 90
            while agent.call("state").get("queued") != 0 and time.monotonic() < until:
                time.sleep(0.2)
            queued = agent.call("state").get("queued")
        counters = ask(env, act="count", device=agent.device)["counters"]
    return {
        "database": kind, "kills": kills, "acknowledged": len(agent.acks), "kept": len(counters), "queued": queued,
        "lost": len(set(agent.acks) - set(counters)), "twice": len(counters) - len(set(counters)),
        "out_of_order": int(counters != list(range(1, len(counters) + 1))),
        "agent_resident_mb": round(agent.resident_mb, 1), "load_before": round(os.getloadavg()[0], 1),
    }  # fmt: skip


@contextmanager
def _weighing(folder: Path, listen: str, code: str) -> Iterator[Agent]:
    """The agent with an operator who weighs one truck after another until the end."""
    agent, ended = Agent(folder, f"http://{listen}", code), threading.Event()
    agent.start()

    def work() -> None:
        while not (ended.is_set() or agent.resting.is_set()):
            agent.weigh()

    operator = threading.Thread(target=work, daemon=True)
    operator.start()
    try:
        yield agent
    finally:
        ended.set()
        operator.join()
        agent.kill()
        agent.scale.kill()
        agent.scale.wait()


PARTS = (
    ("rates", "rates('sqlite')"),
    ("rates", "rates('postgresql')"),
    ("kill -9", "killed('sqlite', kills=25)"),
    ("kill -9", "killed('postgresql', kills=25)"),
)


def measure(call: str) -> Result:
    """One part of the benchmark in a fresh process; ``failed`` says why there is no figure."""
    code = f"import json; from immis.bench.weighbridge import state as b; print(json.dumps(b.{call}))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    if run.returncode:
        return {"failed": (run.stderr.strip().splitlines() or [f"ended with {run.returncode}"])[-1][:300]}
    return dict(json.loads(run.stdout.splitlines()[-1]))


def run() -> Result:
    """All parts; the figure is the slower database's p95. Raises Lacking where nothing could be measured."""
    parts = []
    for name, call in PARTS:
        parts.append({"part": name, **measure(call)})
        click.echo(", ".join(f"{word} {value}" for word, value in parts[-1].items()), err=True)
    measured = [part["p95_ms"] for part in parts if "p95_ms" in part]
    if not measured:
        raise Lacking(parts[0]["failed"])
    broken = sum(part.get(name, 0) for part in parts for name in ("lost", "twice", "out_of_order"))
    conditions = f"{BRIDGES:,} bridges, {BEATS:.0f} heartbeats/s and {WEIGHMENTS:.0f} weighments/s for {SECONDS:.0f} s"
    conditions += f"; agent {max(part.get('agent_resident_mb', 0) for part in parts)} MB; broken guarantees {broken}"
    return {"name": "weighbridge", "figure": max(measured), "unit": "ms p95", "conditions": conditions, "parts": parts}
