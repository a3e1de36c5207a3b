"""The check on a phone with the network off: what it tells apart, what it reads, what it costs."""

import json
import os
import zlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from immis.challans.signed import keys, offline_root
from immis.web import static_dir
from immis.web.challans import offline
from tests.journeys.conftest import CHROMIUM
from tests.web.challans.pass_phone import FACTS, NOW, Department, chromium, jpeg, served, worn
from tests.web.walks.test_axe import _a_loop_in_this_thread

__all__ = ["_a_loop_in_this_thread"]
pytestmark = [pytest.mark.django_db, pytest.mark.browser]
PHONE = {"width": 360, "height": 740}


@pytest.fixture
def phone(data_dir, settings, tmp_path) -> Iterator[Any]:
    """A phone that has opened the page once, and whose network is off since."""
    if not CHROMIUM:
        pytest.skip("Chromium is not installed; the browser tests need one")
    from playwright.sync_api import sync_playwright

    settings.PUBLIC_DIR = data_dir / "public"
    film = tmp_path / "camera.mjpeg"
    with served() as server, sync_playwright() as playwright:
        department = Department(data_dir, server.url)
        frame = jpeg(worn(department.good, degrees=17, blur=1.4))
        film.write_bytes(frame * 3)
        with chromium(playwright, CHROMIUM, film) as browser:
            context = browser.new_context(base_url=server.url, viewport=PHONE, locale="hi-IN")
            context.set_default_timeout(60_000)
            page = context.new_page()
            page.department, page.server = department, server
            page.goto("/verify/app/hi/")
            page.locator("body[data-installed]").wait_for()
            yield page
            if shots := os.environ.get("IMMIS_TEST_SHOTS"):
                page.screenshot(path=f"{shots}/pass-phone.png", full_page=True)


def off(page: Any) -> None:
    """No network: neither the phone's nor, to be sure, any server."""
    page.context.set_offline(True)
    page.server.shutdown()
    page.reload()
    page.locator("#lists[data-ready]").wait_for()


def open_again(page: Any, *, later: bool = True) -> None:
    """The page is opened once more, so much later that the lists are asked for, or at once (CH-61)."""
    if later:
        page.evaluate("import('/static/js/pass/store.js').then((store) => store.keep('asked', 0))")
    page.reload()
    page.locator("body[data-installed]").wait_for()


def ask(page: Any, text: str) -> tuple[str, str]:
    page.evaluate("document.getElementById('verdict').hidden = true")
    page.fill("#text", text)
    page.locator("#typed button").click()
    page.locator("#verdict").wait_for()
    section = page.locator("#verdict")
    return section.get_attribute("class").split()[-1], section.locator("h1").inner_text()


def test_a_phone_without_a_network_tells_every_kind_of_pass_apart_in_hindi(phone):
    made = phone.department
    off(phone)
    assert ask(phone, made.good) == ("good", "ई-चालान मान्य है")
    answers = phone.locator("#verdict .answers").inner_text()
    assert "हाँ" in answers and "तक" in answers and "पुरानी" in answers
    assert phone.locator("#verdict .plate").inner_text() == "BR08G1234"
    phone.locator("[data-other]").click()
    assert phone.locator("#verdict").get_attribute("class") == "verdict bad"
    assert "दूसरे वाहन" in phone.locator("#verdict h1").inner_text()

    assert ask(phone, made.changed) == ("bad", "असली नहीं")
    changed = phone.locator("#verdict .what").inner_text()
    assert "हस्ताक्षर मेल नहीं खाता" in changed or "बदला" in changed
    assert not phone.locator("#facts").is_visible() and not phone.locator("#verdict .plate").is_visible()
    assert ask(phone, made.foreign) == ("bad", "असली नहीं")
    assert "कुंजी सूची में नहीं" in phone.locator("#verdict .what").inner_text()
    assert ask(phone, made.good.replace("127.0.0.1", "evil.example"))[0] == "bad"
    assert "वेब पता" in phone.locator("#verdict .what").inner_text()
    assert ask(phone, made.expired) == ("bad", "वैधता समाप्त हो चुकी है")
    assert ask(phone, made.cancelled) == ("bad", "रद्द: वाहन को न जाने दें")
    assert ask(phone, made.early)[0] == "warn"

    phone.clock.install(time=NOW + timedelta(minutes=20))  # the same paper again, with another load
    phone.reload()
    state, headline = ask(phone, made.good)
    assert state == "warn" and "पहले" in headline
    assert phone.locator("#verdict").get_attribute("data-reason") == "seen_before"

    phone.clock.set_fixed_time(NOW - timedelta(days=2))
    state, headline = ask(phone, made.good)
    assert state != "good" and "घड़ी" in phone.locator("#lists").inner_text() + headline


def test_a_pass_of_an_outage_is_told_apart_by_the_gates_own_key(phone):
    made = phone.department
    off(phone)
    assert ask(phone, made.of_gate) == ("good", "असली: सेवा बाधित रहने पर घाट द्वारा निर्गत")
    assert ask(phone, made.beyond) == ("bad", "घाट के कोटे से बाहर")
    assert not phone.locator("#facts").is_visible()
    assert ask(phone, made.of_revoked) == ("bad", "घाट की कुंजी निरस्त की जा चुकी है")


