"""The road at a phone's width, in Hindi, counted in taps: a settlee issues, a citizen checks, an officer records."""

from decimal import Decimal
from typing import Any

import pytest

from immis.challans import services
from immis.challans.models import Challan, CheckPostScan
from immis.challans.signed.qr import qr_png
from immis.registry.models import Vehicle
from tests.challans import world as made
from tests.challans.world import NOON, PLATE, officer_in
from tests.journeys.conftest import browser
from tests.journeys.reader import PHONE
from tests.registers.test_form_in_browser import Writer
from tests.web.walks.test_axe import _a_loop_in_this_thread

__all__ = ["_a_loop_in_this_thread", "browser"]
pytestmark = [pytest.mark.django_db, pytest.mark.browser]


class Thumb(Writer):
    """A phone; every touch is counted, the one that chooses a page in the bar below too."""

    def __init__(self, browser: Any, user: Any):
        super().__init__(browser, user)
        self.context.set_default_timeout(120_000)  # on a crowded machine
        self.page.set_viewport_size(PHONE)
        self.taps = 0

    def go(self, address: str) -> None:
        self.taps += 1
        self.page.goto(address)

    def tap(self, wanted: str) -> None:
        self.taps += 1
        self.page.locator(wanted).first.click()
        self.page.wait_for_load_state()

    def verdict(self) -> str:
        return self.page.locator("section.verdict").get_attribute("class")


@pytest.fixture
def world(db, data_dir, at):
    at.set(NOON)
    world = made.build(data_dir)
    world.report(NOON)
    return world


def load(world: Any) -> Challan:
    wanted = services.Load(
        lease=world.lease, vehicle=world.vehicle, place=world.place, quantity_m3=Decimal("8.5"), driver_name="राम बहादुर"
    )
    return services.issue_challan(load=wanted, by=world.actor)


def test_a_settlee_issues_in_four_taps_and_anybody_checks_in_three(world, browser):
    last = load(world)
    services.cancel_challan(challan=last, reason="दूसरा फेरा", by=world.actor, at=NOON)
    Vehicle.objects.filter(registration="BR08G1234").update(capacity_m3=Decimal("9.5"))
    thumb = Thumb(browser, world.settlee)
    thumb.go("/settlee/challans/")
    thumb.tap("main a[href*='/challans/new/']")
    form = {
        name: thumb.page.locator(f"[name={name}]").input_value() for name in ("quantity_m3", "place", "driver_name")
    }
    assert form == {
        "quantity_m3": "9.5",
        "place": f"{world.place.name_hi} · patna",
        "driver_name": "राम बहादुर",
    }
    thumb.tap(f"input[name=vehicle][value={PLATE}]")
    thumb.tap("main form button.btn:not([type=button])")
    challan = Challan.objects.get(state="issued")
    assert thumb.taps <= 4 and (challan.quantity_m3, challan.place) == (Decimal("9.5"), world.place)

    again = Thumb(browser, world.settlee)  # the vehicle is under way: it is not offered, and said why
    again.page.goto(f"/settlee/leases/{world.lease.number}/challans/new/")
    assert not again.page.locator(f"input[name=vehicle][value={PLATE}]").count()
    assert challan.number in (again.page.locator("details.shut").text_content() or "")
    again.context.close()
    thumb.context.close()

    citizen = Thumb(browser, None)
    citizen.go("/verify")
    assert citizen.page.evaluate("document.scrollingElement.scrollWidth") == PHONE["width"]
    picture = {"name": "qr.png", "mimeType": "image/png", "buffer": qr_png(challan.pass_text)}
    citizen.taps += 1  # the button of the camera
    citizen.page.locator("input[data-qr]").set_input_files(picture)
    citizen.page.locator("section.verdict").wait_for()
    assert "good" in citizen.verdict() and citizen.taps <= 3
    citizen.taps = 0
    citizen.go("/verify")
    citizen.page.locator("main [name=q]").fill("2")
    citizen.page.locator("[name=vehicle]").fill(PLATE)
    citizen.tap("form[data-verify] button.btn")
    assert "good" in citizen.verdict() and citizen.taps <= 3
    citizen.context.close()


def test_an_officer_says_empty_or_loaded_and_what_became_of_it(world, browser):
    load(world)
    officer = Thumb(browser, officer_in(world.checkpost, "checkpost", "guard"))
    officer.go("/checkpost/")
    officer.tap("label:has(input[value=loaded])")
    assert officer.page.evaluate("document.activeElement.name") == "q", "the number is typed at once"
    officer.page.keyboard.type("135")
    officer.tap("main form.stacked button.btn:not([type=button])")
    summary = officer.page.locator("[data-errors]")
    assert summary.locator("a").get_attribute("href") == "#check_q" and "पूरी संख्या" in summary.text_content()
    officer.page.locator("main [name=q]").fill("BR01A0001")
    officer.tap("main form.stacked button.btn:not([type=button])")
    assert "bad" in officer.verdict()
    officer.page.goto(f"/checkpost/checks/{CheckPostScan.objects.get().pk}/")
    officer.tap("#acts .btn:not(.quiet)")
    assert CheckPostScan.objects.get().outcome == "held"
    assert "वाहन रोका" in officer.page.locator("main").text_content()
    officer.context.close()
