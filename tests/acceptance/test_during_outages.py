"""E-challans of an outage: a gate's own key and quota, its book taken in once, frauds on the desk; by API and pages."""

from datetime import timedelta

import pytest

from tests.doors import desk, words_of
from tests.doors.gate import Gate, digest, sent_at_ms

LEASE, SETTLEE, PLACE = "MUN-2026-01", "gangotri", "bariyarpur"
TRUCKS = ("BR08G1007", "BR08G1014", "BR08G1021", "BR08G1028", "BR08G1035")
LINE = "/gate/line.json"


def order(key, passes="12"):
    return {"values": {"order_no": "DMO/31 of 2026", "ordered_on": "2026-10-15", "key": key, "passes": passes}}


def enrolled(api, clock, passes="12"):
    """A gate whose key is approved and whose quota counts, with the data that it holds."""
    gate = Gate()
    asked = api(SETTLEE).post(LINE, {"do": "ask", **gate.asks(LEASE)})
    assert asked.status_code == 200, asked.text
    key = asked.json()["key"]["number"]
    too_soon = api("mdo").post("/api/v1/registers/offline_quotas/acts/grant", order(key))
    assert "CH-80" in too_soon.text
    assert api("mdo").post(f"/api/v1/entries/{key}/acts/approve", {"values": {}}).status_code < 300
    too_many = api("mdo").post("/api/v1/registers/offline_quotas/acts/grant", order(key, "25"))
    assert "CH-80" in too_many.text and "at most 24" in too_many.text
    granted = api("mdo").post("/api/v1/registers/offline_quotas/acts/grant", order(key, passes))
    assert granted.status_code < 300, granted.text
    clock.to(clock.now() + timedelta(hours=25))
    held = api(SETTLEE).get(f"{LINE}?kid={gate.kid.hex()}&pack=1")
    gate.pack = held["pack"]
    return gate


def send(api, clock, lines):
    sent = api(SETTLEE).post(LINE, {"do": "send", "now": sent_at_ms(clock.now()), "lines": lines})
    assert sent.status_code == 200, sent.text
    return sent.json()


@pytest.mark.row("E-162", "E-128")
def test_a_gate_issues_from_its_quota_and_all_of_it_stands_once(page, api, clock):
    gate = enrolled(api, clock)
    free = [row["mark"] for row in gate.pack["vehicles"] if not row["stops"]]
    assert len(set(free) & set(TRUCKS)) >= 3, gate.pack["vehicles"]
    begun = clock.now()
    lines = [gate.issue(mark, PLACE, begun + timedelta(seconds=n), m3="14") for n, mark in enumerate(free[:3])]
    clock.to(begun + timedelta(hours=2))
    told = send(api, clock, lines)
    assert [told["kept"][digest(line)] for line in lines] == ["taken"] * 3
    assert send(api, clock, lines)["kept"] == told["kept"]
    quota = gate.pack["quota"]
    shown = page("mdo").open(f"/offline/{quota['number']}/").text
    numbers = [f"{quota['series']}-{quota['first'] + n:06d}" for n in range(12)]
    assert [shown.count(f'href="/challans/{number}/"') for number in numbers] == [1] * 3 + [0] * 9
    assert words_of(shown).count("not used yet") == 9
    found = api().get(f"/api/v1/check?q={numbers[0]}&vehicle={free[0]}")
    assert found["genuine"] and found["state"] in ("issued", "invalid")
    assert api().post(LINE, {"do": "send", "lines": lines}).status_code in (401, 403)
    clock.to(begun + timedelta(hours=8))  # their time is over when others load the trucks


@pytest.mark.row("E-118")
def test_a_copied_book_is_found_and_lands_on_the_desk(page, api, clock):
    gate = enrolled(api, clock)
    free = [row["mark"] for row in gate.pack["vehicles"] if not row["stops"]]
    clone, begun = gate.copy(), clock.now()
    first, second = gate.issue(free[0], PLACE, begun), clone.issue(free[1], PLACE, begun)
    forger = gate.copy()
    forger.key = Gate().key
    forged = forger.issue(free[2], PLACE, begun)
    clock.to(begun + timedelta(minutes=30))
    told = send(api, clock, [first, second, forged])
    assert [told["kept"][digest(line)] for line in (first, second, forged)] == ["taken", "held", "held"]
    findings = api("mdo").get("/api/v1/registers/offline_findings/entries")
    codes = {row["values"]["codes"] for row in findings}
    assert {"CH-84", "CH-81"} <= codes
    about = lambda: [row for row in desk(page("mdo"), "TRG-250", free[1]) if free[0] in row]  # noqa: E731
    assert clock.soon(about)
    assert "misuse of a gate" in words_of(page("mdo").open("/office/cases/").text)
    clock.to(begun + timedelta(hours=8))


@pytest.mark.row("E-162")
def test_anybody_sees_when_the_service_was_out(page, api):
    shown = words_of(page().open("/uptime/").text)
    assert "Uptime by month" in shown and "%" in shown
    recorded = {"begins_at": "2026-10-01T10:00", "ends_at": "2026-10-01T11:30", "how": "order", "words": "Line cut"}
    made = api("hq").post("/api/v1/registers/outages/acts/record", {"values": recorded})
    assert made.status_code < 300, made.text
    assert "Line cut" in words_of(page().open("/uptime/").text) and "90" in words_of(page().open("/uptime/").text)
