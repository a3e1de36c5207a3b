"""Weeks, months, quarters and years in India, as duties and rankings count them."""

from datetime import date, timedelta

from immis.rules.calendar import add_months

_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def period_of(day: date, every: str) -> tuple[date, date]:
    """First and last day of the period that a day lies in; weeks begin on Monday, years with January."""
    if every == "week":
        first = day - timedelta(days=day.weekday())
        return first, first + timedelta(days=6)
    months = _MONTHS[every]
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    return first, add_months(first, months) - timedelta(days=1)


def period_before(first: date, every: str) -> tuple[date, date]:
    """The period before the one that begins on a day."""
    return period_of(first - timedelta(days=1), every)
