"""The weighbridge of a ghat from the cable to the e-challan, as gate operator and district see it (E-157, E-158).

One truck and one scale carry the whole of it: paired in Chromium, weighed and issued by keyboard alone, refused when
its GPS is elsewhere, weighed on while the network is cut. The port is the stand-in of
``tests.weighbridge_agent.wire`` over a simulated indicator.
"""

import os
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.doors.bridge import put_up
from tests.doors.desk import desk
from tests.doors.installation import Installation, standing_on
from tests.doors.road import Road, words_of
from tests.journeys.reader import DESK, PATIENCE_MS, Reader, until
from tests.weighbridge_agent.scale import scale
from tests.weighbridge_agent.wire import Wire

pytestmark = [pytest.mark.processes, pytest.mark.browser]

LEASE, SETTLEE, TRUCK, PLACE = "MUN-2026-01", "gangotri", "BR08G1007", "bariyarpur"
TARE, GROSS, FAR = 8_760, 27_240, 0.03
MOST_ACTS, MOST_KEYS, MOST_SECONDS = 6, 8, 20
_PRINT = "window.printed = []; window.print = () => window.printed.push(document.getElementById('slip').dataset.number)"
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")
def season(played, tmp_path_factory) -> Iterator[Any]:
    """A season of its own: elsewhere the fleet of the demo goes on reporting for this truck, from its ghat."""
    yield from standing_on(played, tmp_path_factory.mktemp("weighed"), "weighed", more={"IMMIS_REQUESTS_A_SECOND": "0"})


@pytest.fixture(scope="module")
def at(season) -> Iterator[Installation]:
    """The installation by its doors, with a weighbridge ready to be paired."""
    made = Installation(season, None, None, None)  # type: ignore[arg-type]
    made.clock.to(made.clock.now() + timedelta(hours=10))  # trucks of the demo are back, their e-challans over
    yield made
    made.page.close()


@pytest.fixture(scope="module")
def bridge(at) -> str:
    return put_up(at, lease=LEASE, settlee=SETTLEE)


@pytest.fixture(scope="module")
def shown() -> Iterator[Any]:
    with scale("yaohua-a9", speed=2400) as made:
        yield made


@pytest.fixture(scope="module")
def truck(at) -> Iterator[Any]:
    with Road(at).standing(TRUCK, LEASE) as standing:
        yield standing


@pytest.fixture(scope="module")
def operator(season, browser, shown, tmp_path_factory) -> Iterator[Reader]:
    """The settlee's gate operator at a fresh browser, with the cable of the scale in its port."""
    shots = Path(os.environ.get("IMMIS_TEST_SHOTS") or tmp_path_factory.mktemp("shots"))
    reader = Reader(browser, season.url, name=season.user_ids[SETTLEE], window=DESK, shots=shots)
    reader.expected |= {409}
    reader.page.add_init_script(_PRINT)
    wire = Wire(shown.terminal.path)
    wire.stand_in(reader.page)
    yield reader
    reader.close()
    wire.close()


class Hand:
    """The operator's hand: counts what he does and which keys he presses."""

    def __init__(self, page: Any) -> None:
        self.page, self.keys = page, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.keys += 1

    def still(self, kg: int) -> None:
        """Wait until the scale rests at a weight; no act of his."""
        expect(self.page.locator("#weight")).to_have_text(f"{kg} किग्रा")
        expect(self.page.locator("#rest")).to_have_attribute("data-state", "zero" if kg == 0 else "still")


def weighed(page: Any, counter: int) -> Any:
    row = page.locator(f"#latest tr[data-counter='{counter}']")
    expect(row).to_be_visible()
    return row


