"""``immis bench auction``: one hot lot through the services and over HTTP, watchers on live events, kill -9."""

import asyncio
import contextlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import uvloop

from immis.bench.http_clients import Line, Told, press, watch
from immis.bench.machine import cpu_s, need_open_files, pss_mb
from immis.bench.own_postgres import Lacking
from immis.private import make_private

Result = dict[str, Any]
CLIENTS, BIDS_EACH, RETRIES = 32, 60, 0.2
LEFT_S = 290
_PART = (
    "from immis import setup_django; setup_django(); "
    "from immis.bench import auction_world; auction_world.answer_paper()"
)


def ask(env: dict[str, str], **asked: Any) -> Any:
    """One act of the benchmark in a process of its own; answers what it answered."""
    return finish(begin(env, **asked))


def begin(env: dict[str, str], **asked: Any) -> tuple[subprocess.Popen[bytes], Path]:
    """Start one act; ``finish`` waits for it."""
    handle, name = tempfile.mkstemp(prefix="immis-bench-", suffix=".json")
    os.close(handle)
    Path(name).write_text(json.dumps(asked))
    env = {**env, "IMMIS_BENCH_PAPER": name}
    return subprocess.Popen([sys.executable, "-c", _PART], env=env), Path(name)


def finish(running: tuple[subprocess.Popen[bytes], Path]) -> Any:
    process, path = running
    if process.wait():
        raise RuntimeError("a part of the benchmark failed; its lines above say why")
    answer = json.loads(path.read_text())
    path.unlink()
    return answer


@contextlib.contextmanager
def database(kind: str, folder: Path) -> Iterator[dict[str, str]]:
    """The environment of an installation with a fresh database: ``sqlite``, or a real PostgreSQL of its own.

    IMMIS_BENCH_SQLITE names a migrated file to copy, for migrating takes four seconds of processor.
    """
    data = folder / kind
    make_private(data)
    env = {
        **os.environ,
        "IMMIS_REQUESTS_A_SECOND": "0",
        "IMMIS_DATA": str(data),
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "immis.settings",
    }
    env.pop("IMMIS_CLOCK", None)
    server = None
    if kind == "postgresql":
        from immis.bench.own_postgres import postgres_in

        server = postgres_in(folder)  # as it comes: fsync and synchronous_commit are on
        env["DATABASE_URL"] = server.get_uri()
    try:
        if kind == "sqlite" and (migrated := os.environ.get("IMMIS_BENCH_SQLITE")):
            shutil.copyfile(migrated, data / "immis.sqlite3")
        else:
            subprocess.run([sys.executable, "-m", "django", "migrate", "-v", "0"], env=env, check=True)
        yield env
    finally:
        if server is not None:
            server.cleanup()


