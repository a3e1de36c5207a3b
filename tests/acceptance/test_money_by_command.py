"""What a bid costs and when it falls due, asked by ``immis schedule`` on the example of the tender (ghat 1)."""

from decimal import Decimal

import pytest

GHAT_1 = ("--reserve", "6885000")
THREE_STEPS = ("schedule", "--bid", "8950500", *GHAT_1, "--deed", "2026-07-15", "--json")


def due(year):
    return [(Decimal(part["amount"]), part["due_on"]) for part in year["instalments"]]


@pytest.mark.row("E-173", "E-078", "E-171")
def test_the_example_of_the_tender_to_the_paisa(command):
    answer = command(*THREE_STEPS).json
    assert (answer["security"], answer["balance_after_emd"]) == ("2237625.00", "516375.00")
    first, second = answer["years"][:2]
    assert [part["amount"] for part in first["instalments"]] == ["4475250.00", "2237625.00", "2237625.00"]
    assert (first["dmf"], second["amount"], answer["five_year_total"]) == ("179010.00", "10740600.00", "66606040.80")
    assert "clause 20 i" in answer["cites"]


@pytest.mark.row("E-075")
def test_every_year_costs_a_fifth_more(command):
    answer = command(*THREE_STEPS).json
    factors = [Decimal(year["amount"]) / Decimal("8950500") for year in answer["years"]]
    assert factors == [Decimal(text) for text in ("1", "1.2", "1.44", "1.728", "2.0736")]
    assert Decimal(answer["five_year_total"]) / Decimal("8950500") == Decimal("7.4416")


@pytest.mark.row("E-098", "E-099", "E-100", "E-170")
def test_instalments_fall_due_before_the_deed_after_three_months_and_after_six(command):
    first, second = command(*THREE_STEPS).json["years"][:2]
    half, quarter = Decimal("4475250"), Decimal("2237625")
    assert due(first) == [(half, "2026-07-15"), (quarter, "2026-10-15"), (quarter, "2027-01-15")]
    # 60 days before the running year completes, then counted from the start of the second year
    assert [on for _amount, on in due(second)] == ["2027-05-16", "2027-10-15", "2028-01-15"]
    assert {part["cites"] for year in (first, second) for part in year["instalments"]} == {
        "Munger tender 2026, clause 24(ii)"
    }


@pytest.mark.row("E-071", "E-172")
def test_a_bid_between_two_steps_of_a_tenth_is_refused_with_the_nearest_that_count(command):
    refused = command("schedule", "--bid", "9000000", *GHAT_1, "--deed", "2026-07-15", "--json")
    assert refused.code == 2
    assert "688500" in refused.errors and "8950500" in refused.errors and "9639000" in refused.errors
    assert "AUC-01" in refused.errors and "clause 19(iv)" in refused.errors
    assert command(*THREE_STEPS).code == 0
