"""An officer's phone: what it keeps with no network reaches the office once, in order, even where an answer is lost."""

from contextvars import copy_context
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from immis.challans import services
from immis.challans.models import CheckPostScan
from immis.challans.signed.keys import write_public
from tests.challans import world as made
from tests.challans.world import NOON, officer_in
from tests.journeys.conftest import browser
from tests.web.challans.pass_phone import served
from tests.web.walks.test_axe import _a_loop_in_this_thread

__all__ = ["_a_loop_in_this_thread", "browser"]
pytestmark = [pytest.mark.django_db, pytest.mark.browser]


class Line:
    """The phone's line to the office: off, on, or on with the answer lost."""

    def __init__(self, officer: Any):
        self.client = Client()
        self.client.force_login(officer)
        self.state, self.here = "on", copy_context()

    def answer(self, route: Any) -> None:
        if self.state == "off":
            route.abort()
            return
        request, address = route.request, "/checkpost/phone.json"
        if request.method == "POST":
            body = request.post_data
            sent = self.here.copy().run(self.client.post, address, body, content_type="application/json")
        else:
            sent = self.here.copy().run(self.client.get, address)
        if self.state == "lost" and request.method == "POST":
            route.abort()
        else:
            route.fulfill(status=sent.status_code, body=sent.content, content_type="application/json")


def test_checks_without_a_network_reach_the_office_once_and_in_order(db, data_dir, at, settings, browser):
    at.set(NOON)
    world = made.build(data_dir)
    world.report(NOON)
    load = services.Load(
        lease=world.lease, vehicle=world.vehicle, place=world.place, quantity_m3=Decimal("8.5"), driver_name="राम"
    )
    challan = services.issue_challan(load=load, by=world.actor)
    settings.PUBLIC_DIR = data_dir / "public"
    write_public(data_dir, pass_ids=[], at=NOON)
    line = Line(officer_in(world.checkpost, "checkpost", "guard"))
    with served() as server:
        context = browser.new_context(base_url=server.url, service_workers="block", locale="hi-IN")
        context.set_default_timeout(60_000)
        context.route("**/checkpost/phone.json", line.answer)
        page = open_page(context)
        assert "बरियारपुर" in page.locator("[data-officer]").inner_text()

        line.state = "off"
        page.locator("[name=covered][value=no]").check()
        ask(page, challan.pass_text)
        page.locator("#officer[data-waiting='1']").wait_for()
        page.fill("#outcome-note", "दूसरा वाहन")
        page.locator("button[value=held]").click()
        page.locator("#officer[data-waiting='2']").wait_for()
        ask(page, "BR01ZZ9999")
        page.locator("#officer[data-waiting='3']").wait_for()
        page.close()  # the phone is switched off and on
        page = open_page(context)
        page.locator("#officer[data-waiting='3']").wait_for()

        line.state = "lost"
        page.locator("[data-send]").click()
        wait_until(page, lambda: CheckPostScan.objects.count() == 2)
        assert page.locator("#officer").get_attribute("data-waiting") == "3"  # nothing was acknowledged
        line.state = "on"
        page.locator("[data-send]").click()
        page.locator("#officer[data-waiting='0']").wait_for()
        context.close()
    first, second = CheckPostScan.objects.order_by("pk")
    assert (first.challan, first.outcome, first.outcome_note) == (challan, "held", "दूसरा वाहन")
    assert (first.covered, first.board, second.covered) == (False, None, None)
    assert second.registration == "BR01ZZ9999" and first.at <= second.at and first.sent_at == NOON


def open_page(context: Any) -> Any:
    page = context.new_page()
    page.clock.install(time=NOON)
    page.goto("/verify/app/hi/")
    page.locator("#lists[data-ready]").wait_for()
    page.locator("#officer[data-waiting]").wait_for()
    return page


def ask(page: Any, text: str) -> None:
    page.fill("#text", text)
    page.locator("#typed button").click()
    page.locator("#verdict").wait_for()


def wait_until(page: Any, holds: Any) -> None:
    for _ in range(200):
        if holds():
            return
        page.wait_for_timeout(50)
    raise AssertionError("not so after ten seconds")
