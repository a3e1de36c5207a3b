"""The five tasks of the stopwatch at a phone's width in Hindi, counted in touches and by the keyboard alone.

They stand on the season that the other journeys use too, and leave it as it was but for one payment of a settlement
that no other journey follows. A settlee's challan in four touches and a citizen's check in three stand in
``tests/web/challans/test_taps_in_browser.py``.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import CHROMIUM
from tests.journeys.reader import DESK, FLAGS, PATIENCE_MS, PHONE, Reader
from tests.web.axe import LARGER, LOST

pytestmark = [pytest.mark.processes, pytest.mark.browser]
expect.set_options(timeout=PATIENCE_MS)
STOPPED = "MUN-2026-13"
#: Settlements whose security is late, and who owes it.
OWING = {"MUN-2026-09": "gangotri", "MUN-2026-10": "angpradesh"}


@pytest.fixture(scope="module")
def season(kept_season):
    """Where the demo ended."""
    return kept_season


class Thumb:
    """One reader's phone: every touch counts, and so does what is typed into the search and sent."""

    def __init__(self, reader: Reader, begins: str):
        self.reader, self.page, self.touches = reader, reader.open(begins), 0

    def tap(self, wanted: str, *, text: str = "") -> Page:
        self.touches += 1
        box = self.page.locator(f"{wanted} >> visible=true")
        with self.page.expect_navigation():
            (box.filter(has_text=text) if text else box).first.click()
        return self.page

    def says(self, *words: str | re.Pattern[str]) -> None:
        for word in words:
            expect(self.page.locator("main")).to_contain_text(word)


def test_an_officer_finds_a_stopped_settlement_and_why_by_search(season, readers):
    officer = Thumb(readers("mdo"), "/office/")
    officer.page.locator("form.find input").fill("mun 13")
    officer.tap("#find-offered [role=option]", text=STOPPED)
    expect(officer.page).to_have_url(re.compile(f"/leases/{STOPPED}/"))
    reason = officer.page.locator(".card.reason.bad").first
    expect(reason).to_contain_text("ई-चालान बंद")
    expect(reason).to_contain_text("कैसे खुलेगा")
    assert officer.touches <= 2
    officer.reader.look("s-stopped")


def test_an_officer_finds_a_stopped_settlement_and_why_from_the_desk(season, readers):
    officer = Thumb(readers("mdo"), "/office/")
    officer.tap("main [href^='/office/tasks/']", text="महुली बालूघाट (खण्ड 3")
    officer.tap(f"main a[href='/office/leases/{STOPPED}/']")
    expect(officer.page.locator(".card.reason.bad").first).to_contain_text("ई-चालान बंद")
    assert officer.touches <= 2


def test_an_officer_verifies_a_payment_from_the_settlements_own_page(season, readers):
    owing = "MUN-2026-09"
    pay_a_due(readers(OWING[owing]), owing)
    officer = Thumb(readers("mdo"), f"/office/leases/{owing}/")
    officer.tap("main a[href^='/office/payments/']")
    officer.tap("main button", text="भुगतान सत्यापित करें")
    officer.says("सत्यापित")
    assert officer.touches <= 3
    officer.reader.look("s-verified")


def pay_a_due(settlee: Reader, lease: str) -> None:
    """What the settlement's page offers to pay first is paid at the treasury."""
    page = settlee.open(f"/settlee/leases/{lease}/")
    page.locator("main a[href^='/pay/']").first.click()
    page.get_by_role("button", name="कोषागार में भुगतान करें").click()
    expect(page.locator("h1")).to_contain_text("राज्य कोषागार")
    page.get_by_role("button", name="भुगतान करें").click()
    expect(page.locator("main")).to_contain_text("भुगतान हो चुका है")


def test_a_citizen_finds_the_nearest_ghat_and_its_price(season, readers):
    citizen = readers()
    context = citizen.page.context
    context.grant_permissions(["geolocation"], origin=season.url)
    context.set_geolocation({"latitude": 25.37, "longitude": 86.47})
    thumb = Thumb(citizen, "/verify")
    thumb.tap("nav.bottom-bar a[href='/']")
    thumb.tap("[data-near]")
    expect(thumb.page).to_have_url(re.compile(r"near=25\.370,86\.470"))
    thumb.says("निकटतम घाट पहले", re.compile(r"किमी\s+सीधी दूरी"))
    thumb.tap("#ghats > li a")
    thumb.says("बालू का मूल्य")
    assert thumb.touches <= 3
    citizen.look("s-nearest")


def test_headquarters_names_the_worst_district_and_the_kind_of_its_arrears(season, readers):
    director = Thumb(readers("hq"), "/office/")
    director.tap("nav.bottom-bar a[href='/more/']")
    director.tap("main a[href='/office/dues/']")
    worst = director.page.locator("tr[class*=heat-]").first
    expect(worst).to_contain_text("मुंगेर")
    expect(worst).to_contain_text(re.compile(r"(प्रतिभूति|किस्त)[^:]*: ₹"))
    assert director.touches <= 2
    director.reader.look("s-worst")


@pytest.mark.parametrize(
    ("firm", "won", "then", "lost"),
    [
        ("gangotri", "MUN-2026-01", "खनन की अनुमति है", "MUN-2026-06"),
        ("kharagpur", "MUN-2026-16", re.compile(r"प्रतिभूति: 10\.06\.2026 तक\s+■ विलंबित"), "MUN-2026-05"),
    ],
)
def test_a_bidder_sees_whether_he_won_and_what_is_next(season, readers, firm, won, then, lost):
    bidder = Thumb(readers(firm), "/settlee/today/")
    bidder.says("मेरी ई-नीलामियाँ", "आपकी बोली उच्चतम रही")
    bidder.tap("main a[href='/bidder/']")
    rows = bidder.page.locator("tr[data-row]")
    expect(rows.filter(has_text=won)).to_contain_text("आपकी बोली उच्चतम रही")
    expect(rows.filter(has_text=won)).to_contain_text(then)
    expect(rows.filter(has_text=lost)).to_contain_text("दूसरी बोली उच्चतम रही")
    expect(rows.filter(has_text=lost)).to_contain_text(re.compile(r"12\.06\.2026 तक वापस होगी।\s+■ विलंबित"))
    assert bidder.touches <= 1
    bidder.reader.look("s-won")


