"""Transit passes of other States: off and on by dated orders, a load from the origin's challan to the check post."""

import base64
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.doors import PAPER, words_of

FIRM, TRUCK, POST = "rishikund", "JH05AB1234", "checkpost"
DOCUMENT = {"name": "challan.pdf", "content": base64.b64encode(PAPER).decode()}


def today(clock):
    return clock.now().astimezone(ZoneInfo("Asia/Kolkata")).date()


def load(clock, number, **more):
    now = clock.now().replace(second=0, microsecond=0)
    given = {
        "origin_state": "JH", "origin_number": number, "mineral": "stone", "quantity": "10", "unit": "m3",
        "origin_issued_at": (now - timedelta(hours=1)).isoformat(), "consignor": "Koderma Stone",
        "origin_until": (now + timedelta(hours=11)).isoformat(), "vehicle": TRUCK, "driver_name": "Suresh",
        "district": "Munger", "destination": "Jamalpur", "consignee": "Ram Traders", "document": DOCUMENT,
    }  # fmt: skip
    return {**given, **more}


def ask(api, clock, number, **more):
    answer = api(FIRM).post("/api/v1/istp/acts/istp.apply", load(clock, number, **more))
    findings = [row["code"] for row in answer.json().get("findings", [])]
    return answer.json().get("number", ""), findings


def number_for(clock, name):
    """A number that no earlier run of the same test has used."""
    return f"{name}/{clock.now().timestamp():.0f}"


def order(api, clock, kind, name, on):
    """Headquarters gives an order by its date and number; answers its number."""
    order_no = f"{name}/{clock.now().timestamp():.0f}"
    given = {"starts_on": str(on), "order_no": order_no, **({"sure": True} if kind == "off" else {})}
    answer = api("hq").post(f"/api/v1/istp-orders/acts/istp_order.{kind}", given)
    assert answer.status_code == 200, answer.text
    return order_no


def pay(firm, number):
    """Pay the fee of a pass on the treasury's page."""
    demand = firm.open(f"/istp/passes/{number}/").text.split('href="/pay/', 1)[1].split("/", 1)[0]
    bank = firm.send(firm.open(f"/pay/{demand}/"), lambda form: form.method == "post" and not form.action)
    firm.send(bank, lambda form: "account" in form.fields, {"act": "pay"})


@pytest.mark.row("A-25")
def test_a_load_comes_with_a_pass_that_its_fee_made_and_a_check_post_records_it(page, api, clock):
    firm, post = page(FIRM), page(POST)
    origin = number_for(clock, "JHK")
    number, findings = ask(api, clock, origin)
    assert number.startswith("ISTP-") and not findings
    assert "Fee ₹ 850 " in words_of(firm.open(f"/istp/passes/{number}/").text)  # ten cubic metres at 85
    assert ask(api, clock, origin, vehicle="BR08G1021")[1] == ["IST-05"]
    hours = clock.now().replace(second=0, microsecond=0) - timedelta(hours=6, minutes=1)
    assert ask(api, clock, f"{origin}-old", origin_issued_at=hours.isoformat())[1] == ["IST-03"]
    pay(firm, number)
    pdf = f"/istp/passes/{number}.pdf"
    assert clock.soon(lambda: pdf in firm.open(f"/istp/passes/{number}/").text)
    assert firm.open(pdf).content.startswith(b"%PDF-")
    box = {"q": number, "load": "loaded"}
    seen = post.send(post.open("/checkpost/"), lambda form: form.method == "post" and "q" in form.fields, box)
    assert "Valid transit pass (ISTP)" in words_of(seen.text) and origin in words_of(seen.text)
    entry = api(POST).post(f"/api/v1/istp/{number}/acts/istp.enter", {})
    assert entry.status_code == 200, entry.text
    again = api(POST).post(f"/api/v1/istp/{number}/acts/istp.enter", {})
    assert again.status_code == 409 and "IST-09" in again.text
    report = words_of(page("hq").open("/office/istp/report/").text)
    assert "Jharkhand" in report and "m³" in report


@pytest.mark.row("A-25")
def test_one_dated_order_puts_transit_passes_in_force_and_before_it_every_door_says_so(page, api, clock):
    visitor, ended = page(), order(api, clock, "off", "OFF", today(clock))
    assert f"Order {ended} ended them on {today(clock):%d.%m.%Y}" in words_of(visitor.open("/istp/").text)
    assert ask(api, clock, number_for(clock, "OFF")) == ("", ["IST-01"])
    starts = today(clock) + timedelta(days=1)
    put_on = order(api, clock, "on", "ON", starts)
    said = words_of(visitor.open("/istp/").text)
    assert f"Order {put_on} puts them in force from {starts:%d.%m.%Y}" in said
    assert ask(api, clock, number_for(clock, "OFF")) == ("", ["IST-01"])
    clock.to(clock.now() + timedelta(days=1))
    assert f"In force since {starts:%d.%m.%Y} by order {put_on}" in words_of(visitor.open("/istp/").text)
    number, findings = ask(api, clock, number_for(clock, "ON"))
    assert number.startswith("ISTP-") and not findings


@pytest.mark.row("A-25")
def test_everything_is_rehearsed_by_a_command_on_records_of_its_own(command):
    done = command("istp", "rehearse", "--json")
    assert done.code == 0, done.errors
    steps = {step["name"]: step for step in done.json["steps"]}
    assert all(step["passed"] for step in steps.values()) and len(steps) == 18
    assert steps["before an order every door is shut"]["detail"] == "IST-01"
