"""The calculator of a settlement: E-170, E-171, E-173 to the paisa, and its command."""

import json
from datetime import date, timedelta

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from immis.commands.auctions.schedule import command
from immis.rules.calendar import add_years
from immis.rules.leases import schedule
from immis.rules.policy import NotInForce, book
from tests.settlement import india

BID_PAISE, EMD_PAISE, DEED = 895_050_000, 172_125_000, date(2026, 7, 15)


def plan(bid_paise: int = BID_PAISE, deed_on: date | None = DEED) -> list[schedule.SettlementYear]:
    return schedule.years(bid_paise, deed_on=deed_on, policy=book(), on=DEED)


def test_the_printed_example():
    """E-173, E-075: ghat 1, reserve 68,85,000, bid 89,50,500; each year 120 % of the one before."""
    owed = schedule.security(BID_PAISE, emd_paise=EMD_PAISE, policy=book(), on=DEED)
    years = plan()
    assert (owed.full_paise, owed.balance_paise) == (223_762_500, 51_637_500)
    assert [one.amount_paise for one in years[0].instalments] == [447_525_000, 223_762_500, 223_762_500]
    assert years[0].dmf_paise == 17_901_000
    assert years[1].amount_paise == 1_074_060_000
    assert schedule.five_year_total_paise(years) == 6_660_604_080


def test_the_due_days():
    """E-170: 60 days before a later year begins; three and six months into a year; deed 15.07.2026 gives 15.10.2026."""
    due = [[one.due_on for one in year.instalments] for year in plan()]
    assert due[0] == [date(2026, 7, 15), date(2026, 10, 15), date(2027, 1, 15)]
    assert due[1] == [date(2027, 5, 16), date(2027, 10, 15), date(2028, 1, 15)]
    assert due[1][0] == date(2027, 7, 15) - timedelta(days=60)


def test_month_ends_are_clamped():
    year = plan(deed_on=date(2026, 11, 30))[0]
    assert [one.due_on for one in year.instalments[1:]] == [date(2027, 2, 28), date(2027, 5, 30)]


def test_what_is_due_on_a_day_is_late_from_the_next_midnight_in_india():
    assert schedule.late_from(date(2026, 10, 15)) == india("2026-10-16", "00:00:00")


def test_every_row_cites_its_clause():
    for year in plan():
        assert [one.cite.code for one in year.instalments] == ["INS-01", "INS-02", "INS-03"]
        assert all("24(ii)" in one.cite.cites for one in year.instalments) and "27" in year.dmf_cite.cites


def test_before_the_deed_there_are_amounts_and_no_days():
    year = plan(deed_on=None)[0]
    assert [one.due_on for one in year.instalments] == [None, None, None]
    assert year.instalments[0].amount_paise == 447_525_000


def test_before_the_first_policy_there_is_no_schedule():
    with pytest.raises(NotInForce, match="01.05.2026"):
        schedule.years(BID_PAISE, deed_on=DEED, policy=book(), on=date(2026, 4, 30))


@given(bid=st.integers(1, 10**12), deed=st.dates(date(2026, 5, 1), date(2090, 12, 31)))
def test_no_paisa_is_lost_and_days_follow_each_other(bid, deed):
    years = schedule.years(bid, deed_on=deed, policy=book(), on=deed)
    assert len(years) == 5
    for year in years:
        assert sum(one.amount_paise for one in year.instalments) == year.amount_paise
        assert year.starts_on == add_years(deed, year.number - 1)
        days = [one.due_on for one in year.instalments]
        assert days == sorted(days)


def test_the_emd_never_makes_the_balance_negative():
    owed = schedule.security(1000, emd_paise=10_000, policy=book(), on=DEED)
    assert (owed.full_paise, owed.emd_paise, owed.balance_paise) == (250, 250, 0)


def run(*args: str):
    return CliRunner().invoke(command, args)


def test_the_command_prints_the_contract():
    ran = run("--bid", "8950500", "--reserve", "6885000", "--deed", "2026-07-15", "--json")
    said = json.loads(ran.output)
    assert ran.exit_code == 0
    assert (said["security"], said["balance_after_emd"]) == ("2237625.00", "516375.00")
    assert said["five_year_total"] == "66606040.80"
    first = said["years"][0]
    assert first["year"] == 1 and first["amount"] == "8950500.00" and first["dmf"] == "179010.00"
    assert first["instalments"][1] == {
        "amount": "2237625.00",
        "due_on": "2026-10-15",
        "cites": "Munger tender 2026, clause 24(ii)",
    }


def test_the_command_prints_for_people():
    ran = run("--bid", "8950500", "--reserve", "6885000", "--deed", "15.07.2026")
    assert ran.exit_code == 0 and "₹ 5,16,375" in ran.output.replace("\u00a0", " ") and "15.10.2026" in ran.output


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("--bid", "8950501", "--reserve", "6885000", "--deed", "2026-07-15"), "clause 19(iv)"),
        (("--bid", "7000000", "--reserve", "6885000", "--deed", "2026-07-15"), "AUC-01"),
        (("--bid", "5", "--reserve", "6885000", "--deed", "2026-07-15"), "below the reserve"),
        (("--bid", "8950500", "--reserve", "6885000", "--deed", "yesterday"), "is no date"),
        (("--bid", "8950500", "--reserve", "6885000", "--deed", "2025-07-15"), "starts on 01.05.2026"),
        (("--bid", "many", "--reserve", "6885000", "--deed", "2026-07-15"), "not a valid integer"),
    ],
)
def test_the_command_refuses_unusable_calls_in_words(args, says):
    ran = run(*args)
    assert ran.exit_code == 2 and says in ran.output and "Traceback" not in ran.output
