"""A cluster under failures: three nodes, two gateways, two partitions, each a process of its own; rows read back.

Devices send on schedule whatever happens. A leader is killed twice, a worker and a
partition's host once each, then every node is restarted in turn.
"""

import json
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars

from immis.bench.gateway.load import BASE
from immis.bench.gateway.nodes import Nodes, gateway_process, nodes_in
from immis.gateway.cluster.jetstream import raw_stream
from immis.gateway.protocols.encode import Report, encode_login, encode_position
from immis.gateway.store.outbox import events_after, last_positions
from immis.gateway.store.parquet import data_roots, partition_folder, positions_folder
from immis.gateway.tolerances import CLUSTER_LOCK_S

STREAMS = [raw_stream(0), raw_stream(1), "IMMIS_EVENTS", "IMMIS_LAST"]
_DIALECTS = ("nic", "arai", "itriangle", "roadpoint", "rlp", "maharashtra")
_STORED_S = 60.0
_BETWEEN_S = 4.0
_LOCK_S = 15.0


class Devices:
    """Trucks that report on schedule to the two gateways by turns, each packet torn somewhere; a thread of its own."""

    def __init__(self, addresses: list[tuple[str, int]], *, count: int, rate: float, base: int = BASE) -> None:
        self.imeis = [str(base + number) for number in range(count)]
        self._addresses, self.broken = addresses, 0
        self._stop = threading.Event()
        self._links = [self._connected(number) for number in range(count)]
        self._rate, self.sent = rate, 0
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def _run(self) -> None:
        begun = time.monotonic()
        rests = [b""] * len(self._links)
        while not self._stop.is_set():
            due = int((time.monotonic() - begun) * self._rate)
            if self.sent >= due:
                time.sleep(0.005)
                continue
            for n in range(self.sent, due):
                turn, number = divmod(n, len(self._links))
                data = rests[number] + self._packet(number, turn)
                cut = len(data) - n * 7 % 90  # the end of a packet often comes with the next one
                rests[number] = data[cut:] if self._send(number, data[:cut]) else b""
            self.sent = due
        for number, rest in enumerate(rests):
            with suppress(OSError):
                self._send(number, rest)

    def _send(self, number: int, data: bytes) -> bool:
        """Send, or come back on the other gateway as a device does; what was under way is then lost to it."""
        try:
            self._links[number].sendall(data)
        except OSError:
            self._links[number].close()
            self.broken += 1
            self._links[number] = self._connected(number, turn=self.broken)
            return False
        return True

    def _connected(self, number: int, turn: int = 0) -> socket.socket:
        """A link to the device's gateway, or to the next one that answers."""
        while True:
            address = self._addresses[(number + turn) % len(self._addresses)]
            turn += 1
            if self._stop.is_set():
                raise ConnectionError(f"no gateway answers at {address}")
            with suppress(OSError):
                link = socket.create_connection(address, timeout=60)
                link.sendall(encode_login(imei=self.imeis[number], vehicle="BR08G1234"))
                return link
            time.sleep(0.05)

    def _packet(self, number: int, turn: int) -> bytes:
        report = Report(
            imei=self.imeis[number], vehicle="BR08G1234", at=datetime.now(UTC), lat=25.31 + turn * 1e-5,
            lon=86.41 + number * 1e-3, frame_no=turn, speed_kmh=30.0,
        )  # fmt: skip
        return encode_position(report, dialect=_DIALECTS[number % len(_DIALECTS)])

    def end(self) -> int:
        """Stop sending; gives how many packets left. Connections stay open until ``close``."""
        self._stop.set()
        self._thread.join()
        return self.sent

    def close(self) -> list[bytes]:
        """End each connection; gives what each device was answered."""
        answers = []
        for link in self._links:
            with link:
                link.shutdown(socket.SHUT_WR)
                answers.append(link.recv(65_536))
        return answers


