"""The auction as a person sees it in Hindi, from the ghats on the map to the hammer; every step through a page.

The tests run in this order and each goes on where the one before stopped. Only the two lots whose time is
extended are applied for; the demo itself fills all 22.
"""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.doors.installation import Season
from tests.journeys.reader import PATIENCE_MS

pytestmark = [pytest.mark.processes, pytest.mark.browser]

AUCTION, RIVAL_OF_GANGOTRI = "MUN-2026-01", "kaushiki"
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")
def season(tmp_path_factory):
    """A season before its first scene, with every process up."""
    played = Season(tmp_path_factory.mktemp("season"))
    yield played
    played.end()


@pytest.fixture(scope="module")
def kept() -> dict[str, Any]:
    """What later steps need from earlier ones."""
    return {}


def rupees(page: Page, locator: str) -> int:
    """The amount that stands in an element."""
    return int(re.sub(r"\D", "", page.locator(locator).inner_text()))


def grouped(amount: int) -> str:
    """An amount in the grouping of India: 7573500 is ``75,73,500``."""
    head, tail = str(amount)[:-3], str(amount)[-3:]
    return ",".join([*re.findall(r"\d{2}", head.zfill(len(head) + len(head) % 2)), tail]).lstrip("0")


def test_ghats_on_a_map_and_in_a_list(season, readers):
    season.do("play", through="22 auctions open")
    reader = readers()
    page = reader.open("/")
    expect(page.locator("h1")).to_have_text("बिहार के बालूघाट")
    expect(page.locator("figure[data-map]")).to_have_attribute("data-shown", "22")
    expect(page.locator("figure[data-map] canvas")).to_be_visible()
    expect(page.locator("#ghats > li")).to_have_count(22)
    reader.look("a-home")
    page.locator("#ghats > li a").first.click()
    expect(page).to_have_url(re.compile("/ghats/MUN-2026-01/"))
    expect(page.locator("main")).to_contain_text(re.compile(r"\d+°\s?\d+′|\d+°\d+'"))
    expect(page.locator("figure[data-map]")).to_have_attribute("data-shown", re.compile(r"[1-9]"))
    reader.look("a-ghat")


def test_a_bid_by_keyboard_alone(season, readers, kept):
    season.do("clock", to="2026-06-05T12:40:00+05:30")
    reader = readers("gangotri")
    page = reader.open(f"/auctions/{AUCTION}/")
    before = rupees(page, "#highest")
    step = page.locator("button[name=steps][value='1']")
    expect(step).to_be_enabled()
    for _turn in range(60):
        page.keyboard.press("Tab")
        if step.evaluate("one => one === document.activeElement"):
            break
    wanted = rupees(page, "button[name=steps][value='1'] b")
    reader.look("b-before-the-bid")
    page.keyboard.press("Enter")
    expect(page.locator("#answer")).to_contain_text("आपकी बोली मान्य हुई")
    expect(page.locator("#highest")).to_contain_text(grouped(wanted))
    expect(page.get_by_text("उच्चतम बोली आपकी है")).to_be_visible()
    expect(page.locator("#highest-words")).to_have_text("पचहत्तर लाख तिहत्तर हजार पाँच सौ रुपये")
    assert wanted > before
    kept["increment"] = wanted - before
    reader.look("b-after-the-bid")


def test_an_auction_ends_before_the_watchers_eyes(season, readers, kept):
    watcher = readers()
    page = watcher.open(f"/auctions/{AUCTION}/")
    expect(page.locator("#connection")).to_contain_text("सीधा संपर्क")
    page.evaluate("window.sameDocument = true")
    first = rupees(page, "#highest")

    season.do("play", through="Bids in the last five minutes")
    assert season.do("bid", firm=RIVAL_OF_GANGOTRI, lot=AUCTION, steps=1)
    expect(page.locator("#phase")).to_contain_text("समय एक घंटा बढ़ाया गया")
    expect(page.locator("#ends")).to_have_text("14:00:00")
    expect(page.locator("#log")).to_contain_text("समय बढ़ा")
    expect(page.locator("#highest")).to_contain_text(grouped(first + kept["increment"]))
    assert page.evaluate("window.sameDocument"), "the page was loaded anew"
    watcher.look("c-extended")
    bidder = readers("gangotri")
    expect(bidder.page.locator("#outbid")).to_contain_text("आपसे ऊँची बोली आ गई")
    bidder.look("c-outbid")
    jump = bidder.page.locator("button[name=steps][value='5']")
    expect(jump).to_be_enabled()
    bidder.expected.add(409)
    jump.press("Enter")  # more than three increments at once are asked a second time, in figures and words
    expect(bidder.page.locator("h1")).to_have_text("क्या यह राशि सही है?")
    expect(bidder.page.locator("main")).to_contain_text(grouped(first + 6 * kept["increment"]))
    bidder.look("c-second-question")
    bidder.page.go_back()
    expect(jump).to_be_enabled()
    assert bidder.page.locator("#bid-form [name=steps]:not(button)").count() == 0, "the jump stuck to the form"

    season.do("play", through="Two lots are extended by one hour, once")
    expect(page.locator("#highest")).to_contain_text(grouped(first + 2 * kept["increment"]))
    assert page.evaluate("window.sameDocument")

    season.ask("play", through="Auctions are closed, results published")
    expect(page.locator("main")).to_contain_text("समाप्ति पर उच्चतम बोली")
    expect(page.locator("main")).to_contain_text("एक घंटे के एक अवधि विस्तार के बाद")
    season.answer()
    expect(bidder.page.locator("main")).to_contain_text("समाप्ति पर उच्चतम बोली")
    page.reload()
    expect(page.locator("main")).to_contain_text("उच्चतम बोलीदाता तय")
    expect(page.locator("a[href^='/law/AUC-21']")).to_be_visible()
    expect(page.locator("main")).to_contain_text("अंकेक्षण दस्तावेज")
    watcher.look("c-closed")
    bidder.look("c-won")
