"""The real process: sockets, answers, SIGTERM, and kill -9 under load."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import polars
import pytest

from immis import clock
from immis.gateway.log.rawlog import RawLog
from immis.gateway.protocols.decode import decode_frame
from immis.gateway.protocols.encode import Report, encode_login, encode_position
from immis.gateway.protocols.framing import Framer
from immis.gateway.store.outbox import events_after, last_positions
from immis.gateway.store.parquet import count_positions, positions_folder, positions_of

IMEI = "860000000000017"


def start(folder, *more) -> tuple[subprocess.Popen, tuple[str, int]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "immis.commands.road.gateway", "--listen", "127.0.0.1:0", "--data", str(folder), *more],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": os.getcwd()},
    )  # fmt: skip
    host, _, port = json.loads(process.stdout.readline())["listening"].rpartition(":")
    return process, (host, int(port))


def stop(process) -> str:
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    return errors


def until(condition, *, seconds: float = 20):
    """Ask until it is so; fails when it never becomes so."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)  # the gateway needs the processor, too
    return answer


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    """One running gateway for the file; ``test_sigterm…`` ends it and so stands last of those that use it."""
    folder = tmp_path_factory.mktemp("gateway")
    process, address = start(folder)
    yield folder, process, address
    if process.poll() is None:
        process.kill()
    process.wait()
    process.stdout.close()
    process.stderr.close()


def packet(frame_no: int, imei: str = IMEI) -> bytes:
    report = Report(imei=imei, vehicle="BR08G1234", at=clock.now(), lat=25.31, lon=86.41, frame_no=frame_no)
    return encode_position(report, dialect="nic")