@dataclass
class Watch:
    """How far the stores are behind the sockets, looked at four times a second."""

    folders: list[Path]
    worst_s: float = 0.0
    seen: list[float] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.wait(0.25):
            newest = [at for at in map(_newest, self.folders) if at]
            if len(newest) == len(self.folders):
                self.seen.append(time.time() - min(newest))

    def end(self) -> None:
        self._stop.set()
        self._thread.join()
        self.seen.sort()
        self.worst_s = self.seen[-1] if self.seen else 0.0


def _newest(folder: Path) -> float:
    """Arrival of the newest packet that a partition has stored."""
    heard = [
        last_position.received_at.timestamp() for last_position in last_positions(folder) if last_position.received_at
    ]
    return max(heard, default=0.0)


class Site:
    """Two gateways on three nodes: gateway a hosts partition 0 and the office's end, gateway b partition 1."""

    def __init__(self, folder: Path, nodes: Nodes, *, lock_s: float = CLUSTER_LOCK_S) -> None:
        self.nodes, self.folders, self._lock_s = nodes, [folder / "a", folder / "b"], lock_s
        self.gateways = [self._gateway(n) for n in range(2)]
        self.addresses = [_listening(gateway) for gateway in self.gateways]
        self.partitions = [partition_folder(row, n) for n, row in enumerate(self.folders)]

    def _gateway(self, n: int) -> "subprocess.Popen[str]":
        folder = self.folders[n]
        return gateway_process(
            folder, url=self.nodes.url, name=folder.name, work=str(n), office=n == 0, lock_s=self._lock_s
        )

    def kill_gateway(self, which: int) -> None:
        """``kill -9`` of a gateway: its partitions' hosts end with it."""
        self.gateways[which].kill()
        self.gateways[which].communicate()

    def start_gateway(self, which: int) -> None:
        """Start it again: what its spool still has is published."""
        self.gateways[which] = self._gateway(which)
        self.addresses[which] = _listening(self.gateways[which])

    def kill(self, module: str, which: int) -> None:
        """``kill -9`` of a gateway's child or grandchild by the module it runs."""
        pid = _descendant(self.gateways[which].pid, module)
        if not pid:
            raise LookupError(f"gateway {which} runs no {module}")
        os.kill(pid, signal.SIGKILL)

    def rows(self) -> polars.DataFrame:
        """Every row in the stores, as it stands there."""
        files = [
            path
            for folder in self.folders
            for root in data_roots(folder)
            for path in positions_folder(root).glob("*/*.parquet")
        ]
        if not files:
            return polars.DataFrame({"imei": [], "frame_no": []})
        return polars.scan_parquet(files).filter(polars.col("kind") == "position").select("imei", "frame_no").collect()

    def stored(self, count: int, seconds: float = _STORED_S) -> polars.DataFrame:
        """The rows once there are so many, or after a while."""
        until = time.monotonic() + seconds
        while True:
            try:
                rows = self.rows()
            except FileNotFoundError:  # merged meanwhile
                continue
            if rows.height >= count or time.monotonic() > until:
                return rows
            time.sleep(0.1)

    def end(self) -> list[str]:
        """Stop both as an operator does; gives what they said on standard error."""
        for gateway in self.gateways:
            if gateway.poll() is None:
                gateway.send_signal(signal.SIGTERM)
        return [gateway.communicate(timeout=120)[1] for gateway in self.gateways]


def _listening(gateway: "subprocess.Popen[str]") -> tuple[str, int]:
    assert gateway.stdout is not None and gateway.stderr is not None
    line = gateway.stdout.readline()
    if not line:
        raise OSError(gateway.stderr.read())
    host, _, port = str(json.loads(line)["listening"]).rpartition(":")
    return host, int(port)


def _descendant(pid: int, module: str) -> int:
    for child in map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()):
        if module in Path(f"/proc/{child}/cmdline").read_text():
            return child
        descendant = _descendant(child, module)
        if descendant:
            return descendant
    return 0


def run(*, devices: int = 200, rate: float = 2_000.0) -> dict[str, Any]:
    """0 lost and 0 twice is the figure; how far the stores fell behind is told with it."""
    with tempfile.TemporaryDirectory(prefix="immis-cluster-") as name:
        folder = Path(name)
        (folder / "nats").mkdir()
        with nodes_in(folder / "nats") as nodes:
            return _measure(folder, nodes, devices=devices, rate=rate)


