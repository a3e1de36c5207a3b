"""Days as the clauses count them: in India, months clamped to their last day."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

INDIA = ZoneInfo("Asia/Kolkata")


def india_day(at: datetime) -> date:
    """The day that an instant falls on in India."""
    return at.astimezone(INDIA).date()


def start_of(day: date) -> datetime:
    """The first instant of a day in India, in UTC; of the calendar's first day, the calendar's first instant."""
    try:
        return datetime.combine(day, time.min, INDIA).astimezone(UTC)
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)


def end_of(day: date) -> datetime:
    """The first instant after a day in India, in UTC: what is due on a day is late from here on."""
    return start_of(day + timedelta(days=1)) if day < date.max else datetime.max.replace(tzinfo=UTC)


def add_months(day: date, months: int) -> date:
    """The same day some months on; the last day of a shorter month stands for days it lacks."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def add_years(day: date, years: int) -> date:
    """The same day some years on; 29 February becomes the 28th in a common year."""
    return add_months(day, 12 * years)