def test_from_a_fresh_browser_to_the_first_signed_weighment_in_six_acts(at, bridge, shown, truck, operator):
    page, acts = operator.page, 1  # he is logged in
    shown.kg = TARE
    page.goto(f"/weighbridges/{bridge}/")
    operator.look("wb-bridge")
    act = page.locator("details", has=page.locator("input[name=act][value=pair]"))
    act.locator("summary").click()
    act.locator("button").click()
    acts += 2
    page.locator("a[href*='/weighbridge/station/#']").click()
    acts += 1
    page.locator("body[data-ready]").wait_for()
    page.locator("#choose").click()
    acts += 1
    expect(page.locator(f"#inside li[data-truck={TRUCK}]")).to_be_visible()
    hand = Hand(page)
    hand.still(TARE)
    page.locator("#truck").focus()
    hand.press(*TRUCK[-4:], "Enter")
    acts += 1
    expect(weighed(page, 1)).to_contain_text("भेजी गई")
    assert acts <= MOST_ACTS
    operator.look("wb-first")
    assert f"{TARE:,}" in words_of(at.page("mdo").open(f"/weighbridges/{bridge}/").text)
    coverage = re.search(
        r"Munger (\d+) (\d+) (\d+) (\d+)", words_of(at.page("hq").open("/weighbridges/coverage/").text)
    )
    assert coverage and int(coverage[4]) == 1, "it may weigh for e-challans now"


def test_a_truck_is_weighed_and_its_e_challan_printed_by_a_few_keys(at, bridge, shown, truck, operator):
    page, hand = operator.page, Hand(operator.page)
    shown.kg = 0
    weighed(page, 2)  # the scale was at zero between the two
    shown.kg = GROSS
    truck.report()
    hand.still(GROSS)
    page.locator("#truck").focus()
    began = time.monotonic()
    hand.press(*TRUCK[-4:], "Enter")
    expect(page.locator("#weights")).to_contain_text(f"{GROSS - TARE}")
    expect(page.locator("#go")).to_be_focused()
    operator.look("wb-weighed")
    hand.press("Enter")
    until("the slip is printed", lambda: page.evaluate("window.printed.length"), look=lambda: page.wait_for_timeout(50))
    seconds = time.monotonic() - began
    assert hand.keys <= MOST_KEYS and seconds < MOST_SECONDS, (hand.keys, seconds)
    number = page.evaluate("window.printed[0]")
    operator.look("wb-issued")
    challan = words_of(at.page(SETTLEE).open(f"/challans/{number}/").text)
    assert TRUCK in challan and f"{TARE:,}" in challan and f"{GROSS:,}" in challan
    page.emulate_media(media="print")
    assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 1
    page.emulate_media(media="screen")


def test_the_same_truck_elsewhere_is_refused_on_the_screen_and_told_to_the_district(at, bridge, shown, truck, operator):
    page, hand = operator.page, Hand(operator.page)
    shown.kg = 0
    weighed(page, 4)
    truck.drive(FAR, 0.0)
    page.locator("#send").click()  # the page hears the time of the office, which the drive has moved on
    expect(page.locator(f"#inside li[data-truck={TRUCK}][data-fit=yes]")).to_have_count(0)
    shown.kg = GROSS
    hand.still(GROSS)
    page.locator("#truck").focus()
    hand.press(*TRUCK, "Enter")
    expect(page.locator("#reasons")).to_contain_text("WB-11")
    expect(page.locator("#reasons")).to_contain_text(TRUCK)
    operator.look("wb-refused")
    assert page.evaluate("window.printed.length") == 1
    at.settle()
    assert at.clock.soon(lambda: desk(at.page("mdo"), "TRG-260", bridge))


def test_weights_of_a_cut_network_arrive_in_order_once_each(at, bridge, shown, truck, operator, season):
    page, hand = operator.page, Hand(operator.page)
    hand.press("Escape")
    page.context.set_offline(True)
    for kg, counter in ((9_100, 7), (9_200, 9)):
        shown.kg = 0
        weighed(page, counter - 1)
        shown.kg = kg
        hand.still(kg)
        page.locator("#truck").fill(f"BR01X{kg}")
        hand.press("Enter")
        expect(weighed(page, counter)).to_contain_text("बाकी")
        hand.press("Escape")
    expect(page.locator("#queued")).not_to_have_text("0")
    page.context.set_offline(False)
    expect(page.locator("#queued")).to_have_text("0")
    rows = season.rows("SELECT counter, weight_kg FROM weighbridges_reading ORDER BY id")
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1)) and len(rows) >= 9
    assert (7, 9_100) in rows and (9, 9_200) in rows
