"""Strangers at the gateway's door: silent links, pure noise, lines of balancers that nobody named. The real process."""

import os
import resource
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, suppress

import pytest

from immis.gateway.ingest import door as doors
from immis.gateway.ingest.door import Door
from immis.gateway.ingest.peers import opening_line
from immis.gateway.log.rawlog import raw_folder
from immis.gateway.networks import networks_of
from immis.gateway.store.outbox import counters, events_after, last_positions
from immis.gateway.store.snapshot import write_snapshot
from tests.gateway.test_gateway_pipeline import SNAPSHOT
from tests.gateway.test_gateway_server import IMEI, packet, start, stop, until

HERE = ("127.0.0.1", 5140)


def started(folder, *more, files: int = 0):
    """A gateway, with so many open files at most."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if not files:
        return start(folder, *more)
    command = [
        sys.executable,
        "-m",
        "immis.commands.road.gateway",
        "--listen",
        "127.0.0.1:0",
        "--data",
        str(folder),
        *more,
    ]
    process = subprocess.Popen(
        ["sh", "-c", f'ulimit -n {files}; exec "$@"', "sh", *command],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": os.getcwd()},
    )  # fmt: skip
    port = int(process.stdout.readline().rpartition(":")[2].strip('"}\n '))
    return process, ("127.0.0.1", port)


def raw_bytes(folder) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(raw_folder(folder).glob("*.raw")))


def test_silent_links_shut_no_device_out(tmp_path):
    """125 links that say nothing, a gateway with 128 open files, and a device that comes after them."""
    process, address = started(tmp_path, files=128)
    with ExitStack() as silent:
        for _ in range(125):
            silent.enter_context(socket.create_connection(address, timeout=10))
        device = silent.enter_context(socket.create_connection(address, timeout=10))
        device.sendall(packet(1))
        until(lambda: last_positions(tmp_path, imeis=[IMEI]))
        for n in range(60):  # and none that has shown itself goes for those that come later
            silent.enter_context(socket.create_connection(address, timeout=10))
            if n % 20 == 19:
                time.sleep(0.3)
        before = last_positions(tmp_path, imeis=[IMEI])[0].received_at
        device.sendall(packet(2))
        until(lambda: last_positions(tmp_path, imeis=[IMEI])[0].received_at > before)
    stop(process)
    assert counters(tmp_path)["silent_links_closed"] > 50


def test_noise_is_dropped_and_counted_and_not_stored(tmp_path):
    process, address = started(tmp_path)
    for _ in range(20):
        with suppress(OSError), socket.create_connection(address, timeout=10) as stranger:
            for _ in range(64):
                stranger.sendall(os.urandom(4096))
            assert stranger.recv(10) == b""  # it was dropped
    with socket.create_connection(address, timeout=10) as device:
        device.sendall(packet(1))
        until(lambda: last_positions(tmp_path, imeis=[IMEI]))
        with suppress(OSError):
            for _ in range(400):  # noise behind a true frame is borne with for a while
                device.sendall(b"\x78\x79\x0d\x0a" * 1024)
            device.settimeout(10)
            assert device.recv(10) == b""
    until(lambda: counters(tmp_path).get("noise_links_dropped", 0) >= 21)
    stop(process)
    assert len(raw_bytes(tmp_path)) < 512 * 1024
    assert counters(tmp_path)["noise_bytes_dropped"] > 0


def test_only_a_balancer_of_the_operator_s_list_says_for_whom_it_speaks(tmp_path):
    told = []
    for n, proxies in enumerate(("", "127.0.0.0/8")):
        folder = tmp_path / str(n)
        write_snapshot(folder, SNAPSHOT | {"networks": ["10.64.0.0/10"]})
        process, address = started(folder, "--proxies", proxies)
        line = b"PROXY TCP4 10.65.1.2 127.0.0.1 4000 5140\r\n"
        for pieces in ([line + packet(1)], [line[:9], line[9:], packet(2)]):
            with socket.create_connection(address, timeout=10) as sender:
                for piece in pieces:
                    sender.sendall(piece)
                    time.sleep(0.25)
        until(lambda folder=folder: last_positions(folder, imeis=[IMEI]))
        stop(process)
        told.append({e.payload["address"] for e in events_after(folder, seq=0) if e.kind == "device.network"})
        assert bool(counters(folder).get("proxy_lines_refused")) is (not proxies)
    assert told == [{"127.0.0.1"}, {"10.65.1.2"}]


def test_ranges_of_balancers_that_are_none_are_refused_in_words(tmp_path):
    command = [sys.executable, "-m", "immis.commands.road.gateway", "--listen", "127.0.0.1:0", "--data", str(tmp_path)]
    done = subprocess.run([*command, "--proxies", "10.0.0.0/99"], capture_output=True, text=True)
    assert done.returncode == 2 and "--proxies" in done.stderr and "Traceback" not in done.stderr


# -- the door by itself ---------------------------------------------------------------------------


def entered(door: Door, count: int, address: str = "203.0.113.9", *, now_s: float = 0.0, first: int = 1) -> None:
    for number in range(first, first + count):
        door.enter(number, (address, 4000), HERE, now_us=0, now_s=now_s)


def test_a_link_without_a_first_frame_is_closed_after_a_while_the_oldest_first():
    door = Door()
    entered(door, 2)
    entered(door, 1, now_s=20.0, first=3)
    assert door.hear((2, 0, packet(1))) is not None
    assert door.overdue(29.0) == [] and door.overdue(31.0) == [1]
    door.leave(1)
    assert door.overdue(49.0) == [] and door.overdue(51.0) == [3]


def test_an_address_has_so_many_silent_links_and_so_many_in_all(monkeypatch):
    monkeypatch.setattr(doors, "SILENT_AN_ADDRESS", 5)
    door = Door(links_an_address=12, proxies=networks_of(["10.0.0.7"]))
    entered(door, 8)
    entered(door, 3, "198.51.100.4", first=20)
    assert door.overdue(1.0) == []  # a whole fleet may just have come back
    assert door.overdue(3.0) == [1, 2, 3]
    entered(door, 4, first=30)
    assert not door.admits("203.0.113.9") and door.admits("198.51.100.4")
    entered(door, 40, "10.0.0.7", first=50)
    assert door.admits("10.0.0.7")


def test_what_a_link_sent_before_it_showed_itself_is_logged_with_it_and_in_order():
    door, frame = Door(), packet(1)
    entered(door, 1)
    assert door.hear((1, 5, b"\n" + frame[:20])) == []
    logged = door.hear((1, 6, frame[20:]))
    assert [data for *_, data in logged] == [opening_line(("203.0.113.9", 4000), HERE), b"\n" + frame[:20], frame[20:]]
    assert door.hear((1, 7, b"x")) == [(1, 7, b"x")] and door.leave(1) is True
    entered(door, 1, first=2)
    assert door.hear((2, 5, b"hello")) == [] and door.leave(2) is False
    assert door.counters["noise_bytes_dropped"] == 5


@pytest.mark.parametrize(
    "first", [b"PROXY UNKNOWN\r\n", b"PROXY TCP4 10.1.2.300 1.1.1.1 1 2\r\n", b"", b"PROXY " + b"x" * 200]
)
def test_a_balancer_that_names_nobody_speaks_for_itself(first):
    door = Door(proxies=networks_of(["10.0.0.7"]))
    entered(door, 1, "10.0.0.7")
    logged = door.hear((1, 5, first + packet(1)))
    assert logged[0][2].startswith(b"PROXY TCP4 10.0.0.7 ") and packet(1)[:30] in logged[-1][2]


def test_a_sender_s_own_line_is_no_opening_wherever_it_stands():
    door = Door()
    line = opening_line(("10.65.1.2", 1), HERE)
    entered(door, 1)
    first = door.hear((1, 5, line + packet(1)))
    again = door.hear((1, 6, line))
    assert [data.startswith(b"PROXY ") for *_, data in first + again] == [True, False, False]
    assert door.counters["proxy_lines_refused"] == 2
    assert not door.hear_datagram(line + packet(1)).startswith(b"PROXY ")
    assert door.hear_datagram(b"\x00" * 500) == b""
