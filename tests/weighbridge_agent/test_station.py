"""The page beside a scale in Chromium: the vectors of the agent, and a truck weighed over a stand-in for Web Serial."""

import json
import os
import random
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

import immis.agent
from immis.agent.scale.frames import declared
from immis.commands.weighbridge.indicator import encode
from immis.commands.weighbridge.judging import chain_faults, hash_of, public_key, shape_faults, signed_by
from immis.commands.weighbridge.referee import Referee
from tests.journeys.conftest import CHROMIUM
from tests.web.challans.pass_phone import chromium, served
from tests.web.walks.test_axe import _a_loop_in_this_thread
from tests.weighbridge_agent.scale import noisy, scale
from tests.weighbridge_agent.wire import Wire

__all__ = ["_a_loop_in_this_thread"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db,
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed; the browser tests need one"),
]
VECTORS = json.loads((Path(immis.agent.__file__).parent / "vectors.json").read_text(encoding="utf8"))
_ALL = """async ([vectors, declared, noise]) => {
  const { Cutter, Scale, cut, inGrams } = await import("/static/js/scale/frames.js");
  const { canonical, hashOf } = await import("/static/js/scale/signed.js");
  const named = Object.fromEntries(declared.formats.map((form) => [form.name, form]));
  const bytes = (hex) => Uint8Array.from(hex.match(/../g) || [], (two) => parseInt(two, 16));
  const { learn } = await import("/static/js/scale/learn.js");
  const learned = (row) => {
    try {
      return learn(row.samples.map(([hex, shown]) => ({ data: String.fromCharCode(...bytes(hex)), shown })), row.unit);
    } catch (fault) {
      return { refused: fault.message };
    }
  };
  const told = ({ kg, grams, stable, status, mode }) => ({ kg, grams, stable, status, mode });
  const rest = (row) => {
    const scale = new Scale(row.division_kg, declared.steady);
    return row.rows.map(([at, kg, stable]) => scale.feed({ kg, stable, raw: "", format: "" }, at))
      .map((seen) => [seen.stable, seen.zero, seen.minKg, seen.maxKg]);
  };
  const afterNoise = ([format, spoilt, frames]) => {
    const cutter = new Cutter(named[format]);
    cutter.feed(bytes(spoilt));
    return frames.flatMap((frame) => cutter.feed(bytes(frame)).map((row) => row.kg)).slice(-2);
  };
  const signed = vectors.signing.readings.map((row) => row.reading);
  return {
    frames: vectors.frames.map((row) => cut(named[row.format], bytes(row.hex)).map(told)),
    learned: vectors.learned.map((row) => cut(row.form, bytes(row.hex)).map(told)),
    noise: noise.map(afterNoise),
    learning: vectors.learning.map(learned),
    numbers: vectors.numbers.map((row) => inGrams(row.number, row.unit, row.places)),
    steady: vectors.steady.map(rest),
    canonical: signed.map((reading) => new TextDecoder().decode(canonical(reading))),
    hashes: await Promise.all(signed.map(hashOf)),
  };
}"""


def _noise() -> list[tuple[str, str, list[str], list[int]]]:
    """For each format forty times: spoilt bytes, the frames after them, and what the last two of those weigh."""
    chance, rows = random.Random(7), []
    for form in declared()["formats"] * 40:
        name, kgs = form["name"], [chance.randrange(0, 60_000) for _ in range(4)]
        spoilt = chance.randbytes(chance.randrange(80)) + encode(name, 100)[: chance.randrange(20)]
        rows.append((name, spoilt.hex(), [encode(name, kg).hex() for kg in kgs], kgs[-2:]))
    return rows


NOISE = _noise()


class Department:
    """Answers the page's calls by the strict referee, or not at all while the network is cut."""

    def __init__(self, context: Any) -> None:
        self.referee, self.online = Referee(), True
        self.pictures: list[tuple[str, bytes]] = []
        context.route("**/api/v1/weighbridges/**", self.answer)

    def answer(self, route: Any) -> None:
        asked = route.request
        path = "/" + asked.url.split("/", 3)[3]
        data = asked.post_data_buffer
        if self.online and path.endswith("/photo"):
            assert signed_by(self.referee.key, data, asked.headers["immis-signature"])
            self.pictures.append((path.split("/")[-2], data[:2]))
            route.fulfill(status=201, json={})
            return
        told = self.referee.answer(path, data, asked.headers.get("immis-signature", "")) if self.online else None
        if told is None:
            route.abort()
        else:
            route.fulfill(status=told[0], json=told[1])


@pytest.fixture
def browser():
    with sync_playwright() as playwright, chromium(playwright, CHROMIUM) as opened:
        yield opened


def test_the_pages_parser_and_signer_keep_to_the_agents_vectors(browser):
    with served() as server:
        page = browser.new_page()
        page.goto(f"{server.url}/static/js/scale/frames.js")
        told = page.evaluate(_ALL, [VECTORS, declared(), [row[:3] for row in NOISE]])
    for name in ("frames", "learned"):
        assert told[name] == [row["frames"] for row in VECTORS[name]]
    assert told["noise"] == [row[3] for row in NOISE], "in step again within two frames"
    assert told["learning"] == [row["form"] for row in VECTORS["learning"]]
    assert told["numbers"] == [row["grams"] for row in VECTORS["numbers"]]
    assert told["steady"] == [row["expect"] for row in VECTORS["steady"]]
    assert told["canonical"] == [row["canonical"] for row in VECTORS["signing"]["readings"]]
    assert told["hashes"] == [row["hash"] for row in VECTORS["signing"]["readings"]]