def percentile(values: list[float], share: float) -> float:
    """The value below which a share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def hot_lot(kind: str, *, bids: int = BIDS_EACH, processes: int = 0, threads: int = 0) -> Result:
    """One hot lot, 32 clients, 20 % retries, last five minutes, through the service layer.

    Beside it what bare SQL with the same locks gives on PostgreSQL at that moment.
    Served as the web process serves: on SQLite by one thread, on PostgreSQL by two
    processes of eight threads.
    """
    processes = processes or (1 if kind == "sqlite" else 2)
    threads = threads or (1 if kind == "sqlite" else 8)
    with tempfile.TemporaryDirectory(prefix="immis-bench-") as folder, database(kind, Path(folder)) as env:
        code, other = ask(env, act="seed", lots=2, bidders=CLIENTS, left_s=LEFT_S)["lots"]
        plain = ask(env, act="bare", code=other, bids=bids // 2) if kind == "postgresql" else None
        start_s, load = time.time() + 3 + processes, os.getloadavg()[0]
        common = {"code": code, "threads": threads, "bids": bids, "retries": RETRIES, "start_s": start_s}
        parts = [
            begin(env, act="press", part=part, parts=processes, seed_no=part, **common) for part in range(processes)
        ]
        results = [finish(part) for part in parts]
        acks = [ack for row in results for ack in row["acks"]]
        counted = ask(env, act="count", lots=[code], acks=acks)
    seconds = max(row["ended"] for row in results) - min(row["begun"] for row in results)
    waits = [wait * 1000 for row in results for wait in row["waits"]]
    bids_kept = len({ack[0] for ack in acks})
    return {
        "database": kind,
        "acked_per_s": round(bids_kept / seconds),
        "answers_per_s": round(len(acks) / seconds),
        "accepted": len({ack[0] for ack in acks if ack[1]}),
        "bids": bids_kept,
        "answers": len(acks),
        "p50_ms": round(percentile(waits, 0.5), 1),
        "p99_ms": round(percentile(waits, 0.99), 1),
        "cpu_ms_per_answer": round(1000 * sum(row["cpu_s"] for row in results) / len(acks), 2),
        **({"bare_sql_per_s": round(plain["bids"] / plain["seconds"])} if plain else {}),
        "served_by": f"{processes} process(es) × {threads} thread(s)",
        "load_before": round(load, 1),
        **counted,
    }


@contextlib.contextmanager
def installation(env: dict[str, str], *without: str) -> Iterator[Any]:
    """The processes of one installation on a free port, as ``immis run`` starts them."""
    from immis.commands.processes.run import Supervisor

    with socket.socket() as probe, socket.socket() as other:
        probe.bind(("127.0.0.1", 0)), other.bind(("127.0.0.1", 0))
        listen, gateway = (f"127.0.0.1:{row.getsockname()[1]}" for row in (probe, other))
    kept = {name: os.environ.get(name) for name in ("IMMIS_DATA", "DATABASE_URL")}
    os.environ.update({name: env[name] for name in kept})
    supervisor = Supervisor(
        listen=listen, gateway_listen=gateway, env=env, say=lambda line: None, without=("gateway", *without)
    )
    try:
        with supervisor:
            supervisor.wait_ready()
            yield supervisor
    finally:
        for name, value in kept.items():
            os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)


def _lines(supervisor: Any, seeded: dict[str, Any]) -> list[Line]:
    host, port = supervisor.listen.split(":")
    code = seeded["lots"][0]
    return [Line(host, int(port), session, party, code) for session, party in seeded["sessions"].items()]


def _warm(lines: list[Line]) -> None:
    """A few bids first, so that every worker has its connections."""
    for line in lines:
        line.prefix = "warm"
    asyncio.run(press(lines, rate=20, seconds=2))
    for line in lines:
        line.prefix = "http"


def over_http(kind: str, *, rate: float = 200.0, seconds: float = 15.0) -> Result:
    """One hot lot over real HTTP through the front: the wait of each bid at a steady rate, the guarantees counted."""
    with tempfile.TemporaryDirectory(prefix="immis-bench-") as folder, database(kind, Path(folder)) as env:
        seeded = ask(env, act="seed", lots=1, bidders=CLIENTS, left_s=LEFT_S)
        with installation(env, "worker") as supervisor:
            lines = _lines(supervisor, seeded)
            _warm(lines)
            load, before_s = os.getloadavg()[0], cpu_s(supervisor)
            tally = asyncio.run(press(lines, rate=rate, seconds=seconds))
            used_s = cpu_s(supervisor) - before_s
        counted = ask(env, act="count", lots=seeded["lots"], acks=tally.acks)
    waits = [wait * 1000 for wait in tally.waits]
    return {
        "database": kind,
        "rate_per_s": rate,
        "answers": len(tally.waits),
        "p50_ms": round(percentile(waits, 0.5), 1),
        "p99_ms": round(percentile(waits, 0.99), 1),
        "other_answers": tally.other,
        "cpu_ms_per_answer": round(1000 * used_s / len(waits), 2),
        "load_before": round(load, 1),
        **counted,
    }


def killed(kind: str, *, kills: int = 20, rate: float = 40.0) -> Result:
    """``kill -9`` of all web processes at random moments during commits; clients send the same key until answered."""
    chance = random.Random(7)
    with tempfile.TemporaryDirectory(prefix="immis-bench-") as folder, database(kind, Path(folder)) as env:
        seeded = ask(env, act="seed", lots=1, bidders=CLIENTS, left_s=3600)
        with installation(env, "worker") as supervisor:
            web = next(child for child in supervisor.children if child.name == "web")
            tally = asyncio.run(_press_and_kill(web, _lines(supervisor, seeded), kills, rate, chance))
        counted = ask(env, act="count", lots=seeded["lots"], acks=tally.acks)
    return {"database": kind, "kills": kills, "answers": len(tally.acks), "broken_lines": tally.broken, **counted}


async def _press_and_kill(web: Any, lines: list[Line], kills: int, rate: float, chance: random.Random) -> Told:
    finished, tally = asyncio.Event(), Told()

    async def kill() -> None:
        for _ in range(kills):
            seen, until = len(tally.acks), time.monotonic() + 30
            while len(tally.acks) < seen + 10 and time.monotonic() < until:  # it takes bids (again)
                await asyncio.sleep(0.01)
            await asyncio.sleep(chance.random() / 2)
            web.signal_all(signal.SIGKILL)
            web.pause_s = 0.05  # the supervisor's growing pause is for programs that cannot start
        finished.set()

    killer = asyncio.create_task(kill())
    round_no = 0
    while not finished.is_set():
        round_no += 1
        for line in lines:
            line.prefix = f"kill{round_no}"
        await press(lines, rate=rate, seconds=3, told=tally)
    await killer
    return tally


def watched(kind: str, *, lots: int = 22, watchers: int = 500, rounds: int = 5, each_all: bool = False) -> Result:
    """Live events: how long after its acknowledgement a bid reaches every watcher, and the memory of all processes.

    So many watchers follow each lot alone, as the rooms do; with ``each_all`` so
    many in all follow every lot, as the list of auctions does.
    """
    streams = watchers if each_all else lots * watchers
    need_open_files(streams + 1_000)
    with tempfile.TemporaryDirectory(prefix="immis-bench-") as folder, database(kind, Path(folder)) as env:
        seeded = ask(env, act="seed", lots=lots, bidders=CLIENTS, left_s=3600)
        with installation(env) as supervisor:
            codes = seeded["lots"]
            wanted = [codes] * watchers if each_all else [[code] for code in codes for _ in range(watchers)]
            load = os.getloadavg()[0]
            heard, acks_by_lot, memory = uvloop.run(_watch_and_bid(supervisor, env, wanted, codes, rounds))
    late = [
        max(0.0, max(times) - acked)
        for code, acks in acks_by_lot.items()
        for seq, acked in acks
        if (times := heard.get(f"{code}:{seq}"))
    ]
    last = [len(heard.get(f"{code}:{acks[-1][0]}", [])) for code, acks in acks_by_lot.items()]
    return {
        "database": kind,
        "lots": lots,
        "streams": len(wanted),
        "bids": sum(map(len, acks_by_lot.values())),
        "slowest_ms": round(max(late) * 1000),
        "p99_ms": round(percentile(late, 0.99) * 1000),
        "watchers_without_the_last_bid": sum(watchers - count for count in last),
        "pss_mb": round(memory),
        "load_before": round(load, 1),
    }


async def _watch_and_bid(
    supervisor: Any, env: dict[str, str], wanted: list[list[str]], codes: list[str], rounds: int
) -> tuple[dict[str, list[float]], dict[str, list[Any]], float]:
    host, port = supervisor.listen.split(":")
    open_now, over = asyncio.Event(), asyncio.Event()
    watching = asyncio.create_task(watch(host, int(port), wanted, ready=open_now, until=over))
    await asyncio.wait([watching, asyncio.create_task(open_now.wait())], return_when=asyncio.FIRST_COMPLETED)
    running = begin(env, act="bid", lots=codes, rounds=rounds, pause_s=1.0)
    while running[0].poll() is None:
        await asyncio.sleep(0.1)
    acks_by_lot = finish(running)
    await asyncio.sleep(2)
    memory = pss_mb(supervisor)
    over.set()
    return await watching, acks_by_lot, memory


#: What is measured, in order; each in a process of its own, as settings are read once a process.
PARTS = (
    ("hot lot", "hot_lot('postgresql')"),
    ("hot lot", "hot_lot('sqlite')"),
    ("over HTTP", "over_http('postgresql')"),
    ("over HTTP", "over_http('sqlite')"),
    ("500 watchers of each lot", "watched('postgresql')"),
    ("500 watchers of each lot", "watched('sqlite')"),
    ("kill -9", "killed('postgresql')"),
    ("kill -9", "killed('sqlite')"),
)
GUARANTEES = ("lost_acks", "equal_amounts", "time_order", "duplicate_keys", "broken_chain", "twice_extended")


def measure(call: str) -> Result:
    """One part of the benchmark in a fresh process; ``failed`` says why there is no figure."""
    code = f"import json; from immis.bench import auction as b; print(json.dumps(b.{call}))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    if run.returncode:
        last = (run.stderr.strip().splitlines() or [f"ended with {run.returncode}"])[-1]
        return {"failed": last.removeprefix(f"{Lacking.__module__}.{Lacking.__name__}: ")[:300]}
    return dict(json.loads(run.stdout.splitlines()[-1]))


def run() -> Result:
    """All parts, each told as it comes; the figure is the rate of acknowledged bids of one hot lot on PostgreSQL.

    A part that cannot be measured stands with its reason, and the others go on. Raises Lacking when no hot lot was.
    """
    parts = []
    for name, call in PARTS:
        parts.append({"part": name, **measure(call)})
        click.echo(", ".join(f"{word} {value}" for word, value in parts[-1].items()), err=True)
    hot = next((part for part in parts if "acked_per_s" in part), None)
    if hot is None:
        raise Lacking(parts[0]["failed"])
    broken = sum(part.get(name, 0) for part in parts for name in GUARANTEES)
    failed = sum("failed" in part for part in parts)
    return {
        "name": "auction",
        "figure": hot["acked_per_s"],
        "unit": "acknowledged bids/s on one lot",
        "conditions": f"{CLIENTS} clients, 20 % retries, {hot['database']}; "
        f"broken guarantees over all parts: {broken}; parts not measured: {failed}",
        "parts": parts,
    }