def _gateway_killed(site: Site, *, devices: int, rate: float) -> dict[str, Any]:
    """``kill -9`` of the gateway that works partition 1: its devices come back on the other, which takes it over."""
    fleet = Devices(site.addresses, count=devices, rate=rate, base=BASE + 1_000)
    fleet.start()
    time.sleep(_BETWEEN_S)
    site.kill_gateway(1)
    begun = time.monotonic()
    taken = partition_folder(site.folders[0], 1)
    while time.time() - _newest(taken) > 1.0 and time.monotonic() < begun + _STORED_S:
        time.sleep(0.05)
    took = time.monotonic() - begun
    time.sleep(_BETWEEN_S)
    site.start_gateway(1)  # what its spool still has comes now
    sent = fleet.end()
    until, different = time.monotonic() + _STORED_S, 0
    while different < sent and time.monotonic() < until:
        rows = site.rows().filter(polars.col("imei").is_in(fleet.imeis))
        different = rows.unique().height
        time.sleep(0.25)
    fleet.close()
    return {
        "gateway_killed_sent": sent, "gateway_killed_lost": sent - different, "links_that_came_back": fleet.broken,
        "taken_over_and_live_after_s": round(took, 1), "rows_worked_twice": rows.height - different,
    }  # fmt: skip


def _measure(folder: Path, nodes: Nodes, *, devices: int, rate: float) -> dict[str, Any]:
    site = Site(folder, nodes, lock_s=_LOCK_S)
    watch = Watch(site.partitions)
    fleet = Devices(site.addresses, count=devices, rate=rate)
    fleet.start()
    site.stored(1)
    watch.start()
    steps = _failures(site)
    for _, act in steps:
        time.sleep(_BETWEEN_S)
        act()
    time.sleep(_BETWEEN_S)
    sent = fleet.end()
    rows = site.stored(sent)
    watch.end()
    answers = fleet.close()
    rows = site.rows()
    different = rows.unique().height
    killed = _gateway_killed(site, devices=devices, rate=rate)
    payload = site.end()
    answered = sum(1 for answer in answers if answer.count(b"$LGN") == 1)
    events = events_after(site.folders[0], seq=0, limit=100_000)
    logins = [e for e in events if e.kind == "device.login" and e.imei in fleet.imeis]
    middle = watch.seen[len(watch.seen) // 2] if watch.seen else 0.0
    return {
        "name": "cluster",
        "figure": sent - different + rows.height - different,
        "unit": "packets lost or twice",
        "conditions": f"{devices} devices, {rate:,.0f} packets/s, six dialects, torn packets; 3 nodes R=3, 2 gateways, "
        "2 partitions; " + ", ".join(what for what, _ in steps) + f"; then a gateway killed, lock {_LOCK_S:g} s",
        "parts": [
            {
                "sent": sent, "lost": sent - different, "twice": rows.height - different, "answered_once": answered,
                "logins_at_the_office": len(logins), "behind_p50_s": round(middle, 2),
                "behind_worst_s": round(watch.worst_s, 2),
                "restarts_said": sum(row.count("starting another") for row in payload), **killed,
            }
        ],
    }  # fmt: skip


def _failures(site: Site) -> list[tuple[str, Callable[[], None]]]:
    """What happens to the cluster, in order; each act returns when things run again."""

    def leader() -> None:
        number = site.nodes.leader_of(raw_stream(0))
        site.nodes.kill(number)
        time.sleep(4.0)
        site.nodes.start(number)
        site.nodes.whole(STREAMS)

    def rolling() -> None:
        for number in range(3):
            site.nodes.stop(number)
            site.nodes.start(number)
            site.nodes.whole(STREAMS)

    return [
        ("leader killed", leader),
        ("leader killed again", leader),
        ("worker killed", lambda: site.kill("immis.gateway.ingest.worker", 0)),
        ("host killed", lambda: site.kill("immis.gateway.cluster.host", 1)),
        ("nodes restarted in turn", rolling),
    ]
