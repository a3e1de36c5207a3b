"""The days that do not count, by calendar, out of ``policy/holidays.yaml``."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from immis.rules.policy import POLICY_DIR, PolicyError, read_yaml


@dataclass(frozen=True)
class Calendar:
    """One calendar: weekdays that are shut (Monday is 0), holidays of every year, and those of single days."""

    weekly: frozenset[int]
    yearly: frozenset[tuple[int, int]]
    single: frozenset[date]

    def holidays(self, first: date, last: date) -> frozenset[date]:
        """The holidays of a span of days."""
        each_year = {date(year, month, day) for year in range(first.year, last.year + 1) for month, day in self.yearly}
        return frozenset(day for day in each_year | self.single if first <= day <= last)


@cache
def calendars() -> dict[str, Calendar]:
    """Every calendar by its name. Raises PolicyError for a file that is not of this shape."""
    body = read_yaml(POLICY_DIR / "holidays.yaml")
    try:
        return {
            name: Calendar(
                frozenset(map(int, row["weekly"])),
                frozenset((int(text[:2]), int(text[3:])) for text in row["yearly"]),
                frozenset(row["days"]),
            )
            for name, row in body.items()
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PolicyError(f"holidays.yaml: {error!r}; each calendar has weekly, yearly (MM-DD) and days") from error
