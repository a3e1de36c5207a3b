"""The settlement and the road as a person sees them in Hindi, from the unpaid instalment to the penalty case.

Every step goes through a page. It stands on a copy of what the demo left, where one instalment is unpaid,
one device was opened and one truck never started. The tests run in this order and each goes on where the
one before stopped.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.reader import DESK, PATIENCE_MS, PHONE, until

pytestmark = [pytest.mark.processes, pytest.mark.browser]

UNPAID, SETTLEE = "MUN-2026-13", "kaushiki"
TAMPERED = "BR08G1014"
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")
def season(kept_season):
    """Where the demo ended."""
    return kept_season


@pytest.fixture(scope="module")
def kept() -> dict[str, Any]:
    """What later steps need from earlier ones."""
    return {}


# -- the settlee, the treasury, the district


def wish_for_a_challan(reader: Any, lease: str, plate: str) -> Page:
    """Fill in the page of a new e-challan as its settlee and send it."""
    page = reader.open(f"/settlee/leases/{lease}/challans/new/")
    page.locator(f"input[name=vehicle][value={plate}]").check()
    choose_destination(page, "मुंगेर", "munger-town")
    page.locator("input[name=quantity_m3]").fill("14")
    page.locator("input[name=driver_name]").fill("रामप्रवेश यादव")
    page.locator("input[name=driver_phone]").fill("9000000000")
    page.get_by_role("button", name="ई-चालान निर्गत करें").click()
    return page


def choose_destination(page: Page, begins: str, code: str) -> None:
    """Type how the destination begins, and take what is offered by the keyboard alone; Escape puts the list away."""
    field = page.get_by_role("combobox", name="गंतव्य")
    field.fill(begins)
    offered = page.get_by_role("listbox", name="गंतव्य").get_by_role("option")
    expect(offered.filter(has_text=code)).to_have_count(1)
    field.press("Escape")
    expect(field).to_have_attribute("aria-expanded", "false")
    field.press("ArrowDown")
    while code not in page.locator("[role=option][aria-selected=true]").inner_text():
        field.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", re.compile("destinations-offered-"))
    field.press("Enter")
    expect(field).to_have_value(re.compile(code))


def test_unpaid_is_refused_with_its_clause(season, readers, kept):
    season.do("trucks")
    kept["lease"] = season.do("settlements")[UNPAID]["code"]
    kept["plates"] = season.do("fleet")[SETTLEE]
    settlee = readers(SETTLEE)
    page = settlee.open("/settlee/")
    page.locator(f"a[href*='/settlee/leases/{kept['lease']}/']").first.click()
    expect(page.locator("main")).to_contain_text("ई-चालान बंद")
    settlee.look("d-lease-stopped")
    settlee.expected.add(409)
    wish_for_a_challan(settlee, kept["lease"], kept["plates"][0])
    expect(page.locator("[role=alert]")).to_contain_text("ई-चालान निर्गत नहीं हुआ")
    card = page.locator(".card.reason.bad")
    expect(card).to_contain_text("किस्त बकाया रहने पर ई-चालान बंद")
    expect(card).to_contain_text("कैसे खुलेगा")
    expect(card).to_contain_text("सत्यापन")
    expect(card.get_by_role("link", name="अभी भुगतान करें")).to_be_visible()
    settlee.look("d-refused")
    card.locator("a[href^='/law/HLD-01/']").first.click()
    expect(page.locator("main")).to_contain_text("किस्त बकाया रहने पर ई-चालान बंद")
    expect(page.locator("main")).to_contain_text(re.compile("कंडिका|24\\(ii\\)"))
    settlee.look("d-law")


def test_pays_at_the_treasury_and_is_still_refused(season, readers, kept):
    settlee = readers(SETTLEE)
    page = wish_for_a_challan(settlee, kept["lease"], kept["plates"][0])
    page.get_by_role("link", name="अभी भुगतान करें").click()
    expect(page.locator("main")).to_contain_text("रुपये")
    settlee.look("e-pay")
    page.get_by_role("button", name="कोषागार में भुगतान करें").click()
    expect(page.locator("h1")).to_contain_text("राज्य कोषागार")
    settlee.look("e-treasury")
    page.get_by_role("button", name="भुगतान करें").click()
    expect(page).to_have_url(re.compile(re.escape(season.url)))
    expect(page.locator("main")).to_contain_text("भुगतान हो चुका है")
    settlee.look("e-paid")
    wish_for_a_challan(settlee, kept["lease"], kept["plates"][0])
    expect(page.locator("[role=alert]")).to_contain_text("ई-चालान निर्गत नहीं हुआ")
    expect(page.locator(".card.reason.bad a[href^='/law/HLD-01/']").first).to_be_visible()
    expect(page.locator(".card.reason.bad")).to_contain_text("भुगतान हो चुका है, जिला कार्यालय का सत्यापन शेष है")
    expect(page.get_by_role("link", name="अभी भुगतान करें")).to_have_count(0)
    settlee.look("e-still-refused")


def test_the_district_verifies(season, readers, kept):
    season.do("settle")
    officer = readers("mdo", DESK)
    page = officer.open("/office/")
    expect(page.locator("h1")).to_have_text("मेरी मेज")
    officer.look("f-desk")
    page.locator("table.desk [data-decide][href*='/office/payments/']").first.click()
    expect(page).to_have_url(re.compile("/office/payments/"))
    expect(page.locator("main")).to_contain_text("कौशिकी")
    officer.look("f-payment")
    page.get_by_role("button", name="भुगतान सत्यापित करें").click()
    expect(page.locator("main")).to_contain_text("सत्यापित")
    officer.look("f-verified")


# -- the e-challan and the road


def verdict(page: Page, kind: str) -> None:
    expect(page.locator(f"section.verdict.{kind}")).to_be_visible()


def test_issues_an_e_challan_that_anybody_can_check(season, readers, kept, tmp_path):
    settlee = readers(SETTLEE)
    page = wish_for_a_challan(settlee, kept["lease"], kept["plates"][0])
    expect(page).to_have_url(re.compile("/challans/[^/]+/$"))
    kept["number"] = page.url.rstrip("/").rsplit("/", 1)[-1]
    expect(page.locator("main")).to_contain_text("मान्य")
    settlee.look("g-challan")
    with page.expect_download() as begun:
        page.locator("a[href$='.pdf']").evaluate("one => { one.download = ''; one.click(); }")
    printed = tmp_path / "challan.pdf"
    begun.value.save_as(printed)
    assert printed.read_bytes().startswith(b"%PDF")
    page.locator("main svg").first.screenshot(path=settlee.shots / "g-qr.png")
    kept["qr"] = read_qr(settlee.shots / "g-qr.png")
    kept["paper"] = worn_paper(printed, settlee.shots) or settlee.shots / "g-qr.png"
    assert read_qr(kept["paper"]) == kept["qr"]


def test_anybody_checks_it_by_number_by_qr_and_without_a_network(season, readers, kept, tmp_path):
    visitor = readers()
    page = visitor.open("/verify")
    page.locator("main input[name=q], main textarea[name=q]").fill(kept["number"])
    page.locator("input[name=vehicle]").fill(kept["plates"][0])
    page.get_by_role("button", name="जाँचें", exact=True).click()
    verdict(page, "good")
    expect(page.locator("section.verdict h1")).to_have_text("ई-चालान मान्य है")
    visitor.look("g-verdict-by-number")

    assert kept["qr"].startswith(f"{season.url}/verify#")
    page.goto("about:blank")
    page.goto(kept["qr"])
    verdict(page, "good")
    expect(page.locator("section.verdict")).to_contain_text(kept["plates"][0])
    assert "#" not in page.url, "the pass stays in the address"
    visitor.look("g-verdict-by-qr")

    keys = tmp_path / "keys.json"
    keys.write_bytes(page.request.get("/data/keys.json").body())
    done = season.immis("pass", "verify", "--image", str(kept["paper"]), "--keys", str(keys), "--json")
    said = json.loads(done.stdout)
    assert (done.returncode, said["genuine"], said["in_time"]) == (0, True, True), done
    forged = kept["qr"][:-8] + kept["qr"][-8:].swapcase()
    done = season.immis("pass", "verify", forged, "--keys", str(keys), "--json")
    assert (done.returncode, json.loads(done.stdout)["genuine"]) == (1, False), done
    checked_without_a_network(visitor.page.context.browser, season.url, kept["qr"])


def checked_without_a_network(browser: Any, url: str, text: str) -> None:
    """A phone that opened the check once reads the pass of the paper with its network off."""
    context = browser.new_context(base_url=url, viewport=PHONE, locale="hi-IN")
    phone = context.new_page()
    phone.goto("/verify/app/hi/")
    phone.locator("body[data-installed]").wait_for()
    context.set_offline(True)
    phone.reload()
    phone.locator("#lists[data-ready]").wait_for()
    phone.fill("#text", text)
    phone.locator("#typed button").click()
    expect(phone.locator("#verdict h1")).to_have_text("ई-चालान मान्य है")
    context.close()


def position(page: Page, plate: str) -> tuple[float, float]:
    """Where the map draws a vehicle now."""
    features = page.request.get("/office/map/vehicles.json").json()["features"]
    one = next(one for one in features if one["properties"]["id"] == plate)
    return tuple(one["geometry"]["coordinates"])


def test_the_truck_moves_on_the_map(season, readers, kept):
    plate = kept["plates"][0]
    cell = readers("monitoring", DESK)
    page = cell.open("/office/map/")
    expect(page.locator("[data-live-map]")).to_have_attribute("data-shown", re.compile(r"\d"))
    row = page.locator(f"#vehicles li[data-feature={plate}]")
    expect(row).to_contain_text("स्थिर")
    page.evaluate("window.sameDocument = true")
    stood = position(page, plate)
    season.do("set_off", block=UNPAID, plate=plate)
    season.do("clock", rate=10)  # so that the truck is still on the road when the page of its day is read
    expect(row).to_contain_text("गतिमान")
    expect(row).to_contain_text("50 किमी")
    expect(row).to_contain_text(kept["number"])
    until("the truck is elsewhere on the map", lambda: position(page, plate) != stood)
    assert page.evaluate("window.sameDocument"), "the map was loaded anew"
    row.hover()
    cell.look("h-map")

    row.locator("a").click()
    expect(page.locator("h1")).to_have_text(plate)
    page.fill("input[name=reason]", "चालान की जाँच")
    page.locator("main form button").click()
    on_the_road = page.locator("#trips", has_text="मार्ग में")
    until("the trip has begun", on_the_road.count, look=page.reload)
    season.do("clock")
    expect(page.locator("figure[data-map]")).to_have_attribute("data-shown", re.compile(r"\d"))
    trail = page.request.get(f"/office/map/{plate}/trail.json").json()["features"]
    line = next(one["geometry"]["coordinates"] for one in trail if one["properties"]["kind"] == "trail")
    assert len({tuple(point) for point in line}) >= 2
    cell.look("h-trail")


# -- the check post


def check(reader: Any, asked: str) -> Page:
    """The officer at the road enters what stands on plate or paper."""
    page = reader.open("/checkpost/")
    page.locator("main input[name=q]").fill(asked)
    page.get_by_role("button", name="जाँचें", exact=True).click()
    expect(page).to_have_url(re.compile("/checkpost/checks/"))
    return page


def test_the_check_post_sees_amber_and_red(season, readers, kept):
    """The truck is on another road, so whoever shows its e-challan at Safiabad may be another one (MOV-60)."""
    here, there = readers("checkpost"), readers("checkpost2")
    page = check(here, kept["plates"][0])
    verdict(page, "warn")
    expect(page.locator("section.verdict a[href^='/law/MOV-60/']")).to_be_visible()
    here.look("j-elsewhere")

    page = check(there, kept["number"])
    verdict(page, "warn")
    expect(page.locator("section.verdict")).to_contain_text("चेक पोस्ट, सफियाबाद")
    expect(page.locator("section.verdict a[href^='/law/MOV-']")).to_be_visible()
    there.look("j-amber")

    page = check(here, season.one("SELECT number FROM challans_challan WHERE state = 'invalid'"))
    verdict(page, "bad")
    expect(page.locator("section.verdict a[href^='/law/']")).to_be_visible()
    here.look("j-red")
    page = check(here, "BR01ZZ9999")
    verdict(page, "bad")
    expect(page.locator("section.verdict")).to_contain_text("इस वाहन का कोई ई-चालान नहीं")
    here.look("j-no-challan")
    page = here.open("/checkpost/")
    here.look("j-todays-checks")


def test_the_trip_is_completed(season, readers, kept):
    season.do("clock", rate=60)
    settlee = readers(SETTLEE)
    page = settlee.open(f"/challans/{kept['number']}/")
    arrived = page.locator("main .tag-line", has_text="पहुँचा")
    until("the truck arrives", arrived.count, look=page.reload)
    season.do("clock")
    expect(page.locator("main")).to_contain_text("गंतव्य पर पहुँचा")
    settlee.look("h-arrived")
    page = readers().open(f"/verify?q={kept['number']}&vehicle={kept['plates'][0]}")
    verdict(page, "bad")
    expect(page.locator("section.verdict h1")).to_contain_text("बालू पहुँच चुका")


# -- the tamperer


def test_the_tamper_case_lies_on_the_desk(season, readers, kept):
    officer = readers("mdo", DESK)
    page = officer.open("/office/")
    row = page.locator("table.desk tbody tr", has_text="छेड़छाड़").filter(has_text=TAMPERED)
    expect(row.locator("a[href^='/law/TRG-05/']")).to_be_visible()
    row.locator("[data-decide]").click()
    expect(page).to_have_url(re.compile("/office/cases/"))
    main = page.locator("main")
    expect(main).to_contain_text(TAMPERED)
    expect(main).to_contain_text("तालिका के अनुसार शास्ति")
    expect(main.locator(".facts dd", has_text="₹").first).to_be_visible()
    expect(main.locator("#evidence li").first).to_be_visible()
    expect(main.locator("svg.strip .mark").first).to_be_visible()
    bar = main.locator(".card.reason", has_text="प्रस्तावित, लागू नहीं")
    expect(bar).to_contain_text("तीन माह")
    expect(bar.locator("a[href^='/law/TRG-06/']").first).to_be_visible()
    officer.look("i-case")
    season.do("settle")
    counts = season.do("counts")
    assert counts["ledger_balanced"] and counts["log_verified"], counts


def worn_paper(printed: Path, shots: Path) -> Path | None:
    """The printed page as it lies on a dashboard: a picture of the PDF, turned and blurred; None without Poppler."""
    if not shutil.which("pdftoppm"):
        assert os.environ.get("IMMIS_NO_SKIP") != "1", "pdftoppm of Poppler is not installed"
        return None
    from PIL import Image, ImageFilter

    sharp, worn = shots / "g-print", shots / "g-print-worn.jpg"
    subprocess.run(["pdftoppm", "-r", "150", "-png", "-singlefile", printed, sharp], check=True)
    page = Image.open(f"{sharp}.png").convert("L").rotate(11, expand=True, fillcolor=205)
    page.filter(ImageFilter.GaussianBlur(1.2)).save(worn, quality=80)
    return worn


def read_qr(picture: Path) -> str:
    """What any phone reads from the picture."""
    import zxingcpp
    from PIL import Image

    found = zxingcpp.read_barcodes(Image.open(picture))
    assert found, f"no QR is read from {picture}"
    return found[0].text
