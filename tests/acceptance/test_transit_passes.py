"""Transit passes of other States: off and on by dated orders, a load from the origin's challan to the check post."""

import base64
import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.doors import PAPER, Api, Newcomer, button, words_of

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


PARTY, LORRY = Newcomer("company", "Dhanbad Stone Ltd", "ABCCD1234F", "31415926531"), "JH10CD4321"
RC = {
    "rc_regn_no": LORRY, "rc_status": "ACTIVE", "rc_vh_class_desc": "Goods Carrier", "rc_body_type_desc": "TIPPER",
    "rc_unld_wt": "8960", "rc_gvw": "28500", "rc_fit_upto": "20-Mar-2030", "rc_insurance_upto": "01/02/2030",
    "rc_pucc_upto": "01/02/2030", "rc_permit_valid_upto": "01/02/2030", "rc_owner_name": "DHANBAD STONE",
}  # fmt: skip


def done(firm, address, **fields):
    answer = firm.post(f"/api/v1/{address}", fields)
    assert answer.status_code < 300, answer.text
    return answer.json()


WHO = {"state_code": "JH", "kind": "crusher", "licence_no": "DHN/7", "district": "Munger", "document": DOCUMENT}
REGISTER = "istp-parties/acts/istp_party.register"


def with_truck(firm, installation):
    """A party registers its truck, which VAHAN knows."""
    installation.transport.take(vehicle=RC)
    record = {"registration": LORRY, "kind": "truck", "capacity_m3": "11", "axles": 3, "wheels": 10,
              "owner_name": "Dhanbad Stone Ltd", "district": "Munger", "commercial": True}  # fmt: skip
    done(firm, "vehicles/acts/vehicle.register", **record)
    done(firm, f"vehicles/{LORRY}/acts/vehicle.look")


def paid(person, firm, clock, number):
    """A pass of its own for a load, by the money that came in."""
    given = done(firm, "istp/acts/istp.apply", **load(clock, number_for(clock, number), vehicle=LORRY))
    pay(person, given["number"])
    pdf = f"/istp/passes/{given['number']}.pdf"
    assert clock.soon(lambda: pdf in person.open(f"/istp/passes/{given['number']}/").text)
    return given["number"]


@pytest.mark.row("A-25")
def test_from_off_to_the_returned_fee_a_party_of_another_state_goes_by_itself(page, api, clock, call, installation):
    person, officer, collector = call.person(PARTY), page("mdo"), page("collector")
    firm = Api(person)
    order(api, clock, "off", "OFF3", today(clock))
    early = firm.post(f"/api/v1/{REGISTER}", WHO)
    assert early.status_code == 409 and "IST-01" in early.text
    order(api, clock, "on", "ON3", today(clock) + timedelta(days=1))
    clock.to(clock.now() + timedelta(days=1))
    if PARTY.account[-4:] not in words_of(person.open("/bidder/accounts/").text):
        call.declare_account(PARTY)
    done(firm, REGISTER, **WHO)
    with_truck(firm, installation)
    first, second = (paid(person, firm, clock, name) for name in ("DHN-1", "DHN-2"))
    assert clock.soon(lambda: first in words_of(person.open("/messages/").text))
    assert clock.soon(lambda: f"/istp/passes/{first}/" in officer.open(f"/search/?q={first}").text)
    done(api(POST), f"istp/{first}/acts/istp.enter")
    receipts = re.findall(r"/office/payments/[\w-]+/", officer.open("/office/payments/").text)
    receipt = next(path for path in receipts if second in officer.open(path).text)
    officer.send(officer.open(receipt), button("act", "verify"), {"reason": "The account was shown"})
    done(api("mdo"), f"istp/{second}/acts/istp.withdraw", order_no="DMO/9", reason="It broke down", sure=True)
    assert "Withdrawn" in words_of(person.open(f"/istp/passes/{second}/").text)
    done(firm, f"istp/{second}/acts/istp.claim_fee", reason="No trip was made")
    claims = re.findall(r"/office/claims/[\w-]+/", collector.open("/office/claims/").text)
    claim = next(path for path in claims if second in collector.open(path).text)
    returned = collector.send(collector.open(claim), button("act", "approve"), {"sure": "on"})
    assert "850" in words_of(returned.text) and "approved" in words_of(returned.text).lower()


@pytest.mark.row("A-25")
def test_everything_is_rehearsed_by_a_command_on_records_of_its_own(command):
    done = command("istp", "rehearse", "--json")
    assert done.code == 0, done.errors
    steps = {step["name"]: step for step in done.json["steps"]}
    assert all(step["passed"] for step in steps.values()) and len(steps) == 18
    assert steps["before an order every door is shut"]["detail"] == "IST-01"
