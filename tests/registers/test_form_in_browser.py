"""The form of a register in Chromium: a killed tab loses nothing, the keyboard alone goes from list to saved."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from immis.registers.models import Entry
from immis.registry.selectors import users
from tests.journeys.conftest import browser
from tests.web.walks.test_axe import SITE, Window, _a_loop_in_this_thread

__all__ = ["_a_loop_in_this_thread", "browser"]
pytestmark = [pytest.mark.django_db, pytest.mark.browser]

LIST = "/registers/visitors/"


class Writer(Window):
    """A window that sends forms too; where it is led on, the answer stands there at once."""

    def _answer(self, route: Any) -> None:
        request = route.request
        if request.method != "POST":
            super()._answer(route)
            return
        body, kind = request.post_data_buffer, request.headers["content-type"]
        post = self.client.post
        path = urlsplit(request.url).path
        answer = self.here.copy().run(lambda: post(path, body, content_type=kind, follow=True))
        route.fulfill(status=answer.status_code, headers=dict(answer.items()), body=answer.content)

    def new_tab(self) -> Any:
        """The tab is gone without a word, and another is opened."""
        self.page.close(run_before_unload=False)
        self.page = self.context.new_page()
        self.page.route("**/*", self._answer)
        return self.page

    def tab_to(self, wanted: str) -> None:
        """Press Tab until what is wanted has the focus."""
        for _ in range(80):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
                return
        raise AssertionError(f"no Tab leads to {wanted}")

    def type_in(self, name: str, text: str) -> None:
        self.tab_to(f"[name={name}]")
        self.page.keyboard.type(text)


def test_a_killed_tab_loses_nothing_and_the_keyboard_alone_enters_a_visitor(people, browser, data_dir):
    writer = Writer(browser, users(username="munger").get())
    writer.context.set_default_timeout(120_000)  # on a crowded machine
    writer.page.goto(LIST)
    writer.tab_to(f'a[href="{LIST}new/enter/"]')
    writer.page.keyboard.press("Enter")
    writer.page.wait_for_url(f"{SITE}{LIST}new/enter/")
    writer.type_in("visitor", "राम कुमार")
    writer.type_in("phone", "9000000001")
    writer.tab_to("[name=purpose]")
    writer.page.keyboard.press("ArrowDown")
    writer.page.wait_for_timeout(600)  # longer than the form waits before it keeps what is written

    page = writer.new_tab()
    page.goto(f"{LIST}new/enter/")
    assert page.locator("[data-draft-note]").is_visible()
    values = {name: page.locator(f"[name={name}]").input_value() for name in ("visitor", "phone", "purpose", "about")}
    assert values == {"visitor": "राम कुमार", "phone": "9000000001", "purpose": "application", "about": ""}

    writer.tab_to("[name=came_at]")
    page.keyboard.type("050620261015")
    writer.tab_to("form[data-draft] .actions button")
    assert page.locator("[name=came_at]").input_value() == "05.06.2026 10:15"
    page.keyboard.press("Enter")
    page.locator("ol.history").wait_for()
    entry = Entry.objects.get(register="visitors")
    assert (entry.values["visitor"], entry.values["purpose"]) == ("राम कुमार", "application")

    page.goto(f"{LIST}figures/")
    writer.tab_to("details > summary")
    page.keyboard.press("Enter")  # which opens a chosen row elsewhere, and here what is folded
    assert page.locator("details[open]").count() == 1

    page.goto(f"{LIST}new/enter/")  # taken: nothing is filled in again
    assert page.locator("[name=visitor]").input_value() == "" and page.locator("[data-draft-note]").is_hidden()
    writer.context.close()
