"""From the notice to the hammer, by the pages of the office, the bidders and the auction room."""

import re
from datetime import datetime

from playwright.sync_api import expect

from tests.doors import FORM_3, PAPER, TICKS, Newcomer, button, codes_in, forms_of, india, words_of
from tests.doors.notices import Programme
from tools.walk import notices
from tools.walk.chromium import Reader, Seen
from tools.walk.machine import Walk


def take_in(officer: Reader, text: str) -> Seen:
    """Check a notice and take it in; its page."""
    given = {"file": ("notice.txt", text.encode(), "text/plain")}
    report = officer.send(officer.open("/office/notices/"), lambda form: "file" in form.files, files=given)
    return officer.send(report, button("act", "import"), {"act": "import"})


def lots_of(page: Seen) -> list[str]:
    rows = dict(re.findall(r'id="row-(\d+)".*?/office/auctions/([\w-]+)/', page.text, re.S))
    return [rows[serial] for serial in sorted(rows, key=int)]


def apply(walk: Walk, who: Newcomer, lot: str) -> None:
    """Form 3, every paper, document fee and earnest money."""
    firm, here = walk.page(who.name), f"/bidder/lots/{lot}/"
    years = {f"turnover_{place}": "36000000" for place in range(3)}
    given = {"bank_account": who.account, **years, **TICKS, **FORM_3}
    page = firm.send(firm.open(here), lambda form: "turnover_0" in form.fields, given)
    asked = next(form.files for form in forms_of(page.text) if form.fields.get("act") == "papers")
    papers = {letter: (f"{number}.pdf", PAPER, "application/pdf") for number, letter in enumerate(asked)}
    firm.send(firm.open(here), lambda form: form.fields.get("act") == "papers", files=papers)
    for path in sorted(set(re.findall(r'href="(/pay/[^"]+)"', firm.open(here).text))):
        pay(firm, path, who.account)


def pay(firm: Reader, path: str, account: str) -> None:
    """Pay a demand at the bank, which leads back."""
    bank = firm.send(firm.open(path), lambda form: form.method == "post" and not form.action)
    firm.send(bank, lambda form: "account" in form.fields, {"act": "pay", "account": account})


def verify_all(officer: Reader) -> int:
    """The office verifies what was paid, one page a payment; answers how many."""
    done = 0
    while numbers := re.findall(r'href="/office/payments/([^"/?]+)/"', officer.open("/office/payments/").text):
        for number in dict.fromkeys(numbers):
            page = officer.open(f"/office/payments/{number}/")
            officer.send(page, button("act", "verify"), {"act": "verify"})
            done += 1
    return done


def scrutinise(officer: Reader, lot: str) -> int:
    """The committee passes every application of a lot."""
    passed = 0
    while True:
        page = officer.open(f"/office/auctions/{lot}/")
        waiting = [form for form in forms_of(page.text) if form.fields.get("act") == "pass"]
        if not waiting:
            return passed
        bid = waiting[0].fields["bid"]
        officer.send(page, lambda form, bid=bid: {"bid": bid, "act": "pass"}.items() <= form.fields.items())
        passed += 1


def publish_list(collector: Reader, notice: str) -> None:
    collector.send(collector.open(notice), button("act", "list"), {"act": "list"})


def bid(firm: Reader, lot: str, steps: int) -> str:
    """Press the button of the auction room; answers what the page says, with the codes of what refuses it."""
    firm.open(f"/auctions/{lot}/")
    firm.page.locator(f"button[name=steps][value='{steps}']").first.click()
    answer = firm.page.locator("#answer")
    expect(answer).not_to_be_empty(timeout=20_000)
    return f"{answer.inner_text()} {' '.join(codes_in(answer.inner_html()))}"


def ended(walk: Walk, lot: str, until: datetime) -> str:
    walk.clock.to(until)
    page = walk.page().until(f"/auctions/{lot}/", "Highest bid at the end")
    return words_of(page.text)


__all__ = [
    "DAYS", "Programme", "apply", "bid", "ended", "india", "lots_of", "pay", "publish_list", "scrutinise", "take_in",
    "verify_all",
]  # fmt: skip
DAYS = notices.DAYS
