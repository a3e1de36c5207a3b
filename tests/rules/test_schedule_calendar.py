"""Due days over leap years and month ends (E-170), reminders before them, and the year that a surrender pays."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from immis.rules.calendar import add_years
from immis.rules.leases.life import notice_due_on, reminder_days, year_end
from immis.rules.leases.schedule import pro_rata_paise, years
from immis.rules.policy import book

ON = date(2026, 6, 5)
DEEDS = st.dates(date(2026, 5, 1), date(2096, 12, 31))


def dues(deed_on: date) -> list[list[date | None]]:
    plan = years(895_050_000, deed_on=deed_on, policy=book(), on=ON)
    return [[one.due_on for one in year.instalments] for year in plan]


@pytest.mark.parametrize(
    ("deed_on", "year", "wanted"),
    [
        # an ordinary deed, its second year 60 days before the anniversary
        (date(2026, 7, 15), 1, [date(2026, 7, 15), date(2026, 10, 15), date(2027, 1, 15)]),
        (date(2026, 7, 15), 2, [date(2027, 5, 16), date(2027, 10, 15), date(2028, 1, 15)]),
        # three months after 30 November end on 29 February in a leap year, on the 28th in a common one
        (date(2027, 11, 30), 1, [date(2027, 11, 30), date(2028, 2, 29), date(2028, 5, 30)]),
        (date(2026, 11, 30), 1, [date(2026, 11, 30), date(2027, 2, 28), date(2027, 5, 30)]),
        # 31 August: November and February lack the day
        (date(2026, 8, 31), 1, [date(2026, 8, 31), date(2026, 11, 30), date(2027, 2, 28)]),
        # a deed of 29 February: its anniversary is the 28th, and the leap day again in the fifth year
        (date(2028, 2, 29), 2, [date(2028, 12, 30), date(2029, 5, 28), date(2029, 8, 28)]),
        (date(2028, 2, 29), 5, [date(2031, 12, 31), date(2032, 5, 29), date(2032, 8, 29)]),
        # sixty days back over a leap day
        (date(2027, 4, 1), 2, [date(2028, 2, 1), date(2028, 7, 1), date(2028, 10, 1)]),
        (date(2026, 4, 30), 2, [date(2027, 3, 1), date(2027, 7, 30), date(2027, 10, 30)]),
    ],
)
def test_due_days(deed_on, year, wanted):
    """Clause 24(ii)."""
    assert dues(deed_on)[year - 1] == wanted


@given(DEEDS)
def test_within_a_year_the_instalments_come_in_order_and_before_the_next_year(deed_on):
    rows = dues(deed_on)
    for number, (first, second, third) in enumerate(rows, start=1):
        starts = add_years(deed_on, number - 1)
        assert first == (starts if number == 1 else starts - timedelta(days=60))
        assert first < second < third < add_years(deed_on, number)
        assert third < starts + timedelta(days=185)


@given(DEEDS, st.integers(0, 60))
def test_one_reminder_stands_for_each_day_before_the_due_day(due_on, left):
    """LSE-40: the least of 30, 15, 7, 1 that is not less than the days left."""
    days = reminder_days(due_on, due_on - timedelta(days=left), policy=book(), on=ON)
    assert days == next((one for one in (1, 7, 15, 30) if left <= one), None)
    assert reminder_days(due_on, due_on + timedelta(days=1), policy=book(), on=ON) is None


def test_a_surrender_pays_up_to_the_last_of_december():
    """Clause 31 i; LSE-22, calendar year."""
    for day in (date(2026, 1, 1), date(2026, 12, 31)):
        assert year_end(day, policy=book(), on=ON, settlement_year_ends=date(2027, 7, 14)) == date(2026, 12, 31)


@pytest.mark.parametrize(("kind", "days"), [("surrender_dues", 21), ("non_payment", 30), ("show_cause", 15)])
def test_the_last_day_of_a_notice(kind, days):
    issued = date(2028, 2, 20)
    assert notice_due_on(kind, issued, policy=book(), on=ON) == issued + timedelta(days=days)


@given(st.integers(1, 10**13), st.integers(1, 10**6), st.integers(0, 10**6))
def test_a_rise_is_in_proportion_to_the_paisa(amount, before, added):
    """Clause 30 kha."""
    rise = pro_rata_paise(amount, before_m3=before, after_m3=before + added)
    assert abs(rise * before - amount * added) * 2 <= before