def _wait(page: Any, name: str, begins: str) -> None:
    """Until an element's text begins so; the page's own policy lets no text run as a program."""
    for _ in range(400):
        if page.locator(f"#{name}").inner_text().startswith(begins):
            return
        page.wait_for_timeout(150)
    raise AssertionError(page.locator("body").inner_text())


def test_a_truck_is_weighed_in_the_browser_across_a_cut_network_and_a_reload(browser):
    with served() as server, scale("yaohua-a9", speed=2400, line=noisy(0.02)) as shown:
        context = browser.new_context(base_url=server.url, locale="hi-IN", viewport={"width": 360, "height": 740})
        context.set_default_timeout(60_000)
        department, wire, faults = Department(context), Wire(shown.terminal.path), []
        page = context.new_page()
        wire.stand_in(page)
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.goto(f"/weighbridge/station/#{department.referee.code}")  # as the QR of the weighbridge's page leads
        page.locator("body[data-ready]").wait_for()
        page.locator("#choose").click()
        _wait(page, "weight", "0 ")
        assert wire.opened[-1]["baudRate"] == 2400 and wire.opened[-1]["flowControl"] == "none"
        signals = page.evaluate("window.lastSignals")
        assert signals == {"dataTerminalReady": False, "requestToSend": False}

        page.locator("#film").click()
        page.locator("#seen:visible").wait_for()
        department.online = False
        shown.kg = 8760
        _weigh(page, "BR09GA1234", "tare", 1)
        page.fill("#truck", "BR09GA1234")
        page.press("#truck", "Enter")
        _wait(page, "truck-said", "पिछली तौल के बाद काँटा शून्य पर नहीं आया")
        shown.kg = 0
        _wait(page, "queued", "2")
        if shots := os.environ.get("IMMIS_TEST_SHOTS"):
            page.screenshot(path=f"{shots}/station-360.png", full_page=True)
        page.reload()
        page.locator("body[data-ready]").wait_for()
        _wait(page, "weight", "0 ")
        department.online = True
        shown.kg = 31_240
        _weigh(page, "br 09 ga 1234", "gross", 3)
        _wait(page, "queued", "0")
        page.wait_for_timeout(500)
        assert department.pictures == [("1", b"\xff\xd8"), ("3", b"\xff\xd8")]
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        if shots := os.environ.get("IMMIS_TEST_SHOTS"):
            page.screenshot(path=f"{shots}/station-360-sent.png", full_page=True)
        context.close()
        wire.close()
    assert faults == []
    _kept_in_order(department.referee)


def test_an_unknown_indicator_is_taught_on_the_page(browser):
    with served() as server, scale("avery") as shown:
        context = browser.new_context(base_url=server.url, locale="hi-IN")
        context.set_default_timeout(60_000)
        department, wire = Department(context), Wire(shown.terminal.path)
        context.route("**/gate/app/hi/", _knows_no_avery)
        page = context.new_page()
        wire.stand_in(page)
        shown.kg = 31_240
        page.goto(f"/gate/app/hi/#{department.referee.code}")
        page.locator("#choose").click()
        _wait(page, "rest", "इंडिकेटर का ढंग पहचाना नहीं गया")
        page.locator("#scale details summary").click()
        page.fill("#shown", "555")
        page.press("#shown", "Enter")
        _wait(page, "said", "लिखा अंक इंडिकेटर के संदेश में नहीं मिला")
        page.fill("#shown", "31240")
        page.press("#shown", "Enter")
        _wait(page, "weight", "31240 ")
        shown.kg = 8_760
        _wait(page, "weight", "8760 ")
        context.close()
        wire.close()


def _knows_no_avery(route: Any) -> None:
    """The page of a department that never heard of this make."""
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text().replace("ST|US|OL", "QQ|QR|QS"))


def _weigh(page: Any, plate: str, kind: str, counter: int) -> None:
    """As the operator does it: he tries until the scale stands still; Enter weighs what is to be weighed."""
    for _ in range(60):
        page.fill("#truck", plate)
        page.locator(f"#issue[data-step={kind}]").wait_for()
        page.press("#truck", "Enter")
        page.wait_for_timeout(250)
        if page.locator(f"#latest tr[data-counter='{counter}']").count():
            return
    raise AssertionError(page.locator("#truck-said").inner_text())


def _kept_in_order(referee: Referee) -> None:
    kept = referee.kept
    assert referee.faults == [] and [(row["kind"], row["weight_kg"]) for row in kept[:3]] == [
        ("tare", 8760),
        ("zero", 0),
        ("gross", 31_240),
    ]
    previous = "0" * 64
    for counter, row in enumerate(kept, 1):
        assert shape_faults(row) == [] and chain_faults(row, referee.key, counter, previous) == []
        previous = hash_of(row)
    assert signed_by(public_key(VECTORS["signing"]["public_key"]), b"x", kept[0]["signature"]) is False
