"""axe in Chromium on every page of every post, in Hindi, as wide as a cheap phone and as wide as a desk.

The pages are answered by this process: the browser's requests end in Django's test client, so that no server runs.
"""

import mimetypes
import os
from collections.abc import Iterator
from contextvars import copy_context
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import resolve

from immis.web.shell.request.middleware import LANGUAGE_COOKIE
from tests.journeys.conftest import browser
from tests.journeys.reader import DESK, PHONE
from tests.web.axe import AXE, MAPS, RUN, SCREENS, TWICE
from tests.web.twin import Twin, enter_training, enter_visit
from tests.web.walks.test_fuzz import people

__all__ = ["browser", "people"]
pytestmark = [pytest.mark.django_db, pytest.mark.browser]

SITE = "http://testserver"


@pytest.fixture(autouse=True, scope="module")
def _a_loop_in_this_thread() -> Iterator[None]:
    """The browser's library keeps a loop in the thread in which pages ask the database."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    yield
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


class Window:
    """A browser's window of one person; whatever it asks for is answered here."""

    def __init__(self, browser: Any, user: Any):
        self.client = Client()
        self.client.cookies[LANGUAGE_COOKIE] = "hi"
        if user is not None:
            self.client.force_login(user)
        self.context = browser.new_context(base_url=SITE, locale="hi-IN", reduced_motion="reduce")
        self.with_map = False
        self.here = copy_context()  # the browser calls back elsewhere, where the test's database is not known
        self.page = self.context.new_page()
        self.page.add_init_script(path=AXE)
        self.page.route("**/*", self._answer)

    def _answer(self, route: Any) -> None:
        parts = urlsplit(route.request.url)
        if parts.path.startswith("/static/vendor/maplibre-gl/") and not self.with_map:
            route.abort()
        elif parts.path.startswith("/static/"):
            path = finders.find(parts.path.removeprefix("/static/"))
            kind = mimetypes.guess_type(parts.path)[0] or "application/octet-stream"
            route.fulfill(path=path, content_type=kind) if path else route.fulfill(status=404)
        elif not route.request.url.startswith(SITE) or route.request.headers.get("accept") == "text/event-stream":
            route.abort()
        else:
            wanted = parts.path + (f"?{parts.query}" if parts.query else "")
            answer = self.here.copy().run(self.client.get, wanted)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            route.fulfill(status=answer.status_code, headers=dict(answer.items()), body=body)

    def faults(self, address: str) -> list[str]:
        """What axe finds on a page in both widths, and whether the page is wider than the window."""
        odd = []
        self.with_map = resolve(urlsplit(address).path).view_name in MAPS
        self.page.set_viewport_size(PHONE)
        self.page.goto("about:blank")  # another tab of a page is a page of its own
        answer = self.page.goto(address, wait_until="load")
        if answer.status != 200:
            return [f"answers {answer.status}"]
        odd += [f"the id {name} stands twice" for name in self.page.evaluate(TWICE)]
        for size in (PHONE, DESK):
            self.page.set_viewport_size(size)
            odd += [f"{size['width']} px: {fault}" for fault in self.page.evaluate(RUN, size is DESK)]
            wide = self.page.evaluate("document.scrollingElement.scrollWidth")
            if wide > size["width"]:
                odd.append(f"{size['width']} px: the page is {wide} px wide")
            high = self.page.evaluate("document.scrollingElement.scrollHeight")
            if self.page.locator("nav.tabs").count() and high > SCREENS[size["width"]] * size["height"]:
                odd.append(f"{size['width']} px: the record is {high / size['height']:.1f} screens high")
        if shots := os.environ.get("IMMIS_TEST_SHOTS"):
            for size in (PHONE, DESK):
                self.page.set_viewport_size(size)
                name = f"{address.strip('/').replace('/', '_') or 'home'}-{size['width']}.png"
                self.page.screenshot(path=Path(shots) / name, full_page=True)
        return odd


