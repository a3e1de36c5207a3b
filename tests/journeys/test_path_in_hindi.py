"""A Munger ghat from the hammer over a missed instalment, in Hindi: the settlee's phone and the officer's desk.

One process serves the pages, so that the clock is in the test's hands; the treasury is the simulator over HTTP.
"""

import os
import re
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.wsgi import get_wsgi_application
from django.test import Client
from playwright.sync_api import Page, expect

from immis.leases import jobs, selectors
from immis.leases.models import Lease
from tests.journeys.reader import DESK, PHONE, Reader
from tests.settlement import OWN, india, make_world, treasury

__all__ = ["treasury"]
pytestmark = [pytest.mark.browser]
CODE = "MUN-2026-01"
LEASE, MINE = f"/office/leases/{CODE}/", f"/settlee/leases/{CODE}/"


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 64


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(autouse=True, scope="module")
def _a_loop_in_this_thread() -> Iterator[None]:
    """The browser's library keeps a loop in the thread in which the test asks the database."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    yield
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def pages(own_database, at) -> Iterator[str]:
    """The pages on a free port of this process."""
    app = StaticFilesHandler(get_wsgi_application())
    server = make_server("127.0.0.1", 0, app, server_class=_Server, handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def window(browser, pages, tmp_path) -> Iterator[Callable[..., Reader]]:
    """``window(user, size)`` opens a window in which that person is signed in."""
    given = os.environ.get("IMMIS_TEST_SHOTS")
    opened = []

    def open_one(user: Any, size: dict[str, int]) -> Reader:
        reader = Reader(browser, pages, window=size, shots=Path(given) if given else tmp_path)
        client = Client()
        client.force_login(user)
        reader.sign_in_by(client.cookies["sessionid"].value)
        opened.append(reader)
        return reader

    yield open_one
    for one in opened:
        one.close()


class Officer:
    """The district's officer at the desk: does the acts that a settlement's page offers."""

    def __init__(self, reader: Reader):
        self.reader = reader

    def act(self, name: str, **said: str) -> Page:
        page = self.reader.open(LEASE)
        form = page.locator(f"form:has(input[name=act][value={name}])")
        for field, value in said.items():
            if field == "present":
                form.locator(f"[name=present][value={value}]").check()
            else:
                form.locator(f"[name={field}]").fill(value)
        form.locator("button.btn").last.click()
        expect(page.locator("main")).to_be_visible()
        return page

    def verify(self, words: str) -> None:
        page = self.reader.open("/office/payments/")
        page.locator("tr[data-row]", has_text=words).locator("[data-decide]").click()
        page.get_by_role("button", name="भुगतान सत्यापित करें").click()
        expect(page.locator("main")).to_contain_text("सत्यापित")


def pay(reader: Reader, label: str) -> None:
    """The settlee pays a due of the settlement's page at the treasury, and comes back."""
    page = reader.open(MINE)
    page.locator("li[data-row]", has_text=label).locator("a.btn[href^='/pay/']").click()
    page.get_by_role("button", name="कोषागार में भुगतान करें").click()
    expect(page.locator("h1")).to_contain_text("राज्य कोषागार")
    page.locator("input[name=account]").fill(OWN)
    page.get_by_role("button", name="भुगतान करें").click()
    expect(page.locator("main")).to_contain_text(re.compile("भुगतान हो चुका है|कोषागार से अभी पूछें"))
    ask = page.get_by_role("button", name="कोषागार से अभी पूछें")
    if ask.count():
        ask.click()
    expect(page.locator("main")).to_contain_text("सत्यापन शेष")


def test_from_the_hammer_to_the_permission_and_over_a_missed_instalment(treasury, window, pages, at):
    """E-078…E-100, E-174, A-13, A-17…A-19 as two people see them."""
    world = make_world(treasury)
    lease = world.opened()
    at.set(india("2026-06-06"))
    settlee, desk = window(world.users["settlee"], PHONE), window(world.users["mdo"], DESK)
    officer, collector = Officer(desk), Officer(window(world.users["collector"], DESK))

    page = settlee.open(MINE)
    expect(page.locator("main")).to_contain_text("₹ 5,16,375")
    settlee.look("p-opened")
    pay(settlee, "प्रतिभूति")
    officer.verify("प्रतिभूति")
    officer.act("documents", on="2026-06-06")
    persons = "Ram Prasad; ABCPR1234F; director; 500000; 0"
    officer.act("assets", on="2026-06-06", members=persons, movable="700000", immovable="0")
    at.set(india("2026-06-08"))
    officer.act("loi", on="2026-06-08")
    collector.act("loi", on="2026-06-08")
    page = desk.open(LEASE)
    expect(page.locator("main")).to_contain_text("08.07.2026")  # thirty days for the plan
    desk.look("p-path-after-loi")
    page = settlee.open(f"{MINE}?deed_on=2026-08-31#trial")
    expect(page.locator("#trial ~ .scroller, #trial ~ div").first).to_be_visible()
    expect(page.locator("main")).to_contain_text("30.11.2026")
    settlee.look("p-what-if")

    at.set(india("2026-07-13"))
    days = {"plan": ("06-20", "07-02"), "ec": ("07-05", "07-08"), "cte_cto": ("07-09", "07-12")}
    for kind, (applied, granted) in days.items():
        officer.act(f"{kind}_applied", on=f"2026-{applied}")
        said = {"reference": f"{kind}/1", "quantity_m3": "91800", "valid_until": "2031-07-01"}
        officer.act(f"{kind}_granted", on=f"2026-{granted}", **said)
    pay(settlee, "प्रथम किस्त")
    officer.verify("प्रथम किस्त")
    at.set(india("2026-07-15"))
    officer.act("deed", on="2026-07-15")
    collector.act("deed", on="2026-07-15")
    officer.act("gst", on="2026-07-10")
    officer.act("demarcation", on="2026-07-14", pillars="4", present="rqp", certified_by="RQP/7", reference="DM/1")
    officer.act("permission")
    collector.act("permission")
    page = desk.open(LEASE)
    expect(page.locator("main")).to_contain_text("खनन की अनुमति")
    desk.look("p-permitted")
    page = settlee.open(MINE)
    for shown in ("₹ 44,75,250", "₹ 22,37,625", "₹ 1,79,010", "15.10.2026"):
        expect(page.locator("main")).to_contain_text(shown)
    expect(page.get_by_role("link", name="ई-चालान निर्गत करें")).to_be_visible()
    settlee.look("p-mining")

    lease = Lease.objects.get(pk=lease.pk)
    due = india("2026-10-16", "00:00:00")
    at.set(due)
    jobs.announce_dues_and_holds(at=due)
    page = settlee.open("/settlee/")
    expect(page.locator(".card.reason.bad").first).to_contain_text("ई-चालान बंद")
    settlee.look("p-stopped-home")
    settlee.open(MINE)
    settlee.look("p-stopped")
    pay(settlee, "द्वितीय किस्त")
    officer.verify("द्वितीय किस्त")
    at.set(due + timedelta(minutes=5))
    jobs.announce_dues_and_holds(at=at())
    assert not [hold for hold in selectors.standing_holds(lease, at()) if "द्वितीय" in str(hold.facts.get("label"))]
    page = desk.open(LEASE)
    expect(page.locator("main")).to_contain_text("जिला कार्यालय द्वारा भुगतान सत्यापित")
    expect(page.locator("main a[href^='/law/HLD-01/']").first).to_be_visible()
    page = settlee.open(f"/leases/{CODE}/statement/")
    expect(page.locator("table.statement")).to_contain_text("₹ 44,75,250")
    settlee.look("p-statement")
