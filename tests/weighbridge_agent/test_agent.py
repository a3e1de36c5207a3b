"""The packed agent beside a scale: found by itself, weighing, kept through cut networks and cut power."""

import json
import random
import re
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import psutil
import pytest

from immis.agent import VERSION
from immis.agent.autostart import install
from immis.agent.client import Client, Refused, Unreachable
from immis.agent.packing import packed
from immis.agent.scale import ports
from immis.agent.signed import Key
from immis.agent.store import Store
from immis.agent.update import FILE, MANIFEST, TRIES, Versions, look, signed_text
from immis.agent.work import Home
from immis.commands.weighbridge.judging import public_key, signed_by
from immis.commands.weighbridge.referee import FAILURES
from tests.weighbridge_agent.scale import at_work, noisy, refereed, running, scale, until

READING = {
    "at": "2026-11-30T17:00:00.000+05:30", "kind": "check", "weight_kg": 0, "stable": True, "plate": "", "challan": "",
    "raw": "", "format": "learned", "min_kg": 0, "max_kg": 12_000, "place": None,
}  # fmt: skip
ROOT = Path(__file__).resolve().parents[2]
MOST_MEGABYTES = 60


@pytest.fixture(scope="module")
def pyz(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("packed") / "immis-agent.pyz"
    path.write_bytes(packed())
    return path


def test_it_is_one_small_file_always_of_the_same_bytes(pyz):
    assert pyz.stat().st_size < 1_000_000 and pyz.read_bytes() == packed()
    names = zipfile.ZipFile(pyz).namelist()
    assert {"__main__.py", "immis_agent/work.py", "serial/serialwin32.py", "ecdsa/keys.py"} <= set(names)
    assert not any("test" in name or name.startswith("immis/") for name in names)
    told = subprocess.run([sys.executable, "-I", pyz, "--version"], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == VERSION


def test_python_3_8_is_enough():
    command = [Path(sys.executable).parent / "vermin", "-q", "-t=3.8-", "--no-tips", "--violations", "immis/agent"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert told.returncode == 0, told.stdout


@pytest.mark.processes
def test_a_truck_is_weighed_from_pairing_to_the_department(pyz, tmp_path):
    home = tmp_path / "home"
    with refereed(FAILURES) as (referee, url), scale("yaohua-a9", speed=2400, line=noisy()) as shown:
        pair = [sys.executable, pyz, "--home", home, "pair", url, referee.code]
        subprocess.run(pair, capture_output=True, check=True)
        with running([str(pyz)], home, "run", "--port", shown.terminal.path) as (agent, page):
            until(lambda: page.call("/state")["zero"])
            assert page.call("/weigh", {"kind": "gross", "plate": "BR09GA1234"})["code"] == "empty"
            shown.kg = 8760
            assert page.weigh("tare", "br 09 ga-1234")["plate"] == "BR09GA1234"
            refused = page.call("/weigh", {"kind": "gross", "plate": "BR09GA1234"})
            assert refused["code"] == "not_zero" and "शून्य" in refused["words"]
            shown.kg = 0
            until(lambda: len(referee.kept) >= 2)
            shown.kg = 31_240
            page.weigh("gross", "BR09GA1234")
            shown.kg = 0
            until(lambda: [row["kind"] for row in referee.kept] == ["tare", "zero", "gross", "zero"])
            until(lambda: referee.heartbeats)
            until(lambda: page.call("/state")["queued"] == 0)
            workers = [psutil.Process(agent.pid), *psutil.Process(agent.pid).children(recursive=True)]
            assert sum(worker.memory_info().rss for worker in workers) < MOST_MEGABYTES * 1_000_000
    assert [row["weight_kg"] for row in referee.kept if row["plate"]] == [8760, 31_240]
    assert referee.faults == [] and set(FAILURES) <= set(referee.seen)


@pytest.mark.processes
def test_hours_without_a_network_and_a_pulled_cable_lose_nothing(tmp_path):
    with refereed() as (referee, url):
        home = Home(tmp_path / "home")
        home.pair(url, referee.code)
        home.close()
        referee.online = False
        with scale("rinstrum-a") as shown, at_work(tmp_path, shown) as (_, page):
            for kg in (9000, 15_000, 21_000):
                until(lambda: page.call("/state")["zero"])
                shown.kg = kg
                page.weigh("gross", "BR01A1")
                shown.kg = 0
            until(lambda: page.call("/state")["queued"] == 6)
            assert not page.call("/state")["online"] and "सुरक्षित" in page.html
            shown.terminal.line.silent = True
            until(lambda: page.call("/state")["indicator"] == "silent")
            assert page.call("/weigh", {"kind": "gross", "plate": "X1"})["code"] == "silent"
        referee.online = True
        with scale("rinstrum-a") as again, at_work(tmp_path, again) as (_, page):
            until(lambda: len(referee.kept) == 6)
            until(lambda: page.call("/state")["indicator"] == "alive")
    assert [row["weight_kg"] for row in referee.kept if row["kind"] == "gross"] == [9000, 15_000, 21_000]
    assert referee.faults == []


#: Takes readings without end and hands them over; says each counter once it is kept.
_TAKER = """
import sys
from pathlib import Path
from immis.agent.work import Home, Sender
home = Home(Path(sys.argv[1]))
sender = Sender(home, dict)
client = home.client()
values = dict(at="2026-11-30T17:00:00.000+05:30", kind="check", weight_kg=12000, stable=True, plate="", challan="",
              raw="", format="learned", min_kg=12000, max_kg=12000, place=None)
while True:
    print(home.store.take(home.key, values)["counter"], flush=True)
    try:
        sender.hand_over(client)
    except (OSError, ValueError):
        pass
"""


@pytest.mark.processes
def test_killed_fifty_times_it_loses_no_weighment_and_sends_none_twice(tmp_path):
    chance = random.Random(14)
    with refereed() as (referee, url):
        home = Home(tmp_path / "home")
        home.pair(url, referee.code)
        kept = []
        for _ in range(50):
            taker = subprocess.Popen([sys.executable, "-c", _TAKER, tmp_path / "home"], stdout=subprocess.PIPE)
            kept.append(int(taker.stdout.readline()))
            time.sleep(chance.uniform(0, 0.06))
            taker.send_signal(signal.SIGKILL)
            rest = taker.communicate()[0].decode()
            kept += [int(line) for line in rest.split("\n")[:-1]]
        assert kept == sorted(set(kept)) and len(kept) >= 50
        while home.store.queued():
            home.store.taken(*home.client().send(home.store.unsent()))
    assert referee.faults == []
    assert [row["counter"] for row in referee.kept] == list(range(1, len(referee.kept) + 1))
    assert len(referee.kept) >= kept[-1]


def test_the_key_is_made_on_the_spot_for_its_owner_alone(tmp_path):
    home = Home(tmp_path / "home")
    assert home.key.public and (tmp_path / "home" / "device.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "home").stat().st_mode & 0o777 == 0o700
    again = Key.kept_in(tmp_path / "home" / "device.key")
    assert again.public == home.key.public and home.key.sign(b"x") == again.sign(b"x")
    assert signed_by(public_key(home.key.public), b"x", home.key.sign(b"x"))
    assert not signed_by(public_key(home.key.public), b"y", home.key.sign(b"x"))
    home.close()


def test_a_new_pairing_has_a_new_key_and_a_new_chain_and_lays_the_old_one_aside(tmp_path):
    root = Key.made()
    with refereed(files=released(root, VERSION, b"")) as (referee, url):
        home = Home(tmp_path / "home")
        home.pair(url, referee.code)
        first, values = home.key.public, {**READING, "weight_kg": 12_000}
        home.store.take(home.key, values)
        with pytest.raises(Refused):
            home.pair(url, "000000")
        assert home.key.public == first and home.store.queued() == 1 and home.store.fact("root") == root.public
    with refereed(files=released(Key.made(), VERSION, b"")) as (referee, url):
        home.pair(url, referee.code)
        assert home.key.public != first and home.store.queued() == 0
        assert home.store.take(home.key, values)["counter"] == 1 and home.client().send(home.store.unsent())[0] == 1
        assert home.store.fact("root") == root.public and referee.faults == []
    aside = Store(next((tmp_path / "home").glob("agent-WBD-*.db")))
    assert aside.unsent()[0]["weight_kg"] == 12_000
    aside.close()
    home.close()


def test_the_clock_is_measured_at_each_answer(tmp_path):
    with refereed() as (referee, url):
        home = Home(tmp_path / "home")
        home.pair(url, referee.code)
        assert abs(home.store.fact("drift_ms")) < 60_000
        home.close()
    with pytest.raises(Unreachable):
        Client(url).pair("123456", Key.made())


@pytest.mark.parametrize("bits", ["8N1", "7E1"])
def test_speed_and_format_are_found_by_listening(bits):
    with scale("avery", speed=1200, bits=bits) as shown:
        link, _heard = ports.find(shown.terminal.path, seconds=0.3)
    assert link is not None and link.form["name"] == "avery" and link.setting == (1200, bits)


def released(key: Key, version: str, data: bytes) -> dict[str, bytes]:
    import hashlib

    sha256 = hashlib.sha256(data).hexdigest()
    row = {"version": version, "sha256": sha256, "signature": key.sign(signed_text(version, sha256))}
    return {MANIFEST: json.dumps({**row, "public_key": key.public}).encode(), FILE: data}


def test_a_newer_agent_is_taken_only_as_the_department_signed_it(tmp_path):
    root, forger = Key.made(), Key.made()
    offers = [
        (released(forger, "9.0.0", b"forged"), None),
        ({**released(root, "9.0.0", b"real"), FILE: b"changed"}, None),
        (released(root, VERSION, b"the same"), None),
        (released(root, "0.9.0", b"older"), None),
        ({MANIFEST: b"[]", FILE: b""}, None),
        (released(root, "9.0.0", b"real"), "9.0.0"),
    ]
    for files, taken in offers:
        with refereed(files=files) as (_, url):
            assert look(Client(url), root.public, Versions(tmp_path)) == taken
    assert Versions(tmp_path).to_start().read_bytes() == b"real"


def test_an_agent_that_does_not_run_gives_way_to_the_one_before(tmp_path):
    versions = Versions(tmp_path)
    versions.take("9.0.0", b"broken")
    starts = [Versions(tmp_path).to_start() for _ in range(TRIES + 1)]
    assert [start and start.name for start in starts] == ["immis-agent-9.0.0.pyz"] * TRIES + [None]
    root = Key.made()
    with refereed(files=released(root, "9.0.0", b"broken")) as (_, url):
        assert look(Client(url), root.public, Versions(tmp_path)) is None


@pytest.mark.processes
def test_the_guard_starts_a_newer_agent_and_steps_back(pyz, tmp_path):
    Versions(tmp_path).take("9.0.0", b"no program")
    with refereed() as (_, _url), running([str(pyz)], tmp_path, "run") as (_agent, page):
        assert page.call("/state")["paired"] is False
    assert Versions(tmp_path).row["bad"] == "9.0.0"


@pytest.mark.processes
def test_the_page_answers_this_computer_alone(tmp_path):
    with running(["-m", "immis.agent"], tmp_path, "work", "--port", "/dev/none") as (_, page):
        assert page.call("/state", Host="evil.example:80")["status"] == 404
        assert page.call("/weigh", {"kind": "gross"}, **{"X-Station": "guess"})["status"] == 404
        assert page.call("/weigh", {"kind": "gross", "plate": "X"})["code"] == "unpaired"
        assert page.call("/pair", {"url": "ftp://x", "code": "1"})["code"] == "bad_url"
        assert page.call("/learn", {"shown": "31240"})["code"] == "few"
        assert page.call("/weigh", [1])["status"] == 404
        assert re.search(r'<html lang="hi">', page.html)


@pytest.mark.processes
def test_an_unknown_indicator_is_learned_on_the_page(tmp_path, monkeypatch):
    from immis.commands.weighbridge import indicator

    monkeypatch.setitem(
        indicator.ENCODERS, "pt200", lambda kg, still: f"#{round(kg / 10):06d}{'S' if still else 'D'}\r\n"
    )
    with scale("pt200") as shown:
        shown.kg = 31_240
        with running(["-m", "immis.agent"], tmp_path, "work", "--port", shown.terminal.path) as (_, page):
            until(lambda: page.call("/learn", {"shown": "31.24", "unit": "t"}).get("pattern"))
            assert until(lambda: page.call("/state")["kg"]) == 31_240
            shown.kg = 8760
            until(lambda: page.call("/state")["kg"] == 8760)


def test_it_starts_with_the_computer_without_an_administrator(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("APPDATA", str(tmp_path))
    unit, batch = install(tmp_path / "home", windows=False), install(tmp_path / "home", windows=True)
    assert unit.name == "immis-agent.service" and f'"{tmp_path / "home"}" "run"' in unit.read_text()
    assert batch.suffix == ".bat" and b"\r\n" in batch.read_bytes() and b"/min" in batch.read_bytes()
