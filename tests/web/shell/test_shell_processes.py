"""The processes for real: one origin through the front, live events, what dies starts again, a clean end."""

import contextlib
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import pytest

from immis import clock, front
from immis.commands.processes.run import CannotRun, Supervisor
from tests import databases

pytestmark = pytest.mark.processes

SEED = """
from datetime import timedelta
from decimal import Decimal
from immis import clock, setup_django
setup_django()
from immis.core.access.permissions import SYSTEM
from immis.registry.services import NewBlock, save_block
from immis.auctions.models import Lot, Notice
now = clock.now()
for n in range(1, 13):
    block = save_block(by=SYSTEM, at=now, block=NewBlock(code=f"TST-{n}", serial=n, block_no=str(n),
        name_en=f"Ghat {n}", name_hi=f"बालूघाट {n}",
        district="munger", area_ha=Decimal("15.1"), quantity_m3=90600, corners=[
        [25.309314 + n / 50, 86.324858], [25.312703 + n / 50, 86.326225], [25.311731 + n / 50, 86.329614],
        [25.308497 + n / 50, 86.328792]]))
notice = Notice.objects.create(number="1", district="munger", source_name="x", source_sha256="0" * 64, imported_at=now)
Lot.objects.create(notice=notice, block=block, code="TST-12", serial=12, reserve_rupees=1000000, emd_rupees=250000,
    opens_at=now - timedelta(hours=1), closes_at=now + timedelta(hours=3), ends_at=now + timedelta(hours=3))
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def eventually(condition, within_s: float = 20.0):
    """What a condition answers once it is true; fails after a time."""
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        if answer := condition():
            return answer
        time.sleep(0.02)
    raise AssertionError(f"not within {within_s} s: {condition}")


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def named(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return str(pid)


def descendants(pid: int) -> set[int]:
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = int(path.read_text().rsplit(")", 1)[1].split()[1])
            if parent == pid:
                found |= {int(path.parent.name)} | descendants(int(path.parent.name))
    return found


@pytest.fixture(scope="module")
def folder():
    with tempfile.TemporaryDirectory(prefix="immis-run-") as path:
        yield Path(path)


@pytest.fixture(scope="module")
def env(folder) -> dict[str, str]:
    return {**os.environ, "IMMIS_DATA": str(folder), "DATABASE_URL": "", "IMMIS_DEMO": "1"}


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return []


@pytest.fixture(scope="module")
def running(folder, env, lines):
    patch = pytest.MonkeyPatch()
    for name in ("IMMIS_DATA", "DATABASE_URL"):
        patch.setenv(name, env[name])
    clock.forget()
    databases.prepare(folder)  # this process belongs to the tests' database
    patch.setattr("immis.commands.processes.run.prepare", lambda: None)
    subprocess.run([sys.executable, "-c", SEED], env=env, check=True)
    supervisor = Supervisor(
        listen=f"127.0.0.1:{free_port()}", gateway_listen=f"127.0.0.1:{free_port()}", env=env, say=lines.append
    )
    try:
        with supervisor:
            supervisor.wait_ready()
            yield supervisor
    finally:
        patch.undo()
        clock.forget()


@pytest.fixture(scope="module")
def url(running) -> str:
    return running.status()["url"].rstrip("/")


@pytest.fixture(scope="module")
def browser():
    path = next(
        (p for p in ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome") if Path(p).exists()),
        "",
    )
    if not path:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=path, args=flags)
        yield chromium
        chromium.close()


# -- one origin


def test_all_processes_run_and_say_so(running):
    status = running.status()
    assert status["ready"] and set(status["pids"]) == {"web", "files", "events", "gateway", "worker", "front"}
    assert set(status["restarts"].values()) == {0}


def test_pages_and_static_files_come_from_one_origin(url):
    page = httpx.get(url + "/", headers={"Accept-Encoding": "gzip"})
    assert page.status_code == 200 and page.headers["Content-Encoding"] == "gzip" and "बालूघाट 12" in page.text
    script = httpx.get(url + "/static/js/app.js")
    assert script.headers["Content-Type"].startswith("application/javascript")
    assert (
        script.headers["Cache-Control"] == "public, max-age=3600"
        and script.headers["X-Content-Type-Options"] == "nosniff"
    )
    again = httpx.get(url + "/static/js/app.js", headers={"If-None-Match": script.headers["ETag"]})
    assert again.status_code == 304
    rivers = httpx.get(url + "/static/data/bihar_water.geojson")
    assert (
        rivers.headers["Content-Type"].startswith("application/geo+json")
        and "OpenStreetMap" in rivers.json()["licence"]
    )


def test_static_files_do_not_lead_out_of_their_folder(url):
    for path in ("/static/../__init__.py", "/static/..%2f__init__.py", "/static/%2e%2e/apps.py", "/static../apps.py"):
        with socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1]))) as plain:
            plain.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
            answer = b"".join(iter(lambda plain=plain: plain.recv(65536), b""))
        assert answer.split(b" ")[1] in (b"400", b"404"), path


def test_a_body_that_is_too_large_is_refused_at_the_front(url):
    assert httpx.post(url + "/login", content=b"x" * (13 * 1024 * 1024)).status_code == 413


def test_an_unknown_host_is_refused_without_a_traceback(url):
    answer = httpx.get(url + "/", headers={"Host": "evil.example"})
    assert answer.status_code == 400 and "Traceback" not in answer.text


def test_the_first_page_weighs_under_200_kb_without_the_map(url):
    with httpx.Client(base_url=url, headers={"Accept-Encoding": "gzip"}) as client:
        page = client.get("/")
        wanted = ["/", *re.findall(r'(?:href|src)="(/static/(?!js/map)[^"]+)"', page.text)]
        fonts = client.get("/static/css/fonts.css").text
        wanted += [f"/static/{path}" for path in re.findall(r"url\(\"\.\./(vendor/fonts/[^\"]+)\"\)", fonts)]
        sizes = {}
        for path in wanted:
            with client.stream("GET", path) as answer:
                assert answer.status_code == 200, path
                answer.read()
                sizes[path] = answer.num_bytes_downloaded
    assert len(wanted) >= 9
    assert sum(sizes.values()) < 200 * 1024, sizes


# -- live events


def events_of(answer) -> tuple[str, dict]:
    name = ""
    for line in answer:
        if line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data: "):
            yield name, json.loads(line[6:])


def test_a_watcher_sees_the_state_and_a_change_within_a_second(url, folder):
    with httpx.stream("GET", f"{url}/events/lots?codes=TST-12,NONE-1", timeout=20) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        events = events_of(answer.iter_lines())
        name, server = next(events)
        assert name == "clock" and server["rate"] == 1 and server["now"].endswith("+00:00")
        name, lot = next(events)
        assert (name, lot["code"], lot["phase"], lot["highest_rupees"]) == ("lot", "TST-12", "running", None)
        assert "bidder" not in json.dumps(lot)
        with sqlite3.connect(folder / "immis.sqlite3", timeout=20) as records:  # as another process would
            records.execute("UPDATE auctions_lot SET highest_rupees = 1100000, changes = 1 WHERE code = 'TST-12'")
        name, lot = next(one for one in events if one[0] == "lot")
        assert (name, lot["highest_rupees"], lot["highest_words"]["en"]) == ("lot", 1100000, "eleven lakh rupees")


def test_events_refuse_what_they_do_not_know(url):
    for query in ("", "codes=", "codes=<x>", "codes=" + ",".join(f"A-{n}" for n in range(61))):
        assert httpx.get(f"{url}/events/lots?{query}").status_code == 400
    assert httpx.get(f"{url}/events/other").status_code == 404


def test_a_closed_stream_is_forgotten(url):
    with httpx.stream("GET", f"{url}/events/lots?codes=TST-12", timeout=20) as answer:
        opened = answer.iter_lines()
        next(opened)
        assert httpx.get(f"{url}/events/healthz").json()["watchers"] >= 1
    eventually(lambda: httpx.get(f"{url}/events/healthz").json()["watchers"] == 0)


# -- in a browser


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1280])
def test_the_first_page_draws_its_map_and_fits(browser, url, width):
    page = browser.new_page(viewport={"width": width, "height": 800})
    said = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(url + "/")
    page.wait_for_selector('[data-map][data-shown="12"]')
    page.wait_for_selector(".maplibregl-canvas")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.hover('[data-feature="TST-3"] a')
    page.wait_for_selector(".maplibregl-popup-content >> text=बालूघाट 3")
    small = page.evaluate(
        "[...document.querySelectorAll('a.btn,button,input:not([type=hidden]),nav.site-nav a')]"
        ".filter(e => e.offsetParent && e.getBoundingClientRect().height < 44 && !e.closest('.maplibregl-map'))"
        ".map(e => e.outerHTML.slice(0, 80))"
    )
    assert small == [] and said == []
    page.close()


@pytest.mark.browser
def test_the_first_page_reads_without_scripts_and_switches_language(browser, url):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 800})
    page = context.new_page()
    page.goto(url + "/")
    assert page.is_visible(".map-off") and page.is_visible("text=12. बालूघाट 12")
    page.click("text=English")
    assert page.inner_text("h1") == "Sand ghats of Bihar" and page.get_attribute("html", "lang") == "en"
    page.fill("#q", "Ghat 7")
    page.click("form:has(#q) button")
    assert page.locator("#ghats li").count() == 1
    context.close()


@pytest.mark.browser
def test_the_keyboard_reaches_the_content_and_lists_its_keys(browser, url):
    page = browser.new_page()
    page.goto(url + "/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("?")
    assert page.is_visible("dialog#keys")
    page.close()


# -- what dies, and the end


def test_what_dies_starts_again(running, url, lines):
    before = running.status()["pids"]["web"]
    os.kill(before, signal.SIGKILL)
    eventually(lambda: running.status()["restarts"]["web"] == 1)
    eventually(lambda: running.status()["ready"])
    assert running.status()["pids"]["web"] != before
    assert httpx.get(url + "/healthz").json()["ok"] and any("web" in line and "ended with -9" in line for line in lines)


def test_a_second_supervisor_on_the_same_data_is_refused(running):
    second = Supervisor(listen=f"127.0.0.1:{free_port()}", gateway_listen=f"127.0.0.1:{free_port()}")
    with pytest.raises(CannotRun, match="already running"):
        second.start()
    assert running.status()["ready"]


def test_run_from_the_command_line_until_sigterm():
    with tempfile.TemporaryDirectory(prefix="immis-cli-") as data:
        databases.prepare(Path(data))
        listen = f"127.0.0.1:{free_port()}"
        argv = [
            sys.executable,
            "-m",
            "immis.cli",
            "run",
            "--json",
            "--listen",
            listen,
            "--gateway",
            f"127.0.0.1:{free_port()}",
        ]
        env = {**os.environ, "IMMIS_DATA": data, "DATABASE_URL": ""}
        process = subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        status = json.loads(process.stdout.readline())
        assert status["ready"] and httpx.get(status["url"] + "healthz").json()["ok"]
        own = descendants(process.pid)
        assert len(own) >= 5
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert all(gone(pid) for pid in own)
        assert not list(Path(data, "run").glob("*.sock"))


def test_children_end_even_when_the_supervisor_is_killed():
    with tempfile.TemporaryDirectory(prefix="immis-kill-") as data:
        databases.prepare(Path(data))
        argv = [sys.executable, "-m", "immis.cli", "run", "--json", "--listen", f"127.0.0.1:{free_port()}",
                "--gateway", f"127.0.0.1:{free_port()}"]  # fmt: skip
        env = {**os.environ, "IMMIS_DATA": data, "DATABASE_URL": ""}
        process = subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert json.loads(process.stdout.readline())["ready"]
        own = descendants(process.pid)
        process.kill()
        process.wait()
        with contextlib.suppress(AssertionError):
            eventually(lambda: all(gone(pid) for pid in own), within_s=40)  # granian gives its workers 8 s
        assert [named(pid) for pid in own if not gone(pid)] == []


def test_a_taken_port_is_named_and_nothing_stays_behind():
    with tempfile.TemporaryDirectory(prefix="immis-port-") as data, socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        listen = f"127.0.0.1:{other.getsockname()[1]}"
        argv = [sys.executable, "-m", "immis.cli", "run", "--listen", listen, "--gateway", f"127.0.0.1:{free_port()}"]
        answer = subprocess.run(
            argv, env={**os.environ, "IMMIS_DATA": data}, capture_output=True, text=True, timeout=60
        )
        assert answer.returncode == 2 and listen in answer.stderr and "Traceback" not in answer.stderr


@pytest.mark.parametrize("address", ["8000", "127.0.0.1:0", "127.0.0.1:99999", "x:y"])
def test_an_address_that_is_none_is_refused(address):
    argv = [sys.executable, "-m", "immis.cli", "run", "--listen", address]
    answer = subprocess.run(argv, capture_output=True, text=True, timeout=60)
    assert answer.returncode == 2 and "is not HOST:PORT" in answer.stderr


def test_the_front_overwrites_what_a_reader_says_of_his_address(tmp_path):
    conf = front.configuration(front.Front("127.0.0.1:8000", "unix:/w", "unix:/f", "unix:/e", tmp_path))
    assert (
        "X-Real-IP $remote_addr" in conf and "X-Forwarded-For $remote_addr" in conf and "set_real_ip_from" not in conf
    )
    trusted = front.Front("0.0.0.0:443", "unix:/w", "unix:/f", "unix:/e", tmp_path, "10.0.0.1", "/c.pem", "/k.pem")
    conf = front.configuration(trusted)
    assert (
        "set_real_ip_from 10.0.0.1" in conf
        and "ssl_certificate /c.pem" in conf
        and "listen 0.0.0.0:443 backlog=4096 reuseport ssl" in conf
    )
    sockets = [f"unix:/tmp/{name}.sock" for name in "wfe"]
    check = front.write(front.Front(f"127.0.0.1:{free_port()}", *sockets, tmp_path))
    assert subprocess.run([*check, "-t"], capture_output=True).returncode == 0