#: The pages of each post; the names in braces are records of the twin.
PAGES = {
    "anybody": (
        "/", "/ghats/{block}/", "/auctions/", "/auctions/{lot}/", "/auctions/orders/", "/technical-results/", "/mock/",
        "/schedule/", "/login", "/signup", "/help/", "/data/", "/verify", "/law/?q=HLD", "/law/HLD-01/",
    ),
    "party": (
        "/bidder/", "/bidder/lots/{lot}/", "/settlee/", "/settlee/today/", "/settlee/payments/", "/new/", "/more/",
        "/settlee/leases/{lease}/", "/settlee/leases/{lease}/life/",
        "/settlee/leases/{lease}/returns/", "/leases/{lease}/statement/", "/leases/{lease}/clearances/",
        "/pay/{demand}/", "/settlee/challans/", "/settlee/leases/{lease}/challans/new/", "/challans/{challan}/",
        "/devices/", "/devices/{device}/", "/things/vehicles/{vehicle}/", "/messages/", "/messages/{letter}/",
        "/password",
    ),
    "district": (
        "/office/", "/office/?lane=done", "/office/tasks/{task}/", "/office/cases/", "/office/cases/{case}/",
        "/office/dues/", "/new/", "/new/?q=fence", "/more/",
        "/office/dues/defaulters/", "/office/payments/", "/office/payments/{receipt}/", "/office/demands/",
        "/office/demands/{demand}/", "/office/claims/", "/office/scrolls/", "/office/leases/",
        "/office/leases/{lease}/", "/office/leases/{lease}/#tab-money", "/office/leases/{lease}/life/",
        "/office/parties/{party}/",
        "/office/leases/{lease}/register/", "/office/holds/", "/office/ghats/{block}/", "/office/challans/",
        "/office/notices/", "/office/notices/write/",
        "/office/notices/{notice}/", "/office/auctions/", "/office/auctions/{lot}/",
        "/office/auctions/{lot}/orders/", "/office/auctions/{lot}/presence/", "/office/registers/", "/office/refunds/",
        "/office/eproc/", "/office/prices/", "/office/questions/", "/devices/", "/devices/new/", "/devices/scores/",
        "/devices/faults/", "/fences/", "/fences/new/", "/fences/import/", "/office/map/",
    ),
    "district-registers": (
        "/registers/",
        "/registers/visitors/", "/registers/visitors/new/enter/", "/registers/visitors/import/",
        "/registers/visitors/figures/", "/registers/training/", "/entries/{training}/",
        "/entries/{training}/acts/enrol/", "/registers/weekly_inspection/",
        "/registers/weekly_inspection/new/hand_in/",
        "/registers/weekly_inspection/duties/", "/entries/{visit}/", "/entries/{visit}/acts/meet/",
    ),
    "collector": (
        "/search/?q=ghat", "/search/",
        "/office/", "/office/leases/{lease}/", "/office/leases/{lease}/suspend/", "/office/cases/{case}/",
    ),
    "hq": (
        "/office/map/wall/", "/log/", "/office/posts/", "/office/holds/",
        "/office/dues/", "/office/leases/{lease}/",
    ),
    "hq-people": (
        "/office/offices/", "/sheets/charges/", "/office/offices/{office}/", "/office/people/",
        "/office/people/new/", "/office/people/{person}/", "/office/people/{person}/acts/",
        "/office/charges/{charge}/", "/office/looks/", "/account/charges/", "/account/data/", "/retention/",
    ),
    "party-people": ("/settlee/people/", "/account/data/"),
    "checkpost": ("/checkpost/", "/checkpost/checks/{scan}/", "/registers/"),
}  # fmt: skip


def names(mine: Twin, users: dict[str, Any]) -> dict[str, Any]:
    """What fills the braces."""
    rows, charge = mine.rows, users["district"].posts.get()
    return {
        "office": charge.office.code, "person": users["district"].username, "charge": charge.pk,
        **{name: rows[name].code for name in ("block", "lot", "party")},
        "vehicle": rows["vehicle"].registration, "device": rows["challan"].imei,
        **{name: rows[name].number for name in ("lease", "demand", "receipt", "case")},
        **{name: rows[name].pk for name in ("task", "scan", "notice", "letter")},
        "challan": rows["challan"].number, "visit": enter_visit(users["district"]),
        "training": enter_training(users["hq"]),
    }  # fmt: skip


@pytest.mark.parametrize("part", PAGES)
def test_axe_finds_nothing(people, browser, part):
    mine, users = people
    known = names(mine, users)
    if (user := users[part.split("-")[0]]) is not None:
        user.set_password("a password to change")
        user.save()
    window, odd = Window(browser, user), {}
    for address in (page.format(**known) for page in PAGES[part]):
        if faults := window.faults(address):
            odd[address] = faults
    window.context.close()
    assert odd == {}
