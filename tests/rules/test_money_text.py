"""One reader of written money: what is certain is read to the paisa, everything else is refused."""

import pytest

from immis.rules.writing.money import MoneyUnreadable, read_money, unit_rupees


@pytest.mark.parametrize(
    ("text", "paise"),
    [
        ("583.28", 58328),
        ("583280", 58328000),
        ("583280.5", 58328050),
        ("5,83,280.00", 58328000),
        ("583,280", 58328000),
        ("1,72,000", 17200000),
        ("12,345,678.90", 1234567890),
        ("1,23,45,678.90", 1234567890),
        ("₹ 68,85,000/-", 688500000),
        ("Rs. 6885000/- only", 688500000),
        ("६८,८५,०००", 688500000),
        ("रु० 5,000/-", 500000),
        ("5,83, 280", 58328000),
        ("68.85 lakh", 688500000),
        ("1.2 करोड़", 1200000000),
        ("17.21 Lacs", 172100000),
        ("0", 0),
    ],
)
def test_a_written_sum_is_read_to_the_paisa(text, paise):
    assert read_money(text) == paise


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *((text, "groups") for text in ("583,28", "1,23,4567", "12,34", "1,72,5,000", "0,123", "6 885", "5.832,80")),
        *((text, "exponent") for text in ("1.72E+06", "1.72e6", "5E+11")),
        *((text, "no_sum") for text in ("", "-5", "NaN", "Infinity", "1_000", "²", "½", "five", '="300"', "'300")),
        *((text, "decimals") for text in ("5.001", "583.283")),
        *((text, "range") for text in ("99999999999999", "99,99,99,999 crore")),
    ],
)
def test_what_may_be_two_sums_or_none_is_refused(text, code):
    with pytest.raises(MoneyUnreadable) as refused:
        read_money(text)
    assert refused.value.code == code


def test_a_unit_in_the_heading_counts_unless_the_cell_names_its_own():
    unit = unit_rupees("Reserve price (Rs. in lakh)")
    assert (unit, read_money("68.85", unit=unit)) == (100_000, 688500000)
    assert read_money("1.5 crore", unit=unit) == 1500000000
    assert [unit_rupees(text) for text in ("राशि (लाख रु०)", "₹ in Crores", "('000 Rs)", "Reserve (Rs)")] == [
        100_000, 10_000_000, 1_000, 1,
    ]  # fmt: skip
    assert read_money("-1,000.00", signed=True) == -100000
