"""What comes due when a year of a settlement is over; the last file, for its clock goes furthest."""

from datetime import timedelta
from itertools import count

import pytest

from tests.doors import ask_challan, desk, dues_of, india, takeover, words_of

#: A year that owes a thousand rupees: one truck is more than its royalty at Rs 75 a cubic metre.
SETTLEE, PAN, TRUCK = "gangotri", "AAACG4821K", "BR08G1021"
NUMBERS = count(91)  # of settlements: each is taken over once


@pytest.mark.row("E-155")
def test_royalty_above_the_amount_of_a_year_is_paid_in_addition(page, clock, road, installation, tmp_path):
    serial = next(NUMBERS)
    number = f"MUN-2026-{serial}"
    clock.to(india("2027-11-20 10:00"))  # in no monsoon, and a year after the first terms of the rule book
    today = clock.now().date()
    deed_on = today.replace(year=today.year - 1) + timedelta(days=2)
    plan = ("schedule", "--bid", "1000", "--reserve", "1000", "--deed", str(deed_on), "--json")
    running = takeover.Running(number, PAN, 1000, deed_on, 25.30, 86.40 + (serial - 91) / 100)
    file = tmp_path / "munger.csv"
    key = takeover.sign_file(file, "\n".join(running.lines(installation.immis(*plan).json, today=today)))
    taken = installation.immis("takeover", "import", str(file), "--json", IMMIS_TAKEOVER_PUBLIC_KEYS=key)
    assert taken.json["settlements"] == [number], taken.errors
    settlee, officer = page(SETTLEE), page("mdo")
    with road.standing(TRUCK, number) as truck:
        asked = ask_challan(settlee, number, TRUCK, quantity_m3="14")
        assert asked.number, (asked.refused_by, words_of(asked.html))
        truck.drive(0.03, 0.03)
    assert not dues_of(settlee, number, "royalty")  # the year is not over
    clock.to(clock.now() + timedelta(days=3))
    owed = clock.soon(lambda: dues_of(settlee, number, "royalty"), patience_s=150)  # the year is compared
    assert [row["amount_paise"] for row in owed] == [5000]  # 14 m³ at Rs 75 are Rs 1,050
    assert "Year 1, royalty above the settlement amount" in words_of(settlee.open(f"/settlee/leases/{number}/").text)
    clock.until("the settlee is told", lambda: "₹ 50" in words_of(settlee.open("/messages/").text))
    # the worker takes in ten months of the whole district first
    assert clock.soon(lambda: desk(officer, "TRG-89", number), patience_s=200)
