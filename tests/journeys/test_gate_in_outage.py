"""A gate in an outage, in Chromium: the service is stopped, twelve e-challans are issued, all stand once after it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.doors.commands import ROOT, own_environment
from tests.doors.http import ApiDoor, PageDoor
from tests.doors.installation import ClockDoor, Stores
from tests.journeys.reader import PHONE, Reader

pytestmark = [pytest.mark.processes, pytest.mark.browser]

LEASE, SETTLEE, PLACE = "MUN-2026-01", "gangotri", "bariyarpur"
#: Longer than an e-challan to the destination is valid, so that each truck may load again.
ROUND = timedelta(hours=3, minutes=5)
_PRINT = "window.printed = []; window.print = () => window.printed.push(document.getElementById('slip').dataset.number)"


class Service:
    """All processes of an installation under one supervisor, that can be stopped and started again."""

    def __init__(self, data: Path):
        self.data, self.port = data, _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        env = {**own_environment(self.data), "IMMIS_DEMO": "1", "IMMIS_CLOCK": "2026-05-12T10:00:00+05:30"}
        env |= {"IMMIS_REQUESTS_A_SECOND": "0", "IMMIS_PUBLIC_URL": self.url}
        own = [sys.executable, "-m", "immis.cli", "run", "--listen", f"127.0.0.1:{self.port}"]
        own += ["--gateway", f"127.0.0.1:{_free_port()}"]
        log = (self.data.parent / "service.log").open("ab")
        self.process = subprocess.Popen(own, cwd=ROOT, env=env, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        give_up = time.monotonic() + 90
        while not self.answers():
            assert time.monotonic() < give_up and self.process.poll() is None, "the service does not start"
            time.sleep(0.2)

    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", trust_env=False, timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def stop(self) -> None:
        if self.process is not None:
            os.kill(self.process.pid, signal.SIGTERM)
            self.process.wait(timeout=60)
            self.process = None


def _free_port() -> int:
    import socket

    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@pytest.fixture(scope="module")
def service(played: Stores, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    data = tmp_path_factory.mktemp("gate") / "data"
    shutil.copytree(played.data, data)
    shutil.rmtree(data / "run", ignore_errors=True)
    made = Service(data)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def gate(service: Service, played: Stores, browser: Any, tmp_path: Path) -> Iterator[Reader]:
    reader = Reader(browser, service.url, name=played.user_ids[SETTLEE], window=PHONE, shots=tmp_path)
    reader.page.add_init_script(_PRINT)
    yield reader
    reader.close()


def enrolled(gate: Reader, service: Service, people: PageDoor, clock: ClockDoor) -> str:
    """The device hands its key in, the district approves it and grants a quota of twelve; a day later it counts."""
    page, officer = gate.page, ApiDoor(people)("mdo")
    page.goto("/gate/app/hi/")
    page.locator("body[data-ready]").wait_for()
    page.fill("#enrol-device", "टैबलेट 1")
    page.locator("#enrol select").select_option(LEASE)
    page.locator("#enrol button").click()
    page.locator("#key:not([hidden])").wait_for()
    gate.look()
    code = page.locator("#code").inner_text()
    listed = officer.get("/api/v1/registers/gate_keys/entries")
    key = next(row["number"] for row in listed if row["values"]["code"] == code)
    assert officer.post(f"/api/v1/entries/{key}/acts/approve", {"values": {}}).status_code == 201
    order = {"order_no": "DMO/21", "ordered_on": "2026-10-15", "key": key, "passes": "12"}
    granted = officer.post("/api/v1/registers/offline_quotas/acts/grant", {"values": order})
    assert granted.status_code == 201, granted.text
    clock.to(clock.now() + timedelta(hours=25))
    published = lambda: any(row.get("gate") for row in people().open("/data/keys.json").json()["keys"])  # noqa: E731
    clock.until("the key of the gate in the list", published)
    page.locator("#send").click()
    page.locator("#quota:not([hidden])").wait_for()
    page.locator("body[data-installed]").wait_for(state="attached")
    gate.look()
    return str(granted.json()["number"])


def fill_in(page: Any, truck: str) -> None:
    """Fill in the form of the page and send it."""
    page.fill("#truck", truck)
    page.locator("#truck-said", has_text=truck).wait_for()
    page.select_option("#place", PLACE)
    page.fill("#driver", "रामप्रवेश यादव")
    page.fill("#quantity", "14")
    page.get_by_role("button", name="निर्गत कर प्रिंट करें").click()


def issue_one(page: Any, truck: str, count: int) -> None:
    """One e-challan by the form of the page; the slip goes to the printer at once."""
    fill_in(page, truck)
    page.locator(f"#waiting[data-waiting='{count}']").wait_for()
    assert len(page.evaluate("window.printed")) == count


def test_twelve_passes_of_an_outage_stand_once_when_the_service_is_back(gate, service, played):
    people, clock, page = PageDoor(service.url, played.user_ids), ClockDoor(service.data), gate.page
    page.clock.install()
    quota = enrolled(gate, service, people, clock)
    people.close()
    assert page.locator("#left[data-left='12']").count()  # while the service answers, it issues and not the quota

    service.stop()
    assert not service.answers()
    page.reload()  # the device was switched off and on
    page.locator("body[data-ready]").wait_for()
    assert page.locator("body").get_attribute("data-line_state") == "off"
    page.locator("#left[data-left='12']").wait_for()
    trucks = page.locator("#inside li[data-fit=yes]").evaluate_all("rows => rows.map((row) => row.dataset.truck)")[:4]
    for count in range(12):
        if count and count % len(trucks) == 0:
            page.clock.fast_forward(int(ROUND.total_seconds() * 1000))
            clock.to(clock.now() + ROUND)
            page.reload()
            page.locator("body[data-ready]").wait_for()
            page.evaluate(f"window.printed.push(...Array({count}))")
        issue_one(page, trucks[count % len(trucks)], count + 1)
        if count == 0:  # the truck is on its way: no second load
            page.locator(f"#inside li[data-truck={trucks[0]}][data-fit=no]").wait_for()
    assert int(page.locator("#slip svg").get_attribute("data-modules")) <= 77  # version 15
    page.emulate_media(media="print")
    assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 1
    page.emulate_media(media="screen")
    page.locator("#left[data-left='0']").wait_for()
    numbers = sorted(page.locator("#book li").evaluate_all("rows => rows.map((row) => row.dataset.number)"))

    service.start()
    page.locator("#send").click()
    page.locator("#waiting[data-waiting='0']").wait_for()
    page.locator("#send").click()
    assert page.locator("#book li[data-state=taken]").count() == 12, page.locator("#book").inner_text()
    people = PageDoor(service.url, played.user_ids)
    shown = people("mdo").open(f"/offline/{quota}/").text
    assert len(set(numbers)) == 12 and all(shown.count(f'href="/challans/{number}/"') == 1 for number in numbers)
    for number in (numbers[0], numbers[-1]):
        found = people(SETTLEE).open(f"/settlee/challans/?q={number}").text
        assert found.count(f">{number}<") == 1
    assert not ApiDoor(people)("mdo").get("/api/v1/registers/offline_findings/entries")
    people.close()