def test_answers_and_hostile_bytes_over_a_real_socket(gateway):
    folder, process, address = gateway
    with socket.create_connection(address, timeout=10) as device:
        device.sendall(encode_login(imei=IMEI, vehicle="BR08G1234"))
        answer = device.recv(64)
        assert decode_frame(answer)[0].kind == "ack"
        assert answer.startswith(b"$LGN") and len(answer) == 19
        device.sendall(b"$,HBT,DEMO,1.0.0," + IMEI.encode() + b",85,20,12,10,60,0010,0.0,*\n")
        assert device.recv(64) == b"$HBT*"
        device.sendall(b"$,01,DEMO,1.0.0," + IMEI.encode() + b",OD09X0001,\n")
        assert device.recv(64) == b"$,1,*"
        body = f"vltdata=LGN{IMEI}{'A' * 16}".encode()
        device.sendall(b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        assert device.recv(64).startswith(b"HTTP/1.1 200 OK")
        device.sendall(random.Random(3).randbytes(100_000) + b"\n" + b"$PVT" * 2_000 + b"\n")
        frame = packet(1)
        for i in range(0, len(frame), 7):
            device.sendall(frame[i : i + 7])
        until(lambda: last_positions(folder, imeis=[IMEI]) and last_positions(folder, imeis=[IMEI])[0].lat)
    with socket.create_connection(address, timeout=10) as device:
        device.sendall(packet(2).rstrip(b"\n"))
    until(lambda: positions_of(folder, imei=IMEI)["frame_no"].to_list() == [1, 2])
    assert len([e for e in events_after(folder, seq=0) if e.kind == "device.login"]) == 3


def logged_frames(folder) -> tuple[set, int]:
    """What the raw log holds, framed and decoded apart from the gateway: positions and logins."""
    log, framers, positions, logins = RawLog(folder), {}, set(), 0
    for record in log.read_from(0):
        framer = framers.setdefault(record.connection, Framer())
        frames = framer.feed(record.data) if record.data else []
        frames += [] if record.data else [x for x in [framer.flush()] if x]
        for raw in frames:
            said = decode_frame(raw)[0]
            logins += said.kind == "login"
            if said.kind == "position":
                positions.add((said.imei, said.frame_no))
    for framer in framers.values():
        rest = framer.flush()
        said = decode_frame(rest)[0] if rest else None
        if said and said.kind == "position":
            positions.add((said.imei, said.frame_no))
    log.close()
    return positions, logins


class Senders:
    """Sixty devices that log in and send as fast as they may, from a thread, until the gateway is gone."""

    def __init__(self, address, run: int) -> None:
        self._imeis = [str(int(IMEI) + 1000 * (run + 1) + number) for number in range(60)]
        self._devices = [socket.create_connection(address, timeout=30) for _ in self._imeis]
        self._thread = threading.Thread(target=self._send)
        self._thread.start()

    def _send(self) -> None:
        pairs = list(zip(self._devices, self._imeis, strict=True))
        with suppress(OSError):
            for device, imei in pairs:
                device.sendall(encode_login(imei=imei, vehicle="BR08G1234"))
            for number in range(1, 10_000):
                for device, imei in pairs:
                    device.sendall(packet(number, imei))
                time.sleep(0.01)  # 3,000 a second and more, so that the chance moments fall amidst commits

    def end(self) -> None:
        self._thread.join()
        for device in self._devices:
            device.close()


@pytest.mark.processes
def test_kill_9_under_load_loses_nothing_logged_and_counts_nothing_twice(tmp_path):
    """Killed twice at chance moments while devices send; the log is the witness."""
    chance = random.Random(11)
    for run in range(2):
        process, address = start(tmp_path)
        before = count_positions(tmp_path)
        wanted = before + chance.randrange(500, 2500)
        senders = Senders(address, run)
        until(lambda wanted=wanted: count_positions(tmp_path) > wanted)
        process.kill()
        process.communicate()
        senders.end()
    positions, logins = logged_frames(tmp_path)
    process, _ = start(tmp_path)
    assert stop(process) == ""
    kept = (
        polars.scan_parquet(list(positions_folder(tmp_path).glob("*/*.parquet"))).select("imei", "frame_no").collect()
    )
    assert set(kept.iter_rows()) == positions
    assert kept.height == len(positions) == count_positions(tmp_path)
    assert len(positions) > 1000
    assert len([e for e in events_after(tmp_path, seq=0, limit=10_000) if e.kind == "device.login"]) == logins


def worker_of(process) -> int:
    """The process number of the gateway's worker, once it has one."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return int(until(lambda: children.read_text().split())[0])


def answers_of(device, count: int) -> bytes:
    """What a device hears until it has heard so many logins answered, or nothing for long."""
    heard = b""
    while heard.count(b"$LGN") < count and (more := device.recv(4096)):
        heard += more
    return heard


@pytest.mark.processes
def test_a_killed_worker_loses_nothing_and_disconnects_nobody(gateway):
    """Killed three times at chance moments while devices send; they never notice, and every packet is there once."""
    chance = random.Random(5)
    folder, process, address = gateway
    imeis = [str(int(IMEI) + 100 + number) for number in range(20)]
    devices = [socket.create_connection(address, timeout=30) for _ in imeis]
    sent = worker = 0
    try:
        for _ in range(3):
            for device, imei in zip(devices, imeis, strict=True):
                device.sendall(encode_login(imei=imei, vehicle="BR08G1234"))
            wanted = sent + chance.randrange(40, 90)
            worker = until(lambda seen=worker: (now := worker_of(process)) != seen and now)
            while sent < wanted:
                sent += 1
                for device, imei in zip(devices, imeis, strict=True):
                    device.sendall(packet(sent, imei))
                if sent == wanted - 20:
                    os.kill(worker, signal.SIGKILL)
        until(lambda: rows_of(folder, imeis).unique().height == sent * len(imeis), seconds=60)
        answers = [answers_of(device, 3) for device in devices]
    finally:
        for device in devices:
            device.close()
    assert worker_of(process) != worker
    assert [answer.count(b"$LGN") for answer in answers] == [3] * len(imeis)
    assert rows_of(folder, imeis).height == sent * len(imeis)
    logins = [e for e in events_after(folder, seq=0, limit=10_000) if e.kind == "device.login" and e.imei in imeis]
    assert len(logins) == 3 * len(imeis)


def rows_of(folder, imeis) -> polars.DataFrame:
    """What is stored of some devices, as it stands in the files."""
    while True:
        files = list(positions_folder(folder).glob("*/*.parquet"))
        with suppress(FileNotFoundError):  # merged meanwhile
            found = polars.scan_parquet(files).filter(polars.col("imei").is_in(imeis))
            return found.select("imei", "frame_no").collect()


def test_a_second_gateway_on_the_same_folder_is_refused(gateway):
    folder, _, _ = gateway
    second = subprocess.run(
        [sys.executable, "-m", "immis.commands.road.gateway", "--listen", "127.0.0.1:0", "--data", str(folder)],
        capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip
    assert second.returncode == 2
    assert "another gateway" in second.stderr


def test_sigterm_keeps_everything_that_was_sent(gateway):
    """Also what lay in the kernel; and three killed workers have been told, nothing else."""
    folder, process, address = gateway
    imei = str(int(IMEI) + 500)
    with socket.create_connection(address, timeout=10) as device:
        device.sendall(b"".join(packet(i, imei) for i in range(1, 3001)))
        errors = stop(process)
    assert all("the worker ended with -9; starting another" in line for line in errors.splitlines())
    assert sorted(positions_of(folder, imei=imei)["frame_no"].to_list()) == list(range(1, 3001))


def test_an_emptied_raw_log_goes_on_behind_the_checkpoint(tmp_path):
    log = RawLog(tmp_path, at_least=5000)
    assert log.put([(1, 7, b"x")])[0].offset == 5000
    assert [r.received_us for r in log.read_from(5000)] == [7]


def test_a_torn_tail_of_the_raw_log_is_set_aside(tmp_path):
    log = RawLog(tmp_path, segment_bytes=2000)
    for i in range(1, 30):
        log.put([(1, i, packet(i))])
    log.close()
    segments = sorted((tmp_path / "gateway" / "raw").glob("*.raw"))
    assert len(segments) > 2
    with segments[-1].open("ab") as file:
        file.write(b"\x10\x00\x00\x00torn")
    again = RawLog(tmp_path, segment_bytes=2000)
    assert [r.received_us for r in again.read_from(0)] == list(range(1, 30))
    middle = list(again.read_from(0))[14]
    assert [r.received_us for r in again.read_from(middle.offset)] == list(range(15, 30))
    again.put([(1, 99, b"x")])
    assert [r.received_us for r in again.read_from(again.end - 1)] == [99]
    assert list((tmp_path / "gateway" / "raw").glob("*.torn"))
