"""Months clamp, days turn at midnight in India, shares lose no paisa."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from immis.rules.calendar import add_months, add_years, end_of, india_day, start_of
from immis.rules.money import paise, percent_of, rupee_text, split


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 7, 15), 3, date(2026, 10, 15)),
        (date(2026, 8, 31), 3, date(2026, 11, 30)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 7, 15), -2, date(2026, 5, 15)),
    ],
)
def test_add_months(day, months, then):
    assert add_months(day, months) == then


def test_29_february_has_its_anniversary_on_the_28th():
    assert add_years(date(2028, 2, 29), 1) == date(2029, 2, 28)


def test_the_day_turns_at_midnight_in_india():
    late = end_of(date(2026, 10, 15))
    assert late == datetime(2026, 10, 15, 18, 30, tzinfo=UTC)
    assert india_day(late - timedelta(milliseconds=1)) == date(2026, 10, 15)
    assert india_day(late) == date(2026, 10, 16)
    assert start_of(date(2026, 10, 16)) == late


@given(st.integers(0, 10**14), st.lists(st.integers(1, 50), min_size=1, max_size=4))
def test_shares_add_up(amount, weights):
    shares = split(amount, [*weights, 100 - sum(weights)] if sum(weights) < 100 else [100])
    assert sum(shares) == amount


def test_percentages_round_half_up():
    assert percent_of(5, 10) == 1
    assert percent_of(paise(8_950_500), 25) == paise(2_237_625)
    assert rupee_text(6_660_604_080) == "66606040.80"
