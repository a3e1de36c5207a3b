"""The conformance kit: servers and clients of other makers, and the commands around a scale."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import serial
from click.testing import CliRunner

from immis.agent.packing import packed
from immis.agent.signed import signature_fits
from immis.agent.update import fits
from immis.agent.work import Home
from immis.commands.weighbridge.referee import Referee
from immis.commands.weighbridge.weighbridge import command
from tests.weighbridge_agent.scale import at_work, refereed, scale, until


def asked(*arguments: str) -> tuple[int, str]:
    answer = CliRunner().invoke(command, list(arguments))
    assert answer.exception is None or isinstance(answer.exception, SystemExit), answer.exception
    return answer.exit_code, answer.output


def test_a_server_that_keeps_the_protocol_conforms():
    with refereed() as (referee, url):
        code, output = asked("check", "--url", url, "--code", referee.code, "--json")
    told = json.loads(output)
    assert (code, told["conforms"]) == (0, True) and len(told["steps"]) == 11


class Lax(Referee):
    """Takes everything, says nothing."""

    def answer(self, path: str, data: bytes, signature: str):
        if path.endswith("/pair"):
            return self._told(201, {"device": "WBD-1", "bridge": {}})
        return self._told(200, {"taken_up_to": 3, "findings": []})


def test_a_server_that_takes_everything_does_not(monkeypatch):
    monkeypatch.setattr(Referee, "answer", Lax.answer)
    with refereed() as (_, url):
        code, output = asked("check", "--url", url, "--code", "123456", "--json")
    faults = {row["step"] for row in json.loads(output)["steps"] if not row["ok"]}
    assert code == 1
    assert {"the code pairs once", "another key's call is refused", "a gap says from where to send"} <= faults
    assert "a reading with another's signature is stopped in words" in faults


@pytest.mark.parametrize(
    "arguments",
    [
        ("check",),
        ("check", "--url", "http://127.0.0.1:1", "--code", "123456"),
        ("check", "--url", "http://127.0.0.1:1", "--code", "१२"),
        ("check", "--url", "::", "--code", "123456"),
        ("check", "--listen", "nowhere"),
        ("check", "--listen", "127.0.0.1:99999"),
        ("simulate", "--weights", "many"),
        ("agent", "pair", "ftp://x", "123456"),
        ("agent", "status"),
        ("release", "--key", "/nonexistent/folder/key.pem"),
    ],
)
def test_an_unusable_call_is_two_without_a_traceback(arguments, tmp_path, monkeypatch):
    monkeypatch.setenv("IMMIS_AGENT_HOME", str(tmp_path))
    code, output = asked(*arguments)
    assert code == 2 and "Traceback" not in output


@pytest.mark.processes
def test_the_agent_itself_is_through_as_a_client(tmp_path):
    listening = [sys.executable, "-m", "immis.cli", "weighbridge", "check", "--listen", "127.0.0.1:0", "--json"]
    environment = {**os.environ, "IMMIS_DATA": str(tmp_path / "data")}
    exam = subprocess.Popen(listening, stdout=subprocess.PIPE, text=True, env=environment)
    told = json.loads(exam.stdout.readline())
    home = Home(tmp_path / "home")
    home.pair(told["url"], told["code"])
    home.close()
    with scale("toledo-sum") as shown, at_work(tmp_path, shown) as (_, page):
        until(lambda: page.call("/state")["zero"])
        shown.kg = 9100
        page.weigh("tare", "BR09GA1234")
        shown.kg = 0
        report = json.loads(exam.communicate(timeout=150)[0])
    assert report["conforms"] and exam.returncode == 0, report


def test_a_client_that_departs_from_the_protocol_is_told_where():
    referee = Referee()
    status, _ = referee.answer("/api/v1/weighbridges/pair", b'{"code": "000000", "public_key": "x", "at": "today"}', "")
    assert status == 409 and any("P-256" in fault for fault in referee.faults)
    assert any("RFC 3339" in fault for fault in referee.faults)
    assert referee.answer("/api/v1/weighbridges/WBD-1/readings", b"[]", "")[0] == 422


def test_vectors_are_handed_out_as_they_are():
    code, output = asked("check", "--vectors")
    assert code == 0 and json.loads(output)["signing"]["readings"]


def test_a_release_is_the_packed_agent_signed_by_the_key_on_the_stick(tmp_path):
    stick, to = tmp_path / "root.pem", tmp_path / "out"
    code, output = asked("release", "--key", str(stick), "--to", str(to))
    row, manifest = json.loads(output), json.loads((to / "manifest.json").read_text())
    assert code == 0 and (to / "immis-agent.pyz").read_bytes() == packed()
    assert fits(manifest, row["public_key"], packed()) and stick.stat().st_mode & 0o777 == 0o600
    assert not signature_fits(row["public_key"], b"another", manifest["signature"])
    assert json.loads(asked("release", "--key", str(stick), "--to", str(to))[1])["public_key"] == row["public_key"]


@pytest.mark.processes
def test_the_simulated_indicator_is_read_as_a_serial_port(tmp_path):
    command_line = [
        sys.executable,
        "-m",
        "immis.cli",
        "weighbridge",
        "simulate",
        "--preset",
        "avery",
        "--weights",
        "8760",
    ]
    environment = {**os.environ, "IMMIS_DATA": str(tmp_path / "data")}
    rest = ["--rest", "5", "--rate", "50"]
    played = subprocess.Popen([*command_line, *rest], stdout=subprocess.PIPE, text=True, env=environment)
    try:
        port = json.loads(played.stdout.readline())["port"]
        heard = bytearray()
        with serial.Serial(port, 9600, timeout=5) as line:
            stop = threading.Timer(20, line.cancel_read)
            stop.start()
            while b"ST,GS,+08760.0Kg\r\n" not in heard and len(heard) < 20_000:
                heard += line.read(64)
            stop.cancel()
        assert b"ST,GS,+08760.0Kg\r\n" in heard and b"US,GS,+" in heard
    finally:
        played.terminate()
        played.communicate(timeout=10)
    assert Path(port).parent == Path("/dev/pts")