# -- the same by the keyboard alone


class Keys:
    """A reader who has no pointer: Tab, Enter, the arrows and the keys of the page."""

    def __init__(self, reader: Reader, begins: str):
        self.page = reader.open(begins)

    def to(self, wanted: str) -> None:
        """Press Tab until what is wanted has the focus, and see that it shows."""
        for _turn in range(150):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
                ring = self.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                shadow = self.page.evaluate("getComputedStyle(document.activeElement).boxShadow")
                assert ring != "none" or shadow != "none", f"{wanted} has the focus and does not show it"
                return
        raise AssertionError(f"no Tab leads to {wanted} on {self.page.url}")

    def press(self, wanted: str) -> Page:
        self.to(wanted)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        return self.page


def test_the_search_is_reached_typed_and_taken_by_keys(season, readers):
    keys = Keys(readers("mdo"), "/office/")
    keys.page.keyboard.press("/")
    keys.page.keyboard.type("mun 13")
    expect(keys.page.locator("#find-offered [role=option]").first).to_be_visible()
    keys.page.keyboard.press("ArrowDown")
    keys.page.keyboard.press("Enter")
    expect(keys.page.locator(".card.reason.bad").first).to_contain_text("ई-चालान बंद")


def test_a_payment_is_verified_by_keys(season, readers):
    owing = "MUN-2026-10"
    pay_a_due(readers(OWING[owing]), owing)
    keys = Keys(readers("mdo"), f"/office/leases/{owing}/")
    keys.press("main a[href^='/office/payments/']")
    keys.press("form:has([name=act][value=verify]) button:not([type=button])")
    expect(keys.page.locator("main")).to_contain_text("सत्यापित")


def test_the_other_tasks_by_keys(season, readers):
    page = Keys(readers("hq"), "/office/").press("nav.bottom-bar a[href='/more/']")
    assert page.url.endswith("/more/")
    director = Keys(readers("hq"), "/more/").press("main a[href='/office/dues/']")
    expect(director.locator("tr[class*=heat-]").first).to_contain_text("मुंगेर")
    bidder = Keys(readers("gangotri"), "/settlee/today/").press("main a[href='/bidder/']")
    expect(bidder.locator("main")).to_contain_text("आगे क्या")
    settlee = Keys(readers("gangotri"), "/settlee/challans/").press("main a[href*='/challans/new/']")
    expect(settlee.locator("form [name=quantity_m3]")).to_be_visible()
    citizen = Keys(readers(), "/verify")
    citizen.to("main [name=q]")
    citizen.page.keyboard.type("BR08G1014")
    citizen.press("form[data-verify] button.btn")
    expect(citizen.page.locator("section.verdict")).to_be_visible()


# -- with letters twice as large


LARGE = {
    "mdo": ("/office/", f"/office/leases/{STOPPED}/", "/office/payments/"),
    "hq": ("/office/dues/",),
    "gangotri": ("/settlee/today/", "/bidder/", "/settlee/leases/MUN-2026-01/challans/new/", "/account/"),
    "": ("/", "/verify", "/ghats/MUN-2026-01/"),
}


@pytest.fixture(scope="module")
def large(browser, season, tmp_path_factory):
    """A browser whose reader has set letters twice as large, and windows of it as the others are signed in."""
    larger = browser.browser_type.launch(executable_path=CHROMIUM, headless=True, args=[*FLAGS, LARGER])
    shots = tmp_path_factory.mktemp("large")
    yield lambda name: Reader(larger, season.url, name=season.user_ids.get(name, name), shots=shots)
    larger.close()


@pytest.mark.parametrize("name", LARGE)
def test_letters_twice_as_large_lose_nothing(large, name):
    reader, odd = large(name), {}
    assert reader.page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
    for path in LARGE[name]:
        for size in (PHONE, DESK):
            reader.page.set_viewport_size(size)
            reader.page.goto(path)
            if faults := reader.page.evaluate(LOST):
                odd[f"{path} at {size['width']} px"] = faults
    assert odd == {}


# -- what a screen reader hears of maps and charts

DRAWN = """() => ["svg", "[data-map]", "table.tiles", "table.bars", "meter"]
  .flatMap(kind => [...document.querySelectorAll(`main ${kind}`)])
  .filter(box => box.checkVisibility() && !box.closest("[aria-hidden=true], a, button"))
  .filter(box => !(box.closest("[aria-label], [aria-labelledby]:not(main)") || box.labels?.length
    || box.querySelector(":scope > title, :scope > figcaption, :scope > caption")))
  .map(box => box.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize(
    ("name", "path", "drawn"),
    [
        ("", "/", "[data-map]"),
        ("", "/ghats/MUN-2026-01/", "[data-map]"),
        ("hq", "/office/dues/", "table.tiles"),
        ("mdo", f"/office/leases/{STOPPED}/", "svg"),
        ("monitoring", "/office/map/", "[data-map], [data-monitoring], canvas"),
    ],
)
def test_every_map_and_chart_has_a_name(season, readers, name, path, drawn):
    page = readers(name).open(path)
    assert page.locator("main").locator(drawn).count()
    assert page.evaluate(DRAWN) == []