def test_camera_photo_and_a_camera_s_own_link_read_a_turned_blurred_pass_with_no_network(phone, tmp_path):
    made, asked = phone.department, []
    off(phone)
    phone.on("request", lambda request: asked.append(request.url))
    phone.locator("#camera").click()
    phone.locator("#verdict").wait_for()
    assert phone.locator("#verdict h1").inner_text() == "ई-चालान मान्य है"
    assert not phone.locator("#view").is_visible()  # the camera is let go

    picture = tmp_path / "photo.jpg"
    picture.write_bytes(jpeg(worn(made.expired, degrees=-38, blur=1.2, size=(1600, 1200))))
    phone.set_input_files("#photo", picture)
    phone.locator("#verdict[data-reason=expired]").wait_for()
    picture.write_bytes(jpeg(worn("https://pay.example/1", degrees=3, blur=0.5)))
    phone.set_input_files("#photo", picture)
    phone.locator("#verdict[data-reason=unreadable]").wait_for()

    phone.goto(made.cancelled.replace(made.base, ""))  # what a phone's own camera opens
    phone.locator("#verdict[data-reason=cancelled]").wait_for()
    assert phone.url.endswith("/verify") and not [url for url in asked if "google" in url]


def test_a_list_of_another_root_and_an_older_list_are_not_taken(phone):
    made = phone.department
    phone.evaluate("document.getElementById('lists').textContent = ''")
    made.publish(at=NOW - timedelta(hours=3))
    open_again(phone)
    assert "घंटे" not in phone.locator("#lists").inner_text()
    (made.data / "public").joinpath("keys.json").write_text(
        (made.data / "public" / "keys.json").read_text().replace("signs_until", "signs-until")
    )
    open_again(phone)
    assert ask(phone, made.good) == ("good", "ई-चालान मान्य है")


def test_with_the_root_offline_the_phone_takes_lists_of_a_listed_key_alone(phone):
    made = phone.department
    offline_root.carry_away(made.data, keys.public_key_list(made.data, at=NOW), made.data / "stick.json")
    made.publish(at=NOW + timedelta(seconds=1))
    path = made.data / "public" / "cancelled.json"
    listed = json.loads(path.read_text())
    path.write_text(json.dumps({**listed, "pass_ids": []}))  # somebody on the way takes the pass off the list
    open_again(phone)
    assert ask(phone, made.cancelled)[0] == "bad"  # the list of before stands
    path.write_text(json.dumps(listed))
    later = path.stat().st_mtime + 60  # a server tells changes by the second
    os.utime(path, (later, later))
    phone.evaluate("indexedDB.deleteDatabase('immis-pass')")
    open_again(phone, later=False)
    assert ask(phone, made.cancelled) == ("bad", "रद्द: वाहन को न जाने दें")


def test_the_phone_fetches_only_what_changed_of_the_cancelled_list(phone):
    made, asked = phone.department, []
    phone.on("response", lambda answer: asked.append(answer.url.rpartition("/")[2]))

    def again(moment, *more):
        made.publish(moment, *more)
        asked.clear()
        open_again(phone)

    assert ask(phone, made.good)[0] == "good"
    again(NOW - timedelta(minutes=4), FACTS.pass_id)
    assert ask(phone, made.good)[0] == "bad" and ask(phone, made.cancelled)[0] == "bad"
    assert "cancelled-changes.json" in asked and "cancelled.json" not in asked
    asked.clear()
    open_again(phone, later=False)
    assert not {"keys.json", "cancelled-changes.json", "phone.json", "worker.js"} & set(asked), (
        "nothing goes to and fro"
    )
    again(NOW - timedelta(minutes=3))
    assert ask(phone, made.good)[0] == "good" and "cancelled.json" not in asked
    made.publish(NOW - timedelta(minutes=2), FACTS.pass_id)
    path = made.data / "public" / "cancelled-changes.json"
    path.write_text(path.read_text().replace(FACTS.pass_id.hex(), "00" * 8))  # somebody on the way changes it
    asked.clear()
    open_again(phone)
    assert ask(phone, made.good)[0] == "bad" and "cancelled.json" in asked, "the whole list is fetched"


def test_the_installed_page_is_small_and_may_run_nothing_but_the_reader(client):
    names = offline.PHONE_PAGE.loaded
    sizes = [(static_dir() / name).read_bytes() for name in names]
    on_the_wire = sum(
        len(body) if name.endswith("woff2") else len(zlib.compress(body, 5))
        for name, body in zip(names, sizes, strict=True)
    )
    answer = client.get("/verify/app/hi/")
    assert on_the_wire + len(zlib.compress(answer.content, 5)) < 700_000
    assert "'wasm-unsafe-eval'" in answer["Content-Security-Policy"] and "'unsafe-eval'" not in answer[
        "Content-Security-Policy"
    ].replace("'wasm-unsafe-eval'", "")
    assert "wasm" not in client.get("/verify")["Content-Security-Policy"]
    worker = client.get("/verify/worker.js")
    assert worker["Service-Worker-Allowed"] == "/verify" and b"zxing_reader.wasm" in worker.content
    assert client.get("/verify/app/xx/").status_code == 404
    assert client.get("/verify/app.json").json()["start_url"] == "/verify/app/hi/"
