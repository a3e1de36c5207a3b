"""What anybody is told of an e-challan, in Hindi and by program: genuine or not, in time or not, in words that help."""

from datetime import timedelta

import pytest

from tests.doors import ask_challan, words_of

LEASE, SETTLEE = "MUN-2026-01", "gangotri"
TRUCK, OTHER = "BR08G1007", "BR01ZZ0009"


def told(anybody, q, mark=""):
    """What the page of the public check says of a number with a mark, or of the text of a QR."""
    page = anybody.open("/verify")
    return words_of(
        anybody.send(page, lambda form: "vehicle" in form.fields, {"q": q, "vehicle": mark}, lawful=False).text
    )


def issued(page, api, plate):
    asked = ask_challan(page(SETTLEE), LEASE, plate)
    assert asked.number, words_of(asked.html)
    row = next(row for row in api(SETTLEE).get(f"/api/v1/challans?q={asked.number}") if row["number"] == asked.number)
    return asked.number, row["pass_text"]


def reason(api, q, mark=""):
    return api().person.http.get("/api/v1/check", params={"q": q, "vehicle": mark}).json().get("reason")


@pytest.mark.row("E-118")
def test_each_kind_of_pass_is_told_apart_in_hindi(page, api, socket, road, clock):
    clock.to(clock.now() + timedelta(hours=10))
    anybody = page()
    anybody.speak("hi")
    try:
        with road.standing(TRUCK, LEASE):
            number, good = issued(page, api, TRUCK)
            assert "ई-चालान मान्य है" in told(anybody, good) and "ई-चालान मान्य है" in told(anybody, number, TRUCK)
            assert "ई-चालान मान्य है" in told(anybody, f"{int(number[-6:])}", TRUCK)  # its last digits
            changed = good[:-9] + ("A" if good[-9] != "A" else "B") + good[-8:]
            assert "असली नहीं" in told(anybody, changed) and not api().get(f"/api/v1/check?q={number}")["good"]
            foreign = good.replace(good.partition("/verify")[0], "https://upmines.example")
            assert "असली नहीं" in told(anybody, foreign)  # F-14: the QR leads to somebody's own domain
            assert "वाहन संख्या भी लिखें" in told(anybody, number)
            assert "ई-चालान संख्या भी लिखें" in told(anybody, TRUCK)
            other = told(anybody, number, OTHER)
            assert other == told(anybody, "MUN-26-999999", OTHER).replace("MUN-26-999999", number)
            acts = f"/api/v1/challans/{number}/acts/challan.cancel"
            assert api(SETTLEE).post(acts, {"reason": "wrong place"}).status_code < 300
            assert "रद्द" in told(anybody, good) and "रद्द" in told(anybody, number, TRUCK)
            clock.to(clock.now() + timedelta(minutes=45))
        with road.standing(TRUCK, LEASE) as truck:
            number, late = issued(page, api, TRUCK)
            truck.drive(0.02, 0.0)
        clock.to(clock.now() + timedelta(hours=7))
        assert "वैधता समाप्त हो चुकी है" in told(anybody, late)
        assert reason(api, late) == "expired"
    finally:
        anybody.speak("en")


@pytest.mark.row("E-118")
def test_who_walks_through_the_numbers_learns_nothing_and_is_stopped(page, api, clock):
    """F-15: pass numbers walked one by one, genuine ones printed again for a second truck."""
    clock.to(clock.now() + timedelta(minutes=11))
    assert [reason(api, f"MUN-26-{count:06d}") for count in range(1, 6)] == ["mark_needed"] * 5
    answers = [
        api().person.http.get("/api/v1/check", params={"q": f"MUN-26-{count:06d}", "vehicle": OTHER})
        for count in range(1, 40)
    ]
    assert [row.status_code for row in answers].count(429) >= 5 and "CH-17" in answers[-1].text
    assert {row.json()["reason"] for row in answers if row.status_code == 200} == {"not_found"}
    clock.to(clock.now() + timedelta(minutes=11))
    assert reason(api, "MUN-26-000001", OTHER) == "not_found"
