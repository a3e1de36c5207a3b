"""From a find to an order and past it: notice, reply by the secret link, payment in parts, appeal (A-15, E-168)."""

import re
from datetime import timedelta

import pytest

from tests.doors import PAPER, codes_in, words_of

LEASE, SETTLEE = "MUN-2026-01", "gangotri"
PICTURE = ("bhuvan.pdf", PAPER, "application/pdf")


def act_of(word):
    return lambda form: form.fields.get("act") == word


def opened(officer, clock, **more):
    """A case of illegal mining that an officer opens with an image: its address."""
    seen = f"{clock.now() - timedelta(hours=3):%d.%m.%Y %H:%M}"
    found = {"offence": "illegal_mining", "lease": LEASE, "seen_at": seen, "lat": "25.311000", "lon": "86.622000"}
    found |= {"found": "A pit beyond the eastern pillar, by Bhuvan", **more}
    form = officer.open("/office/cases/new/")
    return str(officer.send(form, act_of("open"), found, files={"document": PICTURE}).url)


def link_in(settlee, number):
    """The secret link of a case, as its accused was sent it."""
    told = re.findall(rf"{number}\D.*?/c/([0-9a-f]+)", words_of(settlee.open("/messages/").text))
    return f"/c/{told[0]}" if told else ""


def ordered(page, clock):
    """A case that was noticed, answered by the link and ordered: its address, its number and its link."""
    officer = page("mdo")
    address = opened(officer, clock)
    officer.send(officer.open(address), act_of("measure"), {"vehicle": "machine", "quantity_m3": "40"})
    officer.send(officer.open(address), act_of("notice"))
    number = address.rstrip("/").rpartition("/")[2]
    link = clock.soon(lambda: link_in(page(SETTLEE), number))
    visitor = page()
    files = {"document": ("report.pdf", PAPER, "application/pdf")}
    said = {"reply": "Flood took the pillar."}
    visitor.send(visitor.open(link), lambda form: "reply" in form.fields, said, files=files)
    officer.send(officer.open(address), act_of("order"), {"reason": "Visit of the day"})
    return address, number, link


@pytest.mark.row("A-15", "E-126", "E-165")
def test_illegal_mining_is_noticed_answered_by_the_link_reckoned_ordered_and_paid_in_parts(page, clock):
    officer, settlee = page("mdo"), page(SETTLEE)
    address, number, link = ordered(page, clock)
    case = words_of(officer.open(address).text)
    assert "25 × ₹ 75 × 40 m³" in case and "₹ 10,75,000" in case  # 10 lakh of a machine and 25 times the royalty
    assert "Rule 56 of the Rules 2019" in case and "PEN-61" in codes_in(officer.open(address).text)
    assert "Flood took the pillar." in case and "by the link of the SMS" in case
    for paper in (f"{number}-N1", f"{number}-O1"):
        assert officer.open(f"{address}papers/{paper}.pdf").content.startswith(b"%PDF")
        assert page().open(f"{link}/{paper}.pdf").content.startswith(b"%PDF")
    mine = settlee.open(f"/own/cases/{number}/")
    demand = mine.text.split('href="/pay/', 1)[1].split("/", 1)[0]
    pay(settlee, demand, amount="75000")
    verify(officer, clock, number)
    assert "penalty ordered" in words_of(officer.open(address).text)  # a part is no payment
    pay(settlee, demand)
    verify(officer, clock, number)
    clock.until("the case is paid", lambda: "Penalty paid and verified" in words_of(officer.open(address).text))
    closed = officer.send(officer.open(address), act_of("close"), {"outcome": "Paid in full"})
    assert "closed" in words_of(closed.text)


def pay(settlee, demand, **more):
    bank = settlee.send(settlee.open(f"/pay/{demand}/"), lambda form: form.method == "post" and not form.action)
    settlee.send(bank, lambda form: "account" in form.fields, {"act": "pay", **more})


def verify(officer, clock, case):
    """The district verifies the payment of a case that waits."""

    def own():
        pages = {path: words_of(officer.open(path).text) for path in payments(officer)}
        return [path for path, words in pages.items() if case in words and "Waiting for verification" in words]

    for path in clock.until("the payment waits", own):
        officer.send(officer.open(path), act_of("verify"), {"reason": "Paid in parts"})


def payments(officer):
    page = officer.open("/office/payments/").text
    paths = {part.split('"')[0] for part in page.split('href="') if part.startswith("/office/payments/R")}
    return sorted(path for path in paths if path.count("/") == 4)


@pytest.mark.row("E-168")
def test_an_order_is_appealed_stayed_and_set_aside_and_its_demand_is_gone(page, clock):
    settlee, collector = page(SETTLEE), page("collector")
    address, number, _link = ordered(page, clock)
    here = f"/own/cases/{number}/"
    demand = settlee.open(here).text.split('href="/pay/', 1)[1].split("/", 1)[0]
    appealed = settlee.send(settlee.open(here), act_of("appeal"), {"grounds": "The pillar was moved."})
    assert "CAS-71" in codes_in(appealed.text) and f"{number}-A1" in words_of(appealed.text)
    stayed = f"{clock.now() + timedelta(days=30):%d.%m.%Y}"
    collector.send(collector.open(address), act_of("stay"), {"until": stayed, "reference": "APP/7"})
    assert "order stayed" in words_of(settlee.open(here).text)
    decision = {"outcome": "set_aside", "decision": "The image is of another ghat."}
    collector.send(collector.open(address), act_of("decide_appeal"), decision)
    after = words_of(settlee.open(here).text)
    assert "order set aside" in after and "The image is of another ghat." in after
    assert settlee.open(f"{here}papers/{number}-D1.pdf").content.startswith(b"%PDF")
    account = words_of(page("mdo").open(f"/office/demands/{demand}/").text)
    assert "cancelled" in account.lower() or "withdrawn" in account.lower()


@pytest.mark.row("E-142")
def test_a_criminal_case_is_kept_with_station_sections_and_sanction(page, api, clock):
    number = opened(page("mdo"), clock).rstrip("/").rpartition("/")[2]
    values = {"case": number, "station": "Muffasil, Munger", "report": "311/2026", "accused": "the settlee and others"}
    values |= {"lodged_on": f"{clock.now():%Y-%m-%d}", "sections": "MMDR Act 1957, sections 4 and 21"}
    values["sanction"] = "Collector, memo 902"
    kept = api("mdo").post("/api/v1/registers/firs/acts/lodge", {"values": values})
    assert kept.status_code == 201, kept.text
    unknown = api("mdo").post("/api/v1/registers/firs/acts/lodge", {"values": {**values, "case": "MUN-C-2026-9999"}})
    assert unknown.status_code in (404, 422)
    shown = words_of(page("collector").open("/registers/firs/?q=311").text)
    assert "Muffasil, Munger" in shown and "311/2026" in shown and number in shown
